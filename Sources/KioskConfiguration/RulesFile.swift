import Feedback

/// What judges presses, read from one file by itself: a whole `kiosk.toml`, or `[filter]`, `[opening_hours]` and
/// `[[holiday]]` alone. To try other rules over the presses of the past.
public struct RulesFile: Sendable, Equatable {
  public var rules: VerdictRules
  /// Nil: the file says nothing about them.
  public var openingHours: OpeningHours?
  /// What clocks show in the zone named by `time_zone` of `[device]`, UTC without one.
  public var zone: TimeZoneRules

  /// - Parameters:
  ///   - source: the file; its path is how problems name it.
  ///   - timeZoneDatabase: where the system's time zones are.
  /// - Throws: `ConfigurationFailure` with every problem found.
  public init(
    _ source: ConfigurationSource, timeZoneDatabase: String = "/usr/share/zoneinfo"
  ) throws(ConfigurationFailure) {
    let problems = ProblemList()
    var table = TOMLTable.parse(source, problems: problems)
    let saysHours = table?["opening_hours"] != nil || table?["holiday"] != nil
    table?.nameDevice()
    let settings = table.flatMap {
      DeviceFile(problems: problems, timeZones: TimeZoneName(database: timeZoneDatabase)).result(from: $0).settings
    }
    if let failure = problems.failure(directory: "", files: [source.path]) { throw failure }
    rules = settings?.rules ?? VerdictRules()
    openingHours = saysHours ? settings?.openingHours : nil
    zone = settings?.zone ?? .utc
  }
}

extension TOMLTable {
  /// A whole file must say which device it is for; a part of one need not.
  fileprivate mutating func nameDevice() {
    func text(_ key: String) -> Entry {
      Entry(key: key, keyAt: at, value: TOMLValue(at: at, content: .string("rules")))
    }
    let named = [text("name"), text("touchpoint")]
    guard let index = entries.firstIndex(where: { $0.key == "device" }) else {
      entries.append(
        Entry(key: "device", keyAt: at, value: TOMLValue(at: at, content: .table(TOMLTable(at: at, entries: named)))))
      return
    }
    guard case .table(var device) = entries[index].value.content else { return }
    device.entries += named.filter { device[$0.key] == nil }
    entries[index].value.content = .table(device)
  }
}
