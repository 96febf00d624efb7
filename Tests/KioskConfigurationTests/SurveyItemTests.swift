import Feedback
import KioskConfiguration
import Testing

/// Blocks: several questions on one scale with the same answers.
@Suite struct SurveyItemTests {
  private typealias Text = SurveyText

  /// A block on lines 4 to 10 with a lead, and two items on lines 11 and 12.
  static let block = """
    [[question]]
    name = "quality"
    scale = "faces-2"
    next = "end"
    text.en = "This shop:"
    text.de = "Dieses Geschäft:"
    answer = [{ button = "b1", value = 1 }, { button = "b2", value = 2 }]
    item = [{ name = "clean", text = { en = "is clean.", de = "ist sauber." } },
      { name = "fast", text = { en = "is fast.", de = "ist schnell." } }]

    """

  @Test func `each item becomes a question with the block's scale and answers`() throws {
    let survey = try Text.load(Text.question("first", "text.de = \"?\"\nnext = \"quality\"") + Self.block)
    #expect(survey.questions.map(\.name) == ["first", "quality-clean", "quality-fast"])
    #expect(survey.questions.map(\.next) == [.question("quality-clean"), .question("quality-fast"), .end])
    #expect(survey.questions[1].text == ["en": "This shop: is clean.", "de": "Dieses Geschäft: ist sauber."])
    #expect(survey.questions[2].text["en"] == "This shop: is fast.")
    #expect(survey.questions[1].scale == Scale(name: "faces-2"))
    #expect(survey.questions[1].answers == survey.questions[2].answers)
    #expect(survey.questions[1].answers.map(\.value) == [1, 2])
  }

  @Test func `without a lead an item's words are all there is, and the block leads on like any question`() throws {
    let block = Self.block.replacing("text.en = \"This shop:\"\ntext.de = \"Dieses Geschäft:\"\n", with: "")
      .replacing("next = \"end\"\n", with: "")
    let survey = try Text.load(
      block + Text.question("last", "text.de = \"?\""), instrument: "loyalty")
    #expect(survey.languages == ["en", "de"])
    #expect(survey.questions.map(\.text["en"]) == ["is clean.", "is fast.", "last?"])
    #expect(survey.questions[1].next == .question("last"))
    #expect(survey.questions.map(\.record) == [.rating, .rating, .reason])
  }

  @Test func `the words of messages name items by their names`() {
    let problems = Text.problems(Self.block.replacing("de = \"ist schnell.\"", with: "de = \"\""))
    #expect(problems.map(\.message) == ["the wording \"de\" of item \"fast\" of question \"quality\" is empty"])
  }

  static let bad: [BadInput] = [
    .questions(
      "an item without a name", block.replacing("name = \"clean\", ", with: ""), line: 11, column: 9, .missingKey,
      says: ["item number 1 of question \"quality\" has no name"], advises: ["name = \"on-time\""]),
    .questions(
      "an item without words", block.replacing(", text = { en = \"is fast.\", de = \"ist schnell.\" }", with: ""),
      line: 12, column: 3, .missingKey, says: ["item \"fast\" of question \"quality\" has no text"],
      advises: ["[question.item.text]"]),
    .questions(
      "an item twice", block.replacing("\"fast\"", with: "\"clean\""), line: 12, column: 12, .duplicate,
      says: ["the name of the item in line 11"], advises: ["\"clean-2\""]),
    .questions(
      "an item named like a question",
      block.replacing("next = \"end\"\n", with: "")
        + Text.question("quality-fast", "text.de = \"?\""), line: 11, column: 12, .duplicate,
      says: ["as a question \"quality-fast\"", "the question in line 13"], advises: ["a name of its own"]),
    .questions(
      "names too long together", block.replacing("\"fast\"", with: "\"a-name-of-twenty-five-signs\""), line: 12,
      column: 12, .outOfRange, says: ["the question \"quality-a-name-of-twenty-five-signs\"", "35 characters"],
      advises: ["at most 31"]),
    .questions(
      "words too long together", block.replacing("is fast.", with: String(repeating: "x", count: 190)), line: 12,
      column: 27, .outOfRange, says: ["\"en\" of item \"fast\"", "201 characters"], advises: ["at most 200"]),
    .questions(
      "an answer that leads out of a block", block.replacing("value = 2", with: "value = 2, next = \"end\""), line: 10,
      column: 76, .contradiction, says: ["answer number 2", "each item of the question leads on to the next one"],
      advises: ["write next in the question"]),
    .questions(
      "a step into the middle of a block",
      Text.question("first", "text.de = \"?\"\nnext = \"quality-fast\"") + block, line: 8, column: 8,
      .unknownReference, says: ["an item in the middle of question \"quality\""], advises: ["next = \"quality\""]),
    .questions(
      "an unknown key in an item", block.replacing("name = \"fast\"", with: "name = \"fast\", scale = \"x\""),
      line: 12, column: 20, .unknownKey, says: ["item \"fast\" of question \"quality\" has no key \"scale\""],
      advises: []),
    .questions(
      "an empty list of items",
      Text.question("q", "item = []"), line: 7, column: 8, .outOfRange, says: ["item of question \"q\" is empty"],
      advises: ["[[question.item]]"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }
}
