import Feedback

/// What may be asked over the control socket. On the wire: `{"request":"status"}`.
public enum ControlRequest: Sendable, Hashable {
  /// How the daemon is: answered by `DaemonStatus`.
  case status
  /// Every press, verdict, commit and lamp from now on, as `Activity` lines until the client goes away.
  case watch
  /// Work a simulated panel: answered by `PlayedWaveform`, once what was played has been judged and committed.
  case simulate(Simulation)
  /// Technicians begin or end their work on the kiosk: presses meanwhile get the verdict `service`. Answered by `done`. On
  /// the wire: `{"request":"service","minutes":10}`, 0 to end it.
  case service(minutes: Int)
  /// Something the owner's system says about the next press. Answered by `done`. On the wire:
  /// `{"request":"context","context":{"employee":"e7"},"seconds":30}`; without a reference: takes back what was said.
  case context(PressContext, seconds: Int)
  /// Every consumer has the events of this epoch up to and including `through`: from now on they may expire. Answered by
  /// `done` once kioskd has noted it; a power cut may take that away, so it is told with every batch and at each start. On
  /// the wire: `{"request":"acknowledge","epoch":"<32 hexadecimal digits>","through":4711}`.
  ///
  /// Of an epoch that is not being written any more (`ratings.salvaged-N.db`) it is answered by `done` and changes nothing:
  /// retention deletes nothing there. Such a file is rare and the last witness of a damaged card; it stays, with the damaged
  /// one it came from, until somebody takes them away.
  case acknowledge(epoch: String, through: Int64)
  /// Ask these surveys instead of the local ones from now on. Answered by `ConfigurationOutcome` once they are on disk and in
  /// force, or refused; that can take some seconds. One that breaks the contract's limits is answered by an error. On the
  /// wire: `{"request":"configuration","version":"2026-12-advent","survey":"faces","scheduled":["advent"],
  /// "surveys":[{"name":"faces","toml":"..."}]}`, `scheduled` may be left out.
  case configuration(SurveySet)
  /// Forget what upstream has sent: back to the local surveys. Answered by `done` once that is so, which can take some
  /// seconds; also when nothing had been sent. On the wire: `{"request":"configuration-reset"}`.
  case resetConfiguration

  /// Longest time of service, in minutes: a shift.
  public static let longestServiceMinutes = 8 * 60
  /// Longest life of a context, in seconds. What the configuration allows may be less.
  public static let longestContextSeconds = 600

  /// What can be done to a simulated panel.
  public enum Simulation: Sendable, Hashable {
    /// Press a button. On the wire: `{"request":"sim-press","button":"happy","hold_ms":80,"bounce":12}`.
    case press(SimulatedPress)
    /// Somebody stands in front of a sensor. On the wire: `{"request":"sim-presence","sensor":"door","hold_ms":2000}`.
    case presence(sensor: String, holdMilliseconds: Int)
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
    case simulatePresence = "sim-presence"
    case service
    case context
    case acknowledge
    case configuration
    case resetConfiguration = "configuration-reset"
  }

  private enum Key: String, CodingKey {
    case request
    case button
    case hold = "hold_ms"
    case bounce
    case waveform
    case sensor
    case minutes
    case context
    case seconds
    case epoch
    case through
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
    case .simulatePresence:
      self = .simulate(
        .presence(
          sensor: try values.decode(String.self, forKey: .sensor),
          holdMilliseconds: try values.decodeIfPresent(Int.self, forKey: .hold) ?? 2_000))
    case .service: self = .service(minutes: try values.decode(Int.self, forKey: .minutes))
    case .context:
      self = .context(
        try values.decode(PressContext.self, forKey: .context),
        seconds: try values.decodeIfPresent(Int.self, forKey: .seconds) ?? 30)
    case .acknowledge:
      self = .acknowledge(
        epoch: try values.decode(String.self, forKey: .epoch),
        through: try values.decode(Int64.self, forKey: .through))
    case .configuration: self = .configuration(try SurveySet(from: decoder))
    case .resetConfiguration: self = .resetConfiguration
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
    case .simulate(.presence(let sensor, let hold)):
      try values.encode(Name.simulatePresence, forKey: .request)
      try values.encode(sensor, forKey: .sensor)
      try values.encode(hold, forKey: .hold)
    case .service(let minutes):
      try values.encode(Name.service, forKey: .request)
      try values.encode(minutes, forKey: .minutes)
    case .context(let context, let seconds):
      try values.encode(Name.context, forKey: .request)
      try values.encode(context, forKey: .context)
      try values.encode(seconds, forKey: .seconds)
    case .acknowledge(let epoch, let through):
      try values.encode(Name.acknowledge, forKey: .request)
      try values.encode(epoch, forKey: .epoch)
      try values.encode(through, forKey: .through)
    case .configuration(let set):
      try values.encode(Name.configuration, forKey: .request)
      try set.encode(to: encoder)
    case .resetConfiguration: try values.encode(Name.resetConfiguration, forKey: .request)
    }
  }
}
