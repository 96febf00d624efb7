import Feedback

/// Reads what must be true.
enum ExpectationParser {
  static func parse(_ words: inout StoryWords) throws -> Expectation {
    if words.peek() != "display", words.peek(1) == "is", words.peek(2).flatMap({ Verdict(name: $0) }) != nil {
      return try events(try EventPatternParser.judged(&words), &words)
    }
    if let first = words.peek(), let kind = EventKind.allCases.first(where: { $0.name == first }),
      words.peek(1) != "is"
    {
      guard kind != .clock, kind != .config else {
        throw words.error("\(first) events need not be named in order: write “journal has \(first) …”")
      }
      return try events(try EventPatternParser.unjudged(kind, &words), &words)
    }
    let verb = try words.word("what must be true")
    switch verb {
    case "nothing":
      return .nothing
    case "journal":
      try words.expect("has")
      let pattern: EventPattern
      if words.peek(1) == "is" {
        pattern = try EventPatternParser.judged(&words)
      } else {
        let kinds = EventKind.allCases.map { ($0.name, $0) }
        pattern = try EventPatternParser.unjudged(try words.choice("kind of event", kinds), isTaken: true, &words)
      }
      return .journalHas(pattern, times: try words.timesIfAny() ?? 1)
    case "tally": return try tally(&words)
    case "lamp": return try output(isBuzzer: false, &words)
    case "buzzer": return try output(isBuzzer: true, &words)
    case "health": return try health(&words)
    case "display": return .display(try display(&words))
    case "waiting":
      return .waiting(try words.number("number", in: 0...1_000_000))
    case "silent":
      let silent = try words.number("number", in: 0...1_000_000)
      try words.expect("of")
      return .silent(silent, of: try words.number("number", in: 1...1_000_000))
    case "chain":
      try words.expect("misses")
      return .chainMisses(button: try words.name("a button"))
    case "away":
      try words.expect("for")
      return .away(try words.duration("time"))
    default:
      throw words.error(
        "“\(verb)” is nothing that can be expected; there are BUTTON is VERDICT, KIND CODE, nothing, journal has, tally, "
          + "lamp, buzzer, health is, display, waiting, silent, away and chain misses")
    }
  }

  private static func events(_ pattern: EventPattern, _ words: inout StoryWords) throws -> Expectation {
    let times = try words.timesIfAny() ?? 1
    guard times > 0 else { throw words.error("an event that never comes is no event: write “journal has … never”") }
    return .events(pattern, times: times)
  }

  private static func tally(_ words: inout StoryWords) throws -> Expectation {
    var tally: [Verdict: Int] = [:]
    let verdicts = Verdict.allCases.map { ($0.name, $0) }
    repeat {
      let verdict = try words.choice("verdict", verdicts)
      guard tally[verdict] == nil else { throw words.error("\(verdict.name) has been told already") }
      tally[verdict] = try words.number("number", in: 1...1_000_000)
    } while !words.isAtEnd
    return .tally(tally)
  }

  private static func output(isBuzzer: Bool, _ words: inout StoryWords) throws -> Expectation {
    let name = try words.name(isBuzzer ? "a buzzer" : "a lamp")
    if words.take("is") {
      let state = try words.choice("state", [("on", Expectation.OutputState.on), ("off", .off)])
      return .output(name, isBuzzer: isBuzzer, state)
    }
    if words.take("never") {
      try words.expect(isBuzzer ? "sounded" : "lit")
      return .output(name, isBuzzer: isBuzzer, .switchedOn(0))
    }
    try words.expect(isBuzzer ? "sounded" : "lit")
    guard let times = try words.timesIfAny() else { throw words.error("how often? write once, twice or 3 times") }
    return .output(name, isBuzzer: isBuzzer, .switchedOn(times))
  }

  private static func health(_ words: inout StoryWords) throws -> Expectation {
    try words.expect("is")
    if words.take("fine") { return .health([]) }
    let codes = HealthCode.allCases.map { ($0.rawValue, $0) }
    var states: [Expectation.HealthState] = []
    repeat {
      let code = try words.choice("health state", codes)
      states.append(.init(code: code, subject: words.take("of") ? try words.name("a name") : nil))
    } while !words.isAtEnd
    return .health(states)
  }

