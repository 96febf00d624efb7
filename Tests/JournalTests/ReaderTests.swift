import Feedback
import Foundation
import KioskTestKit
import Testing

@testable import Journal

@Suite struct ReaderTests {
  @Test func eventsComeByCursorInOrderAndInBatches() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append((0..<25).map { _ in .press() })
    let reader = try directory.reader()
    var cursor: Int64 = 0
    var batches: [Int] = []
    while true {
      let events = try reader.events(after: cursor, limit: 10)
      guard let last = events.last else { break }
      #expect(events.map(\.sequence) == Array(cursor + 1...last.sequence))
      batches.append(events.count)
      cursor = last.sequence
    }
    #expect(batches == [10, 10, 6])
    #expect(try reader.events(after: 0, limit: -5).count == 1)
  }

  @Test func aReaderSeesWhatIsAppendedAfterItWasOpened() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    let reader = try directory.reader()
    #expect(try reader.events(after: 1, limit: 10).isEmpty)
    let events = try journal.append([.press()])
    #expect(try reader.events(after: 1, limit: 10) == events)
  }

  @Test func aReaderInAnotherThreadFollowsTheWriterWithoutHoldingItUp() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    let path = directory.database
    let done = DispatchSemaphore(value: 0)
    let outcome = Outcome()
    Thread.detachNewThread {
      defer { done.signal() }
      do {
        let reader = try JournalReader.open(path)
        var cursor: Int64 = 0
        while cursor < 1_001 {
          let events = try reader.events(after: cursor, limit: 7)
          for event in events {
            cursor += 1
            guard event.sequence == cursor else { return outcome.set("\(event.sequence) instead of \(cursor)") }
          }
        }
        outcome.set("followed")
      } catch {
        outcome.set("\(error)")
      }
    }
    for _ in 0..<1_000 { _ = try journal.append([.press()]) }
    #expect(done.wait(timeout: .now() + 30) == .success)
    #expect(outcome.value == "followed")
  }

  @Test func anOpenReadDoesNotHoldUpTheWriter() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append([.press()])
    let reader = try directory.reader()
    try reader.connection.execute("BEGIN")
    #expect(try reader.connection.integer("SELECT count(*) FROM events") == 2)
    _ = try journal.append((0..<50).map { _ in .press() })
    #expect(try reader.connection.integer("SELECT count(*) FROM events") == 2)
    try reader.connection.execute("COMMIT")
    #expect(try reader.connection.integer("SELECT count(*) FROM events") == 52)
  }

  @Test func theSummaryTellsWhoseJournalItIs() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append([.press()])
    let summary = try directory.reader().summary()
    #expect(
      summary
        == JournalSummary(
          device: "kiosk-1", epoch: journal.epoch, firstSequence: 1, lastSequence: 2, expiredThrough: 0, bootCount: 1))
  }

  @Test func readingChangesNothing() throws {
    let directory = try JournalDirectory()
    try directory.fill()
    let before = try Data(contentsOf: URL(fileURLWithPath: directory.database))
    do {
      let reader = try directory.reader()
      _ = try reader.verifyChain()
      _ = try reader.counters()
      #expect(throws: (any Error).self) { try reader.connection.execute("DELETE FROM events") }
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: directory.database)) == before)
    #expect(directory.names.contains("ratings.db-wal"))
  }

  @Test func aReaderNoticesThatTheJournalWasReplaced() throws {
    let directory = try JournalDirectory()
    try directory.fill(device: "kiosk-2")
    let reader = try directory.reader()
    #expect(!reader.hasMoved)
    _ = try directory.open()
    #expect(reader.hasMoved)
  }

  @Test func whatIsNoJournalIsRefused() throws {
    let directory = try JournalDirectory()
    #expect(journalError { _ = try directory.reader() }?.code == .system)
    try directory.sql("CREATE TABLE cats (name)")
    #expect(journalError { _ = try directory.reader() }?.code == .damaged)
  }
}

/// What a thread found.
final class Outcome: @unchecked Sendable {
  private let lock = NSLock()
  private var text = "nothing"

  var value: String { lock.withLock { text } }
  func set(_ value: String) { lock.withLock { text = value } }
}
