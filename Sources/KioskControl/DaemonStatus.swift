import Feedback

/// How the daemon is, as `kioskctl status` shows it.
public struct DaemonStatus: Sendable, Hashable, Codable {
  /// Version of kioskd.
  public var version: String
  /// Version of libgpiod it was built with.
  public var gpiodVersion: String
  public var device: String
  public var touchpoint: String
  public var board: String
  /// Label of the chip, and where it is.
  public var chip: String
  public var chipPath: String
  /// True when the panel is simulated.
  public var isSimulated: Bool
  /// Name and version of the survey in use.
  public var survey: String
  public var surveyVersion: Int
  /// How long kioskd has been running, in milliseconds.
  public var upMilliseconds: Int64
  /// How long it took from the start of the program until the lines were armed, in microseconds.
  public var armedAfterMicroseconds: Int64
  public var clock: String
  public var buttons: [ButtonStatus]
  public var journal: JournalStatus
  /// What is wrong now; empty when all is well.
  public var health: [HealthState]
  /// Edges read and presses recognised since the start.
  public var edges: Int64
  public var presses: Int64
  /// Times that edges were lost and levels read back.
  public var edgesLost: Int64
  /// What the panel is about, as a display shows it.
  public var phase: DisplayState.Phase?
  /// Sensors as they are now; `isDown`: somebody is there, `presses`: contacts counted since the start.
  public var sensors: [ButtonStatus]?
  /// Sellers who are active.
  public var activeSellers: [String]?
  /// A visitor has called staff.
  public var isStaffCalled: Bool?
  /// Which configuration is in force.
  public var configuration: ConfigurationStatus?

  enum CodingKeys: String, CodingKey {
    case version
    case gpiodVersion = "gpiod_version"
    case device, touchpoint, board, chip
    case chipPath = "chip_path"
    case isSimulated = "simulated"
    case survey
    case surveyVersion = "survey_version"
    case upMilliseconds = "up_ms"
    case armedAfterMicroseconds = "armed_after_us"
    case clock, buttons, journal, health, edges, presses
    case edgesLost = "edges_lost"
    case phase, sensors
    case activeSellers = "active_sellers"
    case isStaffCalled = "staff_called"
    case configuration
  }

  public init(
    version: String, gpiodVersion: String, device: String, touchpoint: String, board: String, chip: String,
    chipPath: String, isSimulated: Bool, survey: String, surveyVersion: Int, upMilliseconds: Int64,
    armedAfterMicroseconds: Int64, clock: String, buttons: [ButtonStatus], journal: JournalStatus,
    health: [HealthState], edges: Int64, presses: Int64, edgesLost: Int64,
    phase: DisplayState.Phase? = nil, sensors: [ButtonStatus]? = nil, activeSellers: [String]? = nil,
    isStaffCalled: Bool? = nil, configuration: ConfigurationStatus? = nil
  ) {
    self.version = version
    self.gpiodVersion = gpiodVersion
    self.device = device
    self.touchpoint = touchpoint
    self.board = board
    self.chip = chip
    self.chipPath = chipPath
    self.isSimulated = isSimulated
    self.survey = survey
    self.surveyVersion = surveyVersion
    self.upMilliseconds = upMilliseconds
    self.armedAfterMicroseconds = armedAfterMicroseconds
    self.clock = clock
    self.buttons = buttons
    self.journal = journal
    self.health = health
    self.edges = edges
    self.presses = presses
    self.edgesLost = edgesLost
    self.phase = phase
    self.sensors = sensors
    self.activeSellers = activeSellers
    self.isStaffCalled = isStaffCalled
    self.configuration = configuration
  }
}

/// The configuration in force, and where its surveys come from.
public struct ConfigurationStatus: Sendable, Hashable, Codable {
  /// As in the journal's event of kind `config`.
  public var fingerprint: String
  /// Version of the surveys from upstream; nil: the local ones are asked.
  public var upstreamVersion: String?
  /// Why what upstream has sent is not in use; nil: it is, or there is none.
  public var refusal: String?

  enum CodingKeys: String, CodingKey {
    case fingerprint
    case upstreamVersion = "upstream_version"
    case refusal
  }

  public init(fingerprint: String, upstreamVersion: String?, refusal: String?) {
    self.fingerprint = fingerprint
    self.upstreamVersion = upstreamVersion
    self.refusal = refusal
  }
}

/// One button as it is now.
public struct ButtonStatus: Sendable, Hashable, Codable {
  public var name: String
  /// The line it is wired to, as in the panel file.
  public var line: String
  public var isDown: Bool
  /// Terminal key of a simulated panel.
  public var key: String?
  /// Presses since kioskd started, whatever their verdict.
  public var presses: Int64

  enum CodingKeys: String, CodingKey {
    case name, line
    case isDown = "down"
    case key, presses
  }

  public init(name: String, line: String, isDown: Bool, key: String?, presses: Int64) {
    self.name = name
    self.line = line
    self.isDown = isDown
    self.key = key
    self.presses = presses
  }
}

/// The journal as it is now.
public struct JournalStatus: Sendable, Hashable, Codable {
  /// False while it cannot be written.
  public var isWritable: Bool
  public var path: String
  /// Random name minted with the file; with the sequence number it names a press for ever.
  public var epoch: String?
  public var lastSequence: Int64?
  /// Events that wait in memory for the journal.
  public var waiting: Int
  /// Transactions committed since the start.
  public var commits: Int64

  enum CodingKeys: String, CodingKey {
    case isWritable = "writable"
    case path, epoch
    case lastSequence = "last_sequence"
    case waiting, commits
  }

  public init(isWritable: Bool, path: String, epoch: String?, lastSequence: Int64?, waiting: Int, commits: Int64) {
    self.isWritable = isWritable
    self.path = path
    self.epoch = epoch
    self.lastSequence = lastSequence
    self.waiting = waiting
    self.commits = commits
  }
}

/// Something that is wrong, since when, and what to do.
public struct HealthState: Sendable, Hashable, Codable {
  public var code: HealthCode
  /// Which button, lamp or file; nil when it concerns the whole.
  public var subject: String?
  public var message: String
  public var hint: String
  /// How long it has been so, in milliseconds.
  public var sinceMilliseconds: Int64

  enum CodingKeys: String, CodingKey {
    case code, subject, message, hint
    case sinceMilliseconds = "since_ms"
  }

  public init(code: HealthCode, subject: String?, message: String, hint: String, sinceMilliseconds: Int64) {
    self.code = code
    self.subject = subject
    self.message = message
    self.hint = hint
    self.sinceMilliseconds = sinceMilliseconds
  }
}
