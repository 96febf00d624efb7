import Feedback
import Journal
import JournalTestKit
import KioskConfiguration

@testable import KioskDaemon

/// Compares what a story expects with what there is, and says precisely where they differ.
struct StoryChecks {
  let story: Story
  /// Events up to here have been named by a line of the story.
  private var namedThrough: Int64 = 0
  /// The last of them, for “same visit”.
  private var lastNamed: JournalEntry?
  /// The story is about a chain that is broken.
  private var isChainBroken = false

  init(story: Story) {
    self.story = story
  }

  private func failure(_ message: String) -> StoryError { StoryError(story: story.name, line: 0, message: message) }

  private func difference(_ what: String, _ expected: some Any, _ seen: some Any) -> StoryError {
    failure("\(what): expected \(expected), but it is \(seen)")
  }

  mutating func check(_ expectation: Expectation, of kiosk: StoryKiosk) async throws {
    switch expectation {
    case .events(let pattern, let times): try checkEvents(pattern, times: times, in: try kiosk.entries())
    case .nothing: try checkThatAllIsNamed(in: kiosk)
    case .journalHas(let pattern, let times):
      let found = try kiosk.entries().count { pattern.mismatch(with: $0, after: nil) == nil }
      if found != times { throw difference("such events in the journal", times, found) }
    case .tally(let tally): try check(tally, in: try kiosk.entries())
    case .output(let name, let isBuzzer, let state): try check(name, isBuzzer: isBuzzer, state, of: kiosk)
    case .health(let states): try check(states, of: kiosk)
    case .display(let display): try check(display, of: kiosk)
    case .waiting(let wanted):
      let waiting = try power(kiosk).capture.figures.current.waiting
      if waiting != wanted { throw difference("events that wait in memory", wanted, waiting) }
    case .silent(let silent, let contacts): try checkSilent(silent, of: contacts, in: try kiosk.entries())
    case .chainMisses(let button): try checkThatChainMisses(button, in: kiosk)
    case .away(let length): try checkAway(length, in: try kiosk.entries())
    }
  }

  private func power(_ kiosk: StoryKiosk) throws -> CaptureUnderTest {
    guard let capture = kiosk.capture else { throw failure("the plug is out") }
    return capture
  }

  // MARK: - Events

  private mutating func checkEvents(_ pattern: EventPattern, times: Int, in entries: [JournalEntry]) throws {
    for time in 1...times {
      let ordinal = times > 1 ? " (\(time). of \(times))" : ""
      guard let next = entries.first(where: { $0.mustBeNamed && $0.event.sequence > namedThrough }) else {
        throw failure("the journal has no such event\(ordinal): nothing comes after #\(namedThrough)")
      }
      if let mismatch = pattern.mismatch(with: next, after: lastNamed) {
        throw failure("the journal goes on with #\(next.event.sequence)\(ordinal), and \(mismatch): \(next.inWords)")
      }
      namedThrough = next.event.sequence
      lastNamed = next
    }
  }

  func checkThatAllIsNamed(in kiosk: StoryKiosk) throws {
    let unnamed = try kiosk.entries().filter { $0.mustBeNamed && $0.event.sequence > namedThrough }
    guard let first = unnamed.first else { return }
    throw failure(
      "the journal has \(unnamed.count) more than the story tells, first #\(first.event.sequence): \(first.inWords)")
  }

