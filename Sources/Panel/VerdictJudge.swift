import Feedback

/// What the filter made of one press, and which earlier press loses its standing by it.
public struct Judgement: Sendable, Hashable {
  public var press: Press
  public var verdict: Verdict
  /// The press that stood as counted until now. What becomes of it: `verdict.ofReplaced`.
  public var replaces: PressNumber?

  public init(press: Press, verdict: Verdict, replaces: PressNumber? = nil) {
    self.press = press
    self.verdict = verdict
    self.replaces = replaces
  }
}

/// Judges each press at once by those before it. What was said of a press never changes; a later judgement may withdraw
/// it by name (`Judgement.replaces`).
///
/// The first rule that fits wins:
///
/// | Rule | Fits when | Verdict | Withdraws |
/// |---|---|---|---|
/// | service | technicians are at work | service | nothing |
/// | chord | another button was pressed less than `chordWindow` ago | chord | the last counted press, if it is that near |
/// | closed | outside opening hours, and it would open a visit | closed | nothing |
/// | burst | more than `burstLimit` presses in `burstWindow`, and on until `burstQuiet` | burst | nothing |
/// | choice | it is a choice already made | repeat | nothing |
/// | twice | it answers another question of the visit, on the button that answered, tapped less than `answerInterval` ago | repeat | nothing |
/// | answer | it answers another question of the visit than the last counted press, or is another choice | counted | nothing |
/// | correction | same question as the last counted press, less than `correctionWindow` ago, other button | counted | that press |
/// | repeat | last counted press less than `responseInterval` ago | repeat | nothing |
/// | else | | counted | the last counted press, if it answers the same question of the same visit |
///
/// - A chord comes first because it is about physics: nobody can say which button was meant, in a burst or out of it.
/// - Every window is open at its end: a press exactly `responseInterval` later is no repeat. So a window of zero
///   switches its rule off; so does a `burstLimit` of zero.
/// - Every press is counted towards a burst, whatever its verdict, but for those that go on with a visit: nobody is to
///   be stopped for answering quickly. After `burstQuiet` without a press a burst is over, and the count starts anew.
/// - Presses in service leave no trace in what is said of others.
/// - "The last counted press" is one that still stands. After a chord none does, so the visitor can try again at once.
///   What a withdrawn press had itself superseded stays superseded.
///
/// The judgement depends on the sequence of presses, their stamps and what they were about only, so the same or other
/// rules can be run over history (`rejudge`). It remembers a bounded number of presses, however long it runs.
public struct VerdictJudge: Sendable {
  /// A burst limit above this is taken as this: 8 bytes are kept for each press.
  static let highestBurstLimit = 1_000
  /// Counted presses remembered in case their button turns out to be held, one for each button; more than any panel
  /// has.
  static let highestButtonCount = 64

  /// May be changed at any time: what has been judged stays, what comes is judged by the new rules.
  public var rules: VerdictRules

  private struct Counted: Sendable {
    var number: PressNumber
    var button: ButtonIndex
    var at: MonotonicTime
    var subject: PressSubject
  }

  /// Time of the latest press; stamps before it are taken as equal to it.
  private var latest: MonotonicTime?
  /// The latest press of each of the two buttons pressed last: enough to find the latest press of any *other* button.
  private var lastButton: (button: ButtonIndex, at: MonotonicTime)?
  private var otherButton: (button: ButtonIndex, at: MonotonicTime)?
  private var lastCounted: Counted?
  /// The visit that counted last, also if what counted was taken back: outside opening hours it may be finished.
  private var visitUnderWay: VisitNumber?
  /// The choices that stand in the question that was last given one.
  private var choices: [(subject: PressSubject, number: PressNumber)] = []
  /// For each button the last counted press that nothing has withdrawn, the oldest first.
  private var standing: [(button: ButtonIndex, number: PressNumber)] = []
  /// Stamps of the presses since the last quiet, the last `burstLimit` of them, as a ring.
  private var burstStamps: [MonotonicTime] = []
  private var oldestStamp = 0
  private var burstRingLimit = 0
  private var isBurst = false

