import Feedback

/// Checks one file of `surveys/`: each table by itself, then the questions against each other.
struct SurveyFile {
  let problems: ProblemList

  /// Questions after items are written out: the two halves of SERVQUAL have 44, and nobody stays for more than that.
  static let mostQuestions = 100
  static let timeouts: ClosedRange<Duration> = .seconds(1) ... .seconds(600)
  static let thanksDurations: ClosedRange<Duration> = .zero ... .seconds(60)

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
    /// Where its `[schedule]` stands; nil: it has none.
    var scheduledAt: SourcePosition?
    var schedule: SurveySchedule?
  }

  func result(from table: TOMLTable) -> Result {
    let before = problems.problems.count
    let reader = TableReader(
      table, place: "the survey",
      keys: [
        "name", "version", "instrument", "languages", "timeout", "thanks", "thanks_for", "question", ScheduleTable.key,
      ],
      problems: problems)
    let name = reader.name("name", example: "loyalty")
    let version = reader.integer("version", in: 1...1_000_000, example: 1, isRequired: true)
    let instrument: Located<Instrument>? = reader.choice("instrument", isRequired: true)
    let timeout = reader.duration("timeout", in: Self.timeouts, example: Survey.standardTimeout)
    let thanks = reader.translations("thanks", what: "the thank-you", isRequired: false, header: "[thanks]")
    let thanksDuration = reader.duration(
      "thanks_for", in: Self.thanksDurations, example: Survey.standardThanksDuration)
    let schedule = ScheduleTable(problems: problems).schedule(in: reader)
    let questions = questions(reader)
    let languages = SurveyLanguages(reader, first: questions.first)
    languages.check(questions, thanks: thanks)
    if let instrument { check(questions, in: instrument.value) }
    var survey: Survey?
    if let name, let version, let instrument, problems.problems.count == before {
      survey = Survey(
        name: name.value, version: version.value, instrument: instrument.value,
        questions: SurveyAssembly(instrument: instrument.value, questions: questions).questions,
        languages: languages.tags, timeout: timeout?.value ?? Survey.standardTimeout, thanks: thanks?.texts ?? [:],
        thanksDuration: thanksDuration?.value ?? Survey.standardThanksDuration)
    }
    let buttons = questions.flatMap(\.answers).compactMap { answer in
      answer.button.map { ButtonUse(name: $0.value, place: answer.place, at: $0.at) }
    }
    return Result(
      name: name, survey: survey, buttons: buttons, scheduledAt: table[ScheduleTable.key]?.keyAt, schedule: schedule)
  }

  private func questions(_ reader: TableReader) -> [QuestionDraft] {
    guard let tables = reader.tables("question", header: "[[question]]") else { return [] }
    if tables.isEmpty {
      problems.add(
        .missingKey, at: reader.at("question"), "the survey asks no question",
        write: "add [[question]] with name, [question.text] and [[question.answer]]")
    }
    guard isFew(tables) else { return [] }
    let drafts = tables.enumerated().map { index, table in
      QuestionTable(problems: problems).draft(from: table, index: index)
    }
    checkNames(drafts)
    let fit = ScaleFit(problems: problems)
    drafts.forEach(fit.check)
    SurveyFlow(drafts, problems: problems).check()
    return drafts
  }

  /// Counted before anything else is looked at: whoever has written a program that writes surveys wants one message, not
  /// ten thousand.
  private func isFew(_ tables: [TOMLTable]) -> Bool {
    var count = 0
    var tooMany: TOMLTable?
    for table in tables {
      if case .array(let items)? = table["item"]?.value.content { count += max(1, items.count) } else { count += 1 }
      if count > Self.mostQuestions, tooMany == nil { tooMany = table }
    }
    guard let tooMany else { return true }
    problems.add(
      .outOfRange, at: tooMany.at, "the survey has \(count) questions, each item of one counted",
      write: "keep at most \(Self.mostQuestions), and for visitors' sake fewer than ten")
    return false
  }

  private func checkNames(_ drafts: [QuestionDraft]) {
    var places: [String: SourcePosition] = [:]
    func note(_ name: String, of place: String, at: SourcePosition) {
      if let other = places[name] {
        problems.add(
          .duplicate, at: at, "\(place) has the name of the question in line \(other.line)",
          write: "give each question a name of its own, such as \(quoted(name + "-2"))")
      } else {
        places[name] = at
      }
    }
    for draft in drafts {
      if let name = draft.name { note(name.value, of: draft.place, at: name.at) }
    }
    for draft in drafts {
      var lineOfItem: [String: Int] = [:]
      for item in draft.items {
        guard let own = item.name, let name = draft.name(of: item) else { continue }
        if let line = lineOfItem[own.value] {
          problems.add(
            .duplicate, at: own.at, "\(item.place) has the name of the item in line \(line)",
            write: "give each item a name of its own, such as \(quoted(own.value + "-2"))")
        } else {
          lineOfItem[own.value] = own.at.line
          note(name, of: "\(item.place), as a question \(quoted(name)),", at: own.at)
        }
      }
    }
  }

  private func check(_ questions: [QuestionDraft], in instrument: Instrument) {
    if instrument == .loyalty, let first = questions.first, !first.hasScale, !first.hasUnknownKeys {
      problems.add(
        .contradiction, at: first.at, "a survey with instrument = \"loyalty\" opens with a question that has no scale",
        write: "add scale = \"faces-5\" to the first question, or write instrument = \"feedback\"")
    }
    for question in questions where !question.hasScale {
      guard let most = question.most, most.value > Question.mostReasons,
        SurveyAssembly.record(of: question, in: instrument, isFirstWithScale: false) == .reason
      else { continue }
      problems.add(
        .outOfRange, at: most.at, "\(question.place) takes up to \(most.value) reasons",
        write: "write most = \(Question.mostReasons) or less, or kind = \"answer\"")
    }
  }
}
