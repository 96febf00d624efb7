import Feedback

/// One `[[question]]` as the file has it: not yet held against the others, nor written out into its items. What could not
/// be read is nil, and has been reported.
struct QuestionDraft {
  /// As messages name it: `question "overall"`.
  var place: String
  var at: SourcePosition
  var name: Located<String>?
  /// What is asked; with items, what is said before each of them.
  var text: Translations?
  /// A question of its own each, on the same scale with the same answers. Empty: the question stands for itself.
  var items: [ItemDraft] = []
  var hasItems = false
  var scale: Located<Scale>?
  /// True also for a scale that could not be read.
  var hasScale = false
  /// A misspelt key may stand for something that seems to be missing.
  var hasUnknownKeys = false
  var record: Located<Question.Record>?
  var most: Located<Int>?
  var answers: [AnswerDraft] = []
  /// True when every answer the file gives is among `answers`.
  var hasAllAnswers = false
  /// Nil also where the file says nothing: on to the following question.
  var next: Located<String>?

  /// Where a visitor's answer may lead, as the file says it.
  var branches: [Located<String>] { (next.map { [$0] } ?? []) + answers.compactMap(\.next) }
}

/// One `[[question.item]]`.
struct ItemDraft {
  var place: String
  var at: SourcePosition
  var name: Located<String>?
  var text: Translations?
}

/// One `[[question.answer]]`.
struct AnswerDraft {
  var place: String
  var at: SourcePosition
  var button: Located<String>?
  var values: Located<ClosedRange<Int>>?
  var text: Translations?
  var next: Located<String>?
}

extension QuestionDraft {
  /// The name under which a survey says "no further question".
  static let end = "end"

  /// How an item's question is called.
  func name(of item: ItemDraft) -> String? {
    guard let name, let own = item.name else { return nil }
    return "\(name.value)-\(own.value)"
  }

  /// The name of the question that a step to this one leads to.
  var firstName: String? { hasItems ? items.first.flatMap(name(of:)) : name?.value }
}
