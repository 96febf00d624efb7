import Feedback
import KioskConfiguration
import Testing

/// Which surveys the panel asks, and when.
@Suite struct AskedSurveyTests {
  private static func panel(_ lines: String) -> String {
    SurveyText.panel.replacing("survey = \"loyalty\"\n", with: "survey = \"loyalty\"\n" + lines + "\n")
  }

  /// Name on line 1, `[schedule]` on line 4.
  private static func survey(_ name: String, _ schedule: String? = nil, answers: [String] = ["b1 = 1"]) -> String {
    "name = \"\(name)\"\nversion = 1\ninstrument = \"feedback\"\n"
      + (schedule.map { "[schedule]\n\($0)\n" } ?? "") + SurveyText.question("q", answers: answers)
  }

  private static func load(
    _ lines: String, _ surveys: [String: String],
    kiosk: String = BadInput.kiosk(adding: "time_zone = \"Europe/Berlin\""),
    timeZoneDatabase: String = "/usr/share/zoneinfo"
  ) throws(ConfigurationFailure) -> KioskSettings {
    try ExampleFiles.load(
      kiosk: kiosk, panel: panel(lines), survey: survey("loyalty"),
      others: Dictionary(uniqueKeysWithValues: surveys.map { ("surveys/\($0.key).toml", $0.value) }),
      timeZoneDatabase: timeZoneDatabase)
  }

  private static let christmas = survey("christmas", "from = 2026-12-01\nto = 2026-12-27")
  private static let newYear = survey("new-year", "from = 2026-12-27\nto = 2027-01-07")
  private static let mornings = survey("mornings", "weekdays = [\"sat\"]\nhours = [\"08:00-12:00\"]")

  @Test func `a panel asks one survey unless more are named`() throws {
    let settings = try Self.load("", ["christmas": Self.christmas])
    #expect(settings.asked == [AskedSurvey(settings.activeSurvey)])
    #expect(settings.activeSurvey.name == "loyalty")
    #expect(settings.surveys.map(\.name) == ["christmas", "loyalty"])
  }

  @Test func `surveys with a schedule come first, in the order in which they are named`() throws {
    let settings = try Self.load(
      "scheduled = [\"new-year\", \"christmas\"]", ["christmas": Self.christmas, "new-year": Self.newYear])
    #expect(settings.asked.map(\.survey.name) == ["new-year", "christmas", "loyalty"])
    #expect(settings.activeSurvey.name == "loyalty")
    #expect(settings.asked[2].schedule == nil)
    let schedule = try #require(settings.asked[1].schedule)
    // 2026-12-01 begins in Berlin at 23:00 UTC of the day before.
    let begin: Int64 = 1_796_079_600_000
    #expect(!schedule.isActive(at: begin - 1, in: settings.device.zone))
    #expect(schedule.isActive(at: begin, in: settings.device.zone))
  }

