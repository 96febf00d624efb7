import Feedback

/// Reads the `[[question.answer]]` of one question.
struct AnswerTables {
  let problems: ProblemList
  let question: TableReader
  /// Nil where the question has none, or one that could not be read.
  let scale: Scale?

  /// As many as a panel can have buttons.
  static let mostAnswers = 64

  /// What was read, and whether that is all there is.
  func drafts() -> ([AnswerDraft], hasAll: Bool) {
    guard let tables = question.tables("answer", header: "[[question.answer]]") else { return ([], false) }
    if tables.isEmpty {
      problems.add(
        .missingKey, at: question.at("answer"), "\(question.place) has no answer",
        write: "add [[question.answer]] with button = \"very-happy\" and value = 5 below it")
    }
    guard tables.count <= Self.mostAnswers else {
      problems.add(
        .outOfRange, at: tables[Self.mostAnswers].at, "\(question.place) has \(tables.count) answers",
        write: "keep at most \(Self.mostAnswers)")
      return ([], false)
    }
    var drafts: [AnswerDraft] = []
    var lineOfButton: [String: Int] = [:]
    for (index, table) in tables.enumerated() {
      let draft = draft(from: table, index: index)
      drafts.append(draft)
      guard let button = draft.button else { continue }
      if let line = lineOfButton[button.value] {
        problems.add(
          .duplicate, at: button.at,
          "\(draft.place) is for the button \(quoted(button.value)), as the answer in line \(line) is",
          write: "give each button one answer to a question; remove one of the two or name another button")
      } else {
        lineOfButton[button.value] = button.at.line
      }
    }
    if !question.has("scale") { checkTopics(drafts) }
    return (drafts, !tables.isEmpty)
  }

  private func draft(from table: TOMLTable, index: Int) -> AnswerDraft {
    let place = "answer number \(index + 1) of \(question.place)"
    let reader = TableReader(
      table, place: place, keys: ["button", "value", "values", "text", "next"], problems: problems)
    return AnswerDraft(
      place: place, at: table.at, button: reader.name("button", example: "very-happy"),
      values: values(in: reader),
      text: reader.translations("text", isRequired: false, header: "[question.answer.text]"),
      next: QuestionTable(problems: problems).step(in: reader))
  }

  // MARK: - Values

  /// The numbers a value may be. With a scale that could not be read nothing can be said about them.
  private var range: ClosedRange<Int> {
    scale?.values ?? (question.has("scale") ? -1000...1000 : 1...Self.mostAnswers)
  }

  private func values(in reader: TableReader) -> Located<ClosedRange<Int>>? {
    let example = range.contains(1) ? 1 : range.lowerBound
    guard reader.has("values") else {
      return reader.integer("value", in: range, example: example, isRequired: true).map {
        Located(value: $0.value...$0.value, at: $0.at)
      }
    }
    let at = reader.at("values")
    if reader.has("value") {
      problems.add(
        .contradiction, at: at, "\(reader.place) has both value and values",
        write: "keep value for one number, or values = [0, 2] for a first step of two")
      return nil
    }
    guard question.has("scale") else {
      problems.add(
        .contradiction, at: at, "\(reader.place) has values, but topics have no order to take a range of",
        write: "write value = 1, or give the question a scale")
      return nil
    }
    return self.range(in: reader, at: at)
  }

  private func range(in reader: TableReader, at: SourcePosition) -> Located<ClosedRange<Int>>? {
    let limits = range
    let written = "values = [\(limits.lowerBound), \(min(limits.upperBound, limits.lowerBound + 2))]"
    guard case .array(let pair)? = reader.table["values"]?.value.content, pair.count == 2,
      case .integer(let first) = pair[0].content, case .integer(let last) = pair[1].content
    else {
      problems.add(
        .wrongType, at: at,
        "values of \(reader.place) is \(reader.table["values"]?.value.described ?? "missing"), but takes two numbers, "
          + "the lowest and the highest that the button stands for",
        write: "write \(written), or value = \(limits.lowerBound) for one number")
      return nil
    }
    guard let low = Int(exactly: first), let high = Int(exactly: last), limits.contains(low), limits.contains(high)
    else {
      problems.add(
        .outOfRange, at: at, "values of \(reader.place) goes from \(first) to \(last), which is out of range",
        write: "write two numbers from \(limits.lowerBound) to \(limits.upperBound), such as \(written)")
      return nil
    }
    guard low <= high else {
      problems.add(
        .invalidValue, at: at, "values of \(reader.place) goes from \(low) down to \(high)",
        write: "write the lower number first: values = [\(high), \(low)]")
      return nil
    }
    return Located(value: low...high, at: at)
  }

  private func checkTopics(_ drafts: [AnswerDraft]) {
    var lineOfTopic: [Int: Int] = [:]
    for draft in drafts {
      guard let values = draft.values else { continue }
      if let line = lineOfTopic[values.value.lowerBound] {
        problems.add(
          .duplicate, at: values.at,
          "\(draft.place) has the value \(values.value.lowerBound), as the topic in line \(line) has",
          write: "give each topic a value of its own")
      } else {
        lineOfTopic[values.value.lowerBound] = values.at.line
      }
    }
  }
}
