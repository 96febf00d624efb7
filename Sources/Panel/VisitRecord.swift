import Feedback

/// Something a visit gives to be recorded. Places instead of names; the daemon puts it into the journal's words.
public struct VisitRecord: Sendable, Hashable {
  /// What exactly happened, where the kind alone does not say it. Stored as it stands.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The first of two presses that give a value together.
    case firstStep = "first-step"
    /// The question was left open until it timed out.
    case timeout
    /// The visitor did not want to answer it.
    case skip
    case back
    /// The visitor has no more choices to make.
    case done
    case language
    /// Another visitor came before the question was answered.
    case nextVisitor = "next-visitor"
    /// The answer named in `replaces` was given on a way through the survey that the visitor left again.
    case offPath = "off-path"
    /// The button means nothing at this moment.
    case notOffered = "not-offered"
    /// Another survey took the place of this one.
    case surveyChanged = "survey-changed"
  }

  public var kind: EventKind
  public var visit: VisitNumber
  public var at: MonotonicTime
  /// The press it records; nil where time passed or somebody came.
  public var press: Press?
  /// The question's place in its survey.
  public var question: Int?
  public var value: Int?
  /// The values that a first step has chosen.
  public var range: ClosedRange<Int>?
  public var code: Code?
  public var verdict: Verdict?
  /// The press that this one withdraws.
  public var replaces: PressNumber?
  /// The language's place in `Survey.languages`.
  public var language: Int?

  public init(
    kind: EventKind, visit: VisitNumber, at: MonotonicTime, press: Press? = nil, question: Int? = nil,
    value: Int? = nil, range: ClosedRange<Int>? = nil, code: Code? = nil, verdict: Verdict? = nil,
    replaces: PressNumber? = nil, language: Int? = nil
  ) {
    self.kind = kind
    self.visit = visit
    self.at = at
    self.press = press
    self.question = question
    self.value = value
    self.range = range
    self.code = code
    self.verdict = verdict
    self.replaces = replaces
    self.language = language
  }

  /// What the visitor is told once it is on disk; nil: nothing.
  public var acknowledgement: Acknowledgement? {
    guard press != nil else { return nil }
    if code == .notOffered, verdict == nil { return .pleaseWait }
    return verdict?.acknowledgement ?? .counted
  }
}
