/// What a journal event is about (raw values are stored: never change one).
public enum EventKind: Int, Sendable, Hashable, Codable, CaseIterable {
  /// A press on a rating button.
  case rating = 1
  /// A reason given for a rating, or a topic on its own.
  case reason = 2
  /// An answer of a questionnaire.
  case answer = 3
  /// A visitor asked for staff, or staff answered the call.
  case request = 4
  /// A question was left unanswered.
  case skip = 5
  /// A seller started or stopped being active.
  case activity = 6
  /// A sensor saw somebody being served.
  case contact = 7
  /// The daemon started, or the clock became trusted or was stepped.
  case clock = 8
  /// Something about the kiosk itself.
  case health = 9
  /// Another configuration took effect.
  case config = 10

  /// The name in the wire form's type, `kiosk.<name>.v1`.
  public var name: String {
    switch self {
    case .rating: "rating"
    case .reason: "reason"
    case .answer: "answer"
    case .request: "request"
    case .skip: "skip"
    case .activity: "activity"
    case .contact: "contact"
    case .clock: "clock"
    case .health: "health"
    case .config: "config"
    }
  }
}

/// An event as the daemon hands it to the journal, which adds the sequence number and the chain.
public struct EventDraft: Sendable, Hashable {
  public var kind: EventKind
  /// When it happened, in nanoseconds on CLOCK_BOOTTIME of the current boot.
  public var bootTimeNanoseconds: Int64
  /// When the wall clock said it happened, in milliseconds since 1970; believe it as far as `clockState` goes.
  public var wallMilliseconds: Int64
  public var clockState: ClockState
  /// Sequence number of the event that opened the visitor's visit; nil: this one opens it (or no visitor is involved).
  public var visit: Int64?
  /// Name of the button, lamp or sensor concerned.
  public var button: String?
  /// Name of the survey, its version and the question that was open.
  public var survey: String?
  public var surveyVersion: Int?
  public var question: String?
  /// Name of the scale the value stands on (`Scale.name`).
  public var scale: String?
  /// The answer.
  public var value: Int?
  /// What exactly happened, for kinds that have more than one case: a health code, `start`, `stop`, `boot`, `anchor`.
  public var code: String?
  /// The language the visitor had chosen.
  public var language: String?
  /// What the filter made of it; nil for events that are not judged.
  public var verdict: Verdict?
  /// Version of the rules that gave the verdict.
  public var rulesVersion: Int?
  /// Sequence number of the earlier event that this one withdraws or corrects. That event itself is never changed.
  public var replaces: Int64?
  /// Reference handed in by the owner's own system.
  public var context: String?
  /// Words or numbers for the reader; no personal data.
  public var detail: String?

  public init(
    kind: EventKind, at reading: ClockReading, visit: Int64? = nil, button: String? = nil, survey: String? = nil,
    surveyVersion: Int? = nil, question: String? = nil, scale: String? = nil, value: Int? = nil, code: String? = nil,
    language: String? = nil, verdict: Verdict? = nil, rulesVersion: Int? = nil, replaces: Int64? = nil,
    context: String? = nil, detail: String? = nil
  ) {
    self.kind = kind
    self.bootTimeNanoseconds = reading.bootTimeNanoseconds
    self.wallMilliseconds = reading.wallMilliseconds
    self.clockState = reading.state
    self.visit = visit
    self.button = button
    self.survey = survey
    self.surveyVersion = surveyVersion
    self.question = question
    self.scale = scale
    self.value = value
    self.code = code
    self.language = language
    self.verdict = verdict
    self.rulesVersion = rulesVersion
    self.replaces = replaces
    self.context = context
    self.detail = detail
  }
}

/// An event as it stands in the journal. Never changed once written.
public struct Event: Sendable, Hashable {
  /// Gapless within the epoch, from 1.
  public var sequence: Int64
  /// Number of the boot it happened in, counted by the journal from 1.
  public var boot: Int64
  /// What was recorded. `visit` is never nil here: an event that opens its visit names itself.
  public var content: EventDraft
  /// SHA-256 over the chain value before it and this event's canonical bytes (docs/GUARANTEES.md).
  public var chain: [UInt8]

  public init(sequence: Int64, boot: Int64, content: EventDraft, chain: [UInt8]) {
    self.sequence = sequence
    self.boot = boot
    self.content = content
    self.chain = chain
  }
}
