import Feedback

/// One thing that just happened on the panel, as `watch` tells it.
public struct Activity: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable {
    /// A button went down and is meant.
    case press
    /// It came up again.
    case released
    /// The press is on disk (`sequence`), with its verdict.
    case committed
    /// An event that is no press is on disk (`sequence`): `kind` and `code` say which. A question that timed out, a contact, a
    /// request that was closed.
    case recorded
    /// What the panel asks has changed (`display`). Also the first line a watcher gets.
    case display
    /// The press waits in memory, for the journal cannot be written.
    case waiting
    /// A lamp or buzzer was switched.
    case output
    /// A health state began, ended or changed.
    case health
    /// Another configuration took effect.
    case configuration
    /// This watcher was too slow: so many lines were left out.
    case missed
  }

  public var event: Kind
  /// When it happened, CLOCK_MONOTONIC in nanoseconds.
  public var monotonicNanoseconds: Int64
  public var button: String?
  /// Name of the verdict.
  public var verdict: String?
  public var sequence: Int64?
  public var replaces: Int64?
  /// Name of the lamp or buzzer.
  public var output: String?
  public var isOn: Bool?
  public var health: HealthCode?
  public var message: String?
  /// How long the button was down, in milliseconds.
  public var downMilliseconds: Int64?
  /// From the moment the press was known to the end of the commit, in microseconds.
  public var commitMicroseconds: Int64?
  /// How many lines were left out.
  public var count: Int?
  /// Kind and code of a journal event.
  public var kind: String?
  public var code: String?
  /// Question and value of an answer.
  public var question: String?
  public var value: Int?
  public var display: DisplayState?

  enum CodingKeys: String, CodingKey {
    case event
    case monotonicNanoseconds = "monotonic_ns"
    case button, verdict, sequence, replaces, output
    case isOn = "on"
    case health, message
    case downMilliseconds = "down_ms"
    case commitMicroseconds = "commit_us"
    case count, kind, code, question, value, display
  }

  public init(
    _ event: Kind, at moment: MonotonicTime, button: String? = nil, verdict: Verdict? = nil, sequence: Int64? = nil,
    replaces: Int64? = nil, output: String? = nil, isOn: Bool? = nil, health: HealthCode? = nil,
    message: String? = nil, downMilliseconds: Int64? = nil,
    commitMicroseconds: Int64? = nil, count: Int? = nil, kind: EventKind? = nil, code: String? = nil,
    question: String? = nil, value: Int? = nil, display: DisplayState? = nil
  ) {
    self.event = event
    self.monotonicNanoseconds = moment.nanoseconds
    self.button = button
    self.verdict = verdict?.name
    self.sequence = sequence
    self.replaces = replaces
    self.output = output
    self.isOn = isOn
    self.health = health
    self.message = message
    self.downMilliseconds = downMilliseconds
    self.commitMicroseconds = commitMicroseconds
    self.count = count
    self.kind = kind?.name
    self.code = code
    self.question = question
    self.value = value
    self.display = display
  }
}
