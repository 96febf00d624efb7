import Feedback

/// A lamp or a buzzer, and what it is for.
public struct OutputDescription: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    case lamp
    case buzzer
  }

  public var kind: Kind
  /// The acknowledgements it shows.
  public var shows: Set<Acknowledgement>
  /// The button it stands beside: it then acknowledges presses of that button only. nil: all presses.
  public var button: ButtonIndex?

  public init(kind: Kind, shows: Set<Acknowledgement>, button: ButtonIndex? = nil) {
    self.kind = kind
    self.shows = shows
    self.button = button
  }
}

/// An output to be switched.
public struct OutputChange: Sendable, Hashable {
  /// Its place in the list the player was made with.
  public var output: Int
  public var isOn: Bool

  public init(output: Int, isOn: Bool) {
    self.output = output
    self.isOn = isOn
  }
}

/// Plays acknowledgements on lamps and buzzers.
///
/// - A new acknowledgement ends what runs on the outputs that show it. A pattern without end (out of service) is a
///   state: what comes later is played over it, and it shows again afterwards until it is cleared.
/// - A lamp that is on when a pattern starts goes dark for `relightGap` first, so that two counted presses in a row
///   look like two.
/// - A blinking pattern played again while it runs goes on in step for its full count from now, so that pounding a
///   button does not freeze the blink.
/// - A lamp never starts to shine more often than every `OutputPattern.shortestFlashPeriod`, whatever is played.
///
/// Changes are what is to be switched to reach the state at the moment given; what would have come and gone between two
/// moments is left out.
public struct OutputPlayer: Sendable {
  /// How long a lamp that is on goes dark before the next pattern.
  public static let relightGap = Duration.milliseconds(100)

  private struct Running: Sendable {
    var acknowledgement: Acknowledgement
    var pattern: OutputPattern
    var startedAt: MonotonicTime
    /// How often the steps are played in all; nil: without end.
    var cycles: Int?

    func isOn(at time: MonotonicTime) -> Bool? {
      pattern.isOn(after: time.nanoseconds - startedAt.nanoseconds, cycles: cycles)
    }

    func nextChange(after time: MonotonicTime) -> MonotonicTime? {
      pattern.nextChange(after: time.nanoseconds - startedAt.nanoseconds, cycles: cycles).map {
        MonotonicTime(nanoseconds: startedAt.nanoseconds + $0)
      }
    }
  }

  private struct Output: Sendable {
    let description: OutputDescription
    var isOn = false
    /// When it last started to shine.
    var litAt: MonotonicTime?
    /// What is played now.
    var current: Running?
    /// The state that shows when nothing is played over it.
    var standing: Running?

    init(_ description: OutputDescription) {
      self.description = description
    }

    /// When a lamp may start to shine again.
    var mayLightAt: MonotonicTime? {
      description.kind == .lamp ? litAt.map { $0 + OutputPattern.shortestFlashPeriod } : nil
    }

    mutating func play(_ acknowledgement: Acknowledgement, at time: MonotonicTime) {
      guard
        let pattern = OutputPattern.standard(
          for: acknowledgement, on: description.kind, isShared: description.shows.count > 1)
      else { return }
      guard let repetitions = pattern.repetitions else {
        current = nil
        if standing?.acknowledgement != acknowledgement {
          standing = Running(acknowledgement: acknowledgement, pattern: pattern, startedAt: time, cycles: nil)
        }
        return
      }
      if pattern.steps.count > 1, let running = current, running.acknowledgement == acknowledgement,
        running.isOn(at: time) != nil
      {
        let played = max(0, time.nanoseconds - running.startedAt.nanoseconds) / pattern.cycle
        current?.cycles = Int(played) + repetitions
        return
      }
      let gap = isOn && description.kind == .lamp ? OutputPlayer.relightGap : .zero
      current = Running(
        acknowledgement: acknowledgement, pattern: pattern, startedAt: time + gap, cycles: repetitions)
    }

    mutating func clear(_ acknowledgement: Acknowledgement) {
      if current?.acknowledgement == acknowledgement { current = nil }
      if standing?.acknowledgement == acknowledgement { standing = nil }
    }

    /// Whether the patterns want it on.
    func wantsOn(at time: MonotonicTime) -> Bool {
      current?.isOn(at: time) ?? standing?.isOn(at: time) ?? false
    }

    /// Brings it to its state at `time`; returns whether it is to be switched.
    mutating func advance(to time: MonotonicTime) -> Bool {
      if let running = current, running.isOn(at: time) == nil { current = nil }
      var wanted = wantsOn(at: time)
      if wanted, !isOn, let mayLightAt, time < mayLightAt { wanted = false }
      guard wanted != isOn else { return false }
      isOn = wanted
      if wanted { litAt = time }
      return true
    }

    /// The next moment after `time` at which it may have to be switched.
    func nextDeadline(after time: MonotonicTime) -> MonotonicTime? {
      let running = current?.isOn(at: time) == nil ? standing : current
      var earliest = running?.nextChange(after: time)
      if wantsOn(at: time) != isOn {
        // Played but not yet advanced, or kept dark by the flash limit.
        let due = isOn ? time : max(time, mayLightAt ?? time)
        earliest = min(earliest ?? due, due)
      }
      return earliest
    }
  }

  private var outputs: [Output]
  private var now = MonotonicTime(nanoseconds: 0)

  /// All outputs start off.
  public init(outputs: [OutputDescription]) {
    self.outputs = outputs.map(Output.init)
  }

  /// Whether each output was on at the last `advance`.
  public var states: [Bool] { outputs.map(\.isOn) }

  /// When `advance` should be called next; nil when nothing changes any more.
  public var nextDeadline: MonotonicTime? {
    outputs.compactMap { $0.nextDeadline(after: now) }.min()
  }

  /// Plays an acknowledgement on every output that shows it.
  /// - Parameter button: the button that was pressed; nil when it concerns all of them.
  public mutating func play(_ acknowledgement: Acknowledgement, button: ButtonIndex? = nil, at time: MonotonicTime) {
    now = max(now, time.clamped)
    for index in outputs.indices where outputs[index].description.shows.contains(acknowledgement) {
      let own = outputs[index].description.button
      if own == nil || button == nil || own == button { outputs[index].play(acknowledgement, at: now) }
    }
  }

  /// Ends an acknowledgement wherever it shows: the journal is back, staff are here.
  public mutating func clear(_ acknowledgement: Acknowledgement, at time: MonotonicTime) {
    now = max(now, time.clamped)
    for index in outputs.indices { outputs[index].clear(acknowledgement) }
  }

  /// Returns what is to be switched so that each output is as it should be at `time`.
  public mutating func advance(to time: MonotonicTime) -> [OutputChange] {
    now = max(now, time.clamped)
    var changes: [OutputChange] = []
    for index in outputs.indices where outputs[index].advance(to: now) {
      changes.append(OutputChange(output: index, isOn: outputs[index].isOn))
    }
    return changes
  }
}
