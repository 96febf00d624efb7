/// What may be asked over the control socket. On the wire: `{"request":"status"}`.
public enum ControlRequest: Sendable, Hashable {
  /// How the daemon is: answered by `DaemonStatus`.
  case status
  /// Every press, verdict, commit and lamp from now on, as `Activity` lines until the client goes away.
  case watch
  /// Work a simulated panel: answered by `PlayedWaveform`, once what was played has been judged and committed.
  case simulate(Simulation)

  /// What can be done to a simulated panel.
  public enum Simulation: Sendable, Hashable {
    /// Press a button. On the wire: `{"request":"sim-press","button":"happy","hold_ms":80,"bounce":12}`.
    case press(SimulatedPress)
    /// Play a recorded waveform, the text of a CSV file. On the wire: `{"request":"sim-play","waveform":"..."}`.
    case play(csv: String)
  }
}

/// A press on a simulated panel.
public struct SimulatedPress: Sendable, Hashable {
  /// Name of the button.
  public var button: String
  /// How long it is held, in milliseconds.
  public var holdMilliseconds: Int
  /// How many extra edges the contact makes at each end.
  public var bounceEdges: Int

  /// Longest hold, ten minutes: enough to try a stuck button, short enough not to be forgotten.
  public static let longestHoldMilliseconds = 600_000
  /// Most extra edges at each end.
  public static let mostBounceEdges = 1_000

  public init(button: String, holdMilliseconds: Int = 80, bounceEdges: Int = 0) {
    self.button = button
    self.holdMilliseconds = holdMilliseconds
    self.bounceEdges = bounceEdges
  }
}

extension ControlRequest: Codable {
  private enum Name: String, Codable {
    case status
    case watch
    case simulatePress = "sim-press"
    case simulatePlay = "sim-play"
  }

  private enum Key: String, CodingKey {
    case request
    case button
    case hold = "hold_ms"
    case bounce
    case waveform
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    switch try values.decode(Name.self, forKey: .request) {
    case .status: self = .status
    case .watch: self = .watch
    case .simulatePress:
      self = .simulate(
        .press(
          SimulatedPress(
            button: try values.decode(String.self, forKey: .button),
            holdMilliseconds: try values.decodeIfPresent(Int.self, forKey: .hold) ?? 80,
            bounceEdges: try values.decodeIfPresent(Int.self, forKey: .bounce) ?? 0)))
    case .simulatePlay: self = .simulate(.play(csv: try values.decode(String.self, forKey: .waveform)))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch self {
    case .status: try values.encode(Name.status, forKey: .request)
    case .watch: try values.encode(Name.watch, forKey: .request)
    case .simulate(.press(let press)):
      try values.encode(Name.simulatePress, forKey: .request)
      try values.encode(press.button, forKey: .button)
      try values.encode(press.holdMilliseconds, forKey: .hold)
      try values.encode(press.bounceEdges, forKey: .bounce)
    case .simulate(.play(let waveform)):
      try values.encode(Name.simulatePlay, forKey: .request)
      try values.encode(waveform, forKey: .waveform)
    }
  }
}
