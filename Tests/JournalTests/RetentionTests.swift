import Feedback
import Foundation
import KioskTestKit
import Testing

@testable import Journal

@Suite struct RetentionTests {
  @Test func whatEveryConsumerHasGoesAfterItsDaysAndNothingElse() throws {
    let directory = try JournalDirectory()
    let journal = try fillDays(directory, days: 60, presses: 20, tuning: .small)
    let counters = try directory.reader().counters()
    let all = try directory.events()
    try journal.acknowledge(through: all[500].sequence)

    let steps = try journal.maintainFully(roomyPolicy, at: .after(59 * dayMilliseconds))
    #expect(steps.allSatisfy { $0.expired <= 16 && $0.lost.isEmpty && $0.early == 0 })
    let left = try directory.events()
    // Acknowledged is up to 500, in the 24th day; 30 days ago was the 29th.
    #expect(left == Array(all[501...]))
    try journal.acknowledge(through: journal.nextSequence - 1)
    _ = try journal.maintainFully(roomyPolicy, at: .after(59 * dayMilliseconds))
    // Everything before the anchor at the cut-off; what follows it may be younger.
    let cut = try #require(
      all.first { $0.content.code == "anchor" && $0.content.wallMilliseconds == retentionStart + 29 * dayMilliseconds })
    #expect(try directory.events().first?.sequence == cut.sequence + 1)

