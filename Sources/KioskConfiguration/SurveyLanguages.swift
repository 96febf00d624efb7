import Feedback

/// Which languages a survey speaks, and that it speaks each of them throughout.
struct SurveyLanguages {
  let problems: ProblemList
  /// In the order in which the language button goes through them.
  private(set) var tags: [String] = []
  /// Where the file lists them; nil: they are those of the first question.
  private var listedAt: SourcePosition?

  init(_ survey: TableReader, first: QuestionDraft?) {
    problems = survey.problems
    guard survey.has("languages") else {
      let text = first?.hasItems == true ? first?.items.first?.text : first?.text
      if let text, text.areTagsKnown { tags = text.languages }
      return
    }
    guard let texts = survey.strings("languages", example: "[\"en\", \"de\"]") else { return }
    listedAt = survey.at("languages")
    guard (1...Translations.mostLanguages).contains(texts.count) else {
      problems.add(
        .outOfRange, at: survey.at("languages"), "languages of the survey holds \(texts.count)",
        write: "write 1 to \(Translations.mostLanguages), such as languages = [\"en\", \"de\"]")
      return
    }
    for text in texts {
      if !LanguageTag.isTag(text.value) {
        problems.add(
          .invalidValue, at: text.at, "languages of the survey holds \(quoted(text.value)), which is no language tag",
          write: LanguageTag.remedy(for: text.value))
      } else if tags.contains(text.value) {
        problems.add(
          .duplicate, at: text.at, "languages of the survey holds \(quoted(text.value)) twice", write: "write it once")
      } else {
        tags.append(text.value)
      }
    }
  }

  func check(_ questions: [QuestionDraft], thanks: Translations?) {
    guard !tags.isEmpty else { return }
    for question in questions {
      check(question.text, of: question.place)
      for item in question.items { check(item.text, of: item.place) }
      for answer in question.answers { check(answer.text, of: answer.place) }
    }
    check(thanks, of: "the thank-you")
  }

  private func check(_ text: Translations?, of place: String) {
    guard let text, text.areTagsKnown, !text.languages.isEmpty else { return }
    let missing = tags.filter { !text.languages.contains($0) }
    if !missing.isEmpty {
      problems.add(
        .missingKey, at: text.at, "\(place) has no wording in \(alternatives(missing.map { quoted($0) }, last: "and"))",
        write:
          "add \(missing.prefix(3).map { "\($0) = \"…\"" }.joined(separator: " and ")), or take the language out of "
          + (listedAt == nil ? "the first question" : "languages"))
    }
    // A list says which languages count; without one, a visitor could never choose what the first question has not.
    let extra = listedAt == nil ? text.languages.filter { !tags.contains($0) } : []
    if !extra.isEmpty {
      problems.add(
        .contradiction, at: text.at,
        "\(place) has wordings in \(alternatives(extra.map { quoted($0) }, last: "and")), but the first question has not",
        write: "add them to the first question, or say which languages count: languages = ["
          + tags.prefix(6).map { quoted($0) }.joined(separator: ", ") + "]")
    }
  }
}
