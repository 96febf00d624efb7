import Feedback
import Testing

@testable import Journal

@Suite struct ChainTests {
  /// 2: an event with every field; 3: one with none of the optional ones; 4 and 5 follow.
  private func journal() throws -> JournalDirectory {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append([.full(), EventDraft(kind: .contact, at: .sample), .press(), .press()])
    journal.close()
    return directory
  }

  @Test func anUntouchedJournalProvesItself() throws {
    let directory = try journal()
    let result = try directory.reader().verifyChain()
    #expect(result.isWhole)
    #expect(result.verified == 5)
    #expect(result.lastSequence == 5)
    #expect(result.lastChain == (try directory.events().last?.chain))
  }

  /// Each column for itself: changed, set where there was nothing, and emptied.
  @Test(arguments: EventRow.columns.filter { $0 != "seq" }) func aChangedColumnShows(column: String) throws {
    for (sequence, alternatives) in [
      (2, ["NULL", "''", "'x'", "2", "0", "1", "6"]), (3, ["''", "'x'", "2", "0", "6"]),
    ] {
      for value in alternatives + ["x'00'", "zeroblob(32)"] {
        let directory = try journal()
        let old = try directory.sql("SELECT quote(\(column)) FROM events WHERE seq = \(sequence)")
        do {
          try directory.sql("UPDATE events SET \(column) = \(value) WHERE seq = \(sequence)")
        } catch is RawFailure {
          continue  // The table itself refuses a value of another type.
        }
        guard try directory.sql("SELECT quote(\(column)) FROM events WHERE seq = \(sequence)") != old else { continue }
        let result = try directory.reader().verifyChain()
        #expect(result.firstBroken?.sequence == Int64(sequence), "\(column) = \(value)")
        #expect(result.firstBroken?.fault == .altered || result.firstBroken?.fault == .unreadable)
        #expect(result.verified == Int64(sequence - 1))
      }
    }
  }

  @Test(arguments: 1...5) func aRemovedEventShows(sequence: Int) throws {
    let directory = try journal()
    try directory.sql("DELETE FROM events WHERE seq = \(sequence)")
    let broken = try #require(try directory.reader().verifyChain().firstBroken)
    #expect(broken.sequence == Int64(sequence))
    #expect(broken.fault == .missing)
  }

  @Test func aRenumberedEventShows() throws {
    let directory = try journal()
    try directory.sql("UPDATE events SET seq = 6 WHERE seq = 5")
    #expect(try directory.reader().verifyChain().firstBroken?.sequence == 5)
  }

  @Test func exchangedEventsShow() throws {
    let directory = try journal()
    try directory.sql(
      "UPDATE events SET seq = 9 WHERE seq = 4; UPDATE events SET seq = 4 WHERE seq = 5; UPDATE events SET seq = 5 WHERE seq = 9"
    )
    #expect(try directory.reader().verifyChain().firstBroken?.sequence == 4)
  }

  @Test(arguments: ["device = 'kiosk-2'", "epoch = '00112233445566778899aabbccddeeff'", "genesis = zeroblob(32)"])
  func anotherNameShows(change: String) throws {
    let directory = try journal()
    try directory.sql("UPDATE journal SET \(change)")
    let broken = try #require(try directory.reader().verifyChain().firstBroken)
    #expect(broken.sequence == 0)
    #expect(broken.fault == .genesis)
  }

  @Test(arguments: ["boot_id = 'other'", "first_seq = 2"]) func aChangedBootShows(change: String) throws {
    let directory = try journal()
    try directory.sql("UPDATE boots SET \(change)")
    #expect(try directory.reader().verifyChain().firstBroken?.sequence == 1)
  }

  @Test func theNewestEventsCannotSimplyBeCutOff() throws {
    let directory = try journal()
    try directory.sql("DROP TRIGGER events_removed; DELETE FROM events WHERE seq > 3")
    let broken = try #require(try directory.reader().verifyChain().firstBroken)
    #expect(broken.sequence == 4)
    #expect(broken.fault == .missing)
  }

  @Test func expiredEventsLeaveACheckpointFromWhichTheRestProvesItself() throws {
    let directory = try journal()
    try directory.sql(
      "INSERT INTO checkpoints SELECT seq, chain FROM events WHERE seq = 3; DELETE FROM events WHERE seq <= 3")
    let result = try directory.reader().verifyChain()
    #expect(result.isWhole)
    #expect(result.expiredThrough == 3)
    #expect(result.verified == 2)
    try directory.sql("UPDATE events SET value = 1 WHERE seq = 4")
    #expect(try directory.reader().verifyChain().firstBroken?.sequence == 4)
  }

  @Test func everythingExpiredIsWholeToo() throws {
    let directory = try journal()
    try directory.sql("INSERT INTO checkpoints SELECT seq, chain FROM events WHERE seq = 5; DELETE FROM events")
    #expect(try directory.reader().verifyChain().isWhole)
    let journal = try directory.open()
    #expect(journal.nextSequence == 7)
    let result = try directory.reader().verifyChain()
    #expect(result.isWhole)
    #expect(result.verified == 1)
  }

  @Test func aHoleInTheMiddleIsNoExpiry() throws {
    let directory = try journal()
    try directory.sql(
      "INSERT INTO checkpoints SELECT seq, chain FROM events WHERE seq = 4; DELETE FROM events WHERE seq = 4")
    #expect(try directory.reader().verifyChain().firstBroken?.sequence == 4)
  }

  @Test func moreEventsThanOneBatchAreChecked() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append((0..<2_500).map { _ in .press() })
    #expect(try directory.reader().verifyChain().verified == 2_501)
    try directory.sql("UPDATE events SET value = 1 WHERE seq = 2222")
    #expect(try directory.reader().verifyChain().firstBroken?.sequence == 2_222)
  }
}
