import Feedback
import KioskConfiguration
import Testing

/// Scales and the buttons that give their values, one press each or in two steps, and topics of which several may be chosen.
@Suite struct SurveyScaleTests {
  private typealias Text = SurveyText

  private static func question(_ scale: String, _ answers: [String], _ keys: String = "") -> String {
    Text.question("q", "scale = \"\(scale)\"" + (keys.isEmpty ? "" : "\n" + keys), answers: answers)
  }

  static let bad: [BadInput] = [
    .questions(
      "a scale with too few buttons", question("faces-5", ["b1 = 1", "b2 = 5"]), line: 7, column: 9, .contradiction,
      says: ["the scale \"faces-5\" of question \"q\" does not fit its buttons", "no answer stands for 2 to 4"],
      advises: ["each value from 1 to 5", "scale = \"faces-2\""]),
    .questions(
      "a gap", question("csat-5", ["b1 = 1", "b2 = 2", "b3 = 4", "b4 = 5"]), line: 7, column: 9, .contradiction,
      says: ["no answer stands for 3"], advises: ["two steps: values = [1, 2]"]),
    .questions(
      "two gaps", question("ces2-7", ["b1 = 1", "b2 = 2", "b3 = 4", "b4 = 5", "b5 = 7"]), line: 7, column: 9,
      .contradiction, says: ["no answer stands for 3 and 6"], advises: []),
    .questions(
      "a value twice", question("faces-3", ["b1 = 1", "b2 = 2", "b3 = 3", "b4 = 2"]), line: 8, column: 126,
      .duplicate, says: ["answer number 4", "stands for 2", "as the answer in line 8"], advises: ["one answer only"]),
    .questions(
      "a value off the scale", question("nps-11", (0...6).map { "b\($0 + 1) = \($0 + 5)" }), line: 8, column: 217,
      .outOfRange, says: ["value of answer number 7", "is 11"], advises: ["from 0 to 10"]),
    .questions(
      "a range with a gap",
      question("nps-11", ["b1 = [0, 2]", "b2 = [3, 5]", "b3 = [6, 7]", "b4 = [9, 10]"]), line: 7, column: 9,
      .contradiction, says: ["no answer stands for 8"], advises: ["values = [0, 2]"]),
    .questions(
      "ranges that overlap",
      question("nps-11", ["b1 = [0, 2]", "b2 = [2, 5]", "b3 = [6, 8]", "b4 = [9, 10]"]), line: 8, column: 73,
      .duplicate, says: ["answer number 2", "stands for 2"], advises: []),
    .questions(
      "a range wider than the buttons", question("csi-10", ["b1 = [1, 4]", "b2 = [5, 7]", "b3 = [8, 10]"]), line: 8,
      column: 37, .contradiction, says: ["stands for 4 values", "only 3 buttons"], advises: ["at most 3 values each"]),
    .questions(
      "a range the wrong way round", question("csat-5", ["b1 = [2, 1]", "b2 = [3, 4]", "b3 = 5"]), line: 8,
      column: 37, .invalidValue, says: ["from 2 down to 1"], advises: ["values = [1, 2]"]),
    .questions(
      "a range off the scale", question("csat-5", ["b1 = [0, 2]", "b2 = [3, 4]", "b3 = 5"]), line: 8, column: 37,
      .outOfRange, says: ["goes from 0 to 2"], advises: ["from 1 to 5"]),
    .questions(
      "a range of three numbers", question("csat-5", ["b1 = [1, 2, 3]", "b2 = [4, 5]"]), line: 8, column: 37,
      .wrongType, says: ["a list", "takes two numbers"], advises: ["values = [1, 3]", "value = 1"]),
    .questions(
      "value and values", question("csat-5", ["b1 = 1, values = [1, 2]", "b2 = [3, 4]", "b3 = 5"]), line: 8,
      column: 48, .contradiction, says: ["both value and values"], advises: ["keep value"]),
    .questions(
      "a range of topics", Text.question("q", answers: ["b1 = [1, 2]"]), line: 7, column: 37, .contradiction,
      says: ["topics have no order"], advises: ["value = 1", "a scale"]),
    .questions(
      "several answers on a scale", question("faces-2", ["b1 = 1", "b2 = 2"], "most = 2"), line: 8, column: 8,
      .contradiction, says: ["up to 2 answers", "only one can be right"], advises: ["remove most", "remove scale"]),
    .questions(
      "several answers in two steps",
      question("csat-5", ["b1 = [1, 2]", "b2 = [3, 4]", "b3 = 5"], "most = 3"), line: 8, column: 8, .contradiction,
      says: ["only one can be right"], advises: ["remove most"]),
    .questions(
      "more choices than answers", Text.question("q", "most = 3"), line: 7, column: 8, .contradiction,
      says: ["most of question \"q\" is 3", "2 answers"], advises: ["most = 2 or less"]),
    .questions(
      "no choice at all", Text.question("q", "most = 0"), line: 7, column: 8, .outOfRange, says: ["is 0"],
      advises: ["from 1 to 64"]),
    .questions(
      "more reasons than the field knows", Text.question("q", "most = 7", answers: (1...7).map { "b\($0) = \($0)" }),
      instrument: "feedback", line: 7, column: 8, .outOfRange, says: ["up to 7 reasons"], advises: ["most = 6"]),
    .questions(
      "choices that lead to different questions",
      Text.question("q", "most = 2", answers: ["b1 = 1, next = \"end\"", "b2 = 2"]) + Text.question("r"), line: 8,
      column: 46, .contradiction, says: ["answer number 1", "each could say something else"],
      advises: ["next in the question", "remove most = 2"]),
    .questions(
      "a rating without a scale", Text.question("q", "kind = \"rating\""), line: 7, column: 8, .contradiction,
      says: ["kind = \"rating\"", "no scale"], advises: ["scale = \"faces-5\""]),
    .questions(
      "a reason on a scale", question("faces-2", ["b1 = 1", "b2 = 2"], "kind = \"reason\""), line: 8, column: 8,
      .contradiction, says: ["a reason is a topic"], advises: ["kind = \"answer\""]),
    .questions(
      "an unknown kind", Text.question("q", "kind = \"anser\""), line: 7, column: 8, .invalidValue,
      says: ["\"anser\""], advises: ["did you mean \"answer\"?", "\"rating\""]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }

  @Test(arguments: [
    ("faces-2", 2), ("faces-3", 3), ("faces-4", 4), ("faces-5", 5), ("stars-5", 5), ("csat-5", 5), ("ces1-5", 5),
    ("ces2-7", 7), ("expectation-7", 7), ("perception-7", 7),
  ])
  func `each scale fits as many buttons as it has points`(scale: String, points: Int) throws {
    for isReversed in [false, true] {
      let answers = (1...points).map { "b\(isReversed ? points + 1 - $0 : $0) = \($0)" }
      let question = try Text.load(Self.question(scale, answers)).questions[0]
      #expect(question.scale == Scale(name: scale))
      #expect(question.answers.map(\.button) == answers.map { String($0.prefix(2)) })
      #expect(question.answers.map(\.value) == Array(1...points))
      #expect(!question.isTwoStep)
    }
  }

  @Test(arguments: [
    ("nps-11", [0...2, 3...5, 6...8, 9...10]), ("nps-11", [0...2, 3...4, 5...6, 7...8, 9...10]),
    ("csi-10", [1...2, 3...4, 5...6, 7...8, 9...10]), ("recommend-10", [1...3, 4...7, 8...9, 10...10]),
    ("csat-5", [4...5, 1...2, 3...3]), ("discourage-10", [1...3, 4...6, 7...9, 10...10]),
  ])
  func `a scale with more points than buttons is asked in two steps`(scale: String, ranges: [ClosedRange<Int>]) throws {
    let answers = ranges.enumerated().map { "b\($0 + 1) = [\($1.lowerBound), \($1.upperBound)]" }
    let question = try Text.load(Self.question(scale, answers)).questions[0]
    #expect(question.isTwoStep)
    #expect(question.answers.map(\.values) == ranges)
  }

  @Test func `what an answer is recorded as follows from the instrument, unless it is said`() throws {
    let questions =
      Self.question("faces-2", ["b1 = 1", "b2 = 2"]).replacing("\"q\"", with: "\"a\"") + Text.question("b")
      + Self.question("faces-2", ["b1 = 1", "b2 = 2"]).replacing("\"q\"", with: "\"c\"")
      + Text.question("d", "kind = \"answer\"")
      + Self.question("faces-2", ["b1 = 1", "b2 = 2"], "kind = \"rating\"").replacing("\"q\"", with: "\"e\"")
    func records(_ instrument: String) throws -> [Question.Record] {
      try Text.load(questions, instrument: instrument).questions.map(\.record)
    }
    #expect(try records("loyalty") == [.rating, .reason, .answer, .answer, .rating])
    #expect(try records("feedback") == [.answer, .reason, .answer, .answer, .rating])
    #expect(try records("questionnaire") == [.answer, .answer, .answer, .answer, .rating])
  }

  @Test func `several topics may be chosen, also where the panel has no button for done`() throws {
    let survey = try Text.load(
      Text.question("q", "most = 6", answers: (1...7).map { "b\($0) = \($0)" }), instrument: "feedback")
    #expect(survey.questions[0].mostChoices == 6)
    #expect(survey.questions[0].record == .reason)
    let wide = try Text.load(Text.question("q", "most = 7", answers: (1...7).map { "b\($0) = \($0)" }))
    #expect(wide.questions[0].mostChoices == 7)
    let panel = SurveyText.panel.replacing("name = \"done\"\nrole = \"done\"", with: "name = \"other\"")
    let text = SurveyText.survey(Text.question("q", "most = 2"), instrument: "feedback")
    #expect(try ExampleFiles.load(panel: panel, survey: text).activeSurvey.questions[0].mostChoices == 2)
  }
}
