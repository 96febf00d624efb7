import Feedback

/// What one visitor does at the panel: which question is open, what a press means there, what follows, when it ends.
///
/// A visit begins with a counted press on the first question, or with somebody seen by a contact sensor. It ends when the
/// last question is answered and the thank-you is over, when a question is left open for too long, or when the next
/// visitor comes. Answers given until then stand.
///
/// What a press means:
///
/// 1. an answer to the open question, if its button has one there;
/// 2. else, shortly after an answer, a correction of it, if its button has an answer there;
/// 3. else the beginning of the next visit, if its button answers the first question; `VerdictJudge` says whether it is one;
/// 4. else nothing. It is kept all the same, as `not-offered`.
///
/// Going back asks an answered question again; its answer stands until another one takes its place. Where the new answer
/// leads another way, the answers given on the old way are withdrawn (`off-path`).
///
/// A value: time comes in as stamps. Presses are to be handed over in the order of their stamps, and `advance` with
/// moments up to which all presses have been handed over.
public struct VisitMachine: Sendable {
  /// Somebody seen by a contact sensor who presses within this time is the same visitor.
  public static let contactClaim = Duration.seconds(120)

  public enum Phase: Sendable, Hashable {
    /// Nobody has pressed.
    case idle
    case asking
    case thanks
  }

  public private(set) var plan: SurveyPlan
  public var judge: VerdictJudge
  private(set) var visit: Visit?
  private var nextNumber: UInt64 = 1
  /// A visit that somebody in front of the sensor may claim.
  private var contact: (number: VisitNumber, at: MonotonicTime)?
  /// The visit that was opened last, over or not.
  private var latestVisit: (number: VisitNumber, openedAt: MonotonicTime)?
  private var language: (place: Int, chosenAt: MonotonicTime)?
  private var now = MonotonicTime(nanoseconds: 0)

  public init(plan: SurveyPlan, rules: VerdictRules = VerdictRules()) {
    self.plan = plan
    judge = VerdictJudge(rules: rules)
  }

  // MARK: - What is shown

  public var phase: Phase {
    guard let visit else { return .idle }
    return visit.question == SurveyPlan.end ? .thanks : .asking
  }

  /// The place of the question asked now; nil while thanking.
  public var question: Int? {
    guard !plan.questions.isEmpty else { return nil }
    guard let visit else { return 0 }
    return visit.question == SurveyPlan.end ? nil : visit.question
  }

  /// The answer of the first step, while the second is awaited.
  public var firstStep: Int? { visit?.firstStep?.answer }

  /// Whether an answer of the question asked now has been chosen already.
  public func isChosen(_ answer: Int) -> Bool {
    visit?.isChosen(answer) ?? false
  }

  /// Which question of the visit this is, from 1, and how many there are at most if it goes on from here.
  public var progress: (number: Int, of: Int) {
    let answered = visit?.given.count ?? 0
    guard let question else { return (answered, answered) }
    return (answered + 1, answered + plan.questions[question].longestRest)
  }

  /// The language's place in `Survey.languages`.
  public var languagePlace: Int { language?.place ?? 0 }

  public var canGoBack: Bool { visit.map { $0.question != SurveyPlan.end && $0.canGoBack } ?? false }
  public var canSkip: Bool { visit.map { $0.question != SurveyPlan.end } ?? false }
  public var canFinishChoice: Bool {
    guard let visit, let question else { return false }
    return plan.questions[question].mostChoices > 1 && !visit.choices.isEmpty
  }

  /// What a button means now: the place of its answer to the question asked.
  public func answer(of button: ButtonIndex) -> Int? {
    question.flatMap { plan.answer(of: button, to: $0) }
  }

  /// The value that a button stands for now; nil where it has none, or where it stands for a first step.
  public func value(of button: ButtonIndex) -> Int? {
    guard let question, let answer = answer(of: button) else { return nil }
    if let first = firstStep { return plan.value(of: button, inSecondStepOf: question, after: first) }
    let values = plan.survey.questions[question].answers[answer].values
    return values.count == 1 ? values.lowerBound : nil
  }

  // MARK: - Time

  /// When time alone changes something; nil: nothing is under way.
  public var nextDeadline: MonotonicTime? {
    var earliest = visitDeadline
    if let due = languageDeadline { earliest = min(earliest ?? due, due) }
    return earliest
  }

  private var visitDeadline: MonotonicTime? {
    visit.map {
      $0.lastAt + ($0.question == SurveyPlan.end ? plan.survey.thanksDuration : plan.survey.timeout).clampedToDay
    }
  }

