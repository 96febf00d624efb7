import Feedback

/// Which question can follow which: that every step leads somewhere, that every question can be reached, and that no way
/// comes back to where it has been. Then every visit ends, whatever is pressed.
struct SurveyFlow {
  private let questions: [QuestionDraft]
  private let problems: ProblemList
  /// Place of a question by the name the file gives it; of two with one name the first.
  private let places: [String: Int]
  /// Of the questions, in the order of the file, as far as they could be read.
  private let names: [String]

  /// One way from a question to another.
  private struct Step {
    var from: Int
    /// Nil: the end.
    var to: Int?
    /// Where the file says so; nil: it does not, so it is the following question.
    var at: SourcePosition?
    /// False for where a question leads when nothing but skipping it does: all its answers lead elsewhere.
    var isForAnswers = true
    /// Where a misspelt name was most likely meant to lead.
    var isGuess = false
  }

  init(_ questions: [QuestionDraft], problems: ProblemList) {
    self.questions = questions
    self.problems = problems
    var places: [String: Int] = [:]
    for (place, question) in questions.enumerated() {
      if let name = question.name?.value, places[name] == nil { places[name] = place }
    }
    self.places = places
    names = questions.compactMap { $0.name?.value }
  }

  func check() {
    var steps: [[Step]] = []
    var isComplete = true
    for place in questions.indices {
      let (found, isKnown) = self.steps(from: place)
      steps.append(found)
      isComplete = isComplete && isKnown
    }
    reportCycles(steps)
    // Where a step leads nowhere, what it was meant to lead to is missing nothing else.
    if isComplete { reportUnreached(steps) }
  }

  // MARK: - Steps

  /// The ways out of a question, and whether each is known or can at least be guessed.
  private func steps(from place: Int) -> ([Step], isKnown: Bool) {
    let question = questions[place]
    var steps: [Step] = []
    var isKnown = true
    for branch in question.branches {
      if branch.value == QuestionDraft.end || places[branch.value] != nil {
        steps.append(Step(from: place, to: places[branch.value], at: branch.at))
      } else if let guess = reportUnknown(branch) {
        steps.append(Step(from: place, to: places[guess], at: branch.at, isGuess: true))
      } else {
        isKnown = false
      }
    }
    if question.next == nil {
      let following = place + 1 < questions.count ? place + 1 : nil
      let isForAnswers = question.answers.isEmpty || question.answers.contains { $0.next == nil }
      steps.append(Step(from: place, to: following, at: nil, isForAnswers: isForAnswers))
    }
    return (steps, isKnown)
  }

  /// Says that a step leads nowhere, and returns where it was most likely meant to lead.
  private func reportUnknown(_ branch: Located<String>) -> String? {
    let near = problems.isCrowded ? nil : nearest(to: branch.value, among: names + [QuestionDraft.end])
    // With a question whose name could not be read, that may be the one that is meant.
    if names.count == questions.count { report(branch, near: near) }
    return near
  }

  private func report(_ branch: Located<String>, near: String?) {
    let what = "next leads to the question \(quoted(branch.value)), which the survey has not"
    let block = questions.first { question in question.items.contains { question.name(of: $0) == branch.value } }
    if let block, let name = block.name?.value {
      problems.add(
        .unknownReference, at: branch.at,
        "next leads to \(quoted(branch.value)), an item in the middle of \(block.place)",
        write: "write next = \(quoted(name)), which begins with the first of its items")
    } else if let near {
      problems.add(
        .unknownReference, at: branch.at, what,
        write: "did you mean next = \(quoted(near))? The questions are \(listedNames)")
    } else {
      problems.add(
        .unknownReference, at: branch.at, what, write: "write next = \"end\" or one of the questions \(listedNames)")
    }
  }

  private var listedNames: String {
    let shown = names.prefix(12).map { quoted($0) }
    return names.count > shown.count ? shown.joined(separator: ", ") + " …" : alternatives(shown, last: "and")
  }

  // MARK: - Ways that come back

  private func reportCycles(_ steps: [[Step]]) {
    enum Mark { case unseen, open, done }
    var marks = questions.map { _ in Mark.unseen }
    var path: [Step] = []
    var reported: Set<SourcePosition> = []
    /// Goes on from a question to all that can follow. At most as deep as there are questions.
    func visit(_ place: Int) {
      marks[place] = .open
      var seen: Set<Int> = []
      for step in steps[place] {
        guard let to = step.to, !step.isGuess, seen.insert(to).inserted else { continue }
        switch marks[to] {
        case .unseen:
          path.append(step)
          visit(to)
          path.removeLast()
        case .open:
          let start = path.lastIndex { $0.from == to } ?? path.endIndex
          report(cycle: path[start...] + [step], reported: &reported)
        case .done: break
        }
      }
      marks[place] = .done
    }
    for place in questions.indices where marks[place] == .unseen { visit(place) }
  }

  private func report(cycle: ArraySlice<Step>, reported: inout Set<SourcePosition>) {
    // Some step of every cycle leads back in the file, and only one that is written can.
    let back = cycle.last { step in step.at != nil && step.to.map { $0 <= step.from } ?? false }
    guard let at = back?.at, reported.insert(at).inserted, let from = back?.from else { return }
    // Told from the question it comes back to on.
    let turn = cycle.firstIndex { $0.from == back?.to } ?? cycle.startIndex
    var names = (cycle[turn...] + cycle[..<turn]).map { questions[$0.from].name?.value ?? "…" }
    if names.count > 8 { names = names.prefix(4) + ["…"] + names.suffix(3) }
    let round = (names + names.prefix(1)).joined(separator: " → ")
    problems.add(
      .contradiction, at: at,
      "\(questions[from].place) leads back to an earlier one, so a visit need not end: \(round)",
      write: "lead on to a question that comes later, or to \"end\"; a button with role = \"back\" takes visitors back")
  }

  // MARK: - Questions nobody is asked

  private func reportUnreached(_ steps: [[Step]]) {
    guard !questions.isEmpty else { return }
    var isReached = questions.map { _ in false }
    var open = [0]
    isReached[0] = true
    while let place = open.popLast() {
      for step in steps[place] where step.isForAnswers {
        guard let to = step.to, !isReached[to] else { continue }
        isReached[to] = true
        open.append(to)
      }
    }
    for (place, question) in questions.enumerated() where !isReached[place] {
      problems.add(
        .contradiction, at: question.at, "\(question.place) is never asked: no answer leads to it",
        write: question.name.map { "write next = \(quoted($0.value)) where it is to follow, or remove the question" }
          ?? "lead to it with next, or remove it")
    }
  }
}
