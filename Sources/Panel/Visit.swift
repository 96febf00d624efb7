import Feedback

/// How far one visitor has got. Changed by `VisitMachine` only, which knows what the places mean.
struct Visit: Sendable {
  /// A question that has been left behind, answered or skipped.
  struct Given: Sendable {
    var question: Int
    /// Places of the answers; empty: skipped.
    var answers: [Int]
    /// The answer of the first step, where there were two.
    var firstStep: Int?
    /// One for each answer, in their order; with two steps, the press of each.
    var presses: [PressNumber]
    /// Several answers may be given.
    var isChoice: Bool
    /// The question it led to.
    var next: Int
  }

  let number: VisitNumber
  /// The open question, or `SurveyPlan.end`.
  var question = 0
  /// The way so far.
  var given: [Given] = []
  /// Answers of questions after the open one, the next one last: the visitor went back past them.
  var left: [Given] = []
  /// What was answered to the open question before the visitor came back to it.
  var revisited: Given?
  var firstStep: (answer: Int, press: PressNumber)?
  /// What has been chosen of the open question, in the order of the presses.
  var choices: [(answer: Int, press: PressNumber)] = []
  /// The last press, from which the time-out runs.
  var lastAt: MonotonicTime

  init(number: VisitNumber, at time: MonotonicTime) {
    self.number = number
    lastAt = time.clamped
  }

  var canGoBack: Bool { !given.isEmpty || firstStep != nil }

  /// Nothing has been answered, nothing begun.
  var isEmpty: Bool { given.isEmpty && firstStep == nil && choices.isEmpty && left.isEmpty && revisited == nil }

  /// The last answer, while nothing has been done about the question after it.
  var correctable: Given? {
    guard firstStep == nil, choices.isEmpty, revisited == nil, let last = given.last, !last.isChoice,
      !last.answers.isEmpty
    else { return nil }
    return last
  }

  mutating func touch(at time: MonotonicTime) { lastAt = max(lastAt, time.clamped) }

  func isChosen(_ answer: Int) -> Bool { choices.contains { $0.answer == answer } }

  /// Notes a choice; returns how many there are.
  mutating func choose(_ answer: Int, _ press: PressNumber) -> Int {
    if !isChosen(answer) { choices.append((answer, press)) }
    return choices.count
  }

  /// What has been chosen, as the answer that leads on to `next`.
  func choice(leadingTo next: Int) -> Given {
    Given(
      question: question, answers: choices.map(\.answer), firstStep: nil, presses: choices.map(\.press),
      isChoice: true, next: next)
  }

  /// Leaves the open question with this answer.
  mutating func give(_ answer: Given) {
    given.append(answer)
    leaveQuestion()
    question = answer.next
    if let last = left.last, last.question == question {
      left.removeLast()
      comeBack(to: last)
    }
  }

  /// Asks the question before again; its answer stands until there is another.
  mutating func goBack(at time: MonotonicTime, to plan: SurveyPlan) {
    touch(at: time)
    guard firstStep == nil else {
      firstStep = nil
      return
    }
    guard let last = given.popLast() else { return }
    if !choices.isEmpty {
      left.append(choice(leadingTo: plan.questions[question].next))
    } else if let revisited {
      left.append(revisited)
    }
    leaveQuestion()
    question = last.question
    comeBack(to: last)
  }

  /// Forgets the last answer, which another one is about to replace.
  mutating func takeBack() {
    guard let last = given.popLast() else { return }
    leaveQuestion()
    question = last.question
    if let step = last.firstStep, let press = last.presses.first { firstStep = (step, press) }
  }

  /// Takes back what a press did; false if it was none of this visit that still stands.
  mutating func undo(_ number: PressNumber) -> Bool {
    if firstStep?.press == number {
      firstStep = nil
      return true
    }
    if let index = choices.firstIndex(where: { $0.press == number }) {
      choices.remove(at: index)
      return true
    }
    guard let last = given.last, last.presses.last == number else { return false }
    takeBack()
    if last.isChoice { choices = Array(zip(last.answers, last.presses).dropLast().map { (answer: $0, press: $1) }) }
    return true
  }

  private mutating func leaveQuestion() {
    revisited = nil
    firstStep = nil
    choices = []
  }

  private mutating func comeBack(to answer: Given) {
    guard answer.isChoice else {
      revisited = answer
      return
    }
    choices = zip(answer.answers, answer.presses).map { (answer: $0, press: $1) }
  }
}
