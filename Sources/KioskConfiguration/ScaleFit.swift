import Feedback

/// Whether the buttons of a question can give each value of its scale, and each in one way only.
struct ScaleFit {
  let problems: ProblemList

  func check(_ question: QuestionDraft) {
    // With an answer that could not be read, what it stands for may be just what is missing.
    guard let scale = question.scale, question.hasAllAnswers else { return }
    var given: [Int: AnswerDraft] = [:]
    var hasAllValues = true
    for answer in question.answers {
      guard let values = answer.values else {
        hasAllValues = false
        continue
      }
      checkWidth(values, of: answer, among: question.answers.count)
      let twice = values.value.filter { given[$0] != nil }
      if let first = twice.first, let other = given[first]?.values {
        problems.add(
          .duplicate, at: values.at,
          "\(answer.place) stands for \(listed(twice)), as the answer in line \(other.at.line) does",
          write: "give each value of \(scale.value.name) to one answer only")
      }
      for value in values.value where given[value] == nil { given[value] = answer }
    }
    let missing = scale.value.values.filter { given[$0] == nil }
    guard hasAllValues, !missing.isEmpty else { return }
    problems.add(
      .contradiction, at: scale.at,
      "the scale \(quoted(scale.value.name)) of \(question.place) does not fit its buttons: no answer stands for "
        + listed(missing),
      write: remedy(scale.value, answers: question.answers.count))
  }

  /// In the second step the question's buttons stand for the values of the range that was chosen in the first.
  private func checkWidth(_ values: Located<ClosedRange<Int>>, of answer: AnswerDraft, among count: Int) {
    guard values.value.count > 1, values.value.count > count else { return }
    problems.add(
      .contradiction, at: values.at,
      "\(answer.place) stands for \(values.value.count) values, but the question has only "
        + "\(count) button\(count == 1 ? "" : "s") to tell them apart in a second step",
      write: count > 1
        ? "share the scale out among the answers, at most \(count) values each"
        : "add an answer for every value, or some with at least as many buttons as the widest has values")
  }

  private func remedy(_ scale: Scale, answers: Int) -> String {
    var remedy = "add an answer for each value from \(scale.values.lowerBound) to \(scale.values.upperBound)"
    if let smaller = Scale(kind: scale.kind, points: answers), smaller != scale {
      remedy += ", or write scale = \(quoted(smaller.name))"
    }
    if answers < scale.points, answers * answers >= scale.points {
      let widest = (scale.points + answers - 1) / answers
      let low = scale.values.lowerBound
      remedy += ", or ask in two steps: values = [\(low), \(low + widest - 1)] and so on"
    }
    return remedy
  }
}

/// Numbers in rising order as a sentence has them, three or more in a row as `1 to 3`.
private func listed(_ values: some Sequence<Int>) -> String {
  var runs: [ClosedRange<Int>] = []
  for value in values {
    if let last = runs.last, last.upperBound + 1 == value {
      runs[runs.count - 1] = last.lowerBound...value
    } else {
      runs.append(value...value)
    }
  }
  let words = runs.flatMap { run -> [String] in
    run.count > 2 ? ["\(run.lowerBound) to \(run.upperBound)"] : run.map { "\($0)" }
  }
  return alternatives(words, last: "and")
}
