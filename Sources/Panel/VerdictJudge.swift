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
/// | chord | another button was pressed less than `chordWindow` ago | chord | the last counted press, if it is that near |
/// | burst | more than `burstLimit` presses in `burstWindow`, and on until `burstQuiet` | burst | nothing |
/// | correction | last counted press less than `correctionWindow` ago, other button | counted | that press |
/// | repeat | last counted press less than `responseInterval` ago | repeat | nothing |
/// | else | | counted | nothing |
///
/// - A chord comes first because it is about physics: nobody can say which button was meant, in a burst or out of it.
/// - Every window is open at its end: a press exactly `responseInterval` later is no repeat. So a window of zero
///   switches its rule off; so does a `burstLimit` of zero.
/// - Every press is counted towards a burst, whatever its verdict. After `burstQuiet` without a press the count starts
///   anew.
/// - "The last counted press" is one that still stands. After a chord none does, so the visitor can try again at once.
///   What a withdrawn press had itself superseded stays superseded.
///
/// The judgement depends on the sequence of presses and their stamps only, so the same or other rules can be run over
/// history (`rejudge`). It remembers a bounded number of presses, however long it runs.
public struct VerdictJudge: Sendable {
  /// A burst limit above this is taken as this: 8 bytes are kept for each press.
  static let highestBurstLimit = 1_000
  /// Counted presses remembered in case their button turns out to be held, one for each button; more than any panel
  /// has.
  static let highestButtonCount = 64

  public let rules: VerdictRules

  /// Time of the latest press; stamps before it are taken as equal to it.
  private var latest: MonotonicTime?
  /// The latest press of each of the two buttons pressed last: enough to find the latest press of any *other* button.
  private var lastButton: (button: ButtonIndex, at: MonotonicTime)?
  private var otherButton: (button: ButtonIndex, at: MonotonicTime)?
  private var lastCounted: (number: PressNumber, button: ButtonIndex, at: MonotonicTime)?
  /// For each button the last counted press that nothing has withdrawn, the oldest first.
  private var standing: [(button: ButtonIndex, number: PressNumber)] = []
  /// Stamps of the presses since the last quiet, the last `burstLimit` of them, as a ring.
  private var burstStamps: [MonotonicTime] = []
  private var oldestStamp = 0
  private var isBurst = false

  public init(rules: VerdictRules = VerdictRules()) {
    self.rules = rules
  }

  /// Judges the next press.
  public mutating func judge(_ press: Press) -> Judgement {
    let at = max(press.at.clamped, latest ?? press.at.clamped)
    noteForBurst(at: at)
    latest = at

    let judgement: Judgement
    if let other = latestPress(notOn: press.button), at - other.at < rules.chordWindow {
      var withdrawn: PressNumber?
      if let counted = lastCounted, counted.button != press.button, at - counted.at < rules.chordWindow {
        withdrawn = counted.number
        withdraw(counted.number)
      }
      judgement = Judgement(press: press, verdict: .chord, replaces: withdrawn)
    } else if isBurst {
      judgement = Judgement(press: press, verdict: .burst)
    } else if let counted = lastCounted, counted.button != press.button, at - counted.at < rules.correctionWindow {
      withdraw(counted.number)
      count(press, at: at)
      judgement = Judgement(press: press, verdict: .counted, replaces: counted.number)
    } else if let counted = lastCounted, at - counted.at < rules.responseInterval {
      judgement = Judgement(press: press, verdict: .repeated)
    } else {
      count(press, at: at)
      judgement = Judgement(press: press, verdict: .counted)
    }

    if let last = lastButton, last.button != press.button { otherButton = last }
    lastButton = (press.button, at)
    return judgement
  }

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

  private func latestPress(notOn button: ButtonIndex) -> (button: ButtonIndex, at: MonotonicTime)? {
    if let last = lastButton, last.button != button { return last }
    // `otherButton` is the latest press of a button other than the last one, so it is on another button here.
    return otherButton
  }

  private mutating func noteForBurst(at: MonotonicTime) {
    guard rules.burstLimit > 0 else { return }
    let limit = min(rules.burstLimit, Self.highestBurstLimit)
    if isBurst, let latest, at - latest >= rules.burstQuiet {
      isBurst = false
      burstStamps.removeAll(keepingCapacity: true)
      oldestStamp = 0
    }
    guard burstStamps.count == limit else {
      burstStamps.append(at)
      return
    }
    let first = burstStamps[oldestStamp]
    burstStamps[oldestStamp] = at
    oldestStamp = (oldestStamp + 1) % limit
    if at - first < rules.burstWindow { isBurst = true }
  }

  private mutating func count(_ press: Press, at: MonotonicTime) {
    lastCounted = (press.number, press.button, at)
    standing.removeAll { $0.button == press.button }
    if standing.count == Self.highestButtonCount { standing.removeFirst() }
    standing.append((press.button, press.number))
  }

  /// Returns whether the press stood as counted.
  @discardableResult
  private mutating func withdraw(_ number: PressNumber) -> Bool {
    if lastCounted?.number == number { lastCounted = nil }
    guard let index = standing.firstIndex(where: { $0.number == number }) else { return false }
    standing.remove(at: index)
    return true
  }
}
