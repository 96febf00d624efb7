import Feedback
import Panel

/// What a verdict judge must say, read out of the table and the remarks in its comment: for each press the whole history
/// before it is gone through again. It shares nothing with the product but the vocabulary.
struct ReferenceJudge {
  /// What a judge is told, in order.
  enum Step: Sendable, Hashable {
    case press(Press, about: PressSubject? = nil, PressCircumstances = .open)
    /// A press that answers nothing.
    case control(Press, PressCircumstances = .open)
    /// The button of this press turned out to be held; it is still down.
    case held(PressNumber)
    /// Another choice took the place of this one.
    case forget(PressNumber)
    /// The visitor went back to a question.
    case reopen
  }

  /// What it answers.
  enum Answer: Sendable, Hashable {
    case judgement(Judgement)
    case control(Verdict?, replaces: PressNumber?)
    /// The press that is withdrawn, if it stood as counted.
    case withdrawn(PressNumber?)
    case nothing
  }

  private struct Entry {
    var press: Press
    /// The stamp that counts.
    var at: MonotonicTime
    /// Nil: it answered nothing.
    var subject: PressSubject?
    var verdict: Verdict?
    var isWithdrawn = false
  }

  let rules: VerdictRules
  /// Every press so far but those that technicians made, which leave no trace.
  private var history: [Entry] = []
  /// Counted presses before this place in the history are no longer "the last counted press".
  private var openedAt = 0
  private var isBurst = false
  /// Stamps of the presses since the last burst that count towards the next.
  private var counted: [MonotonicTime] = []

  static func answers(to steps: [Step], rules: VerdictRules) -> [Answer] {
    var judge = ReferenceJudge(rules: rules)
    return steps.map { judge.answer($0) }
  }

  private init(rules: VerdictRules) {
    self.rules = rules
  }

  private mutating func answer(_ step: Step) -> Answer {
    switch step {
    case .reopen:
      openedAt = history.count
      return .nothing
    case .forget(let number):
      withdraw(number)
      return .nothing
    case .held(let number):
      let stands = history.contains { $0.press.number == number && $0.verdict == .counted && !$0.isWithdrawn }
      withdraw(number)
      return .withdrawn(stands ? number : nil)
    case .control(let press, let circumstances):
      if circumstances == .service { return .control(.service, replaces: nil) }
      let at = effective(press.at)
      let isChord = isChord(press, at)
      let replaces = isChord ? nearCounted(at) : nil
      history.append(Entry(press: press, at: at, verdict: isChord ? .chord : nil))
      if let replaces { withdraw(replaces) }
      return .control(isChord ? .chord : nil, replaces: replaces)
    case .press(let press, let about, let circumstances):
      if circumstances == .service { return .judgement(Judgement(press: press, verdict: .service)) }
      let at = effective(press.at)
      // Without a subject it would open a visit of its own.
      let subject = about ?? PressSubject(visit: VisitNumber(press.number.value), question: 0)
      let (verdict, replaces) = judge(press, at, subject, circumstances)
      history.append(Entry(press: press, at: at, subject: subject, verdict: verdict))
      if let replaces { withdraw(replaces) }
      return .judgement(Judgement(press: press, verdict: verdict, replaces: replaces))
    }
  }

  /// Stamps never go back.
  private func effective(_ stamp: MonotonicTime) -> MonotonicTime { max(stamp, history.last?.at ?? stamp) }

  private mutating func withdraw(_ number: PressNumber) {
    for index in history.indices where history[index].press.number == number { history[index].isWithdrawn = true }
  }

  // MARK: - The table, row by row

