import Feedback

/// Runs other rules over the events of a journal: which presses they would have counted.
///
/// What each press was about (its visit, the question that was open) is taken as it was recorded: which question the
/// visitor would have seen under other rules nobody can know. With the rules that were in force, each press keeps its
/// verdict.
///
/// Events are handed over in their order, the epochs one after the other; findings come out some thousand presses later,
/// when nothing can withdraw them any more. Memory does not grow with the history.
public struct Rejudgement: Sendable {
  /// A press that answered something, with what became of it in the end: what withdrew it later is taken into account.
  public struct Finding: Sendable {
    public var event: Event
    public var old: Verdict
    public var new: Verdict

    /// The first of two presses that give a value together is none.
    public var isAnswer: Bool { event.content.kind != .skip }
  }

  /// Whether the place was open when an event was recorded.
  public enum Opening: Sendable, Hashable {
    case open
    case closed
    /// Nothing else is known than what was recorded.
    case asRecorded
  }

  /// Presses that a later one may still withdraw. The daemon remembers fewer (`JournalKeeper.mostRemembered`).
  static let mostUndecided = 4_096
  /// Visits whose state is kept; one is open at a time, and a correction comes within seconds.
  static let mostVisits = 64

  private struct Opener: Sendable {
    var event: Event
    var visit: Int64
    var question: Int
    var isFirstStep: Bool
  }

  private let rules: VerdictRules
  private let choices: ChoiceQuestions
  private var judge: VerdictJudge
  private var undecided: [Finding] = []
  private var visits: [RecordedVisit] = []
  private var buttons: [String: Int] = [:]
  private var questions: [QuestionKey: Int] = [:]
  private var survey: (name: String?, version: Int?)?
  /// The last counted press, if it began a visit but was recorded in another one.
  private var opener: Opener?
  /// A press that belongs to another visit than the one it was recorded in.
  private var moved: (press: Int64, visit: Int64)?
  /// The latest press of each button since the start of the daemon.
  private var latest: [String: PressNumber] = [:]

  /// - Parameter choices: which questions take several answers, found in an earlier run over the same events.
  public init(rules: VerdictRules, choices: ChoiceQuestions = ChoiceQuestions()) {
    self.rules = rules
    self.choices = choices
    judge = VerdictJudge(rules: rules)
  }

  /// Takes the next event. Returns what is decided by now.
  public mutating func take(_ event: Event, _ opening: Opening = .asRecorded) -> [Finding] {
    let content = event.content
    if event.startsDaemon { return finish() }
    noteSurvey(content)
    switch PressRole(content) {
    case .answer: answer(event, opening)
    case .control: control(event, opening)
    case .stuck: stuck(event)
    case .other:
      withdrawAsRecorded(event, alsoNew: true)
    }
    guard undecided.count > Self.mostUndecided else { return [] }
    let decided = undecided.prefix(Self.mostUndecided / 2)
    undecided.removeFirst(decided.count)
    return Array(decided)
  }

  /// The end of the events, or of the daemon's run: what comes after is judged anew.
  public mutating func finish() -> [Finding] {
    defer {
      undecided = []
      visits = []
      latest = [:]
      survey = nil
      opener = nil
      moved = nil
      judge = VerdictJudge(rules: rules)
    }
    return undecided
  }

  // MARK: - Presses

  private mutating func answer(_ event: Event, _ opening: Opening) {
    let content = event.content
    guard let recorded = content.verdict else { return }
    let press = press(event)
    let question = place(of: QuestionKey(content))
    let isFirstStep = content.code == "first-step"
    let isChoice = !isFirstStep && choices.contains(content)
    let isOfMoved = moved.map { content.replaces == $0.press } ?? false
    let visit = index(ofVisit: isOfMoved ? moved?.visit ?? 0 : content.visit ?? event.sequence)
    if let opener, opener.question != question || opener.isFirstStep && !isFirstStep { goOn(with: opener, in: visit) }
    let part = part(of: content, isFirstStep: isFirstStep, isChoice: isChoice, question: question, visits[visit])
    let opens = opensVisit(event, question: question, part: part, visits[visit])
    let number = opens ? event.sequence : visits[visit].number
    let subject = PressSubject(
      visit: VisitNumber(UInt64(clamping: number)), question: question, part: part, isChoice: isChoice)
    let judgement = judge.judge(press, about: subject, circumstances: circumstances(recorded, opening))
    undecided.append(Finding(event: event, old: recorded, new: judgement.verdict))

    if opens { judge.move(press.number, to: VisitNumber(UInt64(clamping: visits[visit].number))) }
    // Technicians' presses lead through the survey as well.
    let stands = judgement.verdict == .counted || judgement.verdict == .service
    if stands {
      opener =
        opens ? Opener(event: event, visit: visits[visit].number, question: question, isFirstStep: isFirstStep) : nil
    }
    if let withdrawn = judgement.replaces {
      withdraw(Int64(clamping: withdrawn.value), judgement.verdict.ofReplaced)
    } else if stands, !isFirstStep {
      // What the visit itself replaces, whatever the rules say.
      if isChoice, let oldest = content.replaces, recorded == judgement.verdict {
        judge.forget(choice: PressNumber(UInt64(clamping: oldest)))
        withdraw(oldest, judgement.verdict.ofReplaced)
      } else if !isChoice, !opens, let before = visits[visit].standing[question] {
        withdraw(before, judgement.verdict.ofReplaced)
      }
    }
    if stands, !isFirstStep, !isChoice { visits[visit].standing[question] = event.sequence }
    visits[visit].note(event, question: question, isFirstStep: isFirstStep, isChoice: isChoice)
    withdrawAsRecorded(event, alsoNew: false)
  }

