import Feedback

/// What one lamp or buzzer plays now, and what it would play if that were not there.
struct OutputState: Sendable {
  /// A pattern being played.
  private struct Running: Sendable {
    var acknowledgement: Acknowledgement
    var pattern: OutputPattern
    var startedAt: MonotonicTime
    /// How often the steps are played in all; nil: without end.
    var cycles: Int?

    /// nil when it has ended.
    func isOn(at time: MonotonicTime) -> Bool? {
      pattern.isOn(after: time.nanoseconds - startedAt.nanoseconds, cycles: cycles)
    }

    func nextChange(after time: MonotonicTime) -> MonotonicTime? {
      pattern.nextChange(after: time.nanoseconds - startedAt.nanoseconds, cycles: cycles).map {
        MonotonicTime(nanoseconds: startedAt.nanoseconds + $0)
      }
    }
  }

  let kind: OutputDescription.Kind
  let button: ButtonIndex?
  private let patterns: [Acknowledgement: OutputPattern]
  private(set) var isOn = false
  /// When it last started to shine.
  private var litAt: MonotonicTime?
  /// The answer to a press that is played now.
  private var answer: Running?
  /// The states that hold, in the order of `Acknowledgement.states`.
  private var states: [Running?]

  init(_ description: OutputDescription) {
    kind = description.kind
    button = description.button
    var patterns: [Acknowledgement: OutputPattern] = [:]
    for acknowledgement in description.shows { patterns[acknowledgement] = description.pattern(for: acknowledgement) }
    self.patterns = patterns
    states = Array(repeating: nil, count: Acknowledgement.states.count)
  }

  func shows(_ acknowledgement: Acknowledgement) -> Bool { patterns[acknowledgement] != nil }

  /// Plays the answer to a press.
  mutating func play(_ acknowledgement: Acknowledgement, at time: MonotonicTime) {
    guard let pattern = patterns[acknowledgement] else { return }
    // An answer that never ended would no longer say anything: it ends all the same.
    let repetitions =
      pattern.repetitions
      ?? max(1, Int(OutputPlayer.longestEndlessAnswer.wholeNanoseconds / pattern.cycle))
    if pattern.steps.count > 1, let running = answer, running.acknowledgement == acknowledgement,
      running.isOn(at: time) != nil
    {
      let played = max(0, time.nanoseconds - running.startedAt.nanoseconds) / pattern.cycle
      answer?.cycles = Int(played) + repetitions
      return
    }
    answer = Running(
      acknowledgement: acknowledgement, pattern: pattern, startedAt: time + gap(at: time), cycles: repetitions)
  }

  /// How long it is dark before an answer begins.
  private func gap(at time: MonotonicTime) -> Duration {
    guard isOn, kind == .lamp else { return .zero }
    if answer?.isOn(at: time) == nil, state(at: time)?.pattern.isAlwaysOn ?? false { return OutputPlayer.steadyGap }
    return OutputPlayer.relightGap
  }

  /// Begins a state; nothing changes where it holds already.
  mutating func begin(_ state: Acknowledgement, at time: MonotonicTime) {
    guard let pattern = patterns[state], let place = Acknowledgement.states.firstIndex(of: state) else { return }
    // A thank-you beside a press that is not on disk would be a lie.
    if state == .outOfService { answer = nil }
    guard states[place] == nil else { return }
    states[place] = Running(
      acknowledgement: state, pattern: pattern, startedAt: time, cycles: pattern.repetitions)
  }

  /// Ends a state, or an answer.
  mutating func clear(_ acknowledgement: Acknowledgement) {
    if answer?.acknowledgement == acknowledgement { answer = nil }
    if let place = Acknowledgement.states.firstIndex(of: acknowledgement) { states[place] = nil }
  }

  /// Ends whatever answer is played.
  mutating func endAnswer() { answer = nil }

  /// The most important state whose pattern has not ended.
  private func state(at time: MonotonicTime) -> Running? {
    for state in states {
      if let state, state.isOn(at: time) != nil { return state }
    }
    return nil
  }

  /// Whether the patterns want it on.
  private func wantsOn(at time: MonotonicTime) -> Bool {
    answer?.isOn(at: time) ?? state(at: time)?.isOn(at: time) ?? false
  }

  /// When a lamp may start to shine again.
  private var mayLightAt: MonotonicTime? {
    kind == .lamp ? litAt.map { $0 + OutputPattern.shortestFlashPeriod } : nil
  }

  /// Brings it to its state at `time`; returns whether it is to be switched.
  mutating func advance(to time: MonotonicTime, isSilent: Bool) -> Bool {
    if let running = answer, running.isOn(at: time) == nil { answer = nil }
    var wanted = !isSilent && wantsOn(at: time)
    if wanted, !isOn, let mayLightAt, time < mayLightAt { wanted = false }
    guard wanted != isOn else { return false }
    isOn = wanted
    if wanted { litAt = time }
    return true
  }

  /// The next moment after `time` at which it may have to be switched.
  func nextDeadline(after time: MonotonicTime, isSilent: Bool) -> MonotonicTime? {
    if isSilent { return isOn ? time : nil }
    let running = answer?.isOn(at: time) == nil ? state(at: time) : answer
    var earliest = running?.nextChange(after: time)
    if wantsOn(at: time) != isOn {
      // Played but not yet advanced, or kept dark by the flash limit.
      let due = isOn ? time : max(time, mayLightAt ?? time)
      earliest = min(earliest ?? due, due)
    }
    return earliest
  }
}