  @Test func `without a time zone database schedules are refused, for the hours would be wrong`() {
    let failure = #expect(throws: ConfigurationFailure.self) {
      try Self.load(
        "scheduled = [\"christmas\"]", ["christmas": Self.christmas], timeZoneDatabase: "/nonexistent/zoneinfo")
    }
    #expect(failure?.problems.map(\.file) == ["kiosk.toml"])
    #expect(failure?.description.contains("install the package tzdata") == true)
  }

  /// What is wrong, the panel's lines, the surveys beside the usual one, where, and what is said.
  struct Bad: Sendable, CustomTestStringConvertible {
    var what: String
    var lines: String
    var surveys: [String: String]
    var place: String
    var code: ConfigurationProblem.Code
    var says: [String]
    var testDescription: String { what }
  }

  static let bad: [Bad] = [
    Bad(
      what: "two surveys at the same time", lines: "scheduled = [\"christmas\", \"mornings\"]",
      surveys: ["christmas": christmas, "mornings": mornings], place: "surveys/mornings.toml:4", code: .contradiction,
      says: [
        "\"christmas\" (surveys/christmas.toml:4) and \"mornings\" would both be asked at 2026-12-05 08:00",
        "take one out of scheduled in panel.toml:3",
      ]),
    Bad(
      what: "a scheduled survey that does not exist", lines: "scheduled = [\"chrismas\"]",
      surveys: ["christmas": christmas], place: "panel.toml:3", code: .unknownReference,
      says: ["\"chrismas\"", "no file in surveys/", "did you mean \"christmas\"?"]),
    Bad(
      what: "a scheduled survey without a schedule", lines: "scheduled = [\"other\"]",
      surveys: ["other": survey("other")], place: "panel.toml:3", code: .contradiction,
      says: ["surveys/other.toml has no [schedule]", "add [schedule]"]),
    Bad(
      what: "a survey twice", lines: "scheduled = [\"christmas\", \"christmas\"]", surveys: ["christmas": christmas],
      place: "panel.toml:3", code: .duplicate, says: ["names the survey \"christmas\", which it names already"]),
    Bad(
      what: "the usual survey scheduled too", lines: "scheduled = [\"loyalty\"]", surveys: [:], place: "panel.toml:3",
      code: .duplicate, says: ["\"loyalty\", which survey names too"]),
    Bad(
      what: "a text for a list", lines: "scheduled = \"christmas\"", surveys: ["christmas": christmas],
      place: "panel.toml:3", code: .wrongType, says: ["a list", "scheduled = [\"christmas\"] in brackets"]),
    Bad(
      what: "more than a panel can ask",
      lines: "scheduled = [\((1...33).map { "\"s\($0)\"" }.joined(separator: ", "))]",
      surveys: [:], place: "panel.toml:3", code: .outOfRange, says: ["names 33 surveys", "at most 32"]),
    Bad(
      what: "a scheduled survey with a button of another panel", lines: "scheduled = [\"christmas\"]",
      surveys: ["christmas": christmas.replacing("\"b1\"", with: "\"b9\"")], place: "surveys/christmas.toml:10",
      code: .unknownReference, says: ["names the button \"b9\", which the panel has not"]),
    Bad(
      what: "a broken scheduled survey", lines: "scheduled = [\"christmas\"]",
      surveys: ["christmas": christmas.replacing("version = 1", with: "version = ")], place: "surveys/christmas.toml:2",
      code: .syntax, says: ["not valid TOML"]),
    Bad(
      what: "a schedule that ends before it begins", lines: "",
      surveys: ["christmas": survey("christmas", "from = 2026-12-24\nto = 2026-12-01")],
      place: "surveys/christmas.toml:6", code: .contradiction, says: ["would never be asked"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: Bad) throws {
    let failure = try #require(
      #expect(throws: ConfigurationFailure.self) { try Self.load(input.lines, input.surveys) })
    #expect(failure.problems.count == 1, "\(failure)")
    let problem = try #require(failure.problems.first)
    #expect("\(problem.file):\(problem.line)" == input.place)
    #expect(problem.code == input.code)
    for part in input.says { #expect(problem.description.contains(part), "\(problem)") }
  }

  @Test func `a survey that does not exist is told beside what is wrong in those that do`() throws {
    let failure = try #require(
      #expect(throws: ConfigurationFailure.self) {
        try Self.load(
          "scheduled = [\"crismas\"]", ["christmas": Self.christmas.replacing("version = 1", with: "version = 0")])
      })
    #expect(failure.problems.map(\.code) == [.unknownReference, .outOfRange])
  }

  @Test func `the survey that is asked when no other is must not have a schedule`() throws {
    let failure = try #require(
      #expect(throws: ConfigurationFailure.self) {
        try ExampleFiles.load(
          panel: SurveyText.panel.replacing("survey = \"loyalty\"", with: "survey = \"christmas\""),
          others: ["surveys/christmas.toml": Self.christmas])
      })
    #expect(failure.problems.map(\.line) == [2])
    #expect(failure.description.contains("it has a [schedule] (surveys/christmas.toml:4)"))
    #expect(failure.description.contains("scheduled = [\"christmas\"]"))
  }

  @Test func `an answer on a button that leads or calls is refused, in every survey that is asked`() throws {
    let failure = try #require(
      #expect(throws: ConfigurationFailure.self) {
        try ExampleFiles.load(
          panel: Self.panel("scheduled = [\"christmas\"]"),
          survey: Self.survey("loyalty", answers: ["b1 = 1", "back = 2"]),
          others: [
            "surveys/christmas.toml": Self.christmas.replacing("\"b1\"", with: "\"call\""),
            "surveys/unused.toml": Self.survey("unused", answers: ["done = 1"]),
          ])
      })
    #expect(failure.problems.map(\.file) == ["surveys/christmas.toml", "surveys/loyalty.toml"])
    #expect(failure.problems.map(\.code) == [.contradiction, .contradiction])
    #expect(failure.problems[0].message.contains("\"call\", which has role = \"call-staff\" and answers nothing"))
    #expect(failure.problems[1].message.contains("\"back\", which has role = \"back\" and answers nothing"))
  }
}
