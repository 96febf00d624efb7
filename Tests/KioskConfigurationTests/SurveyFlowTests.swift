import Feedback
import KioskConfiguration
import Testing

/// Where questions lead.
@Suite struct SurveyFlowTests {
  private typealias Text = SurveyText

  @Test func `questions follow each other, and the last one is followed by the thank-you`() throws {
    let survey = try Text.load(Text.question("a") + Text.question("b") + Text.question("c"))
    #expect(survey.questions.map(\.next) == [.question("b"), .question("c"), .end])
    #expect(survey.questions.flatMap(\.answers).allSatisfy { $0.next == nil })
  }

  @Test func `a question and an answer may lead elsewhere`() throws {
    let survey = try Text.load(
      Text.question("a", answers: ["b1 = 1, next = \"c\"", "b2 = 2", "b3 = 3, next = \"end\""])
        + Text.question("b", "next = \"end\"") + Text.question("c"))
    #expect(survey.questions.map(\.next) == [.question("b"), .end, .end])
    #expect(survey.questions[0].answers.map(\.next) == [.question("c"), nil, .end])
  }

  @Test func `a question that only skipping leads past may be asked before another one`() throws {
    // Both answers of "a" lead on to "c"; "b" is reached from "c", which stands after it.
    let survey = try Text.load(
      Text.question("a", "next = \"end\"", answers: ["b1 = 1, next = \"c\"", "b2 = 2, next = \"c\""])
        + Text.question("b", "next = \"end\"") + Text.question("c", "next = \"b\""))
    #expect(survey.questions.map(\.next) == [.end, .end, .question("b")])
  }

  static let bad: [BadInput] = [
    .questions(
      "a branch to nowhere", Text.question("a", "next = \"c\"") + Text.question("quality"), line: 7, column: 8,
      .unknownReference, says: ["next leads to the question \"c\"", "the survey has not"],
      advises: ["next = \"end\"", "\"a\" and \"quality\""]),
    .questions(
      "an answer's branch to a misspelt question",
      Text.question("a", answers: ["b1 = 1, next = \"end\"", "b2 = 2, next = \"qualty\""]) + Text.question("quality"),
      line: 7, column: 90, .unknownReference, says: ["\"qualty\""], advises: ["did you mean next = \"quality\"?"]),
    .questions(
      "a branch to a misspelt end", Text.question("a", "next = \"End\""), line: 7, column: 8, .unknownReference,
      says: ["\"End\""], advises: ["did you mean next = \"end\"?"]),
    .questions(
      "a branch that is no text", Text.question("a", "next = 2"), line: 7, column: 8, .wrongType,
      says: ["the number 2"], advises: ["next = "]),
    .questions(
      "a question that leads to itself", Text.question("a", answers: ["b1 = 1", "b2 = 2, next = \"a\""]), line: 7,
      column: 76, .contradiction, says: ["question \"a\" leads back", "a → a"], advises: ["\"end\"", "role = \"back\""]),
    .questions(
      "a cycle with an exit",
      Text.question("a") + Text.question("b", answers: ["b1 = 1", "b2 = 2, next = \"a\""]) + Text.question("c"),
      line: 11, column: 76, .contradiction, says: ["question \"b\" leads back to an earlier one", "a → b → a"],
      advises: ["a question that comes later"]),
    .questions(
      "a cycle past the thank-you",
      Text.question("a", "next = \"c\"") + Text.question("b") + Text.question("c", "next = \"b\""), line: 16,
      column: 8, .contradiction, says: ["question \"c\" leads back", "b → c → b"], advises: []),
    .questions(
      "a question nobody is asked",
      Text.question("a", "next = \"c\"") + Text.question("b") + Text.question("c"), line: 9, column: 1,
      .contradiction, says: ["question \"b\" is never asked"], advises: ["next = \"b\"", "remove the question"]),
    .questions(
      "a question that only skipping leads to",
      Text.question("a", answers: ["b1 = 1, next = \"end\"", "b2 = 2, next = \"end\""]) + Text.question("b"), line: 8,
      column: 1, .contradiction, says: ["question \"b\" is never asked"], advises: ["next = \"b\""]),
    .questions(
      "a question called end", Text.question("a") + Text.question("end"), line: 9, column: 8, .invalidValue,
      says: ["cannot be called \"end\""], advises: ["another name"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }

  @Test func `every branch to nowhere and every cycle is told at once`() throws {
    func answers(_ next: String) -> [String] { ["b1 = 1", "b2 = 2, next = \"\(next)\""] }
    let problems = Text.problems(
      Text.question("a", answers: answers("x1")) + Text.question("b", answers: answers("a"))
        + Text.question("c", answers: answers("b")) + Text.question("d", answers: answers("b")))
    try #require(problems.count == 4)
    #expect(problems.map(\.code) == [.unknownReference, .contradiction, .contradiction, .contradiction])
    #expect(problems.map(\.line) == [7, 11, 15, 19])
    #expect(problems[1].message.contains("a → b → a"))
    #expect(problems[2].message.contains("b → c → b"))
    #expect(problems[3].message.contains("b → c → d → b"))
  }

  @Test func `a misspelt branch is one problem, not also a question that is never asked`() {
    let problems = Text.problems(
      Text.question("a", "next = \"zzzzz\"") + Text.question("b", "next = \"end\"") + Text.question("c"))
    #expect(problems.map(\.code) == [.unknownReference])
  }

  @Test func `a long cycle is told shortly`() throws {
    let count = 100
    let questions = (1...count).map { number in
      Text.question("question-number-\(number)", number == count ? "next = \"question-number-1\"" : "")
    }
    let problems = Text.problems(questions.joined())
    #expect(problems.count == 1)
    let problem = try #require(problems.first)
    #expect(
      problem.message.contains("question-number-1 → question-number-2 → question-number-3 → question-number-4 → …"))
    #expect(problem.message.utf8.count < 400)
  }

  @Test func `each answer of each of a hundred questions may lead to any later one`() throws {
    // As many ways as there are: only a check that walks each of them anew would take long.
    let questions = (0..<100).map { number in
      Text.question(
        "q\(number)",
        answers: (1...7).map { step in
          number + step < 100 ? "b\(step) = \(step), next = \"q\(number + step)\"" : "b\(step) = \(step)"
        })
    }
    let survey = try Text.load(questions.joined())
    #expect(survey.questions.count == 100)
    #expect(survey.questions[3].answers[4].next == .question("q8"))
  }
}
