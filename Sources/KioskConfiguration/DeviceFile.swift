import Feedback

/// Checks `kiosk.toml`.
struct DeviceFile {
  let problems: ProblemList
  let timeZones: TimeZoneName

  func settings(from table: TOMLTable) -> DeviceSettings? {
    // [sync] is kiosk-agent's, which checks it: capture must start whatever is wrong with the network's side.
    let file = TableReader(table, place: "the file", keys: ["device", "filter", "journal", "sync"], problems: problems)
    let filter = file.table("filter", write: "[filter] on a line of its own")
    let rules = rules(from: filter)
    let journal = journal(from: file.table("journal", write: "[journal] on a line of its own"))
    guard
      let device = file.table(
        "device", isRequired: true, write: "[device] with name = \"kiosk-1\" and touchpoint = \"checkout-1\" below it")
    else { return nil }
    let reader = TableReader(
      device, place: "[device]", keys: ["name", "touchpoint", "time_zone"], problems: problems)
    let name = label("name", example: "kiosk-0042", in: reader)
    let touchpoint = label("touchpoint", example: "checkout-3", in: reader)
    let timeZone = timeZone(in: reader)
    guard let name, let touchpoint, let timeZone, let rules else { return nil }
    return DeviceSettings(
      name: name, touchpoint: touchpoint, timeZone: timeZone, rules: rules, journal: journal)
  }

  /// A name that becomes part of an address (`/kiosks/<name>`): what RFC 3986 leaves unescaped, less the tilde.
  private func label(_ key: String, example: String, in reader: TableReader) -> String? {
    guard let text = reader.string(key, example: "\"\(example)\"", isRequired: true) else { return nil }
    let isAllowed = text.value.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard (1...64).contains(text.value.utf8.count), isAllowed, text.value.utf8.first.map(Self.isLeading) == true
    else {
      problems.add(
        .invalidValue, at: text.at,
        "\(key) of [device] is \(quoted(text.value)), but has 1 to 64 letters, digits, hyphens, underscores and points, "
          + "and begins with a letter or digit",
        write: "write \(key) = \"\(example)\"")
      return nil
    }
    return text.value
  }

  private static func isLeading(_ byte: UInt8) -> Bool { ![".", "-", "_"].contains(Unicode.Scalar(byte)) }

  private func timeZone(in reader: TableReader) -> String? {
    guard reader.has("time_zone") else { return "UTC" }
    guard let text = reader.string("time_zone", example: "\"Europe/Berlin\"") else { return nil }
    switch timeZones.look(up: text.value) {
    case .known: return text.value
    case .malformed:
      problems.add(
        .invalidValue, at: text.at, "time_zone of [device] is \(quoted(text.value)), which no time zone is called",
        write: "write region and city, such as time_zone = \"Europe/Berlin\", or \"UTC\"")
    case .unknown(let proposal):
      problems.add(
        .invalidValue, at: text.at,
        "time_zone of [device] is \(quoted(text.value)), which the time zone database does not know",
        write: proposal.map { "did you mean time_zone = \"\($0)\"?" }
          ?? "write a name that timedatectl list-timezones shows, such as time_zone = \"Europe/Berlin\"")
    }
    return nil
  }

  // MARK: - [journal]

  private func journal(from table: TOMLTable?) -> JournalSettings {
    var settings = JournalSettings()
    guard let table else { return settings }
    let reader = TableReader(
      table, place: "[journal]", keys: ["retention_days", "budget_mib"], problems: problems)
    if let days = reader.integer("retention_days", in: JournalSettings.retentionDays, example: settings.retentionDays) {
      settings.retentionDays = days.value
    }
    if let room = reader.integer("budget_mib", in: JournalSettings.budgetMebibytes, example: settings.budgetMebibytes) {
      settings.budgetMebibytes = room.value
    }
    return settings
  }

  // MARK: - [filter]

  private func rules(from table: TOMLTable?) -> VerdictRules? {
    var rules = VerdictRules()
    guard let table else { return rules }
    let before = problems.problems.count
    let reader = TableReader(
      table, place: "[filter]",
      keys: [
        "response_interval", "burst_limit", "burst_window", "burst_quiet", "chord_window", "correction_window",
      ], problems: problems)
    func read(_ key: String, _ range: ClosedRange<Duration>, into path: WritableKeyPath<VerdictRules, Duration>) {
      if let found = reader.duration(key, in: range, example: VerdictRules()[keyPath: path]) {
        rules[keyPath: path] = found.value
      }
    }
    read("response_interval", .zero ... .seconds(60), into: \.responseInterval)
    read("burst_window", .seconds(1) ... .seconds(600), into: \.burstWindow)
    read("burst_quiet", .seconds(1) ... .seconds(600), into: \.burstQuiet)
    read("chord_window", .zero ... .seconds(1), into: \.chordWindow)
    read("correction_window", .zero ... .seconds(30), into: \.correctionWindow)
    if let limit = reader.integer("burst_limit", in: 0...1000, example: rules.burstLimit) {
      rules.burstLimit = limit.value
    }
    guard problems.problems.count == before else { return nil }
    checkContradictions(rules, reader)
    return problems.problems.count == before ? rules : nil
  }

  private func checkContradictions(_ rules: VerdictRules, _ reader: TableReader) {
    func value(_ key: String, _ duration: Duration) -> String {
      "\(key) (\(duration.configured)\(reader.has(key) ? "" : ", the default"))"
    }
    func report(_ key: String, _ other: String, _ message: String, write remedy: String) {
      problems.add(.contradiction, at: reader.has(key) ? reader.at(key) : reader.at(other), message, write: remedy)
    }
    if rules.correctionWindow > .zero, rules.chordWindow > rules.correctionWindow {
      report(
        "chord_window", "correction_window",
        "\(value("chord_window", rules.chordWindow)) is longer than "
          + "\(value("correction_window", rules.correctionWindow)), so no press could ever be corrected",
        write: "write chord_window = \"150ms\", or a longer correction_window, or \"0s\" to do without corrections")
    }
    if rules.responseInterval > .zero, rules.correctionWindow > rules.responseInterval {
      report(
        "correction_window", "response_interval",
        "\(value("correction_window", rules.correctionWindow)) is longer than "
          + "\(value("response_interval", rules.responseInterval)), so the next visitor's press would replace the last one's",
        write:
          "write correction_window = \"\(rules.responseInterval.configured)\" or less, or a longer response_interval")
    }
  }
}