  private static func display(_ words: inout StoryWords) throws -> Expectation.DisplayExpectation {
    switch try words.word("what is on the display") {
    case "is": return .phase(try words.choice("phase", DisplayState.Phase.allCases.map { ($0.rawValue, $0) }))
    case "asks": return .asks(try words.name("a question"))
    case "reads": return .reads(try words.quoted("the text"))
    case "speaks": return .speaks(try words.word("a language"))
    case "says":
      if words.take("nothing") { return .says(nil) }
      return .says(try words.choice("notice", Acknowledgement.allCases.map { ($0.rawValue, $0) }))
    case "offers":
      let button = try words.name("a button")
      let text = words.quotedIfAny()
      let value = words.take("value") ? try words.number("value", in: 0...1000) : nil
      return .offers(button, text: text, value: value)
    case "hides": return .hides(try words.name("a button"))
    case "shows":
      try words.expect("question")
      let number = try words.number("number", in: 1...1000)
      try words.expect("of")
      return .number(number, of: try words.number("number", in: 1...1000))
    case "calls":
      if words.take("nobody") { return .staffCalled(false) }
      try words.expect("staff")
      return .staffCalled(true)
    case let other:
      throw words.error(
        "a display does not do “\(other)”; it is, asks, reads, speaks, says, offers, hides, shows, calls")
    }
  }
}

/// Reads what a line says of an event.
enum EventPatternParser {
  /// Codes that events carry, besides those of health.
  static let codes: Set<String> = [
    // Visits
    "first-step", "timeout", "skip", "back", "done", "language", "next-visitor", "off-path", "not-offered",
    "survey-changed",
    // Requests
    "open", "closed", "lapsed", "again", "nothing-open",
    // Activity
    "start", "stop",
    // Contacts
    "passed-by",
    // Clock and configuration
    "boot", "anchor", "step", "loaded", "survey",
  ]

  /// `very-unhappy is superseded by happy, as rating to overall, value 1`
  static func judged(_ words: inout StoryWords) throws -> EventPattern {
    var pattern = EventPattern()
    pattern.isJudged = true
    pattern.button = try words.name("a button")
    try words.expect("is")
    pattern.verdict = try words.choice("verdict", Verdict.allCases.map { ($0.name, $0) })
    if pattern.verdict == .superseded, words.take("by") { pattern.supersededBy = try words.name("a button") }
    try clauses(&pattern, &words)
    return pattern
  }

  /// `request closed from staff, after 42s`
  static func unjudged(
    _ kind: EventKind, isTaken: Bool = false, _ words: inout StoryWords
  ) throws -> EventPattern {
    var pattern = EventPattern()
    if !isTaken { try words.expect(kind.name) }
    pattern.kind = kind
    pattern.code = try code(kind, &words)
    try clauses(&pattern, &words)
    return pattern
  }

  private static func code(_ kind: EventKind, _ words: inout StoryWords) throws -> String? {
    guard let word = words.peek() else { return nil }
    let isKnown = kind == .health ? HealthCode(rawValue: word) != nil : codes.contains(word)
    return isKnown ? try words.word("a code") : nil
  }

  private static func clauses(_ pattern: inout EventPattern, _ words: inout StoryWords) throws {
    while let word = words.peek(), Int(word) == nil, !["once", "twice", "never"].contains(word) {
      if words.take("as") {
        let kind = try words.choice("kind of event", EventKind.allCases.map { ($0.name, $0) })
        pattern.kind = kind
        pattern.code = try code(kind, &words)
      } else if words.take("from") {
        pattern.button = try words.name("a button")
      } else if words.take("asked by") {
        pattern.survey = try words.name("a survey")
      } else if words.take("to") {
        pattern.question = try words.name("a question")
      } else if words.take("scale") {
        pattern.scale = try words.name("a scale")
      } else if words.take("value") {
        pattern.value = .exactly(try words.number("value", in: -1000...1_000_000_000))
      } else if words.take("no value") {
        pattern.value = .absent
      } else if words.take("in") {
        pattern.language = try words.word("a language")
      } else if words.take("without context") {
        pattern.context = .absent
      } else if words.take("with") {
        pattern.context = .exactly(try words.word("a context"))
      } else if words.take("same visit") {
        pattern.visit = .same
      } else if words.take("new visit") {
        pattern.visit = .new
      } else if words.take("after") {
        pattern.response = try words.duration("time")
      } else if words.take("clock") {
        pattern.clock = try words.choice("state of a clock", ClockState.allCases.map { ($0.storyWord, $0) })
      } else if words.take("dated within") {
        pattern.dating = try words.duration("time")
      } else if words.take("saying") {
        pattern.words = try words.quoted("what the detail says")
      } else {
        throw words.error(
          "“\(word)” says nothing about an event; there are as, from, by, asked by, to, scale, value, no value, in, with, "
            + "without context, same visit, new visit, after, clock, dated within, saying, once, twice and N times")
      }
    }
  }
}
