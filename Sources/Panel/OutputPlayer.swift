import Feedback

/// Plays acknowledgements on lamps and buzzers.
///
/// Answers (counted, please-wait …) are played once, over whatever else shows:
///
/// - A new answer ends the one before on the outputs that show it.
/// - A lamp that is on when an answer starts goes dark for `relightGap` first, so that two counted presses in a row look
///   like two; for `steadyGap` where a state kept it on.
/// - A blinking answer played again while it runs goes on in step for its full count from now, so that pounding a
///   button does not freeze the blink.
/// - Where no output shows an answer, the one in its place is played (`Acknowledgement.fallback`): completed and
///   staff-called as counted, closed as please-wait. A silent buzzer shows nothing.
///
/// States (out of service, offered …) hold from `play` until `clear`. Several may hold; an output shows the most
/// important of those it is for (`Acknowledgement.states`). A state whose pattern has an end, such as the tone of a
/// buzzer, is played once when it begins, and the next one shows afterwards. Out of service ends a thank-you that still
/// shines, other states wait until it is over.
///
/// Whatever is played, a lamp never starts to shine more often than every `OutputPattern.shortestFlashPeriod`.
///
/// Changes are what is to be switched to reach the state at the moment given; what would have come and gone between two
/// moments is left out. Once made, a player allocates nothing but the lists it returns.
public struct OutputPlayer: Sendable {
  /// How long a lamp that is on goes dark before the next pattern.
  public static let relightGap = Duration.milliseconds(100)
  /// How long a lamp goes dark before an answer where a state kept it on: the answer must show on steady light.
  public static let steadyGap = Duration.milliseconds(300)
  /// An answer whose pattern has no end is played for this long, in whole rounds.
  public static let longestEndlessAnswer = Duration.seconds(10)

  private var outputs: [OutputState]
  private var now = MonotonicTime(nanoseconds: 0)

  /// The buttons that mean something now.
  public private(set) var offered = ButtonMask()

  /// Buzzers are silent (quiet hours): what sounds ends with the next `advance`, and answers are not caught up on.
  public var isMuted = false {
    didSet {
      guard isMuted else { return }
      for index in outputs.indices where outputs[index].kind == .buzzer { outputs[index].endAnswer() }
    }
  }

  /// All outputs start off.
  public init(outputs: [OutputDescription]) {
    self.outputs = outputs.map(OutputState.init)
  }

  /// Whether each output was on at the last `advance`.
  public var states: [Bool] { outputs.map(\.isOn) }

  /// When `advance` should be called next; nil when nothing changes any more.
  public var nextDeadline: MonotonicTime? {
    var earliest: MonotonicTime?
    for index in outputs.indices {
      if let deadline = outputs[index].nextDeadline(after: now, isSilent: isSilent(index)) {
        earliest = min(earliest ?? deadline, deadline)
      }
    }
    return earliest
  }

  /// Plays an answer, or begins a state, on every output that shows it.
  /// - Parameter button: the button that was pressed; nil when it concerns all of them.
  public mutating func play(_ acknowledgement: Acknowledgement, button: ButtonIndex? = nil, at time: MonotonicTime) {
    now = max(now, time.clamped)
    if acknowledgement == .offered {
      var buttons = button == nil ? ButtonMask.all : offered
      if let button { buttons.insert(button) }
      return offer(buttons)
    }
    if acknowledgement.isState {
      for index in outputs.indices where isFor(button, index) { outputs[index].begin(acknowledgement, at: now) }
      return
    }
    var shown: Acknowledgement? = acknowledgement
    while let answer = shown {
      var isShown = false
      for index in outputs.indices where isFor(button, index) && !isSilent(index) && outputs[index].shows(answer) {
        outputs[index].play(answer, at: now)
        isShown = true
      }
      shown = isShown ? nil : answer.fallback
    }
  }

  /// Ends an acknowledgement wherever it shows: the journal is back, staff are here.
  public mutating func clear(_ acknowledgement: Acknowledgement, at time: MonotonicTime) {
    now = max(now, time.clamped)
    if acknowledgement == .offered { return offer(ButtonMask()) }
    for index in outputs.indices { outputs[index].clear(acknowledgement) }
  }

  /// Lights the lamps that show `offered` beside these buttons and no others; those beside no button while there is any.
  public mutating func setOffered(_ buttons: ButtonMask, at time: MonotonicTime) {
    now = max(now, time.clamped)
    offer(buttons)
  }

  /// Returns what is to be switched so that each output is as it should be at `time`.
  public mutating func advance(to time: MonotonicTime) -> [OutputChange] {
    var changes: [OutputChange] = []
    advance(to: time, into: &changes)
    return changes
  }

  /// Adds what is to be switched so that each output is as it should be at `time`.
  public mutating func advance(to time: MonotonicTime, into changes: inout [OutputChange]) {
    now = max(now, time.clamped)
    for index in outputs.indices where outputs[index].advance(to: now, isSilent: isSilent(index)) {
      changes.append(OutputChange(output: index, isOn: outputs[index].isOn))
    }
  }

  private mutating func offer(_ buttons: ButtonMask) {
    offered = buttons
    for index in outputs.indices {
      if outputs[index].button.map(buttons.contains) ?? !buttons.isEmpty {
        outputs[index].begin(.offered, at: now)
      } else {
        outputs[index].clear(.offered)
      }
    }
  }

  private func isFor(_ button: ButtonIndex?, _ index: Int) -> Bool {
    let own = outputs[index].button
    return own == nil || button == nil || own == button
  }

  private func isSilent(_ index: Int) -> Bool { isMuted && outputs[index].kind == .buzzer }
}
