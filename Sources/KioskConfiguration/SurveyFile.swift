import Feedback

/// Checks one file of `surveys/`.
struct SurveyFile {
  let problems: ProblemList

  /// Nobody answers more at a row of buttons; keeps a visit's state small.
  static let mostQuestions = 20
  /// As many as a panel can have buttons.
  static let mostAnswers = 64
  static let mostLanguages = 24
  /// Characters of a wording: what a small display can show.
  static let longestText = 200

  /// A button named by an answer, and where.
  struct ButtonUse {
    var name: String
    var place: String
    var at: SourcePosition
  }

  struct Result {
    /// Where the name stands, for other files to be held against; nil when the name itself is wrong.
    var name: Located<String>?
    /// Nil when something is wrong with it.
    var survey: Survey?
    var buttons: [ButtonUse]
  }

  func result(from table: TOMLTable) -> Result {
    let before = problems.problems.count
    let reader = TableReader(
      table, place: "the survey", keys: ["name", "version", "instrument", "question"], problems: problems)
    let name = reader.name("name", example: "loyalty")
    let version = reader.integer("version", in: 1...1_000_000, example: 1, isRequired: true)
    let instrument: Located<Instrument>? = reader.choice("instrument", isRequired: true)
    let found = reader.tables("question", header: "[[question]]")
    let tables = found ?? []
    if found?.isEmpty == true {
      problems.add(
        .missingKey, at: reader.at("question"), "the survey asks no question",
        write: "add [[question]] with name, [question.text] and [[question.answer]]")
    }
    if tables.count > Self.mostQuestions {
      problems.add(
        .outOfRange, at: tables[Self.mostQuestions].at, "the survey has \(tables.count) questions",
        write: "keep at most \(Self.mostQuestions)")
    }
    var buttons: [ButtonUse] = []
    var questions: [Question] = []
    var places: [String: SourcePosition] = [:]
    for (index, table) in tables.prefix(Self.mostQuestions).enumerated() {
      guard let question = question(table, index, buttons: &buttons, places: &places) else { continue }
      questions.append(question)
    }
    if let instrument, instrument.value == .loyalty, let first = tables.first, let question = questions.first,
      question.scale == nil, first["scale"] == nil
    {
      problems.add(
        .contradiction, at: first.at, "a survey with instrument = \"loyalty\" opens with a question that has no scale",
        write: "add scale = \"faces-5\" to the first question, or write instrument = \"feedback\"")
    }
    var survey: Survey?
    if let name, let version, let instrument, problems.problems.count == before {
      for index in questions.indices {
        questions[index].record =
          switch instrument.value {
          case .loyalty: .rating
          case .feedback: .reason
          case .questionnaire: .answer
          }
      }
      survey = Survey(
        name: name.value, version: version.value, instrument: instrument.value, questions: questions)
    }
    return Result(name: name, survey: survey, buttons: buttons)
  }

  private func question(
    _ table: TOMLTable, _ index: Int, buttons: inout [ButtonUse], places: inout [String: SourcePosition]
  ) -> Question? {
    var place = "question number \(index + 1)"
    if case .string(let name)? = table["name"]?.value.content { place = "question \(quoted(name))" }
    let reader = TableReader(table, place: place, keys: ["name", "scale", "text", "answer"], problems: problems)
    let name = reader.name("name", example: "overall")
    if let name {
      if let other = places[name.value] {
        problems.add(
          .duplicate, at: name.at, "\(place) has the name of the question in line \(other.line)",
          write: "give each question a name of its own, such as \(quoted(name.value + "-2"))")
      } else {
        places[name.value] = name.at
      }
    }
    let text = wording(reader, isRequired: true, header: "[question.text]")
    let scale = scale(in: reader)
    let answers = answers(reader, scale: scale, hasScale: reader.has("scale"), buttons: &buttons)
    guard let name, let text else { return nil }
    return Question(name: name.value, text: text, scale: scale, answers: answers)
  }

