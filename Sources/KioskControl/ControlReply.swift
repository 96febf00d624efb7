/// What the daemon answers to one request: exactly one member is set.
public struct ControlReply: Sendable, Hashable, Codable {
  /// Answer to `status`.
  public var status: DaemonStatus?
  /// Answer to `sim-press` and `sim-play`, once everything played has been judged and, if it can be, committed.
  public var played: PlayedWaveform?
  /// Answer to `watch`: `Activity` lines follow.
  public var watching: Bool?
  /// Answer to `service`, `context` and `configuration-reset`: it is in force; to `acknowledge`: it is noted.
  public var done: Bool?
  /// Answer to `configuration`.
  public var configuration: ConfigurationOutcome?
  /// The request failed.
  public var error: ControlError?

  public init(
    status: DaemonStatus? = nil, played: PlayedWaveform? = nil, watching: Bool? = nil, done: Bool? = nil,
    configuration: ConfigurationOutcome? = nil, error: ControlError? = nil
  ) {
    self.status = status
    self.played = played
    self.watching = watching
    self.done = done
    self.configuration = configuration
    self.error = error
  }
}

/// What became of a simulated waveform.
public struct PlayedWaveform: Sendable, Hashable, Codable {
  /// The presses recognised while it played, in order.
  public var presses: [RecordedPress]

  public init(presses: [RecordedPress]) {
    self.presses = presses
  }
}

/// A press and what became of it.
public struct RecordedPress: Sendable, Hashable, Codable {
  public var button: String
  /// Name of the verdict.
  public var verdict: String
  /// Its sequence number in the journal; nil while it waits in memory because the journal cannot be written.
  public var sequence: Int64?
  /// Sequence number of the press it withdraws.
  public var replaces: Int64?
  /// The question it answered, and the value; nil for other buttons.
  public var question: String?
  public var value: Int?

  public init(
    button: String, verdict: String, sequence: Int64?, replaces: Int64?, question: String? = nil, value: Int? = nil
  ) {
    self.button = button
    self.verdict = verdict
    self.sequence = sequence
    self.replaces = replaces
    self.question = question
    self.value = value
  }
}
