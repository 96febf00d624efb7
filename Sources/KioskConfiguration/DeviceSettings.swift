import Feedback

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
  /// What clocks show in the zone that `timeZone` names. UTC where there is no time zone database, which is refused if
  /// anything in the configuration goes by local time.
  public var zone: TimeZoneRules
  /// Presses outside them are kept, and do not count.
  public var openingHours: OpeningHours
  /// When buzzers are silent.
  public var quietHours: QuietHours
  /// What the owner's own systems may say about a press.
  public var context: ContextSettings
  /// After this long without an answer a visitor's call for staff is over. Zero: only staff end it.
  public var requestLapse: Duration
  /// After this long a seller who is at work has forgotten to press the button.
  public var longestActivity: Duration
  /// Whether the end of the opening hours ends every seller's activity too.
  public var closesActivityAtClosingTime: Bool
  /// So much opening time without any press is told as a health state. Zero: never.
  public var silentAfter: Duration
  /// Degrees Celsius of the board above which that is told as a health state.
  public var temperatureLimit: Int
  /// Mebibytes that are to stay free on the journal's disk; less is told as a health state. Zero: never.
  public var diskReserveMebibytes: Int

  /// A visitor waits some minutes, not a quarter of an hour.
  public static let standardRequestLapse = Duration.seconds(900)
  /// A long working day.
  public static let standardLongestActivity = Duration.seconds(36_000)
  /// Half a day of a quiet shop.
  public static let standardSilentAfter = Duration.seconds(14_400)
  /// Boards of this class slow themselves down from 80 °C on (Raspberry Pi documentation, "Frequency management and
  /// thermal control").
  public static let standardTemperatureLimit = 80
  public static let standardDiskReserveMebibytes = 64

  public init(
    name: String, touchpoint: String, timeZone: String, rules: VerdictRules,
    journal: JournalSettings = JournalSettings(), zone: TimeZoneRules = .utc,
    openingHours: OpeningHours = OpeningHours(), quietHours: QuietHours = QuietHours(),
    context: ContextSettings = ContextSettings(), requestLapse: Duration = standardRequestLapse,
    longestActivity: Duration = standardLongestActivity, closesActivityAtClosingTime: Bool = true,
    silentAfter: Duration = standardSilentAfter, temperatureLimit: Int = standardTemperatureLimit,
    diskReserveMebibytes: Int = standardDiskReserveMebibytes
  ) {
    self.name = name
    self.touchpoint = touchpoint
    self.timeZone = timeZone
    self.rules = rules
    self.journal = journal
    self.zone = zone
    self.openingHours = openingHours
    self.quietHours = quietHours
    self.context = context
    self.requestLapse = requestLapse
    self.longestActivity = longestActivity
    self.closesActivityAtClosingTime = closesActivityAtClosingTime
    self.silentAfter = silentAfter
    self.temperatureLimit = temperatureLimit
    self.diskReserveMebibytes = diskReserveMebibytes
  }
}

/// What `[context]` in `kiosk.toml` says about references handed in by the owner's own systems (`PressContext`).
public struct ContextSettings: Sendable, Equatable {
  /// Every reference there is, as the file and the control socket name them.
  public static let names = ["employee", "transaction", "service_point"]

  /// Off unless the owner switches it on.
  public var isAccepted: Bool
  /// The longest life of a context that no press has used.
  public var longest: Duration
  /// Names of the references that are taken: `employee`, `transaction`, `service_point`.
  public var references: Set<String>

  public init(
    isAccepted: Bool = false, longest: Duration = .seconds(60), references: Set<String> = Set(names)
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
