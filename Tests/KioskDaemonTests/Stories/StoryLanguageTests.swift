import CSQLite
import Testing

/// The stories are worth nothing if they cannot fail: each way to expect something fails here, in words that say where and
/// why, and each way to write a story wrongly is refused.
@Suite("The language of the stories is strict, and what it expects can fail")
struct StoryLanguageTests {
  private static let header = """
    # A title
    # And why.
    panel five-faces
    time 2026-11-20 10:00 Europe/Berlin
    clock trusted

    """

  private static func story(_ rest: String) throws -> Story { try StoryParser.parse(header + rest, name: "story") }

  /// What comes of a story; nil: all is as told.
  private static func outcome(_ rest: String) async throws -> StoryError? {
    do {
      try await StoryRunner.run(story(rest))
      return nil
    } catch let error as StoryError {
      return error
    }
  }

  // MARK: - Written wrongly

  struct Mistake: Sendable, CustomTestStringConvertible {
    var text: String
    var line: Int
    var message: String

    init(_ text: String, line: Int = 6, _ message: String) {
      (self.text, self.line, self.message) = (text, line, message)
    }

    var testDescription: String { text }
  }

  static let mistakes = [
    Mistake("at 0s presss happy", "“presss” is nothing that can happen"),
    Mistake("when 0s press happy", "“when” begins no line"),
    Mistake("at 0x press happy", "“0x” is no time"),
    Mistake("at -1s press happy", "“-1s” is no time"),
    Mistake("at 25:00 press happy", "“25:00” is no time"),
    Mistake("at 0s press happy soon", "“soon” means nothing here"),
    Mistake("at 0s press Happy", "“Happy” cannot be a button"),
    Mistake("at 0s press happy and happy", "one button, not two"),
    Mistake("at 0s pound happy 1 times every 1s", "“1” is no number from 2 to 1000"),
    Mistake("at 0s pound happy 3 times", "“times every” is missing"),
    Mistake("at 0s clock stopped", "a clock is never “stopped”"),
    Mistake("at 0s disk slow", "“slow” is no trouble of a disk"),
    Mistake("at 0s till says name=Erika for 5s", "not “name”"),
    Mistake("at 0s press happy\n  look\npanel five-faces", line: 8, "“panel” begins no line"),
    Mistake("panel five-faces", "the panel has been told already"),
    Mistake("  press happy", "goes on with nothing"),
    Mistake("then nothing", "nothing has happened yet"),
    Mistake("at 0s press happy\nthen happy is fine", line: 7, "“happy” is nothing that can be expected"),
    Mistake("at 0s press happy\nthen happy is counted gladly", line: 7, "“gladly” says nothing about an event"),
    Mistake("at 0s press happy\nthen happy is counted never", line: 7, "is no event"),
    Mistake("at 0s press happy\nthen clock boot", line: 7, "need not be named in order"),
    Mistake("at 0s press happy\nthen health is poor", line: 7, "“poor” is no health state"),
    Mistake("at 0s press happy\nthen health button-broken", line: 7, "“button-broken” says nothing"),
    Mistake("at 0s press happy\nthen lamp thanks lit", line: 7, "how often?"),
    Mistake("at 0s press happy\nthen lamp thanks dim", line: 7, "“lit” is missing before “dim”"),
    Mistake("at 0s press happy\nthen display reads hello", line: 7, "in quotation marks is missing"),
    Mistake("at 0s press happy\nthen display reads \"hello", line: 7, "a quotation mark is missing"),
    Mistake("at 0s press happy\nthen tally good 3", line: 7, "“good” is no verdict"),
    Mistake("at 0s press happy\nthen tally counted 1, counted 2", line: 7, "counted has been told already"),
    Mistake("at 0s press happy", "an expectation: a story that expects nothing is missing"),
    Mistake("at 0s press happy\nthen nothing\nat 5s press happy", line: 8, "nothing is expected of this last step"),
  ]

  @Test("a mistake is refused with its line", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    let error = try #require(throws: StoryError.self) { try Self.story(mistake.text) }
    #expect(error.line == mistake.line)
    #expect(error.message.contains(mistake.message), "\(error)")
  }

