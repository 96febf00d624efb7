/// What a button is for.
public enum ButtonRole: Sendable, Hashable {
  /// It answers questions: what it means is said by the survey.
  case answer
  /// Back to the question before.
  case back
  /// This question is not to be answered.
  case skip
  /// No more choices: on to the next question.
  case done
  /// The next language.
  case language
  /// A visitor wants staff.
  case callStaff
  /// Staff have come: ends the request of the named call button; nil: every one.
  case staffHere(call: String?)
  /// A seller begins, ends, or does the one or the other. The name is a pseudonym given in the panel file.
  case activity(ActivityChange, seller: String)
  /// While it is down (a key switch) presses are made by technicians.
  case service

  /// What a seller's button does.
  public enum ActivityChange: String, Sendable, Hashable, Codable, CaseIterable {
    case start
    case stop
    case toggle
  }

  /// True for the buttons that lead through a survey without answering it.
  public var isNavigation: Bool {
    switch self {
    case .back, .skip, .done, .language: true
    case .answer, .callStaff, .staffHere, .activity, .service: false
    }
  }
}
