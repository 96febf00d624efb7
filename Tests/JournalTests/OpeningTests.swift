import Feedback
import Foundation
import Testing

@testable import Journal

@Suite struct OpeningTests {
  @Test func theFileIsWhatItSaysItIs() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append([.press()])
    #expect(try directory.sql("PRAGMA application_id") == [["\(0x4B49_4F53)"]])
    #expect(try directory.sql("PRAGMA user_version") == [["1"]])
    #expect(try directory.sql("PRAGMA page_size") == [["512"]])
    #expect(try directory.sql("PRAGMA journal_mode") == [["wal"]])
    #expect(try directory.sql("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").isEmpty)
    #expect(
      try directory.sql("SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite%' ORDER BY name")
        == [
          ["anchors", "1"], ["boots", "1"], ["checkpoints", "1"], ["counters", "1"], ["events", "1"], ["journal", "1"],
          ["sacrifices", "1"],
        ])
    #expect(
      try directory.sql("SELECT name FROM pragma_table_info('events')").map { $0[0] }
        == EventRow.columns.sortedLike(
          try directory.sql("SELECT name FROM pragma_table_info('events')").map { $0[0] }))
    for suffix in ["", "-wal", "-shm"] {
      let mode = try FileManager.default.attributesOfItem(atPath: directory.database + suffix)[.posixPermissions]
      #expect(mode as? Int == 0o640)
    }
  }

  @Test func theEpochIsNewForEachFileAndMadeOfTheGivenRandomness() throws {
    let directories = try (0..<2).map { _ in try JournalDirectory() }
    let epochs = try directories.map { try $0.open().epoch }
    #expect(Set(epochs).count == 2)
    #expect(epochs.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } })

    let third = try JournalDirectory()
    let journal = try Journal.open(
      directory: third.path, device: "d", boot: BootIdentity(bootID: "b"), reading: .sample, tuning: JournalTuning(),
      random: SeededRandom(1))
    var random = SeededRandom(1)
    let expected = [random.next(), random.next()].map { hexadecimal(withUnsafeBytes(of: $0.bigEndian) { Array($0) }) }
    #expect(journal.epoch == expected.joined())
  }

  @Test func reopeningGoesOnWhereItStopped() throws {
    let directory = try JournalDirectory()
    let first = try directory.open()
    let epoch = first.epoch
    _ = try first.append([.press(), .press()])
    first.close()
    #expect(directory.names.contains("ratings.db-wal"))
    #expect(directory.names.contains("ratings.db-shm"))

    let second = try directory.open()
    #expect(second.openedAs == .continued)
    #expect(second.epoch == epoch)
    #expect(second.boot == 1)
    second.close()
    let third = try directory.open(boot: "boot-2")
    #expect(third.boot == 2)
    _ = try third.append([.press()])

    let events = try directory.events()
    #expect(events.map(\.sequence) == [1, 2, 3, 4, 5, 6])
    #expect(events.map(\.content.code) == ["boot", nil, nil, "start", "boot", nil])
    #expect(events.map(\.boot) == [1, 1, 1, 1, 2, 2])
    #expect(
      try directory.reader().boots(after: 0, limit: 10) == [
        Boot(number: 1, bootID: "boot-1", firstSequence: 1), Boot(number: 2, bootID: "boot-2", firstSequence: 5),
      ])
    #expect(try directory.reader().verifyChain().isWhole)
  }

  @Test func aJournalThatWasNotClosedGoesOn() throws {
    let directory = try JournalDirectory()
    var journal: Journal? = try directory.open()
    _ = try journal?.append([.press()])
    journal = nil
    #expect(try directory.open().openedAs == .continued)
    #expect(try directory.events().count == 3)
  }

  @Test func numbersAreNeverGivenTwice() throws {
    let directory = try JournalDirectory()
    let first = try directory.open()
    _ = try first.append((0..<5).map { _ in .press() })
    first.close()
    try directory.sql("DELETE FROM events WHERE seq > 3")
    let second = try directory.open()
    #expect(try second.append([.press()]).map(\.sequence) == [8])
    second.close()
    try directory.sql("DELETE FROM events")
    let third = try directory.open()
    #expect(third.nextSequence == 10)
    let broken = try #require(try directory.reader().verifyChain().firstBroken)
    #expect(broken.fault == .missing)
    #expect(broken.sequence == 1)
  }

  @Test func aSecondKioskIsToldThatTheJournalIsTaken() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    #expect(journalError { _ = try directory.open() }?.code == .busy)
    _ = try journal.append([.press()])
    journal.close()
    #expect(try directory.open().openedAs == .continued)
  }

  @Test func aDirectoryThatIsNotThereIsAClearError() throws {
    let error = journalError {
      _ = try Journal.open(
        directory: "/nonexistent/kiosk", device: "d", boot: BootIdentity(bootID: "b"), reading: .sample)
    }
    #expect(error?.code == .system)
    #expect(error?.message.contains("/nonexistent/kiosk") == true)
    #expect(error?.cause?.systemError == ENOENT)
  }

  @Test(arguments: [0, 256]) func aDeviceNameOfUnusableLengthIsRefused(length: Int) throws {
    let directory = try JournalDirectory()
    let name = String(repeating: "x", count: length)
    #expect(journalError { _ = try directory.open(device: name) }?.code == .tooLarge)
    #expect(directory.names.isEmpty)
  }
}

extension [String] {
  /// The same names in the other's order, if they are the same; else as they are.
  fileprivate func sortedLike(_ other: [String]) -> [String] { Set(self) == Set(other) ? other : self }
}