  private func check(_ tally: [Verdict: Int], in entries: [JournalEntry]) throws {
    var seen: [Verdict: Int] = [:]
    for entry in entries where entry.isPress {
      if let verdict = entry.verdict { seen[verdict, default: 0] += 1 }
    }
    func inWords(_ tally: [Verdict: Int]) -> String {
      tally.isEmpty
        ? "none"
        : tally.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.name) \($0.value)" }.joined(
          separator: ", ")
    }
    if seen != tally { throw difference("the presses by verdict", inWords(tally), inWords(seen)) }
  }

  // MARK: - Contacts and absence

  private func checkSilent(_ silent: Int, of contacts: Int, in entries: [JournalEntry]) throws {
    let seen = entries.count { $0.content.kind == .contact && $0.verdict == .counted }
    if seen != contacts { throw difference("contacts that count", contacts, seen) }
    let visits = Set(
      entries.filter { $0.isPress && $0.verdict == .counted && $0.content.kind != .activity }.map(\.content.visit))
    if seen - visits.count != silent {
      throw difference("contacts without a press that counts", silent, seen - visits.count)
    }
  }

  private func checkAway(_ length: Duration, in entries: [JournalEntry]) throws {
    guard let boot = entries.lastIndex(where: { $0.content.kind == .clock && $0.content.code == "boot" }), boot > 0
    else {
      throw failure("the journal has but one boot")
    }
    // As a reader of the journal works it out: by the dates of the two events.
    let dates = [entries[boot - 1], entries[boot]].map { $0.moment + $0.dateError }
    let away = dates[1] - dates[0]
    if abs((away - length).wholeMilliseconds) > 2000 {
      throw difference(
        "the time from the last event before the boot to the boot", length.inStoryWords, away.inStoryWords)
    }
  }

  private mutating func checkThatChainMisses(_ button: String, in kiosk: StoryKiosk) throws {
    let chain = try JournalReader.open(kiosk.database).verifyChain()
    guard let broken = chain.firstBroken else { throw failure("the chain is whole") }
    guard broken.fault == .missing, kiosk.deleted[broken.sequence] == button else {
      throw failure("the chain breaks at #\(broken.sequence), and not for want of \(button): \(broken.finding)")
    }
    isChainBroken = true
  }

  // MARK: - State

  private func check(
    _ name: String, isBuzzer: Bool, _ state: Expectation.OutputState, of kiosk: StoryKiosk
  ) throws {
    let what = isBuzzer ? "buzzer" : "lamp"
    let kind: LampSettings.Kind = isBuzzer ? .buzzer : .lamp
    let all = kiosk.settings.panel.lamps.filter { $0.kind == kind }.map(\.name)
    guard all.contains(name) else {
      throw failure("there is no \(what) \(name); there are \(all.joined(separator: ", "))")
    }
    let isOn = kiosk.outputs.isOn(name)
    let times = kiosk.outputs.timesSwitchedOn(name)
    switch state {
    case .on: if !isOn { throw difference("\(what) \(name)", "on", "off") }
    case .off: if isOn { throw difference("\(what) \(name)", "off", "on") }
    case .switchedOn(let wanted):
      if times != wanted { throw difference("how often \(what) \(name) was switched on", wanted, times) }
    }
  }

  private func check(_ wanted: [Expectation.HealthState], of kiosk: StoryKiosk) throws {
    let capture = try power(kiosk)
    let states = capture.capture.figures.current.health.states(at: capture.clock.read().monotonic)
    func inWords(_ states: [String]) -> String {
      states.isEmpty ? "fine" : states.sorted().joined(separator: ", ")
    }
    let expected = inWords(wanted.map { "\($0.code.rawValue)\($0.subject.map { " of \($0)" } ?? "")" })
    let seen = inWords(states.map { "\($0.code.rawValue)\($0.subject.map { " of \($0)" } ?? "")" })
    if expected != seen { throw difference("health", expected, seen) }
  }

  private func check(_ wanted: Expectation.DisplayExpectation, of kiosk: StoryKiosk) throws {
    guard let display = kiosk.display else { throw failure("the display has been told nothing") }
    func expect<Value: Equatable>(_ what: String, _ wanted: Value, _ seen: Value) throws {
      if wanted != seen { throw difference("the display's \(what)", wanted, seen) }
    }
    switch wanted {
    case .phase(let phase): try expect("phase", phase.rawValue, display.phase.rawValue)
    case .asks(let question): try expect("question", question, display.question ?? "none")
    case .reads(let text): try expect("text", text, display.text)
    case .speaks(let language): try expect("language", language, display.language ?? "none")
    case .says(let notice): try expect("notice", notice?.rawValue ?? "nothing", display.notice?.rawValue ?? "nothing")
    case .number(let number, let of): try expect("progress", "\(number) of \(of)", "\(display.number) of \(display.of)")
    case .staffCalled(let isCalled): try expect("word that staff are called", isCalled, display.isStaffCalled)
    case .hides(let button):
      _ = try kiosk.line(button)
      if display.buttons.contains(where: { $0.name == button }) { throw failure("the display offers \(button)") }
    case .offers(let button, let text, let value):
      guard let offered = display.buttons.first(where: { $0.name == button }) else {
        let names = display.buttons.map(\.name).joined(separator: ", ")
        throw failure("the display does not offer \(button); it offers \(names.isEmpty ? "nothing" : names)")
      }
      if let text { try expect("wording of \(button)", text, offered.text ?? "none") }
      if let value { try expect("value of \(button)", value, offered.value ?? -1) }
    }
  }

  // MARK: - Every story

  /// Holds at the end of every story: the chain is whole, no number is missing, the counters agree with the events, and
  /// nobody was thanked before the press was on disk.
  func checkJournal(of kiosk: StoryKiosk) throws {
    let reader = try JournalReader.open(kiosk.database)
    let chain = try reader.verifyChain()
    if isChainBroken { return }
    if let tooSoon = kiosk.outputs.thanksTooSoon { throw failure(tooSoon) }
    if let broken = chain.firstBroken { throw failure("the chain breaks at #\(broken.sequence): \(broken.finding)") }
    let events = try reader.events(after: 0, limit: JournalReader.largestLimit)
    guard events.map(\.sequence) == Array(1...Int64(events.count)) else { throw failure("numbers are missing") }
    guard try reader.counters() == CounterModel(events).counters else {
      throw failure("the journal's counters do not agree with its events")
    }
  }

  func journalInWords(_ kiosk: StoryKiosk) throws -> String {
    try kiosk.entries().map { entry in
      let mark = entry.mustBeNamed && entry.event.sequence <= namedThrough ? "named" : "     "
      return "  \(mark) #\(entry.event.sequence) \(entry.inWords)"
    }.joined(separator: "\n")
  }
}