  @Test(
    "a story needs a title, a reason, a panel, a time and a clock",
    arguments: [0: "the title", 1: "why this is told", 2: "panel NAME", 3: "“time", 4: "clock trusted"])
  func incomplete(line: Int, message: String) throws {
    var lines = (Self.header + "at 0s press happy\nthen happy is counted").split(separator: "\n")
    lines.remove(at: line)
    // Without its first line the reason would be the title.
    if line == 0 { lines.removeFirst() }
    let error = try #require(throws: StoryError.self) {
      try StoryParser.parse(lines.joined(separator: "\n"), name: "story")
    }
    #expect(error.message.contains(message) || line == 0, "\(error)")
  }

  @Test("words that only the panel can tell to be wrong are found when the story is told")
  func unknownNames() async throws {
    let button = try await Self.outcome("at 0s press hapy\nthen happy is counted")
    #expect(button?.line == 6)
    #expect(button?.message.contains("there is no button or sensor hapy; there are very-unhappy, unhappy") == true)
    let lamp = try await Self.outcome("at 0s press happy\nthen happy is counted\n  lamp thank-you never lit")
    #expect(lamp?.line == 8)
    #expect(lamp?.message.contains("there is no lamp thank-you; there are thanks, please-wait") == true)
    let time = try await Self.outcome("at 5s press happy\nthen happy is counted\nat 5s press happy\nthen nothing")
    #expect(time?.line == 8)
    let till = try await Self.outcome("at 0s till says employee=e7 for 5s\n  press happy\nthen happy is counted")
    #expect(till?.line == 6)
    #expect(till?.message.contains("the till is refused: this kiosk takes no context") == true)
    let card = try await Self.outcome("at 0s somebody deletes happy from the card\nthen nothing")
    #expect(card?.message.contains("the card is in use: pull the plug first") == true)
    #expect(time?.message.contains("it is 5.180 s already") == true)
  }

  // MARK: - Expectations that do not hold

  struct Wrong: Sendable, CustomTestStringConvertible {
    var expectation: String
    var message: String

    init(_ expectation: String, _ message: String) { (self.expectation, self.message) = (expectation, message) }

    var testDescription: String { expectation }
  }

  /// Two visitors: one changes her mind, the other one comes a minute later.
  private static let happening = """
    at 0s press unhappy
    at 2s press happy
    at 62s press neutral

    """

  static let wrongExpectations = [
    Wrong("happy is counted", "the journal goes on with #3, and it is of unhappy"),
    Wrong("unhappy is counted", "and its verdict is superseded"),
    Wrong("unhappy is superseded by neutral", "and it is superseded by happy"),
    Wrong("unhappy is superseded as reason", "and it is of the kind rating"),
    Wrong("unhappy is superseded as rating skip", "and its code is none"),
    Wrong("unhappy is superseded to why", "and its question is overall"),
    Wrong("unhappy is superseded asked by other", "and it belongs to the survey loyalty"),
    Wrong("unhappy is superseded scale nps-11", "and its scale is faces-5"),
    Wrong("unhappy is superseded value 3", "and its value is 2"),
    Wrong("unhappy is superseded no value", "and it has the value 2"),
    Wrong("unhappy is superseded in fr", "and its language is "),
    Wrong("unhappy is superseded with employee=e7", "and its context is none"),
    Wrong("unhappy is superseded same visit", "it belongs to another visit than the one before"),
    Wrong("unhappy is superseded clock wrong", "and its clock is trusted"),
    Wrong("unhappy is superseded saying \"x\"", "and its detail is “”"),
    Wrong("unhappy is superseded after 5s", "and it came after 2 ms"),
    Wrong("unhappy is superseded 2 times", "#4 (2. of 2), and it is of happy"),
    Wrong("unhappy is superseded\n  happy is counted new visit", "it belongs to the visit of #3"),
    Wrong("request open", "and it is of the kind rating"),
    Wrong("health button-stuck from unhappy", "and it is of the kind rating"),
    Wrong("nothing", "the journal has 3 more than the story tells, first #3: unhappy is superseded by happy"),
    Wrong("journal has happy is counted never", "such events in the journal: expected 0, but it is 1"),
    Wrong("journal has clock boot twice", "expected 2, but it is 1"),
    Wrong("tally counted 3", "the presses by verdict: expected counted 3, but it is counted 2, superseded 1"),
    Wrong("lamp thanks is on\n  lamp thanks is off", "lamp thanks: expected off, but it is on"),
    Wrong("lamp please-wait is on", "lamp please-wait: expected on, but it is off"),
    Wrong("lamp thanks lit twice", "how often lamp thanks was switched on: expected 2, but it is 3"),
    Wrong("lamp thanks never lit", "expected 0, but it is 3"),
    Wrong("buzzer beep sounded once", "how often buzzer beep was switched on: expected 1, but it is 3"),
    Wrong("health is button-stuck of happy", "health: expected button-stuck of happy, but it is fine"),
    Wrong("waiting 1", "events that wait in memory: expected 1, but it is 0"),
    Wrong("silent 1 of 3", "contacts that count: expected 3, but it is 0"),
    Wrong("chain misses happy", "the chain is whole"),
    Wrong("away for 1h", "the journal has but one boot"),
  ]

  /// Said of the display when everybody has gone.
  static let wrongDisplays = [
    Wrong("display is thanks", "the display's phase: expected thanks, but it is idle"),
    Wrong("display asks why", "the display's question: expected why, but it is overall"),
    Wrong("display reads \"Why?\"", "the display's text: expected Why?, but it is How was your visit?"),
    Wrong("display speaks fr", "the display's language: expected fr"),
    Wrong("display says please-wait", "the display's notice: expected please-wait, but it is nothing"),
    Wrong("display shows question 2 of 3", "the display's progress: expected 2 of 3, but it is 1 of 1"),
    Wrong("display calls staff", "the display's word that staff are called: expected true, but it is false"),
    Wrong("display hides happy", "the display offers happy"),
    Wrong("display offers happy value 5", "the display's value of happy: expected 5, but it is 4"),
    Wrong("display offers happy \"Fine\"", "the display's wording of happy: expected Fine, but it is none"),
  ]

  @Test(
    "what is expected of the display and is not there fails in its line, and says what there is",
    arguments: wrongDisplays)
  func unmetDisplay(_ wrong: Wrong) async throws {
    let error = try #require(try await Self.outcome(Self.happening + "at 80s look\nthen " + wrong.expectation))
    #expect(error.line == 10)
    #expect(error.message.contains(wrong.message), "\(error)")
  }

  @Test("an expectation that does not hold fails in its line, and says what there is", arguments: wrongExpectations)
  func unmet(_ wrong: Wrong) async throws {
    let error = try #require(try await Self.outcome(Self.happening + "then " + wrong.expectation))
    #expect(error.line == 9 + wrong.expectation.count { $0 == "\n" })
    #expect(error.message.contains(wrong.message), "\(error)")
    #expect(error.message.contains("#3 unhappy is superseded by happy as rating to overall value 2"), "\(error)")
  }

  @Test("what the story does not tell fails it at its end")
  func untold() async throws {
    let told = Self.happening + "then unhappy is superseded\n  happy is counted"
    let error = try #require(try await Self.outcome(told))
    #expect(
      error.message.contains("at the end: the journal has 1 more than the story tells, first #5: neutral"), "\(error)")
    #expect(try await Self.outcome(told + "\n  neutral is counted") == nil)
  }

  @Test("a date that is wrong, a way back in time and an absence of another length are found")
  func dates() async throws {
    let date = try await Self.outcome(
      "at 0s clock jumps by -24h\nat 1s press happy\nthen happy is counted dated within 1h")
    #expect(date?.message.contains("its date is off by -86400.000 s") == true, "\(String(describing: date))")
    let away = try await Self.outcome("at 0s pull the plug\nat 1h plug in\nat 1h1s look\nthen away for 50min")
    #expect(away?.message.contains("expected 3000.000 s, but it is 3600.000 s") == true, "\(String(describing: away))")
  }

  @Test("thanks that come before the press is on disk are found, however the story goes")
  func thanksTooSoon() {
    func log(_ changes: [OutputLog.Change]) -> String? {
      let log = OutputLog()
      for change in changes { log.note(change) }
      return log.thanksTooSoon
    }
    func lit(at moment: Duration, onDisk: Int, latest: Duration?) -> OutputLog.Change {
      OutputLog.Change(
        output: "thanks", isOn: true, at: moment, isThanks: true, thanked: onDisk, latestThanked: latest)
    }
    #expect(
      log([lit(at: .seconds(1), onDisk: 1, latest: .seconds(1)), lit(at: .seconds(9), onDisk: 2, latest: .seconds(9))])
        == nil)
    #expect(log([lit(at: .seconds(1), onDisk: 0, latest: nil)])?.contains("with 0 presses") == true)
    #expect(log([lit(at: .seconds(30), onDisk: 1, latest: .seconds(1))])?.contains("long after") == true)
  }

  @Test("a journal in which somebody has changed a press is found at the end of a story")
  func alteredPress() throws {
    let story = try Self.story("at 0s press unhappy\nthen unhappy is counted")
    let kiosk = try StoryKiosk(story)
    let checks = StoryChecks(story: story)
    try kiosk.capture?.press("unhappy")
    try kiosk.stop()
    try checks.checkJournal(of: kiosk)
    var database: OpaquePointer?
    #expect(sqlite3_open(kiosk.database, &database) == SQLITE_OK)
    #expect(sqlite3_exec(database, "UPDATE events SET value = 5 WHERE button = 'unhappy'", nil, nil, nil) == SQLITE_OK)
    sqlite3_close(database)
    let error = try #require(throws: StoryError.self) { try checks.checkJournal(of: kiosk) }
    #expect(error.message.contains("the chain breaks at #3"), "\(error)")
  }
}