  private var languageDeadline: MonotonicTime? {
    visit == nil ? language.map { $0.chosenAt + plan.survey.timeout.clampedToDay } : nil
  }

  /// Moves time on to a moment up to which all presses have been taken.
  public mutating func advance(to time: MonotonicTime, into records: inout [VisitRecord]) {
    now = max(now, time.clamped)
    while let due = visitDeadline, due <= now { timeOut(at: due, into: &records) }
    if let due = languageDeadline, due <= now { language = nil }
  }

  private mutating func timeOut(at time: MonotonicTime, into records: inout [VisitRecord]) {
    guard let current = visit, let question else { return end() }
    if !current.choices.isEmpty {
      // Choices were made and nobody said "done": that is the answer.
      visit?.lastAt = time
      return finishChoice(question)
    }
    if current.revisited == nil {
      records.append(record(.skip, code: .timeout, question: question, at: time))
    }
    end()
  }

  private mutating func end() {
    visit = nil
    language = nil
  }

  // MARK: - Presses

  /// Takes a press on a button that may answer something.
  public mutating func take(
    _ press: Press, circumstances: PressCircumstances = .open, into records: inout [VisitRecord]
  ) {
    advance(to: press.at, into: &records)
    guard let meaning = meaning(of: press.button) else {
      let (verdict, replaces) = judge.judgeControl(press, circumstances: circumstances)
      records.append(control(press, code: .notOffered, verdict: verdict, replaces: replaces))
      if let replaces { undo(replaces) }
      return
    }
    let judgement = judge.judge(press, about: meaning.subject, circumstances: circumstances)
    guard judgement.verdict == .counted || judgement.verdict == .service else {
      var entry = answer(meaning, press, verdict: judgement.verdict)
      entry.replaces = judgement.replaces
      records.append(entry)
      if judgement.verdict == .chord, let withdrawn = judgement.replaces { undo(withdrawn) }
      return
    }
    apply(meaning, judgement, into: &records)
  }

  /// Takes a press on a button that leads through the survey.
  public mutating func navigate(
    _ role: ButtonRole, _ press: Press, circumstances: PressCircumstances = .open, into records: inout [VisitRecord]
  ) {
    advance(to: press.at, into: &records)
    let (verdict, replaces) = judge.judgeControl(press, circumstances: circumstances)
    if verdict == .chord {
      records.append(control(press, code: .notOffered, verdict: verdict, replaces: replaces))
      if let replaces { undo(replaces) }
      return
    }
    switch role {
    case .back where canGoBack:
      records.append(control(press, code: .back, verdict: verdict))
      visit?.goBack(at: press.at, to: plan)
      judge.reopen()
    case .skip where canSkip:
      skip(press, verdict: verdict, into: &records)
    case .done where canFinishChoice:
      records.append(control(press, code: .done, verdict: verdict))
      visit?.lastAt = press.at
      if let question { finishChoice(question) }
    case .language where plan.survey.languages.count > 1:
      language = ((languagePlace + 1) % plan.survey.languages.count, press.at)
      visit?.touch(at: press.at)
      records.append(control(press, code: .language, verdict: verdict))
    default:
      records.append(control(press, code: .notOffered, verdict: verdict))
    }
  }

  /// Withdraws a press whose button turned out to be held. Returns it, if it stood as counted until now.
  public mutating func withdraw(held number: PressNumber) -> PressNumber? {
    guard let withdrawn = judge.withdraw(held: number) else { return nil }
    undo(withdrawn)
    return withdrawn
  }

  /// A contact sensor has seen somebody.
  /// - Parameters:
  ///   - began: since when they are there.
  ///   - time: when that was decided.
  /// - Returns: their visit: the one under way or just over, if they were there before its first press; else a new one.
  public mutating func presence(
    since began: MonotonicTime, decidedAt time: MonotonicTime, into records: inout [VisitRecord]
  ) -> VisitNumber {
    advance(to: time, into: &records)
    if let latest = latestVisit, began.clamped <= latest.openedAt, contact == nil { return latest.number }
    if let current = visit {
      if let question, time - current.lastAt >= judge.rules.responseInterval {
        records.append(record(.skip, code: .nextVisitor, question: question, at: time))
        end()
      } else if question == nil {
        end()
      }
    }
    let number = mintNumber()
    contact = (number, time.clamped)
    return number
  }

