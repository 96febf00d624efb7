import Feedback

/// All of a kiosk's configuration, checked.
public struct KioskSettings: Sendable, Equatable {
  public var device: DeviceSettings
  public var panel: PanelSettings
  /// Every survey there is a file for, by name.
  public var surveys: [Survey]
  /// The survey the panel asks.
  public var activeSurvey: Survey
  /// Sixteen hexadecimal digits that change when any of the files does: says in the journal which configuration took
  /// effect. Guards against nothing but mistakes.
  public var fingerprint: String

  public init(
    device: DeviceSettings, panel: PanelSettings, surveys: [Survey], activeSurvey: Survey, fingerprint: String
  ) {
    self.device = device
    self.panel = panel
    self.surveys = surveys
    self.activeSurvey = activeSurvey
    self.fingerprint = fingerprint
  }
}

/// What `kiosk.toml` says.
public struct DeviceSettings: Sendable, Equatable {
  /// Name of the device, part of every event's address.
  public var name: String
  /// Where in the shop it stands.
  public var touchpoint: String
  /// Name in the time zone database, `Europe/Berlin`.
  public var timeZone: String
  /// The numbers the filter works with.
  public var rules: VerdictRules
  /// How long and in how much room events are kept.
  public var journal: JournalSettings
  /// What the owner's system may say about a press.
  public var context = ContextSettings()

  public init(
    name: String, touchpoint: String, timeZone: String, rules: VerdictRules,
    journal: JournalSettings = JournalSettings()
  ) {
    self.name = name
    self.touchpoint = touchpoint
    self.timeZone = timeZone
    self.rules = rules
    self.journal = journal
  }
}

/// What `[context]` in `kiosk.toml` says.
public struct ContextSettings: Sendable, Equatable {
  public var isAccepted: Bool
  /// The longest life of a context that no press has used.
  public var longest: Duration
  /// Names of the references that are taken: `employee`, `transaction`, `service_point`.
  public var references: Set<String>

  public init(
    isAccepted: Bool = false, longest: Duration = .seconds(60),
    references: Set<String> = ["employee", "transaction", "service_point"]
  ) {
    self.isAccepted = isAccepted
    self.longest = longest
    self.references = references
  }
}

/// What `[journal]` in `kiosk.toml` says.
public struct JournalSettings: Sendable, Equatable {
  /// Days after which an event that every consumer has is deleted.
  public static let retentionDays = 1...3_650
  /// Mebibytes. The smallest still holds some 100,000 presses, the largest more than a kiosk makes in its life.
  public static let budgetMebibytes = 16...65_536

  public var retentionDays: Int
  public var budgetMebibytes: Int

  public init(retentionDays: Int = 30, budgetMebibytes: Int = 256) {
    self.retentionDays = retentionDays
    self.budgetMebibytes = budgetMebibytes
  }
}

/// What `panel.toml` says.
public struct PanelSettings: Sendable, Equatable {
  public var board: Board
  /// Labels the chip may carry, the likeliest first; empty for the simulated board.
  public var chipLabels: [String]
  /// 1 to 64, in the order of the file: a button's place is its `ButtonIndex`.
  public var buttons: [ButtonSettings]
  /// Lamps and buzzers, lamps first, at most 64.
  public var lamps: [LampSettings]
  public var timing: PanelTiming

  public init(
    board: Board, chipLabels: [String], buttons: [ButtonSettings], lamps: [LampSettings], timing: PanelTiming
  ) {
    self.board = board
    self.chipLabels = chipLabels
    self.buttons = buttons
    self.lamps = lamps
    self.timing = timing
  }
}

/// One `[[button]]`.
public struct ButtonSettings: Sendable, Equatable {
  /// Unique among buttons, lamps and buzzers.
  public var name: String
  public var line: LineSelector
  public var bias: LineBias
  /// True when the contact pulls the line low.
  public var isActiveLow: Bool
  /// The key of the terminal that stands for the button on a simulated panel.
  public var key: Character?
  public var role: ButtonRole

  public init(
    name: String, line: LineSelector, bias: LineBias, isActiveLow: Bool, key: Character?, role: ButtonRole = .answer
  ) {
    self.name = name
    self.line = line
    self.bias = bias
    self.isActiveLow = isActiveLow
    self.key = key
    self.role = role
  }
}

/// One `[[lamp]]` or `[[buzzer]]`.
public struct LampSettings: Sendable, Equatable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case lamp
    case buzzer
  }

  /// Unique among buttons, lamps and buzzers.
  public var name: String
  public var kind: Kind
  public var line: LineSelector
  /// True when a low level switches it on.
  public var isActiveLow: Bool
  /// What it tells the visitor; never empty.
  public var shows: Set<Acknowledgement>
  /// The button it belongs to: it answers presses of that button only. Nil: of all.
  public var button: ButtonIndex?

  public init(
    name: String, kind: Kind, line: LineSelector, isActiveLow: Bool, shows: Set<Acknowledgement>, button: ButtonIndex?
  ) {
    self.name = name
    self.kind = kind
    self.line = line
    self.isActiveLow = isActiveLow
    self.shows = shows
    self.button = button
  }
}
