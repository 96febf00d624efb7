/// What a health event or a health state is about. The raw value is stored in the journal, shown by `kioskctl status` and
/// listed with its remedy in the operator's guide.
public enum HealthCode: String, Sendable, Hashable, Codable, CaseIterable {
  /// A button has been down for longer than the limit.
  case buttonStuck = "button-stuck"
  /// That button came up again.
  case buttonReleased = "button-released"
  /// A line changes faster than a person can press.
  case edgeStorm = "edge-storm"
  /// The storm is over.
  case edgeStormOver = "edge-storm-over"
  /// The kernel or the daemon had to drop edges; the levels were read back.
  case edgesLost = "edges-lost"
  /// The journal cannot be written; presses wait in memory and are not acknowledged.
  case journalUnavailable = "journal-unavailable"
  /// The journal can be written again.
  case journalRestored = "journal-restored"
  /// The journal file found at start could not be used and was set aside.
  case journalSetAside = "journal-set-aside"
  /// Presses had to be dropped because too many waited in memory.
  case pressesDropped = "presses-dropped"
  /// Events that nobody had fetched were deleted to keep the journal within its room.
  case eventsSacrificed = "events-sacrificed"
  /// What could be read of a journal that was set aside has been recovered into a file of its own.
  case journalSalvaged = "journal-salvaged"
  /// A new configuration was refused; the old one stays.
  case configurationRefused = "configuration-refused"
  /// What upstream has sent does not fit the kiosk any more, or is damaged; the local surveys are asked.
  case upstreamConfigurationUnused = "upstream-configuration-unused"
  /// An output line could not be set.
  case outputFailed = "output-failed"
  /// The lines cannot be read any more.
  case linesLost = "lines-lost"
  /// A sensor has seen somebody for too long to be a person.
  case sensorBlocked = "sensor-blocked"
  /// That sensor sees nobody again.
  case sensorClear = "sensor-clear"
  /// A sensor's line changes faster than people come and go.
  case sensorFlapping = "sensor-flapping"
  /// The flapping is over.
  case sensorSteady = "sensor-steady"
  /// The box has been opened.
  case tamperOpened = "tamper-opened"
  /// The box is closed again.
  case tamperClosed = "tamper-closed"
  /// Nobody has pressed anything for unusually long while the place was open.
  case panelSilent = "panel-silent"
  /// Somebody has pressed again.
  case panelHeard = "panel-heard"
  /// Technicians are at work: presses do not count.
  case serviceBegan = "service-began"
  /// They have ended their work.
  case serviceEnded = "service-ended"
  /// The board's supply voltage is, or was, too low.
  case underVoltage = "under-voltage"
  /// The supply is good again.
  case voltageGood = "voltage-good"
  /// The board is too hot.
  case overTemperature = "over-temperature"
  /// It has cooled down.
  case temperatureGood = "temperature-good"
  /// The disk has less free room than is to be kept.
  case diskShort = "disk-short"
  /// There is room again.
  case diskRoomy = "disk-roomy"
}
