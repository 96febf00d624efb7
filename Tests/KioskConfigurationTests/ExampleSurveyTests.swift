import Feedback
import KioskConfiguration
import Testing

/// The ready surveys of docs/examples/surveys: one for each instrument and metric, English and German throughout.
@Suite struct ExampleSurveyTests {
  /// A survey asked on the panel that has a button for every answer.
  private static func survey(_ name: String) throws -> Survey {
    var sources = try ExampleFiles.sources(ExampleFiles.allSurveys)
    let panel = String(decoding: sources[1].bytes, as: UTF8.self)
    sources[1] = ConfigurationSource(
      path: "panel.toml", text: panel.replacing("\nsurvey = \"reasons\"", with: "\nsurvey = \"\(name)\""))
    let settings = try KioskSettings.load(sources: sources)
    #expect(settings.activeSurvey.name == name)
    return settings.activeSurvey
  }

  /// The examples, with the scale of each of their questions (nil: topics) and the buttons that answer the first.
  static let expected: [String: (scales: [String?], buttons: Int)] = [
    "faces-2": (["faces-2"], 2), "faces-3": (["faces-3"], 3), "faces-4": (["faces-4"], 4), "faces-5": (["faces-5"], 5),
    "stars-5": (["stars-5"], 5), "nps": (["nps-11"], 11), "nps-five-buttons": (["nps-11"], 5),
    "nps-four-buttons": (["nps-11"], 4), "csat": (["csat-5"], 5), "ces-1": (["ces1-5"], 5), "ces-2": (["ces2-7"], 7),
    "csi": (["csi-10", "csi-10", "csi-10"], 5), "womi": (["recommend-10", "discourage-10"], 5),
    "servqual": (
      Array(repeating: "expectation-7", count: 22) + Array(repeating: "perception-7", count: 22), 7
    ),
    "topics": ([nil], 6), "reasons": (["faces-5", nil, nil], 5),
    "questionnaire": ([nil, nil, nil, nil, "faces-5", nil], 2),
  ]

  @Test func `there is one for each instrument and each scale`() throws {
    let settings = try KioskSettings.load(from: ExampleFiles.directory(ExampleFiles.allSurveys))
    #expect(settings.surveys.map(\.name) == Self.expected.keys.sorted())
    #expect(Set(settings.surveys.map(\.instrument)) == Set(Instrument.allCases))
    #expect(Set(settings.surveys.flatMap(\.questions).compactMap(\.scale?.kind)) == Set(Scale.Kind.allCases))
    #expect(Set(settings.surveys.flatMap(\.questions).map(\.record)) == Set(Question.Record.allCases))
  }

  @Test(arguments: expected.keys.sorted()) func `each can be asked and speaks two languages`(name: String) throws {
    let expected = try #require(Self.expected[name])
    let survey = try Self.survey(name)
    #expect(survey.languages == ["en", "de"])
    #expect(survey.thanks.keys.sorted() == ["de", "en"])
    #expect(survey.questions.map { $0.scale?.name } == expected.scales)
    #expect(survey.questions[0].answers.count == expected.buttons)
    for question in survey.questions {
      #expect(question.text.keys.sorted() == ["de", "en"])
      #expect(question.text["de"] != question.text["en"])
      let values = question.answers.flatMap { Array($0.values) }
      #expect(values.sorted() == Array(question.scale?.values ?? 1...question.answers.count))
    }
  }

  @Test(arguments: ["nps-five-buttons", "nps-four-buttons", "csi", "womi"])
  func `a scale longer than the row of buttons is asked in two steps`(name: String) throws {
    let survey = try Self.survey(name)
    #expect(survey.questions.allSatisfy { $0.isTwoStep })
    #expect(survey.questions.allSatisfy { $0.record == .rating })
  }

  @Test func `the ranges of the net promoter score on four buttons are those it is made of`() throws {
    let ranges = try Self.survey("nps-four-buttons").questions[0].answers.map(\.values)
    // Detractors are 0 to 6, passives 7 and 8, promoters 9 and 10.
    #expect(ranges == [0...3, 4...6, 7...8, 9...10])
  }

  @Test func `SERVQUAL asks the same items twice, in five dimensions`() throws {
    let questions = try Self.survey("servqual").questions
    func items(_ prefix: String) -> [String] {
      questions.map(\.name).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
    #expect(items("expect-") == items("perceive-"))
    #expect(items("expect-").count == 22)
    let dimensions = items("expect-").map { String($0.prefix { $0 != "-" }) }
    var counts: [String: Int] = [:]
    for dimension in dimensions { counts[dimension, default: 0] += 1 }
    #expect(counts == ["tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5])
    #expect(questions[0].text["en"] == "In an excellent shop: The fittings are up to date.")
    #expect(questions[22].text["de"] == "In diesem Geschäft: Die Einrichtung ist auf dem neuesten Stand.")
    let ways: [NextStep] = questions.dropFirst().map { (question: Question) in .question(question.name) } + [.end]
    #expect(questions.map(\.next) == ways)
  }

  @Test func `reasons follow the rating they belong to`() throws {
    let survey = try Self.survey("reasons")
    let overall = survey.questions[0]
    let ways: [NextStep?] = ["wrong", "wrong", "wrong", "good", "good"].map { (name: String) in .question(name) }
    #expect(overall.answers.map(\.next) == ways)
    #expect(survey.questions.map(\.record) == [.rating, .reason, .reason])
    #expect(survey.questions.map(\.mostChoices) == [1, 6, 6])
    #expect(survey.questions.map(\.next) == [.question("wrong"), .end, .end])
  }

  @Test func `the questionnaire branches and takes several answers`() throws {
    let survey = try Self.survey("questionnaire")
    #expect(survey.questions.filter { $0.mostChoices > 1 }.map(\.name) == ["missing"])
    #expect(survey.questions.flatMap(\.answers).compactMap(\.next).count == 3)
    #expect(survey.questions.allSatisfy { $0.record == .answer })
  }
}
