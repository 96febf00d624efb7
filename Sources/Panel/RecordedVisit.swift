import Feedback

/// What an event has to do with judging.
enum PressRole {
  /// A press that answered something, or began to.
  case answer
  /// A press that answered nothing.
  case control
  /// A button turned out to be held.
  case stuck
  case other

  init(_ content: EventDraft) {
    switch content.kind {
    case .rating, .reason, .answer: self = content.button != nil && content.verdict != nil ? .answer : .other
    case .skip where content.button != nil: self = content.code == "first-step" ? .answer : .control
    // Calls are judged for chords; what staff do is not judged.
    case .request: self = ["open", "again", "chord"].contains(content.code) ? .control : .other
    case .health: self = content.code == HealthCode.buttonStuck.rawValue ? .stuck : .other
    default: self = .other
    }
  }
}

extension Event {
  /// Whether the daemon, or the machine with it, started: nothing before goes on.
  var startsDaemon: Bool { content.kind == .clock && (content.code == "boot" || content.code == "start") }
}

/// Names a question for ever.
struct QuestionKey: Hashable, Sendable {
  var survey: String?
  var version: Int?
  var question: String?

  init(_ content: EventDraft) {
    (survey, version, question) = (content.survey, content.surveyVersion, content.question)
  }
}

/// What must be known of a visit to tell what the next press in it was about.
struct RecordedVisit: Sendable {
  let number: Int64
  /// The question whose second step is asked, or was answered last.
  private(set) var twoSteps: Int?
  private var first: Int?
  /// By question: the answer that stands by the new rules.
  var standing: [Int: Int64] = [:]
  /// The press of a first step.
  private var firstStep: Int64?
  private var isSecondStepAnswered = false
  /// Questions left behind, in their order, with the press that did it; 0: none.
  private var given: [(question: Int, press: Int64)] = []
  /// The question that is being given choices.
  private var choosing: Int?

  init(number: Int64) { self.number = number }

  /// Whether a question is the one that visits begin with, was answered or skipped, and the visitor did not go back to it.
  func hasLeft(first question: Int) -> Bool { question == first && given.contains { $0.question == question } }

  /// Whether nothing in it was answered.
  var isUnanswered: Bool { first == nil }

  /// Notes what a press did when it was made.
  mutating func note(_ event: Event, question: Int, isFirstStep: Bool, isChoice: Bool) {
    let content = event.content
    if let replaced = content.replaces, content.verdict == .chord || content.verdict == .held { undo(replaced) }
    guard content.verdict == .counted || content.verdict == .service else { return }
    leaveChoice(for: question)
    first = first ?? question
    if isFirstStep {
      (twoSteps, firstStep, isSecondStepAnswered) = (question, event.sequence, false)
    } else if isChoice {
      choosing = question
    } else {
      if twoSteps == question { isSecondStepAnswered = true } else { twoSteps = nil }
      given.removeAll { $0.question == question }
      given.append((question, event.sequence))
    }
  }

  /// Notes that a question was skipped.
  mutating func skip(_ question: Int) {
    leaveChoice(for: question)
    (twoSteps, choosing) = (nil, nil)
    given.append((question, 0))
  }

  /// Notes that the visitor asked for the question before.
  mutating func goBack(from question: Int) {
    leaveChoice(for: question)
    choosing = nil
    let cancelsFirstStep = twoSteps != nil && !isSecondStepAnswered
    twoSteps = nil
    if !cancelsFirstStep { given = given.dropLast() }
  }

  /// Notes that choosing is over.
  mutating func finishChoice() { leaveChoice(for: nil) }

  /// A press that has lost its standing.
  mutating func forget(_ sequence: Int64) {
    for (question, answer) in standing where answer == sequence { standing[question] = nil }
  }

  private mutating func leaveChoice(for question: Int?) {
    guard let choosing, choosing != question else { return }
    given.append((choosing, 0))
    self.choosing = nil
  }

  private mutating func undo(_ sequence: Int64) {
    if sequence == firstStep { (twoSteps, firstStep) = (nil, nil) }
    if given.last?.press == sequence {
      given.removeLast()
      isSecondStepAnswered = false
    }
  }
}

/// Which questions take several answers. No event says so by itself; it is found out in a run over all of them before they
/// are judged: the visitor was done choosing, two answers to one question of a visit stand, or a question was still open
/// after it had been answered.
public struct ChoiceQuestions: Sendable {
  /// Presses that were refused stand between those of a visit, each as a visit of its own.
  private static let mostVisits = 64

  private struct Answered: Sendable {
    var visit: Int64
    /// The answers that stand.
    var standing: [(key: QuestionKey, sequence: Int64)] = []
    var last: QuestionKey?
  }

  private var keys: Set<QuestionKey> = []
  private var visits: [Answered] = []

  public init() {}

  public mutating func note(_ event: Event) {
    if event.startsDaemon { visits = [] }
    guard let number = event.content.visit else { return }
    let index = visits.lastIndex { $0.visit == number }
    var visit = index.map { visits.remove(at: $0) } ?? Answered(visit: number)
    note(event, &visit)
    if visits.count == Self.mostVisits { visits.removeFirst() }
    visits.append(visit)
  }

  private mutating func note(_ event: Event, _ visit: inout Answered) {
    let content = event.content
    if let replaced = content.replaces {
      visit.standing.removeAll { $0.sequence == replaced }
      if content.verdict != .counted { visit.last = nil }
    }
    let key = QuestionKey(content)
    switch (content.kind, content.code) {
    case (.skip, "first-step"): if content.verdict == .counted { visit.last = nil }
    case (.skip, let code):
      if code == "done" || key == visit.last && key.question != nil && code != "off-path" { keys.insert(key) }
      if code == "back" { visit.last = nil }
    default:
      guard case .answer = PressRole(content), content.verdict == .counted else { return }
      if visit.standing.contains(where: { $0.key == key }) { keys.insert(key) }
      visit.standing.append((key, event.sequence))
      visit.last = key
    }
  }

  func contains(_ content: EventDraft) -> Bool { content.code == "choice" || keys.contains(QuestionKey(content)) }
}
