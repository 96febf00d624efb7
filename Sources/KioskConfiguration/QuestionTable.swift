import Feedback

/// Reads one `[[question]]`, and holds its own keys against each other.
struct QuestionTable {
  let problems: ProblemList

  func draft(from table: TOMLTable, index: Int) -> QuestionDraft {
    var place = "question number \(index + 1)"
    if case .string(let name)? = table["name"]?.value.content { place = "question \(quoted(name))" }
    let reader = TableReader(
      table, place: place, keys: ["name", "text", "scale", "kind", "most", "next", "item", "answer"],
      problems: problems)
    var draft = QuestionDraft(place: place, at: table.at)
    draft.name = reader.name("name", example: "overall")
    if let name = draft.name, name.value == QuestionDraft.end {
      problems.add(
        .invalidValue, at: name.at, "a question cannot be called \"end\", for next = \"end\" leads to the thank-you",
        write: "write another name, such as \"last\"")
    }
    readItems(reader, into: &draft)
    draft.text = reader.translations("text", isRequired: !draft.hasItems, header: "[question.text]")
    draft.hasScale = reader.has("scale")
    draft.hasUnknownKeys = reader.hasUnknownKeys
    draft.scale = scale(in: reader)
    draft.record = reader.choice("kind")
    draft.next = step(in: reader)
    draft.most = reader.integer("most", in: 1...AnswerTables.mostAnswers, example: 3)
    let answers = AnswerTables(problems: problems, question: reader, scale: draft.scale?.value)
    (draft.answers, draft.hasAllAnswers) = answers.drafts()
    checkItems(draft)
    checkRecord(draft)
    checkChoices(draft)
    return draft
  }

  // MARK: - Items

  private func readItems(_ reader: TableReader, into draft: inout QuestionDraft) {
    draft.hasItems = reader.has("item")
    for (index, table) in (reader.tables("item", header: "[[question.item]]") ?? []).enumerated() {
      var place = "item number \(index + 1) of \(draft.place)"
      if case .string(let name)? = table["name"]?.value.content { place = "item \(quoted(name)) of \(draft.place)" }
      let item = TableReader(table, place: place, keys: ["name", "text"], problems: problems)
      draft.items.append(
        ItemDraft(
          place: place, at: table.at, name: item.name("name", example: "on-time"),
          text: item.translations("text", isRequired: true, header: "[question.item.text]")))
    }
    if case .array(let items)? = reader.table["item"]?.value.content, items.isEmpty {
      problems.add(
        .outOfRange, at: reader.at("item"), "item of \(draft.place) is empty",
        write: "add [[question.item]] with name and [question.item.text], or remove item")
    }
    for item in draft.items {
      guard let own = item.name, let name = draft.name(of: item), isName(own.value), !isName(name) else { continue }
      problems.add(
        .outOfRange, at: own.at,
        "\(item.place) becomes the question \(quoted(name)), whose name has \(name.utf8.count) characters",
        write: "shorten one of the two names until they have at most 31 characters together")
    }
  }

  // MARK: - Scale

  private func scale(in reader: TableReader) -> Located<Scale>? {
    guard let text = reader.string("scale", example: "\"faces-5\"") else { return nil }
    if let scale = Scale(name: text.value) { return Located(value: scale, at: text.at) }
    let examples = Scale.Kind.allCases.map { kind in
      let points = kind.allowedPoints
      return points.count == 1
        ? "\"\(kind.rawValue)-\(points.lowerBound)\""
        : "\"\(kind.rawValue)-\(points.lowerBound)\" to \"\(kind.rawValue)-\(points.upperBound)\""
    }
    problems.add(
      .invalidValue, at: text.at, "scale of \(reader.place) is \(quoted(text.value)), which is no scale",
      write: "write one of \(alternatives(examples)), or leave scale out for topics that have no order")
    return nil
  }

  // MARK: - What fits together

  private func checkItems(_ draft: QuestionDraft) {
    guard draft.hasItems else { return }
    for answer in draft.answers {
      guard let next = answer.next else { continue }
      problems.add(
        .contradiction, at: next.at,
        "\(answer.place) says where to go next, but each item of the question leads on to the next one",
        write:
          "write next in the question, where the last item leads, or write a question of its own instead of an item")
    }
    for item in draft.items {
      for (tag, text) in (item.text?.texts ?? [:]).sorted(by: { $0.key < $1.key }) {
        let length = text.unicodeScalars.count
        guard let lead = draft.text?.texts[tag]?.unicodeScalars.count, length <= Translations.longestText,
          lead <= Translations.longestText, lead + 1 + length > Translations.longestText
        else { continue }
        problems.add(
          .outOfRange, at: item.text?.at ?? item.at,
          "the wording \(quoted(tag)) of \(item.place) has \(lead + 1 + length) characters with the question's before it",
          write: "say both in at most \(Translations.longestText)")
      }
    }
  }

  private func checkRecord(_ draft: QuestionDraft) {
    guard let record = draft.record else { return }
    switch (record.value, draft.hasScale) {
    case (.rating, false):
      problems.add(
        .contradiction, at: record.at, "\(draft.place) has kind = \"rating\", but no scale to rate on",
        write: "add scale = \"faces-5\", or write kind = \"reason\"")
    case (.reason, true):
      problems.add(
        .contradiction, at: record.at, "\(draft.place) has kind = \"reason\" and a scale, but a reason is a topic",
        write: "remove scale, or write kind = \"answer\"")
    default: break
    }
  }

  private func checkChoices(_ draft: QuestionDraft) {
    guard let most = draft.most, most.value > 1 else { return }
    if draft.hasScale {
      problems.add(
        .contradiction, at: most.at,
        "\(draft.place) takes up to \(most.value) answers, but on a scale only one can be right",
        write: "remove most, or remove scale and ask for topics")
      return
    }
    if draft.hasAllAnswers, most.value > draft.answers.count {
      problems.add(
        .contradiction, at: most.at,
        "most of \(draft.place) is \(most.value), but the question has \(draft.answers.count) answers",
        write: draft.answers.count > 1 ? "write most = \(draft.answers.count) or less" : "remove most")
    }
    for answer in draft.answers where !draft.hasItems {
      guard let next = answer.next else { continue }
      problems.add(
        .contradiction, at: next.at,
        "\(answer.place) says where to go next, but several answers may be given and each could say something else",
        write: "write next in the question, or remove most = \(most.value)")
    }
  }
}

/// Reads `next` of a question or an answer; what it names is looked up once all questions are known.
extension QuestionTable {
  func step(in reader: TableReader) -> Located<String>? { reader.string("next", example: "\"end\"") }
}
