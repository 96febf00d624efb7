import Feedback
import Foundation
import KioskTestKit
import Testing

@testable import Journal

@Suite struct AppendTests {
  @Test func theFirstEventOfAFileSaysWhichBootItIs() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open(boot: "abc")
    #expect(journal.openedAs == .created)
    #expect(journal.nextSequence == 2)
    let event = try #require(try directory.events().first)
    #expect(event.sequence == 1)
    #expect(event.boot == 1)
    #expect(event.content.kind == .clock)
    #expect(event.content.code == "boot")
    #expect(event.content.detail == "abc")
    #expect(event.content.visit == 1)
  }

  @Test func whatIsAppendedIsWhatIsRead() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    let drafts: [EventDraft] = [.press(), .full(visit: 2, replaces: 2), EventDraft(kind: .contact, at: .sample)]
    let events = try journal.append(drafts)
    #expect(events.map(\.sequence) == [2, 3, 4])
    #expect(events.map(\.content.visit) == [2, 2, 4])
    #expect(try directory.reader().events(after: 1, limit: 10) == events)
  }

  @Test func plannedNumbersHold() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    let next = journal.nextSequence
    var correction = EventDraft.press("sad", replaces: next)
    correction.visit = next
    let events = try journal.append([.press(), correction])
    #expect(events[1].content.replaces == events[0].sequence)
    #expect(events[1].content.visit == events[0].sequence)
    #expect(journal.nextSequence == next + 2)
  }

  @Test func anEmptyAppendWritesNothing() throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    let journal = try directory.open(tuning: .on(vfs))
    let syncs = vfs.count(.sync)
    #expect(try journal.append([]).isEmpty)
    #expect(vfs.count(.sync) == syncs)
  }

  @Test func oddTextsAndNumbersComeBackUnchanged() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    var drafts: [EventDraft] = []
    let long = String(repeating: "ä", count: Journal.longestText / 2)
    for text in ["", "\0", "a\0b", "Grüße 👋🏽", "e\u{301}", "\u{FEFF}x", "'; DROP TABLE events; --", long] {
      drafts.append(EventDraft(kind: .reason, at: .sample, button: text, context: text, detail: text))
    }
    for number in [Int.min, -1, 0, 1, Int.max] {
      var draft = EventDraft(kind: .answer, at: .sample, surveyVersion: number, value: number, rulesVersion: number)
      draft.bootTimeNanoseconds = Int64(number)
      draft.wallMilliseconds = Int64(number)
      draft.visit = Int64(number)
      draft.replaces = Int64(number)
      drafts.append(draft)
    }
    let events = try journal.append(drafts)
    let read = try directory.reader().events(after: 1, limit: 100)
    #expect(read == events)
    // Swift takes é and e + accent for equal: compare the bytes.
    #expect(read.map { Array(($0.content.detail ?? "").utf8) } == events.map { Array(($0.content.detail ?? "").utf8) })
    #expect(try directory.reader().verifyChain().isWhole)
  }

  @Test func aTextThatIsTooLongIsRefusedAndTheRestStaysUsable() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    let long = EventDraft(
      kind: .health, at: .sample, detail: String(repeating: "x", count: Journal.longestText + 1))
    #expect(journalError { _ = try journal.append([.press(), long]) }?.code == .tooLarge)
    #expect(
      journalError { _ = try journal.append(Array(repeating: .press(), count: Journal.mostDrafts + 1)) }?.code
        == .tooLarge)
    #expect(try journal.append([.press()]).map(\.sequence) == [2])
  }

  @Test func eachAppendIsOneSync() throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    let journal = try directory.open(tuning: .on(vfs))
    for count in [1, 1, 5, 30, 1] {
      let before = vfs.count(.sync)
      _ = try journal.append((0..<count).map { _ in .press() })
      #expect(vfs.count(.sync) - before == 1)
    }
  }

  @Test func checkpointsAndCountersAddLessThanOneSyncInTwenty() throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    let journal = try directory.open(tuning: .on(vfs))
    let before = vfs.count(.sync)
    for _ in 0..<3_000 { _ = try journal.append([.press()]) }
    let syncs = vfs.count(.sync) - before
    #expect(syncs >= 3_000)
    #expect(syncs <= 3_150)
    let log = try FileManager.default.attributesOfItem(atPath: directory.database + "-wal")[.size] as? Int ?? .max
    #expect(log < 2 << 20)
  }

  @Test func aClosedJournalSaysSo() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    journal.close()
    journal.close()
    #expect(journalError { _ = try journal.append([.press()]) }?.code == .closed)
  }

  @Test func aJournalRemovedUnderTheRunningKioskIsNoticed() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    try FileManager.default.removeItem(atPath: directory.database)
    #expect(journalError { _ = try journal.append([.press()]) }?.code == .damaged)
    #expect(journal.mustReopen)
    #expect(journalError { _ = try journal.append([.press()]) }?.code == .closed)
    journal.close()
    let successor = try directory.open()
    #expect(try successor.append([.press()]).map(\.sequence) == [2])
  }
}

extension JournalTuning {
  static func on(_ vfs: FaultVFS) -> JournalTuning {
    var tuning = JournalTuning()
    tuning.vfs = vfs.name
    return tuning
  }
}