  /// Judges a press on a button that has nothing to do with questions, and asks again what a chord has withdrawn.
  public mutating func judgeControl(
    _ press: Press, circumstances: PressCircumstances
  ) -> (verdict: Verdict?, replaces: PressNumber?) {
    let judged = judge.judgeControl(press, circumstances: circumstances)
    if let withdrawn = judged.replaces { undo(withdrawn) }
    return judged
  }

  /// The visit that something else a visitor does belongs to, such as calling staff: the one under way, or a new one.
  public mutating func numberForRequest() -> VisitNumber { visit?.number ?? mintNumber() }

  /// Asks another survey from now on. What is under way ends; its answers stand.
  public mutating func change(to plan: SurveyPlan, at time: MonotonicTime, into records: inout [VisitRecord]) {
    advance(to: time, into: &records)
    guard plan != self.plan else { return }
    if visit != nil, let question {
      records.append(record(.skip, code: .surveyChanged, question: question, at: time))
    }
    end()
    self.plan = plan
    judge.reopen()
  }

  // MARK: - Meaning

  private struct Meaning {
    var subject: PressSubject
    var answer: Int
    /// The answer of the first step, where this is a second one.
    var firstStep: Int?
    var opens = false
  }

  private mutating func meaning(of button: ButtonIndex) -> Meaning? {
    if let visit, let question, let answer = plan.answer(of: button, to: question) {
      return meaning(answer, question, visit: visit.number, firstStep: visit.firstStep?.answer, button)
    }
    // A correction of the first question may as well be the next visit's beginning: `VerdictJudge` tells the two apart.
    if let visit, let last = visit.correctable, last.question != 0 || last.firstStep != nil,
      now - visit.lastAt < judge.rules.correctionWindow, let answer = plan.answer(of: button, to: last.question)
    {
      return meaning(answer, last.question, visit: visit.number, firstStep: last.firstStep, button)
    }
    guard let answer = plan.answer(of: button, to: 0) else { return nil }
    let number: VisitNumber
    if visit == nil, let contact, now - contact.at < Self.contactClaim {
      number = contact.number
    } else {
      number = mintNumber()
    }
    var meaning = meaning(answer, 0, visit: number, firstStep: nil, button)
    meaning?.opens = true
    return meaning
  }

  private func meaning(
    _ answer: Int, _ question: Int, visit: VisitNumber, firstStep: Int?, _ button: ButtonIndex
  ) -> Meaning? {
    if let firstStep {
      guard plan.value(of: button, inSecondStepOf: question, after: firstStep) != nil else { return nil }
      return Meaning(
        subject: PressSubject(visit: visit, question: question, part: 1), answer: answer, firstStep: firstStep)
    }
    let isChoice = plan.questions[question].mostChoices > 1
    let subject = PressSubject(
      visit: visit, question: question, part: isChoice ? answer + 1 : 0, isChoice: isChoice)
    return Meaning(subject: subject, answer: answer)
  }

  private mutating func mintNumber() -> VisitNumber {
    defer { nextNumber += 1 }
    return VisitNumber(nextNumber)
  }

  // MARK: - What a counted press does

  private mutating func apply(_ meaning: Meaning, _ judgement: Judgement, into records: inout [VisitRecord]) {
    let press = judgement.press
    let question = meaning.subject.question
    var entry = answer(meaning, press, verdict: judgement.verdict)
    var replaced = judgement.replaces
    if let withdrawn = replaced, let last = visit?.given.last, last.presses.last == withdrawn, last.question == question
    {
      // A correction within the visit, also by a button that could have begun the next one.
      visit?.takeBack()
      entry.visit = visit?.number ?? entry.visit
      judge.move(press.number, to: entry.visit)
    } else if meaning.opens {
      if let current = visit, current.question != SurveyPlan.end {
        records.append(record(.skip, code: .nextVisitor, question: current.question, at: press.at))
        language = nil
      }
      visit = Visit(number: meaning.subject.visit, at: press.at)
      latestVisit = (meaning.subject.visit, press.at.clamped)
      contact = nil
    } else if visit?.question != question {
      // A late change of mind about the question before.
      replaced = replaced ?? visit?.given.last?.presses.last
      visit?.takeBack()
    }
    guard visit != nil else { return records.append(entry) }
    visit?.touch(at: press.at)

    let answer = plan.survey.questions[question].answers[meaning.answer]
    if meaning.subject.isChoice {
      // Back at a question with all its choices made: the oldest one gives way.
      if let oldest = visit?.choices.first, visit?.choices.count == plan.questions[question].mostChoices {
        entry.replaces = oldest.press
        visit?.choices.removeFirst()
        judge.forget(choice: oldest.press)
      }
      records.append(entry)
      let count = visit?.choose(meaning.answer, press.number) ?? 0
      if count >= plan.questions[question].mostChoices { finishChoice(question) }
      return
    }
    if meaning.firstStep == nil, answer.values.count > 1 {
      entry.replaces = replaced
      records.append(entry)
      visit?.firstStep = (meaning.answer, press.number)
      return
    }
    let next = plan.questions[question].nextOfAnswer[meaning.firstStep ?? meaning.answer]
    if let old = visit?.revisited, old.question == question {
      replaced = replaced ?? old.presses.last
      if old.next != next { leavePath(at: press.at, into: &records) }
    }
    entry.replaces = replaced
    records.append(entry)
    var presses = [press.number]
    if let first = visit?.firstStep?.press { presses.insert(first, at: 0) }
    visit?.give(
      Visit.Given(
        question: question, answers: [meaning.answer], firstStep: meaning.firstStep, presses: presses, isChoice: false,
        next: next))
  }

