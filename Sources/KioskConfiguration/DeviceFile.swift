import Feedback

/// Checks `kiosk.toml`.
struct DeviceFile {
  let problems: ProblemList
  let timeZones: TimeZoneName

  struct Result {
    /// Nil when something is wrong with it.
    var settings: DeviceSettings?
    /// The zone's name, and where it or what could name it is written; nil when it could not be read.
    var timeZone: Located<String>?
  }

  func result(from table: TOMLTable) -> Result {
    let before = problems.problems.count
    // [sync], [serve] and [display] are kiosk-agent's, which checks them (AgentFile): capture must start whatever is wrong
    // with the network's side.
    let file = TableReader(
      table, place: "the file",
      keys: [
        "device", "filter", "journal", "sync", "serve", "display", "context", "requests", "activity", "health",
        QuietHoursTable.key,
      ] + OpeningHoursTable.keys, problems: problems)
    // What cannot be read keeps these values, and is never seen, for then there is a problem.
    var settings = DeviceSettings(name: "", touchpoint: "", timeZone: "UTC", rules: VerdictRules())
    if let rules = FilterTable(problems: problems).rules(in: file) { settings.rules = rules }
    readNumbers(of: file, into: &settings)
    let timeZone = readDevice(of: file, into: &settings)
    let openingHours = OpeningHoursTable(problems: problems).openingHours(in: file)
    let quietHours = QuietHoursTable(problems: problems).quietHours(in: file)
    if let openingHours, let quietHours {
      settings.openingHours = openingHours
      settings.quietHours = quietHours
      if let timeZone, let zone = zone(timeZone, settings, file) { settings.zone = zone }
    }
    return Result(settings: problems.problems.count == before ? settings : nil, timeZone: timeZone)
  }

  /// Reads `[device]`, and returns the zone's name.
  private func readDevice(of file: TableReader, into settings: inout DeviceSettings) -> Located<String>? {
    guard
      let device = file.table(
        "device", isRequired: true, write: "[device] with name = \"kiosk-1\" and touchpoint = \"checkout-1\" below it")
    else { return nil }
    let reader = TableReader(
      device, place: "[device]", keys: ["name", "touchpoint", "time_zone"], problems: problems)
    if let name = label("name", example: "kiosk-0042", in: reader) { settings.name = name }
    if let touchpoint = label("touchpoint", example: "checkout-3", in: reader) { settings.touchpoint = touchpoint }
    guard let timeZone = timeZone(in: reader) else { return nil }
    settings.timeZone = timeZone
    return Located(value: timeZone, at: reader.at("time_zone"))
  }

  /// The zone's rules. Without a database they are missed only where something goes by local time.
  private func zone(
    _ name: Located<String>, _ settings: DeviceSettings, _ file: TableReader
  ) -> TimeZoneRules? {
    let hours = file.has("opening_hours") ? "[opening_hours]" : "[[holiday]]"
    let quiet = settings.quietHours.weekly.isEmpty ? nil : "[quiet_hours]"
    let need = settings.openingHours.isAlwaysOpen ? quiet : hours
    guard let need else { return timeZones.load(name.value) }
    return timeZones.rules(for: name.value, at: name.at, neededBy: need, problems: problems)
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

  // MARK: - Tables of a few numbers

  private func readNumbers(of file: TableReader, into settings: inout DeviceSettings) {
    settings.journal = journal(in: file)
    settings.context = context(in: file)
    let day = Duration.seconds(86_400)
    if let requests = file.reader("requests", keys: ["lapse"]),
      let lapse = requests.duration("lapse", in: .zero...day, example: settings.requestLapse)
    {
      settings.requestLapse = lapse.value
    }
    if let activity = file.reader("activity", keys: ["longest", "close_at_closing_time"]) {
      if let longest = activity.duration("longest", in: .seconds(60)...day, example: settings.longestActivity) {
        settings.longestActivity = longest.value
      }
      if let closes = activity.boolean("close_at_closing_time", example: true) {
        settings.closesActivityAtClosingTime = closes.value
      }
    }
    if let health = file.reader("health", keys: ["silent_after", "temperature_limit", "disk_reserve_mib"]) {
      if let silent = health.duration("silent_after", in: .zero...day * 7, example: settings.silentAfter) {
        settings.silentAfter = silent.value
      }
      if let limit = health.integer("temperature_limit", in: 40...110, example: settings.temperatureLimit) {
        settings.temperatureLimit = limit.value
      }
      if let reserve = health.integer("disk_reserve_mib", in: 0...65_536, example: settings.diskReserveMebibytes) {
        settings.diskReserveMebibytes = reserve.value
      }
    }
  }

  private func context(in file: TableReader) -> ContextSettings {
    var settings = ContextSettings()
    guard let reader = file.reader("context", keys: ["accept", "longest", "only"]) else { return settings }
    if let accept = reader.boolean("accept", example: false) { settings.isAccepted = accept.value }
    if let longest = reader.duration("longest", in: .seconds(1) ... .seconds(600), example: settings.longest) {
      settings.longest = longest.value
    }
    guard let texts = reader.strings("only", example: "[\"transaction\", \"service_point\"]") else { return settings }
    settings.references = []
    for text in texts {
      if !ContextSettings.names.contains(text.value) {
        reader.reportChoice("only", text, words: ContextSettings.names)
      } else if !settings.references.insert(text.value).inserted {
        problems.add(
          .duplicate, at: text.at, "only of [context] holds \(quoted(text.value)) twice", write: "write it once")
      }
    }
    if texts.isEmpty {
      problems.add(
        .outOfRange, at: reader.at("only"), "only of [context] is empty, so no context could be accepted",
        write: "write one or more of " + alternatives(ContextSettings.names.map { "\"\($0)\"" }) + ", or accept = false"
      )
    }
    return settings
  }

  private func journal(in file: TableReader) -> JournalSettings {
    var settings = JournalSettings()
    guard let reader = file.reader("journal", keys: ["retention_days", "budget_mib"]) else { return settings }
    if let days = reader.integer("retention_days", in: JournalSettings.retentionDays, example: settings.retentionDays) {
      settings.retentionDays = days.value
    }
    if let room = reader.integer("budget_mib", in: JournalSettings.budgetMebibytes, example: settings.budgetMebibytes) {
      settings.budgetMebibytes = room.value
    }
    return settings
  }
}
