import Feedback
import KioskConfiguration
import Testing

@Suite struct SurveyFileTests {
  static let file = "surveys/loyalty.toml"

  static let bad: [BadInput] = [
    BadInput(
      what: "a value off the scale", survey: BadInput.survey("value = 5", "value = 6"), place: "\(file):11:9",
      code: .outOfRange, says: ["value of answer number 1 of question \"overall\" is 6"], advises: ["from 1 to 5"]),
    BadInput(
      what: "a value in quotes", survey: BadInput.survey("value = 5", "value = \"5\""), place: "\(file):11:9",
      code: .wrongType, says: ["the text \"5\""], advises: ["value = 5 without quotes"]),
    BadInput(
      what: "no value", survey: BadInput.survey("\nvalue = 5", ""), place: "\(file):9:1", code: .missingKey,
      says: ["answer number 1", "no value"], advises: ["value = 1"]),
    BadInput(
      what: "a scale that is none", survey: BadInput.survey("faces-5", "faces-7"), place: "\(file):6:9",
      code: .invalidValue, says: ["\"faces-7\""], advises: ["\"faces-2\" to \"faces-5\"", "\"nps-11\""]),
    BadInput(
      what: "a button the panel has not", survey: BadInput.survey("\"happy\"", "\"hapy\""), place: "\(file):10:10",
      code: .unknownReference, says: ["names the button \"hapy\"", "the panel has not"],
      advises: ["did you mean button = \"happy\"?"]),
    BadInput(
      what: "a button twice",
      survey: ExampleFiles.survey + "\n[[question.answer]]\nbutton = \"happy\"\nvalue = 4", place: "\(file):13:10",
      code: .duplicate, says: ["answer number 2", "\"happy\"", "line 10"], advises: ["one answer"]),
    BadInput(
      what: "no question", survey: "name = \"loyalty\"\nversion = 1\ninstrument = \"feedback\"", place: file,
      code: .missingKey, says: ["no question"], advises: ["[[question]]"]),
    BadInput(
      what: "a question without answers",
      survey: BadInput.survey("[[question.answer]]\nbutton = \"happy\"\nvalue = 5", ""), place: "\(file):4:1",
      code: .missingKey, says: ["question \"overall\" has no answer"], advises: ["add [[question.answer]]"]),
    BadInput(
      what: "a question twice",
      survey: ExampleFiles.survey + "\n[[question]]\nname = \"overall\"\ntext.en = \"Why?\"\n"
        + "answer = [{ button = \"happy\", value = 1 }]", place: "\(file):13:8", code: .duplicate,
      says: ["question \"overall\"", "line 5"], advises: ["\"overall-2\""]),
    BadInput(
      what: "a question without words", survey: BadInput.survey("[question.text]\nen = \"How was it?\"\n", ""),
      place: "\(file):4:1", code: .missingKey, says: ["no text"], advises: ["[question.text] with en"]),
    BadInput(
      what: "an empty wording", survey: BadInput.survey("How was it?", " "), place: "\(file):8:6", code: .invalidValue,
      says: ["\"en\"", "empty"], advises: ["remove the line"]),
    BadInput(
      what: "a wording too long", survey: BadInput.survey("How was it?", String(repeating: "ü", count: 201)),
      place: "\(file):8:6", code: .outOfRange, says: ["201 characters"], advises: ["at most 200"]),
    BadInput(
      what: "a language that is none", survey: BadInput.survey("en = ", "english = "), place: "\(file):8:1",
      code: .invalidValue, says: ["\"english\""], advises: ["did you mean en?"]),
    BadInput(
      what: "a language with a small region", survey: BadInput.survey("en = ", "pt-br = "), place: "\(file):8:1",
      code: .invalidValue, says: ["\"pt-br\""], advises: ["did you mean pt-BR?"]),
    BadInput(
      what: "text where a table of languages is meant",
      survey: BadInput.survey("[question.text]\nen = ", "text = "), place: "\(file):7:8", code: .wrongType,
      says: ["the text \"How was it?\"", "a table"], advises: ["[question.text] with en"]),
    BadInput(
      what: "an unknown instrument", survey: BadInput.survey("\"loyalty\"\n[[", "\"loyal\"\n[["), place: "\(file):3:14",
      code: .invalidValue, says: ["\"loyal\""], advises: ["\"loyalty\", \"feedback\" or \"questionnaire\""]),
    BadInput(
      what: "version nought", survey: BadInput.survey("version = 1", "version = 0"), place: "\(file):2:11",
      code: .outOfRange, says: ["version of the survey is 0"], advises: ["from 1"]),
    BadInput(
      what: "a loyalty survey without a scale", survey: BadInput.survey("scale = \"faces-5\"\n", ""),
      place: "\(file):4:1", code: .contradiction, says: ["no scale"], advises: ["scale = \"faces-5\""]),
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
      what: "topics with one value", panel: BadInput.panel(adding: "[[button]]\nname = \"sad\"\nline = \"GPIO27\""),
      survey: BadInput.survey("scale = \"faces-5\"\n", "").replacing(
        "instrument = \"loyalty\"", with: "instrument = \"feedback\"")
        + "\n[[question.answer]]\nbutton = \"sad\"\nvalue = 5", place: "\(file):13:9", code: .duplicate,
      says: ["the value 5", "line 10"], advises: ["a value of its own"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }

  @Test func `reads several questions, topics without a scale and every common language tag`() throws {
    let survey = """
      name = "exit-2"
      version = 7
      instrument = "questionnaire"
      [[question]]
      name = "recommend"
      scale = "nps-11"
      text = { en = "Would you recommend us?", "zh-Hant" = "你會推薦我們嗎？", es-419 = "¿Nos recomendaría?", yue = "點呀" }
      [[question.answer]]
      button = "happy"
      value = 0
      [[question]]
      name = "why"
      text.pt-BR = "Por quê?"
      [[question.answer]]
      button = "happy"
      value = 1
      text.pt-BR = "Fila"
      """
    let settings = try ExampleFiles.load(
      panel: BadInput.panel("survey = \"loyalty\"", "survey = \"exit-2\""), others: ["surveys/z.toml": survey])
    #expect(settings.surveys.map(\.name) == ["exit-2", "loyalty"])
    #expect(settings.activeSurvey.version == 7)
    #expect(settings.activeSurvey.instrument == .questionnaire)
    #expect(settings.activeSurvey.questions.map(\.name) == ["recommend", "why"])
    #expect(settings.activeSurvey.questions[0].answers == [Answer(button: "happy", value: 0)])
    #expect(settings.activeSurvey.questions[0].text.count == 4)
    #expect(settings.activeSurvey.questions[1].scale == nil)
    #expect(settings.activeSurvey.questions[1].answers[0].text == ["pt-BR": "Fila"])
  }

  @Test func `a survey nobody asks may name buttons of another panel`() throws {
    let other = BadInput.survey("name = \"loyalty\"", "name = \"other\"").replacing("\"happy\"", with: "\"elsewhere\"")
    #expect(try ExampleFiles.load(others: ["surveys/other.toml": other]).surveys.count == 2)
  }
}
