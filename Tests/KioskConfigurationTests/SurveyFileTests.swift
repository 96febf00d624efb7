import Feedback
import KioskConfiguration
import Testing

@Suite struct SurveyFileTests {
  static let file = "surveys/loyalty.toml"

  static let panel =
    "board = \"simulated\"\nsurvey = \"loyalty\"\n[[button]]\nname = \"happy\"\n[[button]]\nname = \"sad\""

  static let survey = """
    name = "loyalty"
    version = 1
    instrument = "loyalty"
    [[question]]
    name = "overall"
    scale = "faces-2"
    [question.text]
    en = "How was it?"
    [[question.answer]]
    button = "happy"
    value = 2
    [[question.answer]]
    button = "sad"
    value = 1
    """

  /// A survey with something changed, or more below it.
  private static func bad(
    _ what: String, _ old: String = "", _ new: String = "", adding lines: String = "", at place: String,
    _ code: ConfigurationProblem.Code, says: [String], advises: [String]
  ) -> BadInput {
    let changed = old.isEmpty ? survey : survey.replacing(old, with: new)
    return BadInput(
      what: what, panel: panel, survey: changed + "\n" + lines, place: place.isEmpty ? file : "\(file):\(place)",
      code: code, says: says, advises: advises)
  }

  static let bad: [BadInput] = [
    bad(
      "a value off the scale", "value = 2", "value = 3", at: "11:9", .outOfRange,
      says: ["value of answer number 1 of question \"overall\" is 3"], advises: ["from 1 to 2"]),
    bad(
      "a value in quotes", "value = 2", "value = \"2\"", at: "11:9", .wrongType, says: ["the text \"2\""],
      advises: ["value = 2 without quotes"]),
    bad(
      "no value", "\nvalue = 2", "", at: "9:1", .missingKey, says: ["answer number 1", "no value"],
      advises: ["value = 1"]),
    bad(
      "a scale that is none", "faces-2", "faces-7", at: "6:9", .invalidValue, says: ["\"faces-7\""],
      advises: ["\"faces-2\" to \"faces-5\"", "\"nps-11\"", "\"perception-7\""]),
    bad(
      "a button the panel has not", "\"happy\"", "\"hapy\"", at: "10:10", .unknownReference,
      says: ["names the button \"hapy\"", "the panel has not"], advises: ["did you mean button = \"happy\"?"]),
    bad(
      "a button twice", "\"sad\"", "\"happy\"", at: "13:10", .duplicate,
      says: ["answer number 2", "\"happy\"", "line 10"], advises: ["one answer"]),
    BadInput(
      what: "no question", survey: "name = \"loyalty\"\nversion = 1\ninstrument = \"feedback\"", place: file,
      code: .missingKey, says: ["no question"], advises: ["[[question]]"]),
    BadInput(
      what: "a question without answers",
      survey: BadInput.survey("[[question.answer]]\nbutton = \"happy\"\nvalue = 5", ""), place: "\(file):4:1",
      code: .missingKey, says: ["question \"overall\" has no answer"], advises: ["add [[question.answer]]"]),
    bad(
      "a question twice",
      adding: "[[question]]\nname = \"overall\"\ntext.en = \"Why?\"\nanswer = [{ button = \"happy\", value = 1 }]",
      at: "16:8", .duplicate, says: ["question \"overall\"", "line 5"], advises: ["\"overall-2\""]),
    bad(
      "a question without words", "[question.text]\nen = \"How was it?\"\n", "", at: "4:1", .missingKey,
      says: ["no text"], advises: ["[question.text] with en"]),
    bad(
      "an empty wording", "How was it?", " ", at: "8:6", .invalidValue, says: ["\"en\"", "empty"], advises: ["remove"]),
    bad(
      "a wording too long", "How was it?", String(repeating: "ü", count: 201), at: "8:6", .outOfRange,
      says: ["201 characters"], advises: ["at most 200"]),
    bad(
      "a language that is none", "en = ", "english = ", at: "8:1", .invalidValue, says: ["\"english\""],
      advises: ["did you mean en?"]),
    bad(
      "a language with a small region", "en = ", "pt-br = ", at: "8:1", .invalidValue, says: ["\"pt-br\""],
      advises: ["did you mean pt-BR?"]),
    bad(
      "text where a table of languages is meant", "[question.text]\nen = ", "text = ", at: "7:8", .wrongType,
      says: ["the text \"How was it?\"", "a table"], advises: ["[question.text] with en"]),
    bad(
      "an unknown instrument", "\"loyalty\"\n[[", "\"loyal\"\n[[", at: "3:14", .invalidValue, says: ["\"loyal\""],
      advises: ["\"loyalty\", \"feedback\" or \"questionnaire\""]),
    bad(
      "version nought", "version = 1", "version = 0", at: "2:11", .outOfRange, says: ["version of the survey is 0"],
      advises: ["from 1"]),
    bad(
      "a loyalty survey without a scale", "scale = \"faces-2\"\n", "", at: "4:1", .contradiction, says: ["no scale"],
      advises: ["scale = \"faces-5\""]),
    bad(
      "an unknown key", "scale = ", "scal = ", at: "6:1", .unknownKey,
      says: ["question \"overall\" has no key \"scal\""],
      advises: ["did you mean scale?"]),
    BadInput(
      what: "two surveys of one name", others: ["surveys/other.toml": ExampleFiles.survey],
      place: "surveys/other.toml:1:8", code: .duplicate, says: ["\"loyalty\"", "surveys/loyalty.toml:1"],
      advises: ["a name of its own"]),
    BadInput(
      what: "a broken survey nobody asks", others: ["surveys/other.toml": "name = \"other\"\nversion = "],
      place: "surveys/other.toml:2:11", code: .syntax, says: ["not valid TOML"], advises: ["version = \"…\""]),
    BadInput(
      what: "the survey asked is the broken one", survey: BadInput.survey("version = 1", "version = "),
      place: "\(file):2:11", code: .syntax, says: ["not valid TOML"], advises: ["write a value"]),
    BadInput(
      what: "topics with one value", panel: panel,
      survey: survey.replacing("scale = \"faces-2\"", with: "# topics").replacing(
        "instrument = \"loyalty\"", with: "instrument = \"feedback\""
      ).replacing("value = 1", with: "value = 2"),
      place: "\(file):14:9", code: .duplicate, says: ["the value 2", "line 11"], advises: ["a value of its own"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }

  @Test func `reads several questions, topics without a scale and every common language tag`() throws {
    let survey = """
      name = "exit-2"
      version = 7
      instrument = "questionnaire"
      [[question]]
      name = "clean"
      scale = "faces-2"
      text = { en = "Was it clean?", "zh-Hant" = "乾淨嗎？", es-419 = "¿Estaba limpio?", yue = "乾唔乾淨呀" }
      [[question.answer]]
      button = "happy"
      value = 2
      [[question.answer]]
      button = "sad"
      value = 1
      [[question]]
      name = "why"
      text = { en = "Why?", "zh-Hant" = "為什麼？", es-419 = "¿Por qué?", yue = "點解" }
      [[question.answer]]
      button = "happy"
      value = 1
      text = { en = "Queue", "zh-Hant" = "排隊", es-419 = "La fila", yue = "排隊" }
      """
    let settings = try ExampleFiles.load(
      panel: Self.panel.replacing("\"loyalty\"", with: "\"exit-2\""), others: ["surveys/z.toml": survey])
    #expect(settings.surveys.map(\.name) == ["exit-2", "loyalty"])
    #expect(settings.activeSurvey.version == 7)
    #expect(settings.activeSurvey.instrument == .questionnaire)
    #expect(settings.activeSurvey.languages == ["en", "zh-Hant", "es-419", "yue"])
    #expect(settings.activeSurvey.questions.map(\.name) == ["clean", "why"])
    #expect(
      settings.activeSurvey.questions[0].answers == [
        Answer(button: "happy", value: 2), Answer(button: "sad", value: 1),
      ])
    #expect(settings.activeSurvey.questions[0].text.count == 4)
    #expect(settings.activeSurvey.questions[1].scale == nil)
    #expect(settings.activeSurvey.questions[1].answers[0].text["es-419"] == "La fila")
  }

  @Test func `a survey nobody asks may name buttons of another panel`() throws {
    let other = BadInput.survey("name = \"loyalty\"", "name = \"other\"").replacing("\"happy\"", with: "\"elsewhere\"")
    #expect(try ExampleFiles.load(others: ["surveys/other.toml": other]).surveys.count == 2)
  }

  @Test func `everything that is wrong in a survey is told at once, in the order of its lines`() throws {
    let text = """
      name = "loyalty"
      version = 0
      instrument = "loyal"
      timeout = 5
      thanks.en = ""
      [[question]]
      name = "Overall"
      scale = "faces-9"
      most = "3"
      text.en = "How was it?"
      next = "nowhere"
      [[question.answer]]
      button = "happy"
      value = "x"
      [[question]]
      name = "why"
      text.de = "Warum?"
      knid = "reason"
      """
    let failure = try #require(
      #expect(throws: ConfigurationFailure.self) { try ExampleFiles.load(panel: Self.panel, survey: text) })
    #expect(failure.problems.map(\.line) == [2, 3, 4, 5, 7, 8, 9, 14, 15, 17, 17, 18], "\(failure)")
  }
}