    let result = try directory.reader().verifyChain()
    #expect(result.isWhole)
    #expect(result.expiredThrough == cut.sequence)
    #expect(result.lastSequence == all.count)
    #expect(try directory.reader().counters() == counters)
    // Nothing left to do changes nothing.
    let before = try directory.events()
    #expect(try journal.maintainFully(roomyPolicy, at: .after(59 * dayMilliseconds)).map(\.expired) == [0])
    #expect(try directory.events() == before)
  }

  @Test(arguments: [ClockState.unsynchronised, .implausible])
  func withoutATrustedClockNothingGoesByAge(state: ClockState) throws {
    let directory = try JournalDirectory()
    let journal = try fillDays(directory, days: 3, presses: 20, tuning: .small)
    try journal.acknowledge(through: journal.nextSequence - 1)
    #expect(try journal.maintainFully(roomyPolicy, at: .after(4_000 * dayMilliseconds, state)).map(\.expired) == [0])
    #expect(try directory.events().count == 64)
  }

  /// A press stamped in 1970 is not thousands of days old: a trusted clock must have read early enough after it.
  @Test func aWrongStampMakesNoEventOld() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open(tuning: .small)
    let wrong = ClockReading(
      monotonic: MonotonicTime(nanoseconds: 1), bootTimeNanoseconds: 1, wallMilliseconds: 1, state: .implausible)
    _ = try journal.append((0..<50).map { _ in retainedEvent(.rating, at: wrong) })
    _ = try journal.append([retainedEvent(.clock, at: .after(0), code: "anchor")])
    _ = try journal.append((0..<50).map { _ in retainedEvent(.rating, at: .after(1)) })
    try journal.acknowledge(through: journal.nextSequence - 1)
    #expect(try journal.maintainFully(roomyPolicy, at: .after(29 * dayMilliseconds)).map(\.expired) == [0])
    #expect(try journal.maintainFully(roomyPolicy, at: .after(31 * dayMilliseconds)).map(\.expired).reduce(0, +) == 52)
  }

  @Test func acknowledgingIsRememberedAndNeverTakenBack() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append([.press(), .press(), .press()])
    try journal.acknowledge(through: 3)
    try journal.acknowledge(through: 2)
    #expect(journal.acknowledgedThrough == 3)
    #expect(journalError { try journal.acknowledge(through: 5) }?.code == .unknownEvent)
    #expect(journalError { try journal.acknowledge(through: -1) }?.code == .unknownEvent)
    #expect(journalError { try journal.acknowledge(through: .max) }?.code == .unknownEvent)
    journal.close()
    #expect(journalError { try journal.acknowledge(through: 4) }?.code == .closed)
    #expect(try directory.open().acknowledgedThrough == 3)
    #expect(try directory.reader().summary().acknowledgedThrough == 3)
  }

  /// Noting writes nothing; what is written anyway takes it along.
  @Test func whatIsNotedReachesTheDiskWithTheRest() throws {
    func onDisk(_ directory: JournalDirectory) throws -> Int64 { try directory.reader().summary().acknowledgedThrough }
    let directory = try JournalDirectory()
    var tuning = JournalTuning.small
    tuning.countersEvery = 10
    var journal: Journal? = try directory.open(tuning: tuning)
    _ = try journal?.append([.press(), .press()])
    try journal?.noteAcknowledged(through: 2)
    #expect(journal?.acknowledgedThrough == 2)
    #expect(journal?.hasUnwrittenAcknowledgement == true)
    #expect(try onDisk(directory) == 0)
    // With the counters.
    _ = try journal?.append((0..<10).map { _ in .press() })
    #expect(try onDisk(directory) == 2)
    #expect(journal?.hasUnwrittenAcknowledgement == false)
    // Lost with the process, and that is all.
    try journal?.noteAcknowledged(through: 5)
    journal = nil
    journal = try directory.open(tuning: tuning)
    #expect(journal?.acknowledgedThrough == 2)
    // At the end.
    try journal?.noteAcknowledged(through: 7)
    journal?.close()
    #expect(try onDisk(directory) == 7)
  }

  /// A file in which events are gone says that they were acknowledged.
  @Test func whatIsNotedIsOnDiskBeforeAnythingIsDeleted() throws {
    let directory = try JournalDirectory()
    var journal: Journal? = try fillDays(directory, days: 3, presses: 20, tuning: .small)
    try journal?.noteAcknowledged(through: 50)
    let step = try journal?.maintain(RetentionPolicy(days: 1), at: .after(30 * dayMilliseconds))
    #expect(step?.expired == 16)
    journal = nil
    #expect(try directory.reader().summary().acknowledgedThrough == 50)
    #expect(try directory.events().first?.sequence == 17)
  }

  /// Over the budget: acknowledged first, then what the kiosk says of itself, then the oldest presses; counted all the same.
  @Test func theOrderOfSacrifice() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open(tuning: .small)
    let filler = String(repeating: "x", count: 400)
    for number in 0..<400 {
      var drafts = (0..<10).map { _ in retainedEvent(.rating, at: .after(Int64(number) * 1_000)) }
      for index in drafts.indices { drafts[index].detail = filler }
      drafts.append(retainedEvent(.health, at: .after(Int64(number) * 1_000), code: "edge-storm"))
      _ = try journal.append(drafts)
    }
    let all = try directory.events()
    let counters = try directory.reader().counters()
    let acknowledged = all[800].sequence
    try journal.acknowledge(through: acknowledged)

    var phases: [String] = []
    var steps: [RetentionStep] = []
    repeat {
      let step = try journal.maintain(RetentionPolicy(days: 30, budgetBytes: 1 << 20), at: .after(500_000))
      steps.append(step)
      let phase =
        step.early > 0
        ? "acknowledged" : step.lost[.rating] != nil ? "presses" : step.lost[.health] != nil ? "talk" : "search"
      if phase != "search", phases.last != phase { phases.append(phase) }
      // Whatever has been deleted so far, the rest proves itself.
      if steps.count % 20 == 0 { #expect(try directory.reader().verifyChain().isWhole) }
    } while steps.last?.hasMore == true && steps.count < 2_000
    #expect(phases == ["acknowledged", "talk", "presses"])
    #expect(steps.map(\.early).reduce(0, +) == acknowledged)

    let result = try directory.reader().verifyChain()
    #expect(result.isWhole, "\(String(describing: result.firstBroken))")
    #expect(try directory.reader().counters() == counters)
    let pages = try directory.sql("SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count")
    #expect(Int(pages[0][0]).map { $0 * 512 <= 1 << 20 } == true)
    let left = try directory.events()
    // The newest stay, in their order.
    let newest = journal.nextSequence - 8..<journal.nextSequence
    #expect(left.suffix(8).map(\.sequence) == Array(newest))
    #expect(left.filter { $0.sequence <= all.count }.allSatisfy { all[Int($0.sequence) - 1] == $0 })
    // What was lost is said, to the last one.
    let said = left.filter { $0.content.code == HealthCode.eventsSacrificed.rawValue }
    var lost: [String: Int64] = [:]
    for event in said {
      for part in (event.content.detail ?? "").split(separator: ",") {
        let words = part.split(separator: " ")
        lost[String(words[1]), default: 0] += Int64(words[0]) ?? 0
      }
    }
    let remaining = Set(left.map(\.sequence))
    for kind in [EventKind.rating, .health] {
      let missing = all.filter {
        $0.content.kind == kind && $0.sequence > acknowledged && !remaining.contains($0.sequence)
      }
      #expect(lost[kind.name] == Int64(missing.count), "\(kind)")
    }
    #expect(lost.count == 2)
  }

  @Test func sacrificedEventsCannotBeTakenFromElsewhere() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open(tuning: .small)
    _ = try journal.append((0..<20).map { _ in .press() })
    try directory.sql("DELETE FROM events WHERE seq BETWEEN 5 AND 7")
    #expect(try directory.reader().verifyChain().firstBroken?.sequence == 5)
    // A hole with a value that is not that of the last one missing.
    try directory.sql("INSERT INTO sacrifices SELECT 5, 7, chain FROM events WHERE seq = 8")
    #expect(try directory.reader().verifyChain().firstBroken?.sequence == 8)
    _ = journal
  }

  @Test func deletedContentIsNotLeftInTheFile() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open(tuning: .small)
    var secret = retainedEvent(.rating, at: .after(0))
    secret.context = "till-4711-secret"
    _ = try journal.append((0..<40).map { _ in secret })
    _ = try journal.append([retainedEvent(.clock, at: .after(0), code: "anchor")] + (0..<30).map { _ in .press() })
    try journal.acknowledge(through: journal.nextSequence - 1)
    _ = try journal.maintainFully(roomyPolicy, at: .after(40 * dayMilliseconds))
    journal.close()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.database))
    #expect(bytes.range(of: Data("happy".utf8)) != nil)
    #expect(bytes.range(of: Data("till-4711-secret".utf8)) == nil)
  }

  @Test(arguments: FaultTests.cases) func aFaultInAnyStepDeletesAllOrNothing(example: FaultTests.Case) throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    var tuning = JournalTuning.small
    tuning.vfs = vfs.name
    tuning.checkpointPages = 60
    let journal = try fillDays(directory, days: 40, presses: 12, tuning: tuning)
    let counters = try directory.reader().counters()
    try journal.acknowledge(through: journal.nextSequence - 1)
    var failures = 0
    for round in 0..<60 {
      let before = try directory.events()
      vfs.fail(example.call, nth: 1 + round % 7, with: example.fault)
      let error = journalError { _ = try journal.maintain(RetentionPolicy(days: 1), at: .after(50 * dayMilliseconds)) }
      vfs.heal()
      let after = try directory.events()
      if error != nil {
        failures += 1
        #expect(after == before)
      }
      #expect(try directory.reader().verifyChain().isWhole)
      #expect(try directory.reader().counters() == counters)
      #expect(try journal.append([retainedEvent(.clock, at: .after(51 * dayMilliseconds), code: "step")]).count == 1)
    }
    #expect(failures > 0 || [.truncate, .open, .read].contains(example.call))
    _ = try journal.maintainFully(RetentionPolicy(days: 1), at: .after(50 * dayMilliseconds))
    #expect(try directory.events().count < 100)
  }

  @Test func thePowerMayGoAtAnyPoint() throws {
    for remains in FaultVFS.Remains.allCases {
      var nth = 1
      var wentOff = true
      while wentOff {
        let directory = try JournalDirectory()
        let vfs = FaultVFS(keepsUnsynced: true)
        var tuning = JournalTuning.small
        tuning.vfs = vfs.name
        var journal: Journal? = try fillDays(directory, days: 40, presses: 3, tuning: tuning)
        try journal?.acknowledge(through: 161)
        let all = try directory.events()
        let counters = try directory.reader().counters()
        vfs.cut(before: nth)
        for _ in 0..<4 { _ = try? journal?.maintain(RetentionPolicy(days: 1), at: .after(50 * dayMilliseconds)) }
        wentOff = vfs.isOff
        journal = nil
        #expect(vfs.restore(remains, seed: UInt64(nth)) != nil)
        if wentOff {
          let reopened = try directory.open(tuning: tuning)
          #expect(reopened.openedAs == .continued)
          let left = try directory.events().dropLast()
          #expect(Array(left) == Array(all.suffix(left.count)))
          #expect(try directory.reader().verifyChain().isWhole, "cut \(nth), \(remains)")
          #expect(try directory.reader().counters() == counters)
        }
        nth += 3
      }
      #expect(nth > 6)
    }
  }
}
