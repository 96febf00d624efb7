import Feedback

/// A survey with its names resolved to places, for one panel: made once, so that a press looks nothing up by name.
public struct SurveyPlan: Sendable, Hashable {
  /// The end of the survey as the place of a next question.
  static let end = -1

  struct PlannedQuestion: Sendable, Hashable {
    /// By button: the place of its answer; -1: none.
    var answerOfButton: [Int]
    /// By answer: the place of the question it leads to.
    var nextOfAnswer: [Int]
    /// Where the question itself leads.
    var next: Int
    var mostChoices: Int
    var isTwoStep: Bool
    /// Questions on the longest way from here to the end, this one included.
    var longestRest: Int
  }

  public let survey: Survey
  let questions: [PlannedQuestion]

  /// - Parameter buttons: names of the panel's buttons in their order. Answers of other buttons are left out.
  public init(_ survey: Survey, buttons: [String]) {
    self.survey = survey
    let places = Dictionary(
      survey.questions.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    func place(_ step: NextStep) -> Int {
      switch step {
      case .question(let name): places[name] ?? Self.end
      case .end: Self.end
      }
    }
    var planned = survey.questions.map { question in
      PlannedQuestion(
        answerOfButton: buttons.map { name in question.answers.firstIndex { $0.button == name } ?? -1 },
        nextOfAnswer: question.answers.map { place($0.next ?? question.next) }, next: place(question.next),
        mostChoices: min(max(question.mostChoices, 1), max(question.answers.count, 1)),
        isTwoStep: question.isTwoStep, longestRest: 1)
    }
    // The configuration refuses cycles; should one get here, no way is counted as longer than there are questions.
    for _ in planned.indices {
      var isSettled = true
      for index in planned.indices.reversed() {
        let ways = planned[index].nextOfAnswer + [planned[index].next]
        let rest = 1 + (ways.filter { $0 >= 0 }.map { planned[$0].longestRest }.max() ?? 0)
        let bounded = min(rest, planned.count)
        if bounded != planned[index].longestRest { isSettled = false }
        planned[index].longestRest = bounded
      }
      if isSettled { break }
    }
    questions = planned
  }

  /// The place of the answer that a button gives to a question; nil: none.
  func answer(of button: ButtonIndex, to question: Int) -> Int? {
    guard questions.indices.contains(question), questions[question].answerOfButton.indices.contains(button.value)
    else { return nil }
    let answer = questions[question].answerOfButton[button.value]
    return answer >= 0 ? answer : nil
  }

  /// The value that a button stands for in the second step, after the answer of the first.
  func value(of button: ButtonIndex, inSecondStepOf question: Int, after answer: Int) -> Int? {
    guard let place = self.answer(of: button, to: question) else { return nil }
    let values = survey.questions[question].answers[answer].values
    return place < values.count ? values.lowerBound + place : nil
  }
}
