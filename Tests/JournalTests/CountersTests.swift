import Feedback
import Testing

@testable import Journal

@Suite struct CountersTests {
  private func total(_ directory: JournalDirectory, _ button: String, _ verdict: Verdict?) throws -> Int64 {
    try directory.reader().counters().filter { $0.button == button && $0.verdict == verdict }.map(\.total).reduce(0, +)
  }

  @Test func pressesAreCountedByButtonAndVerdict() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append([.press("happy"), .press("happy"), .press("sad"), .press("happy", verdict: .repeated)])
    #expect(
      try directory.reader().counters() == [
        Counter(kind: .rating, button: "happy", verdict: .counted, total: 2),
        Counter(kind: .rating, button: "happy", verdict: .repeated, total: 1),
        Counter(kind: .rating, button: "sad", verdict: .counted, total: 1),
      ])
  }

  @Test func aCorrectionMovesThePressItReplaces() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append([.press("happy"), .press("sad", replaces: 2)])
    #expect(try total(directory, "happy", .counted) == 0)
    #expect(try total(directory, "happy", .superseded) == 1)
    #expect(try total(directory, "sad", .counted) == 1)
  }

  @Test func aPressReplacedTwiceIsMovedFromWhereItWas() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append([.press("a"), .press("b", verdict: .chord, replaces: 2), .press("c", replaces: 2)])
    #expect(try total(directory, "a", .counted) == 0)
    #expect(try total(directory, "a", .chord) == 0)
    #expect(try total(directory, "a", .superseded) == 1)
  }

  @Test func aCorrectionAfterTheTotalsWereWrittenMovesItToo() throws {
    let directory = try JournalDirectory()
    let first = try directory.open()
    _ = try first.append([.press("happy")])
    first.close()
    #expect(try directory.sql("SELECT total FROM counters") == [["1"]])
    let second = try directory.open()
    _ = try second.append([.press("sad", replaces: 2)])
    #expect(try total(directory, "happy", .superseded) == 1)
    second.close()
    #expect(try total(directory, "happy", .superseded) == 1)
    #expect(try total(directory, "happy", .counted) == 0)
  }

  @Test func whatIsAboutTheKioskItselfIsNotCounted() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    _ = try journal.append([
      EventDraft(kind: .health, at: .sample, button: "happy", code: "button-stuck"),
      EventDraft(kind: .config, at: .sample),
    ])
    #expect(try directory.reader().counters().isEmpty)
  }

  @Test func aPressCostsNoWriteToTheTotals() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    for _ in 0..<500 { _ = try journal.append([.press()]) }
    #expect(try directory.sql("SELECT count(*) FROM counters") == [["0"]])
    for _ in 0..<20 { _ = try journal.append([.press()]) }
    #expect(try directory.sql("SELECT total FROM counters") == [["511"]])
    #expect(try total(directory, "happy", .counted) == 520)
  }

  /// Random histories against a plain model, across reopenings and with totals written at every possible moment.
  @Test(arguments: UInt64(0)..<12) func agreesWithTheEvents(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let directory = try JournalDirectory()
    var tuning = JournalTuning()
    tuning.countersEvery = Int64.random(in: 1...40, using: &random)
    var journal: Journal? = try directory.open(tuning: tuning)
    for _ in 0..<60 {
      let next = try #require(journal?.nextSequence)
      var drafts: [EventDraft] = []
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let buttons = ["a", "b", "c"]
        var draft = EventDraft.press(
          buttons.randomElement(using: &random) ?? "a",
          verdict: Int.random(in: 0...8, using: &random) == 0 ? nil : Verdict.allCases.randomElement(using: &random))
        draft.kind = EventKind.allCases.randomElement(using: &random) ?? .rating
        if Bool.random(using: &random) {
          // Of the future, of itself, of nothing and of the same one over and over, too.
          draft.replaces = Int64.random(
            in: max(next - 8, -1)...next + 3, using: &random)
        }
        if Int.random(in: 0...9, using: &random) == 0 { draft.button = nil }
        drafts.append(draft)
      }
      _ = try journal?.append(drafts)
      switch Int.random(in: 0...9, using: &random) {
      case 0:
        journal?.close()
        journal = try directory.open(tuning: tuning)
      case 1:
        // Not closed.
        journal = nil
        journal = try directory.open(tuning: tuning)
      default: break
      }
      #expect(try directory.reader().counters() == Self.model(try directory.events()))
    }
  }

  /// What the events say, worked out the plain way.
  static func model(_ events: [Event]) -> [Counter] {
    var verdicts: [Int64: Verdict?] = [:]
    for event in events {
      verdicts[event.sequence] = event.content.verdict
      if let replaced = event.content.replaces, replaced < event.sequence, verdicts[replaced] != nil,
        let verdict = event.content.verdict
      {
        verdicts[replaced] = verdict.ofReplaced
      }
    }
    var totals: [Counter: Int64] = [:]
    for event in events where event.content.kind.rawValue <= EventKind.contact.rawValue {
      let key = Counter(
        kind: event.content.kind, button: event.content.button, verdict: verdicts[event.sequence] ?? nil, total: 0)
      totals[key, default: 0] += 1
    }
    return totals.map { Counter(kind: $0.key.kind, button: $0.key.button, verdict: $0.key.verdict, total: $0.value) }
      .sorted {
        ($0.kind.rawValue, $0.button ?? "", $0.verdict?.rawValue ?? 0)
          < ($1.kind.rawValue, $1.button ?? "", $1.verdict?.rawValue ?? 0)
      }
  }
}
