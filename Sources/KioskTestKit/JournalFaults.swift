import JournalTestKit

// Who tests the whole kiosk needs these too.
public typealias FaultVFS = JournalTestKit.FaultVFS
public typealias SeededGenerator = JournalTestKit.SeededGenerator
