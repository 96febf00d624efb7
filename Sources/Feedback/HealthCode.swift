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
  /// An output line could not be set.
  case outputFailed = "output-failed"
  /// The lines cannot be read any more.
  case linesLost = "lines-lost"
}