  public init(rules: VerdictRules = VerdictRules()) {
    self.rules = rules
  }

  /// Judges the next press.
  /// - Parameters:
  ///   - subject: what it is about; nil: it would open a visit of its own with the panel's one question.
  ///   - circumstances: what held at the kiosk when it was made.
  public mutating func judge(
    _ press: Press, about subject: PressSubject? = nil, circumstances: PressCircumstances = .open
  ) -> Judgement {
    let subject = subject ?? PressSubject(visit: VisitNumber(press.number.value), question: 0)
    let at = max(press.at.clamped, latest ?? press.at.clamped)
    guard circumstances != .service else { return Judgement(press: press, verdict: .service) }
    let isGoingOn = lastCounted.map { $0.subject.isContinued(by: subject) } ?? false
    if !isGoingOn { noteForBurst(at: at) }
    defer { note(press.button, at: at) }

    if let chord = chord(press, at: at) { return chord }
    if circumstances == .closed, visitUnderWay != subject.visit {
      return Judgement(press: press, verdict: .closed)
    }
    if isBurst, !isGoingOn { return Judgement(press: press, verdict: .burst) }
    if subject.isChoice, choices.contains(where: { $0.subject == subject }) {
      return Judgement(press: press, verdict: .repeated)
    }
    guard let last = lastCounted else { return count(press, about: subject, at: at) }
    let isOtherButton = last.button != press.button
    if isGoingOn {
      // Counted from the latest tap: a finger that taps on and on does not answer question after question.
      let tapped = lastButton.map { $0.button == press.button ? max($0.at, last.at) : last.at } ?? last.at
      guard isOtherButton || at - tapped >= rules.answerInterval else {
        return Judgement(press: press, verdict: .repeated)
      }
      return count(press, about: subject, at: at)
    }
    let isSameVisit = last.subject.visit == subject.visit
    if isOtherButton, last.subject.asksSame(as: subject), at - last.at < rules.correctionWindow {
      withdraw(last.number)
      return count(press, about: subject, at: at, replacing: last.number)
    }
    if at - last.at < rules.responseInterval { return Judgement(press: press, verdict: .repeated) }
    guard isSameVisit else { return count(press, about: subject, at: at) }
    withdraw(last.number)
    return count(press, about: subject, at: at, replacing: last.number)
  }

  /// Judges a press that answers nothing: a button that leads through the survey, one that calls staff, or one that
  /// means nothing now. It can be a chord, or made by technicians; else it is nil.
  public mutating func judgeControl(
    _ press: Press, circumstances: PressCircumstances = .open
  ) -> (verdict: Verdict?, replaces: PressNumber?) {
    let at = max(press.at.clamped, latest ?? press.at.clamped)
    guard circumstances != .service else { return (.service, nil) }
    defer { note(press.button, at: at) }
    guard let chord = chord(press, at: at) else { return (nil, nil) }
    return (.chord, chord.replaces)
  }

  /// A choice that another one has taken the place of; it may be made again.
  public mutating func forget(choice number: PressNumber) { withdraw(number) }

  /// A press judged as the beginning of a visit turned out to correct an answer of the one under way, and belongs to that:
  /// what is pressed next goes on with it.
  mutating func move(_ number: PressNumber, to visit: VisitNumber) {
    if lastCounted?.number == number { lastCounted?.subject.visit = visit }
  }

  /// The visitor went back to a question answered before: the next press answers it, whatever was pressed last.
  public mutating func reopen() { lastCounted = nil }

  /// Withdraws a press whose button turned out to be held.
  /// - Returns: the press, if it stood as counted until now; nil if it did not count anyway. Call it while the button
  ///   is still down: only the last press of each button is remembered.
  @discardableResult
  public mutating func withdraw(held number: PressNumber) -> PressNumber? {
    withdraw(number) ? number : nil
  }

