/// Wakes whoever waits for something: for events to arrive in the journal, for a cursor to move.
public actor Bell {
  /// How often it has rung.
  public private(set) var rings: UInt64 = 0
  private var waiting: [UInt64: AsyncStream<Void>.Continuation] = [:]
  private var nextNumber: UInt64 = 0

  public init() {}

  /// How many wait for it.
  var listeners: Int { waiting.count }

  /// It has happened.
  public func ring() {
    rings &+= 1
    for continuation in waiting.values { continuation.finish() }
    waiting = [:]
  }

  /// Waits until it has rung more often than that, or the time is over, or the task is cancelled. Returns how often it has
  /// rung.
  public func wait(after known: UInt64, for duration: Duration) async -> UInt64 {
    guard rings == known, !Task.isCancelled else { return rings }
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    let number = nextNumber
    nextNumber &+= 1
    waiting[number] = continuation
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in stream {} }
      group.addTask { try? await Task.sleep(for: duration) }
      _ = await group.next()
      group.cancelAll()
    }
    waiting[number] = nil
    return rings
  }
}