  private mutating func control(_ event: Event, _ opening: Opening) {
    let recorded = event.content.verdict
    let visit = index(ofVisit: event.content.visit ?? event.sequence)
    let question = place(of: QuestionKey(event.content))
    if let opener, event.content.visit != event.sequence { goOn(with: opener, in: visit) }
    let (verdict, replaces) = judge.judgeControl(
      press(event), circumstances: circumstances(recorded ?? .counted, opening))
    if let replaces, let verdict { withdraw(Int64(clamping: replaces.value), verdict.ofReplaced) }
    if recorded == .chord {
      visits[visit].note(event, question: question, isFirstStep: false, isChoice: false)
    } else {
      switch event.content.code {
      case "back":
        visits[visit].goBack(from: question)
        judge.reopen()
      case "skip": visits[visit].skip(question)
      case "done": visits[visit].finishChoice()
      default: break
      }
    }
    withdrawAsRecorded(event, alsoNew: recorded != .chord)
  }

  /// The latest press of the button turned out to be none.
  private mutating func stuck(_ event: Event) {
    withdrawAsRecorded(event, alsoNew: false)
    if event.content.replaces != nil, let visit = event.content.visit {
      visits[index(ofVisit: visit)].note(event, question: -1, isFirstStep: false, isChoice: false)
    }
    // "since the start": it had never been pressed.
    guard event.content.detail == nil, let button = event.content.button, let press = latest[button],
      let withdrawn = judge.withdraw(held: press)
    else { return }
    withdraw(Int64(clamping: withdrawn.value), .held)
  }

  private mutating func press(_ event: Event) -> Press {
    let name = event.content.button ?? ""
    let index = buttons[name] ?? buttons.count
    buttons[name] = index
    let number = PressNumber(UInt64(clamping: event.sequence))
    latest[name] = number
    return Press(
      number: number, button: ButtonIndex(index), at: MonotonicTime(nanoseconds: event.content.bootTimeNanoseconds))
  }

  private func circumstances(_ recorded: Verdict, _ opening: Opening) -> PressCircumstances {
    if recorded == .service { return .service }
    switch opening {
    case .open: return .open
    case .closed: return .closed
    case .asRecorded: return recorded == .closed ? .closed : .open
    }
  }

  // MARK: - What a press was about

  private func part(
    of content: EventDraft, isFirstStep: Bool, isChoice: Bool, question: Int, _ visit: RecordedVisit
  ) -> Int {
    if isFirstStep { return 0 }
    // Any number will do that is the same for the same choice.
    if isChoice { return 2 + max(0, min(content.value ?? 0, 1_000_000)) }
    return visit.twoSteps == question ? 1 : 0
  }

  /// An event that withdraws another is recorded in that one's visit. But a press on the button of a question that was
  /// left already was, when it was judged, the beginning of a visit: nobody could know that it was the same visitor.
  private func opensVisit(_ event: Event, question: Int, part: Int, _ visit: RecordedVisit) -> Bool {
    event.content.replaces != nil && part != 1 && visit.hasLeft(first: question)
  }

  /// A press that began a visit, but withdrew an answer of the one before, was recorded in that one. Where others follow in
  /// a visit that somebody seen by a sensor had begun, they go on with the press.
  private mutating func goOn(with opener: Opener, in visit: Int) {
    guard visits[visit].number != opener.visit, visits[visit].isUnanswered else { return }
    judge.move(
      PressNumber(UInt64(clamping: opener.event.sequence)), to: VisitNumber(UInt64(clamping: visits[visit].number)))
    visits[visit].note(opener.event, question: opener.question, isFirstStep: opener.isFirstStep, isChoice: false)
    if !opener.isFirstStep { visits[visit].standing[opener.question] = opener.event.sequence }
    moved = (opener.event.sequence, visits[visit].number)
    self.opener = nil
  }

  private mutating func noteSurvey(_ content: EventDraft) {
    // A configuration event names a survey that need not be the one asked.
    guard let name = content.survey, content.kind != .config else { return }
    if let survey, survey.name != name || survey.version != content.surveyVersion { judge.reopen() }
    survey = (name, content.surveyVersion)
  }

  private mutating func place(of key: QuestionKey) -> Int {
    let place = questions[key] ?? questions.count
    questions[key] = place
    return place
  }

  private mutating func index(ofVisit number: Int64) -> Int {
    if let index = visits.lastIndex(where: { $0.number == number }) { return index }
    if visits.count == Self.mostVisits { visits.removeFirst() }
    visits.append(RecordedVisit(number: number))
    return visits.count - 1
  }

  // MARK: - Withdrawals

  private mutating func withdrawAsRecorded(_ event: Event, alsoNew: Bool) {
    guard let replaced = event.content.replaces, let verdict = event.content.verdict, replaced < event.sequence,
      let index = index(of: replaced)
    else { return }
    undecided[index].old = verdict.ofReplaced
    if alsoNew, undecided[index].new == .counted || undecided[index].new == .service {
      withdraw(replaced, verdict.ofReplaced)
    }
  }

  private mutating func withdraw(_ sequence: Int64, _ verdict: Verdict) {
    for visit in visits.indices { visits[visit].forget(sequence) }
    if let index = index(of: sequence) { undecided[index].new = verdict }
  }

  private func index(of sequence: Int64) -> Int? {
    var (low, high) = (0, undecided.count)
    while low < high {
      let middle = (low + high) / 2
      if undecided[middle].event.sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return low < undecided.count && undecided[low].event.sequence == sequence ? low : nil
  }
}
