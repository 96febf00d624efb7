import Feedback
import KioskConfiguration
import Testing

/// Languages, thank-you and times of a survey.
@Suite struct SurveyLanguageTests {
  private typealias Text = SurveyText

  private static func bilingual(_ name: String, _ keys: String = "text.de = \"?\"") -> String {
    Text.question(name, keys)
  }

  @Test func `the languages are those of the first question, in the order of the file`() throws {
    let survey = try Text.load(
      "[[question]]\nname = \"q\"\ntext = { fr = \"?\", en = \"?\", de = \"?\" }\n"
        + "answer = [{ button = \"b1\", value = 1 }]\n")
    #expect(survey.languages == ["fr", "en", "de"])
  }

  @Test func `a list says which languages there are and in which order`() throws {
    let survey = try Text.load(
      Self.bilingual("a") + Text.question("b", "text.fr = \"?\"\ntext.de = \"?\""),
      head: "version = 1\nlanguages = [\"de\", \"en\"]")
    #expect(survey.languages == ["de", "en"])
  }

  @Test func `faces need no words`() throws {
    let survey = try Text.load(Self.bilingual("a"))
    #expect(survey.questions[0].answers.allSatisfy { $0.text.isEmpty })
  }

  @Test func `a thank-you, how long it is shown, and how long a question is left open`() throws {
    let plain = try Text.load(Text.question("a"))
    #expect(plain.thanks == [:])
    #expect(plain.timeout == Survey.standardTimeout)
    #expect(plain.thanksDuration == Survey.standardThanksDuration)
    let survey = try Text.load(
      Self.bilingual("a"),
      head: "version = 1\ntimeout = \"40s\"\nthanks_for = \"4.5s\"\nthanks = { en = \"Thank you!\", de = \"Danke!\" }")
    #expect(survey.timeout == .seconds(40))
    #expect(survey.thanksDuration == .milliseconds(4500))
    #expect(survey.thanks == ["en": "Thank you!", "de": "Danke!"])
  }

  static let bad: [BadInput] = [
    .questions(
      "a question without one of the languages", bilingual("a") + Text.question("b"), line: 11, column: 1, .missingKey,
      says: ["question \"b\" has no wording in \"de\""], advises: ["add de = \"…\"", "the first question"]),
    .questions(
      "a question without two of the languages",
      Text.question("a", "text.de = \"?\"\ntext.pt-BR = \"?\"")
        + Text.question("b"), line: 12, column: 1, .missingKey,
      says: ["no wording in \"de\" and \"pt-BR\""], advises: ["de = \"…\" and pt-BR = \"…\""]),
    .questions(
      "a listed language that a question has not", Text.question("a"),
      head: "version = 1\nlanguages = [\"en\", \"fr\"]",
      line: 7, column: 1, .missingKey, says: ["question \"a\" has no wording in \"fr\""],
      advises: ["out of languages"]),
    .questions(
      "a language that the first question has not", Text.question("a") + bilingual("b"), line: 10, column: 1,
      .contradiction, says: ["question \"b\" has wordings in \"de\", but the first question has not"],
      advises: ["languages = [\"en\"]"]),
    .questions(
      "an answer with words in one language of two",
      bilingual("a").replacing("value = 2", with: "value = 2, text = { en = \"Yes\" }"), line: 8, column: 76,
      .missingKey, says: ["answer number 2 of question \"a\" has no wording in \"de\""], advises: ["add de"]),
    .questions(
      "a thank-you without one of the languages", bilingual("a"), head: "version = 1\nthanks = { en = \"Thanks!\" }",
      line: 3, column: 10, .missingKey, says: ["the thank-you has no wording in \"de\""], advises: ["add de = \"…\""]),
    .questions(
      "an empty thank-you", Text.question("a"), head: "version = 1\nthanks = { en = \" \" }", line: 3, column: 17,
      .invalidValue, says: ["the wording \"en\" of the thank-you is empty"], advises: ["remove the line"]),
    .questions(
      "a text for a thank-you", Text.question("a"), head: "version = 1\nthanks = \"Thanks!\"", line: 3, column: 10,
      .wrongType, says: ["the text \"Thanks!\""], advises: ["[thanks] with en"]),
    .questions(
      "no language", Text.question("a"), head: "version = 1\nlanguages = []", line: 3, column: 13, .outOfRange,
      says: ["languages of the survey holds 0"], advises: ["languages = [\"en\", \"de\"]"]),
    .questions(
      "a language that is none", Text.question("a"), head: "version = 1\nlanguages = [\"en\", \"German\"]", line: 3,
      column: 20, .invalidValue, says: ["\"German\""], advises: ["did you mean de?"]),
    .questions(
      "a language twice", Text.question("a"), head: "version = 1\nlanguages = [\"en\", \"en\"]", line: 3, column: 20,
      .duplicate, says: ["\"en\" twice"], advises: ["once"]),
    .questions(
      "a time-out without a unit", Text.question("a"), head: "version = 1\ntimeout = 15", line: 3, column: 11,
      .wrongType, says: ["the number 15"], advises: ["timeout = \"15s\""]),
    .questions(
      "a time-out that nobody could meet", Text.question("a"), head: "version = 1\ntimeout = \"50ms\"", line: 3,
      column: 11, .outOfRange, says: ["\"50ms\""], advises: ["from 1s to 10min"]),
    .questions(
      "a thank-you for hours", Text.question("a"), head: "version = 1\nthanks_for = \"2h\"", line: 3, column: 14,
      .outOfRange, says: ["\"2h\""], advises: ["from 0s to 60s"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }
}
