import Feedback

/// Makes a survey's questions of what its file says, once all of it is known to be right: items are written out, and what
/// the file leaves out is filled in.
struct SurveyAssembly {
  let instrument: Instrument
  private let drafts: [QuestionDraft]
  private let firstNames: [String: String]

  init(instrument: Instrument, questions: [QuestionDraft]) {
    self.instrument = instrument
    drafts = questions
    var names: [String: String] = [:]
    for draft in questions {
      if let name = draft.name?.value, let first = draft.firstName { names[name] = first }
    }
    firstNames = names
  }

  var questions: [Question] {
    var questions: [Question] = []
    for (place, draft) in drafts.enumerated() {
      let following = place + 1 < drafts.count ? drafts[place + 1].firstName.map(NextStep.question) ?? .end : .end
      let next = draft.next.map(step) ?? following
      questions += self.questions(of: draft, record: record(at: place), next: next)
    }
    return questions
  }

  /// One, or one for each item: they lead to each other, the last on to where the question does.
  private func questions(of draft: QuestionDraft, record: Question.Record, next: NextStep) -> [Question] {
    guard let name = draft.name?.value else { return [] }
    let answers = draft.answers.compactMap(answer)
    func question(_ name: String, _ text: [String: String], next: NextStep) -> Question {
      Question(
        name: name, text: text, scale: draft.scale?.value, answers: answers, record: record,
        mostChoices: draft.most?.value ?? 1, next: next)
    }
    guard draft.hasItems else { return [question(name, draft.text?.texts ?? [:], next: next)] }
    return draft.items.enumerated().compactMap { index, item in
      guard let own = draft.name(of: item) else { return nil }
      let following = index + 1 < draft.items.count ? draft.name(of: draft.items[index + 1]) : nil
      return question(
        own, Self.text(of: item, after: draft.text), next: following.map(NextStep.question) ?? next)
    }
  }

  private func answer(_ draft: AnswerDraft) -> Answer? {
    guard let button = draft.button, let values = draft.values else { return nil }
    return Answer(
      button: button.value, values: values.value, text: draft.text?.texts ?? [:], next: draft.next.map(step))
  }

  private func step(_ name: Located<String>) -> NextStep {
    name.value == QuestionDraft.end ? .end : .question(firstNames[name.value] ?? name.value)
  }

  private static func text(of item: ItemDraft, after lead: Translations?) -> [String: String] {
    var texts = item.text?.texts ?? [:]
    for (tag, text) in texts {
      if let before = lead?.texts[tag] { texts[tag] = before + " " + text }
    }
    return texts
  }

  /// As which kind of event the answers to a question are recorded.
  private func record(at place: Int) -> Question.Record {
    Self.record(of: drafts[place], in: instrument, isFirstWithScale: drafts.firstIndex(where: \.hasScale) == place)
  }

  /// What the file says, or what is usual: in a loyalty survey the first scale is the rating and topics are its reasons.
  static func record(
    of draft: QuestionDraft, in instrument: Instrument, isFirstWithScale: Bool
  ) -> Question.Record {
    if let record = draft.record { return record.value }
    switch instrument {
    case .loyalty: return isFirstWithScale ? .rating : draft.hasScale ? .answer : .reason
    case .feedback: return draft.hasScale ? .answer : .reason
    case .questionnaire: return .answer
    }
  }
}