  /// Judges a history anew.
  /// - Parameters:
  ///   - presses: in the order in which they were recognised.
  ///   - held: those whose button turned out to be held.
  ///   - heldLimit: how long after its stamp that was known.
  /// - Returns: a judgement for each press; and for each held press that stood until then another one, `held`, which
  ///   replaces the press itself.
  public static func rejudge(
    _ presses: [Press], held: Set<PressNumber> = [], rules: VerdictRules,
    heldLimit: Duration = PanelTiming().heldLimit
  ) -> [Judgement] {
    var judge = VerdictJudge(rules: rules)
    var judgements: [Judgement] = []
    var waiting: [(press: Press, due: MonotonicTime)] = []
    func withdrawHeld(by time: MonotonicTime?) {
      while let first = waiting.first, time.map({ first.due <= $0 }) ?? true {
        waiting.removeFirst()
        guard let number = judge.withdraw(held: first.press.number) else { continue }
        judgements.append(Judgement(press: first.press, verdict: .held, replaces: number))
      }
    }
    for press in presses {
      withdrawHeld(by: press.at.clamped)
      judgements.append(judge.judge(press))
      if held.contains(press.number) { waiting.append((press, press.at.clamped + heldLimit.clampedToDay)) }
    }
    withdrawHeld(by: nil)
    return judgements
  }

  // MARK: - Steps of a judgement

  private mutating func note(_ button: ButtonIndex, at: MonotonicTime) {
    if let last = lastButton, last.button != button { otherButton = last }
    lastButton = (button, at)
    latest = at
  }

  private mutating func chord(_ press: Press, at: MonotonicTime) -> Judgement? {
    guard let other = latestPress(notOn: press.button), at - other.at < rules.chordWindow else { return nil }
    var withdrawn: PressNumber?
    if let counted = lastCounted, counted.button != press.button, at - counted.at < rules.chordWindow {
      withdrawn = counted.number
      withdraw(counted.number)
    }
    return Judgement(press: press, verdict: .chord, replaces: withdrawn)
  }

  private func latestPress(notOn button: ButtonIndex) -> (button: ButtonIndex, at: MonotonicTime)? {
    if let last = lastButton, last.button != button { return last }
    // `otherButton` is the latest press of a button other than the last one, so it is on another button here.
    return otherButton
  }

  private mutating func noteForBurst(at: MonotonicTime) {
    let limit = min(max(rules.burstLimit, 0), Self.highestBurstLimit)
    if limit != burstRingLimit {
      burstRingLimit = limit
      endBurst()
    }
    guard limit > 0 else { return }
    if isBurst, let latest, at - latest >= rules.burstQuiet { endBurst() }
    guard burstStamps.count == limit else {
      burstStamps.append(at)
      return
    }
    let first = burstStamps[oldestStamp]
    burstStamps[oldestStamp] = at
    oldestStamp = (oldestStamp + 1) % limit
    if at - first < rules.burstWindow { isBurst = true }
  }

  private mutating func endBurst() {
    isBurst = false
    burstStamps.removeAll(keepingCapacity: true)
    oldestStamp = 0
  }

  private mutating func count(
    _ press: Press, about subject: PressSubject, at: MonotonicTime, replacing replaced: PressNumber? = nil
  ) -> Judgement {
    lastCounted = Counted(number: press.number, button: press.button, at: at, subject: subject)
    visitUnderWay = subject.visit
    standing.removeAll { $0.button == press.button }
    if standing.count == Self.highestButtonCount { standing.removeFirst() }
    standing.append((press.button, press.number))
    if subject.isChoice {
      if let other = choices.first?.subject, other.visit != subject.visit || other.question != subject.question {
        choices.removeAll(keepingCapacity: true)
      }
      choices.append((subject, press.number))
    }
    return Judgement(press: press, verdict: .counted, replaces: replaced)
  }

  /// Returns whether the press stood as counted.
  @discardableResult
  private mutating func withdraw(_ number: PressNumber) -> Bool {
    if lastCounted?.number == number { lastCounted = nil }
    choices.removeAll { $0.number == number }
    guard let index = standing.firstIndex(where: { $0.number == number }) else { return false }
    standing.remove(at: index)
    return true
  }
}