  private mutating func judge(
    _ press: Press, _ at: MonotonicTime, _ subject: PressSubject, _ circumstances: PressCircumstances
  ) -> (Verdict, PressNumber?) {
    let last = lastCounted
    let age = last.map { at - $0.at } ?? .zero
    let isSameVisit = last?.subject?.visit == subject.visit
    let isSameQuestion = last?.subject?.question == subject.question && last?.subject?.part == subject.part
    let isAnother = last != nil && isSameVisit && !isSameQuestion
    noteForBurst(at, isGoingOn: isAnother)

    if isChord(press, at) { return (.chord, nearCounted(at)) }
    // It opens a visit unless a counted press has opened it already: the last visit there was.
    let lastVisit = history.last { $0.verdict == .counted }?.subject?.visit
    if circumstances == .closed, lastVisit != subject.visit { return (.closed, nil) }
    if isBurst, !isAnother { return (.burst, nil) }
    if subject.isChoice, isMade(subject) { return (.repeated, nil) }
    guard let last else { return (.counted, nil) }
    if isAnother {
      // Counted from the latest tap, when it was on the same button: pounding answers nothing.
      let tapped = history.last.map { $0.press.button == press.button ? at - $0.at : age } ?? age
      return last.press.button == press.button && min(age, tapped) < rules.answerInterval
        ? (.repeated, nil) : (.counted, nil)
    }
    let isOneOfChoices = subject.isChoice || last.subject?.isChoice == true
    if last.press.button != press.button, isSameQuestion, !isOneOfChoices, age < rules.correctionWindow {
      return (.counted, last.press.number)
    }
    if age < rules.responseInterval { return (.repeated, nil) }
    return (.counted, isSameVisit ? last.press.number : nil)
  }

  /// The last counted press, if nothing has withdrawn it and the visitor has not gone back since.
  private var lastCounted: Entry? {
    let last = history[openedAt...].last { $0.verdict == .counted }
    return last?.isWithdrawn == true ? nil : last
  }

  private func isChord(_ press: Press, _ at: MonotonicTime) -> Bool {
    history.contains { $0.press.button != press.button && at - $0.at < rules.chordWindow }
  }

  private func nearCounted(_ at: MonotonicTime) -> PressNumber? {
    lastCounted.flatMap { at - $0.at < rules.chordWindow ? $0.press.number : nil }
  }

  /// Whether a choice stands, in the question that was last given one.
  private func isMade(_ subject: PressSubject) -> Bool {
    let choices = history.filter { $0.verdict == .counted && $0.subject?.isChoice == true }
    let ofThisQuestion = choices.reversed().prefix {
      $0.subject?.visit == subject.visit && $0.subject?.question == subject.question
    }
    return ofThisQuestion.contains { $0.subject == subject && !$0.isWithdrawn }
  }

  /// A press is one of a burst when it is one too many within `burstWindow`, or when one before it was and no pause of
  /// `burstQuiet` has ended that; presses before such a pause count no more. What goes on with a visit counts for nothing.
  private mutating func noteForBurst(_ at: MonotonicTime, isGoingOn: Bool) {
    guard rules.burstLimit > 0, !isGoingOn else { return }
    if isBurst, let last = history.last, at - last.at >= rules.burstQuiet {
      isBurst = false
      counted = []
    }
    counted.append(at)
    let recent = counted.count { at - $0 < rules.burstWindow }
    if recent > rules.burstLimit { isBurst = true }
  }
}

// MARK: - Short, for a sequence that failed

extension ReferenceJudge.Step {
  var told: String {
    switch self {
    case .press(let press, let about, let circumstances):
      "\(press.told)\(about.map { " " + $0.told } ?? "")\(circumstances == .open ? "" : " \(circumstances)")"
    case .control(let press, let circumstances):
      "\(press.told) for nothing\(circumstances == .open ? "" : " \(circumstances)")"
    case .held(let number): "\(number.value) held"
    case .forget(let number): "forget \(number.value)"
    case .reopen: "reopen"
    }
  }
}

extension ReferenceJudge.Answer {
  var told: String {
    switch self {
    case .judgement(let judgement): Self.told(judgement.verdict, judgement.replaces)
    case .control(let verdict, let replaces): Self.told(verdict, replaces)
    case .withdrawn(let number): "withdrawn \(number.map { "\($0.value)" } ?? "nothing")"
    case .nothing: "-"
    }
  }

  private static func told(_ verdict: Verdict?, _ replaces: PressNumber?) -> String {
    "\(verdict?.name ?? "no verdict")\(replaces.map { "-\($0.value)" } ?? "")"
  }
}

extension Press {
  fileprivate var told: String { "\(number.value) on \(button.value) at \((at - ms(0)).wholeMilliseconds) ms" }
}

extension PressSubject {
  fileprivate var told: String { "v\(visit.value) q\(question).\(part)\(isChoice ? " choice" : "")" }
}
