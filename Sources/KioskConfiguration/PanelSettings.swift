import Feedback

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
  /// In the order of the file; with the buttons at most 64.
  public var sensors: [SensorSettings]

  public init(
    board: Board, chipLabels: [String], buttons: [ButtonSettings], lamps: [LampSettings], timing: PanelTiming,
    sensors: [SensorSettings] = []
  ) {
    self.board = board
    self.chipLabels = chipLabels
    self.buttons = buttons
    self.lamps = lamps
    self.timing = timing
    self.sensors = sensors
  }
}

/// One `[[button]]`.
public struct ButtonSettings: Sendable, Equatable {
  /// Unique among buttons, sensors, lamps and buzzers.
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

/// One `[[sensor]]`.
public struct SensorSettings: Sendable, Equatable {
  public enum Use: Sendable, Hashable {
    /// It sees visitors.
    case contact(ContactRules)
    /// It sees that somebody opens the box.
    case tamper
  }

  /// Unique among buttons, sensors, lamps and buzzers.
  public var name: String
  public var line: LineSelector
  public var bias: LineBias
  /// True when a low level means that it sees something.
  public var isActiveLow: Bool
  /// The key of the terminal that stands for the sensor on a simulated panel.
  public var key: Character?
  /// A level must stay unchanged this long to be believed.
  public var debounce: Duration
  public var use: Use

  public init(
    name: String, line: LineSelector, bias: LineBias, isActiveLow: Bool, key: Character?, debounce: Duration, use: Use
  ) {
    self.name = name
    self.line = line
    self.bias = bias
    self.isActiveLow = isActiveLow
    self.key = key
    self.debounce = debounce
    self.use = use
  }
}

/// One `[[lamp]]` or `[[buzzer]]`.
public struct LampSettings: Sendable, Equatable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case lamp
    case buzzer
  }

  /// Unique among buttons, sensors, lamps and buzzers.
  public var name: String
  public var kind: Kind
  public var line: LineSelector
  /// True when a low level switches it on.
  public var isActiveLow: Bool
  /// What it tells the visitor; never empty.
  public var shows: Set<Acknowledgement>
  /// The button it belongs to: it answers presses of that button only. Nil: of all.
  public var button: ButtonIndex?
  /// What it does for these in place of the standard patterns; only for what it shows. No lamp's pattern flashes faster
  /// than is safe.
  public var patterns: [Acknowledgement: OutputPattern]

  public init(
    name: String, kind: Kind, line: LineSelector, isActiveLow: Bool, shows: Set<Acknowledgement>, button: ButtonIndex?,
    patterns: [Acknowledgement: OutputPattern] = [:]
  ) {
    self.name = name
    self.kind = kind
    self.line = line
    self.isActiveLow = isActiveLow
    self.shows = shows
    self.button = button
    self.patterns = patterns
  }
}