  private mutating func finishChoice(_ question: Int) {
    guard let visit else { return }
    // The first answer in the order of the survey that leads somewhere of its own says where it goes.
    let planned = plan.questions[question]
    let ways = visit.choices.map(\.answer).sorted().map { planned.nextOfAnswer[$0] }
    self.visit?.give(visit.choice(leadingTo: ways.first { $0 != planned.next } ?? planned.next))
  }

  private mutating func skip(_ press: Press, verdict: Verdict?, into records: inout [VisitRecord]) {
    guard let current = visit, let question else { return }
    var entry = control(press, code: .skip, verdict: verdict)
    var withdrawn = current.choices.map(\.press)
    if let old = current.revisited?.presses.last { withdrawn.append(old) }
    entry.replaces = withdrawn.popLast()
    if entry.replaces != nil { entry.verdict = verdict ?? .superseded }
    records.append(entry)
    for number in withdrawn { records.append(self.withdrawn(number, question: question, at: press.at)) }
    let next = plan.questions[question].next
    if let old = current.revisited, old.next != next { leavePath(at: press.at, into: &records) }
    visit?.touch(at: press.at)
    visit?.give(Visit.Given(question: question, answers: [], firstStep: nil, presses: [], isChoice: false, next: next))
  }

  /// The answers that were given on a way now left are withdrawn.
  private mutating func leavePath(at time: MonotonicTime, into records: inout [VisitRecord]) {
    guard let left = visit?.left else { return }
    for given in left.reversed() {
      for number in given.isChoice ? given.presses[...] : given.presses.suffix(1) {
        records.append(withdrawn(number, question: given.question, at: time))
      }
    }
    visit?.left = []
  }

  /// Takes back what a press did, after it was withdrawn.
  private mutating func undo(_ number: PressNumber) {
    guard visit?.undo(number) == true else { return }
    if visit?.isEmpty == true { end() }
  }

  // MARK: - Records

  private func answer(_ meaning: Meaning, _ press: Press, verdict: Verdict) -> VisitRecord {
    let question = meaning.subject.question
    let values = plan.survey.questions[question].answers[meaning.answer].values
    var entry = VisitRecord(
      kind: plan.survey.questions[question].record.eventKind, visit: meaning.subject.visit, at: press.at, press: press,
      question: question, verdict: verdict, language: languagePlace)
    if let first = meaning.firstStep {
      entry.value = plan.value(of: press.button, inSecondStepOf: question, after: first)
    } else if values.count > 1 {
      entry.kind = .skip
      entry.code = .firstStep
      entry.range = values
    } else {
      entry.value = values.lowerBound
    }
    return entry
  }

  private mutating func control(
    _ press: Press, code: VisitRecord.Code, verdict: Verdict?, replaces: PressNumber? = nil
  ) -> VisitRecord {
    VisitRecord(
      kind: .skip, visit: visit?.number ?? mintNumber(), at: press.at, press: press, question: question, code: code,
      verdict: verdict, replaces: replaces, language: languagePlace)
  }

  private func record(_ kind: EventKind, code: VisitRecord.Code, question: Int, at time: MonotonicTime) -> VisitRecord {
    VisitRecord(
      kind: kind, visit: visit?.number ?? VisitNumber(0), at: time, question: question, code: code,
      language: languagePlace)
  }

  private func withdrawn(_ number: PressNumber, question: Int, at time: MonotonicTime) -> VisitRecord {
    var entry = record(.skip, code: .offPath, question: question, at: time)
    entry.verdict = .superseded
    entry.replaces = number
    return entry
  }
}
