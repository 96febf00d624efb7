import Feedback
import Foundation
import KioskTestKit
import Testing

@testable import Journal

@Suite struct FaultTests {
  struct Case: Sendable {
    var call: FaultVFS.Call
    var fault: FaultVFS.Fault
    var codes: Set<JournalError.Code>
  }

  static let cases: [Case] = [
    Case(call: .write, fault: .diskFull, codes: [.diskFull]),
    Case(call: .write, fault: .writeFailed, codes: [.inputOutput]),
    Case(call: .sync, fault: .syncFailed, codes: [.inputOutput]),
    Case(call: .sync, fault: .diskFull, codes: [.diskFull]),
    Case(call: .truncate, fault: .writeFailed, codes: [.inputOutput]),
    Case(call: .open, fault: .cannotOpen, codes: [.inputOutput]),
    Case(call: .read, fault: .readFailed, codes: [.inputOutput]),
  ]

  /// Each step of the first opening fails once: an error, and the next attempt gets a whole journal.
  @Test(arguments: cases) func aFaultWhileTheJournalIsMadeIsReportedAndPasses(example: Case) throws {
    var failures = 0
    for nth in 1...200 {
      let directory = try JournalDirectory()
      let vfs = FaultVFS()
      vfs.fail(example.call, nth: nth, with: example.fault)
      let error = journalError { _ = try directory.open(tuning: .on(vfs)) }
      let reached = vfs.count(example.call) >= nth
      vfs.heal()
      if let error {
        failures += 1
        #expect(example.codes.contains(error.code), "\(example.call) \(nth): \(error)")
      }
      let journal = try directory.open(tuning: .on(vfs))
      #expect(try journal.append([.press()]).count == 1)
      let result = try directory.reader().verifyChain()
      #expect(result.isWhole)
      #expect(result.lastSequence <= 3)
      journal.close()
      if !reached { break }
      #expect(nth < 200)
    }
    #expect(failures > 0 || example.call == .truncate)
  }

  /// Each step of an append fails once: an error, nothing written, and the same events go in at the next attempt.
  @Test(arguments: cases) func aFaultInAnAppendLeavesNoHalfEvent(example: Case) throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    var tuning = JournalTuning.on(vfs)
    tuning.checkpointPages = 40
    tuning.countersEvery = 7
    let journal = try directory.open(tuning: tuning)
    var failures = 0
    for round in 0..<120 {
      let next = journal.nextSequence
      let drafts: [EventDraft] = (0...round % 4).map { _ in .press() }
      vfs.fail(example.call, nth: 1 + round % 6, with: example.fault)
      var events: [Event] = []
      let error = journalError { events = try journal.append(drafts) }
      vfs.heal()
      if let error {
        failures += 1
        #expect(example.codes.contains(error.code), "\(error)")
        #expect(!journal.mustReopen)
        #expect(journal.nextSequence == next)
        #expect(try directory.reader().events(after: next - 1, limit: 10).isEmpty)
        events = try journal.append(drafts)
      }
      #expect(events.first?.sequence == next)
    }
    #expect(failures > 0 || [.truncate, .open, .read].contains(example.call))
    #expect(try directory.reader().verifyChain().isWhole)
    #expect(try directory.events().last?.sequence == journal.nextSequence - 1)
  }

  @Test func aDiskThatStaysFullIsReportedEachTimeUntilThereIsRoom() throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    let journal = try directory.open(tuning: .on(vfs))
    vfs.fail(.write, nth: 1, with: .diskFull, lasting: true)
    for _ in 0..<20 {
      #expect(journalError { _ = try journal.append([.press()]) }?.code == .diskFull)
      #expect(!journal.mustReopen)
    }
    vfs.heal()
    #expect(try journal.append([.press()]).map(\.sequence) == [2])
  }

  @Test func aFailedAppendDoesNotComeBackWhenTheJournalIsOpenedAgain() throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    var journal: Journal? = try directory.open(tuning: .on(vfs))
    vfs.fail(.sync, nth: 1, with: .syncFailed)
    #expect(journalError { _ = try journal?.append([.press("first")]) }?.code == .inputOutput)
    vfs.heal()
    _ = try journal?.append([.press("second")])
    journal = nil
    _ = try directory.open(tuning: .on(vfs))
    #expect(try directory.events().compactMap(\.content.button) == ["second"])
  }

  @Test func damageFoundWhileInUseSetsTheFileAsideAtTheNextOpening() throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    let journal = try directory.open(tuning: .on(vfs))
    vfs.fail(.write, nth: 1, with: FaultVFS.Fault(code: 11, systemError: 0))
    #expect(journalError { _ = try journal.append([.press()]) }?.code == .damaged)
    #expect(journal.mustReopen)
    vfs.heal()
    journal.close()
    let successor = try directory.open(tuning: .on(vfs))
    guard case .replaced(let setAside) = successor.openedAs else {
      Issue.record("opened as \(successor.openedAs)")
      return
    }
    #expect(setAside.reason == .corrupt)
    #expect(!directory.names.contains("ratings.damaged"))
  }

  @Test func whatWasSetAsideIsNotForgottenWhenTheNewFileCannotBeMade() throws {
    let directory = try JournalDirectory()
    try Data(String(repeating: "rubbish", count: 500).utf8).write(to: URL(fileURLWithPath: directory.database))
    let vfs = FaultVFS()
    vfs.fail(.write, nth: 1, with: .diskFull, lasting: true)
    let error = journalError { _ = try directory.open(tuning: .on(vfs)) }
    #expect(error?.code == .diskFull)
    #expect(error?.setAside?.reason == .corrupt)
    vfs.heal()
    #expect(try directory.open(tuning: .on(vfs)).openedAs == .created)
  }

  @Test func anotherProgramThatWritesIsWaitedForAndThenReported() throws {
    let directory = try JournalDirectory()
    var tuning = JournalTuning()
    tuning.busyMilliseconds = 20
    let journal = try directory.open(tuning: tuning)
    let other = try Connection(path: directory.database, access: .readWrite, vfs: nil, busyMilliseconds: 0)
    try other.execute("BEGIN IMMEDIATE")
    #expect(journalError { _ = try journal.append([.press()]) }?.code == .busy)
    try other.execute("ROLLBACK")
    #expect(try journal.append([.press()]).count == 1)
  }
}