  private func scale(in reader: TableReader) -> Scale? {
    guard let text = reader.string("scale", example: "\"faces-5\"") else { return nil }
    if let scale = Scale(name: text.value) { return scale }
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

  private func answers(
    _ reader: TableReader, scale: Scale?, hasScale: Bool, buttons: inout [ButtonUse]
  ) -> [Answer] {
    guard let tables = reader.tables("answer", header: "[[question.answer]]") else { return [] }
    if tables.isEmpty {
      problems.add(
        .missingKey, at: reader.at("answer"), "\(reader.place) has no answer",
        write: "add [[question.answer]] with button = \"very-happy\" and value = 5 below it")
    }
    guard tables.count <= Self.mostAnswers else {
      problems.add(
        .outOfRange, at: tables[Self.mostAnswers].at, "\(reader.place) has \(tables.count) answers",
        write: "keep at most \(Self.mostAnswers)")
      return []
    }
    var answers: [Answer] = []
    var lineOfButton: [String: Int] = [:]
    var lineOfTopic: [Int: Int] = [:]
    for (index, table) in tables.enumerated() {
      let place = "answer number \(index + 1) of \(reader.place)"
      let answer = TableReader(table, place: place, keys: ["button", "value", "text"], problems: problems)
      let button = answer.name("button", example: "very-happy")
      if let button {
        buttons.append(ButtonUse(name: button.value, place: place, at: button.at))
        if let line = lineOfButton[button.value] {
          problems.add(
            .duplicate, at: button.at,
            "\(place) is for the button \(quoted(button.value)), as the answer in line \(line) is",
            write: "give each button one answer to a question; remove one of the two or name another button")
        } else {
          lineOfButton[button.value] = button.at.line
        }
      }
      let text = wording(answer, isRequired: false, header: "[question.answer.text]") ?? [:]
      // With a scale that could not be read nothing can be said about values.
      let range = scale?.values ?? (hasScale ? -1000...1000 : 1...Self.mostAnswers)
      let value = answer.integer("value", in: range, example: range.contains(1) ? 1 : 0, isRequired: true)
      if let value, !hasScale {
        if let line = lineOfTopic[value.value] {
          problems.add(
            .duplicate, at: value.at, "\(place) has the value \(value.value), as the topic in line \(line) has",
            write: "give each topic a value of its own")
        } else {
          lineOfTopic[value.value] = value.at.line
        }
      }
      guard let button, let value else { continue }
      answers.append(Answer(button: button.value, value: value.value, text: text))
    }
    return answers
  }

  // MARK: - Wordings

  private func wording(_ reader: TableReader, isRequired: Bool, header: String) -> [String: String]? {
    guard let table = reader.table("text", isRequired: isRequired, write: "\(header) with en = \"…\" below it") else {
      return nil
    }
    if isRequired, table.entries.isEmpty {
      problems.add(
        .missingKey, at: table.at, "text of \(reader.place) has no wording", write: "add en = \"How was your visit?\"")
    }
    guard table.entries.count <= Self.mostLanguages else {
      problems.add(
        .outOfRange, at: table.at, "text of \(reader.place) has \(table.entries.count) languages",
        write: "keep at most \(Self.mostLanguages)")
      return nil
    }
    var texts: [String: String] = [:]
    for entry in table.entries {
      if !isLanguageTag(entry.key) {
        problems.add(
          .invalidValue, at: entry.keyAt, "text of \(reader.place) has the language \(quoted(entry.key))",
          write: "write a language tag, such as en, de or pt-BR"
            + (languageProposal(entry.key).map { "; did you mean \($0)?" } ?? ""))
      }
      guard case .string(let text) = entry.value.content else {
        problems.add(
          .wrongType, at: entry.value.at,
          "the wording \(quoted(entry.key)) of \(reader.place) is \(entry.value.described)",
          write: "write text in double quotes: \(entry.key) = \"…\"")
        continue
      }
      let length = text.unicodeScalars.count
      if trimmed(text).isEmpty {
        problems.add(
          .invalidValue, at: entry.value.at, "the wording \(quoted(entry.key)) of \(reader.place) is empty",
          write: "write what visitors are to read, or remove the line")
      } else if length > Self.longestText {
        problems.add(
          .outOfRange, at: entry.value.at,
          "the wording \(quoted(entry.key)) of \(reader.place) has \(length) characters",
          write: "say it in at most \(Self.longestText)")
      } else if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
        problems.add(
          .invalidValue, at: entry.value.at,
          "the wording \(quoted(entry.key)) of \(reader.place) has control characters or line breaks in it",
          write: "write it in one line of plain text")
      }
      texts[entry.key] = text
    }
    return texts
  }

  /// The form of common tags of BCP 47: language, script, region; whether they exist is not looked up.
  private func isLanguageTag(_ tag: String) -> Bool {
    var parts = tag.split(separator: "-", omittingEmptySubsequences: false)[...]
    func take(_ lengths: ClosedRange<Int>, _ isRight: (Int, UInt8) -> Bool) -> Bool {
      guard let part = parts.first, lengths.contains(part.utf8.count),
        part.utf8.enumerated().allSatisfy({ isRight($0.offset, $0.element) })
      else { return false }
      parts = parts.dropFirst()
      return true
    }
    func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    guard take(2...3, { isLower($1) }) else { return false }
    _ = take(4...4, { $0 == 0 ? isUpper($1) : isLower($1) })
    if !take(2...2, { isUpper($1) }) { _ = take(3...3, { isDigit($1) }) }
    return parts.isEmpty
  }

  private func languageProposal(_ tag: String) -> String? {
    let names = [
      "english": "en", "german": "de", "deutsch": "de", "french": "fr", "spanish": "es", "italian": "it",
      "polish": "pl",
      "dutch": "nl", "turkish": "tr", "portuguese": "pt",
    ]
    if let known = names[tag.lowercased()] { return known }
    var parts = tag.lowercased().split(whereSeparator: { $0 == "-" || $0 == "_" }).map(String.init)
    if parts.count == 2 { parts[1] = parts[1].uppercased() }
    let proposal = parts.joined(separator: "-")
    return isLanguageTag(proposal) ? proposal : nil
  }
}
