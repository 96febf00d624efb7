/// How a kiosk is, as its agent sees it. The same as `GET /v1/status` answers (docs/openapi/device.yaml, schema `Status`).
public struct AgentStatus: Sendable, Hashable, Codable {
  public var device: String
  public var touchpoint: String?
  /// Of the software.
  public var version: String
  /// The kiosk's wall clock, as RFC 3339 has it.
  public var time: String
  /// `implausible`, `unsynchronised`, `synchronised`.
  public var clock: String
  public var capture: Capture
  public var journal: Journal
  public var push: Push
  public var consumers: [Consumer]
  public var configuration: Configuration?
  public var health: [Health]

  /// What takes the presses.
  public struct Capture: Sendable, Hashable, Codable {
    /// Whether kioskd answers.
    public var running: Bool
    public var survey: String?
    public var surveyVersion: Int?
    public var presses: Int64?

    enum CodingKeys: String, CodingKey {
      case running, survey
      case surveyVersion = "survey_version"
      case presses
    }

    public init(running: Bool, survey: String? = nil, surveyVersion: Int? = nil, presses: Int64? = nil) {
      self.running = running
      self.survey = survey
      self.surveyVersion = surveyVersion
      self.presses = presses
    }
  }

  public struct Journal: Sendable, Hashable, Codable {
    public var readable: Bool
    public var epoch: String?
    public var lastSequence: Int64?

    enum CodingKeys: String, CodingKey {
      case readable, epoch
      case lastSequence = "last_sequence"
    }

    public init(readable: Bool, epoch: String? = nil, lastSequence: Int64? = nil) {
      self.readable = readable
      self.epoch = epoch
      self.lastSequence = lastSequence
    }
  }

  /// Events on their way to the upstream.
  public struct Push: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
      /// Not configured.
      case off
      /// Everything is delivered.
      case idle
      case sending
      /// It failed, and is tried again.
      case waiting
      /// The server refuses this device, or is not to be trusted.
      case stopped
      /// By a technician.
      case paused
    }

    public var state: State
    public var waitingEvents: Int64?
    /// Events that the server refused for good. They are kept.
    public var setAsideEvents: Int64?
    /// When the server last acknowledged something, as RFC 3339 has it.
    public var deliveredAt: String?
    /// Seconds until the next attempt.
    public var nextAttemptSeconds: Double?
    public var problem: Health?

    enum CodingKeys: String, CodingKey {
      case state
      case waitingEvents = "waiting_events"
      case setAsideEvents = "set_aside_events"
      case deliveredAt = "delivered_at"
      case nextAttemptSeconds = "next_attempt_s"
      case problem
    }

    public init(
      state: State, waitingEvents: Int64? = nil, setAsideEvents: Int64? = nil, deliveredAt: String? = nil,
      nextAttemptSeconds: Double? = nil, problem: Health? = nil
    ) {
      self.state = state
      self.waitingEvents = waitingEvents
      self.setAsideEvents = setAsideEvents
      self.deliveredAt = deliveredAt
      self.nextAttemptSeconds = nextAttemptSeconds
      self.problem = problem
    }
  }

  /// Somebody who fetches.
  public struct Consumer: Sendable, Hashable, Codable {
    public var consumer: String
    /// Everything up to here is confirmed; opaque. Nil before the first confirmation.
    public var cursor: String?
    /// When that was, as RFC 3339 has it.
    public var confirmedAt: String?
    public var waitingEvents: Int64?

    enum CodingKeys: String, CodingKey {
      case consumer, cursor
      case confirmedAt = "confirmed_at"
      case waitingEvents = "waiting_events"
    }

    public init(
      consumer: String, cursor: String? = nil, confirmedAt: String? = nil, waitingEvents: Int64? = nil
    ) {
      self.consumer = consumer
      self.cursor = cursor
      self.confirmedAt = confirmedAt
      self.waitingEvents = waitingEvents
    }
  }

  public struct Configuration: Sendable, Hashable, Codable {
    public enum Outcome: String, Sendable, Hashable, Codable {
      case applied, refused, pending
    }

    /// Of the files in force.
    public var fingerprint: String?
    /// The version that the upstream offered last, and what came of it.
    public var offered: String?
    public var outcome: Outcome?

    public init(fingerprint: String? = nil, offered: String? = nil, outcome: Outcome? = nil) {
      self.fingerprint = fingerprint
      self.offered = offered
      self.outcome = outcome
    }
  }

  /// Something that is wrong.
  public struct Health: Sendable, Hashable, Codable {
    public var code: String
    public var subject: String?
    public var message: String
    public var hint: String?
    public var sinceSeconds: Double?

    enum CodingKeys: String, CodingKey {
      case code, subject, message, hint
      case sinceSeconds = "since_s"
    }

    public init(code: String, subject: String? = nil, message: String, hint: String? = nil, sinceSeconds: Double? = nil)
    {
      self.code = code
      self.subject = subject
      self.message = message
      self.hint = hint
      self.sinceSeconds = sinceSeconds
    }
  }

  public init(
    device: String, touchpoint: String?, version: String, time: String, clock: String, capture: Capture,
    journal: Journal, push: Push, consumers: [Consumer], configuration: Configuration? = nil, health: [Health]
  ) {
    self.device = device
    self.touchpoint = touchpoint
    self.version = version
    self.time = time
    self.clock = clock
    self.capture = capture
    self.journal = journal
    self.push = push
    self.consumers = consumers
    self.configuration = configuration
    self.health = health
  }
}
