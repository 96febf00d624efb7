import Feedback

/// Checks `[opening_hours]` and `[[holiday]]` of `kiosk.toml`.
struct OpeningHoursTable {
  let problems: ProblemList

  /// The keys of the file that are read here.
  static let keys = ["opening_hours", "holiday"]
  /// Those of a whole year, several times over.
  static let mostHolidays = 500
  /// Characters of a holiday's name.
  static let longestName = 64

  /// Shorthands for several days; a day's own key wins, then the narrower shorthand.
  private static let everyDay = "every_day"
  private static let mondayToFriday = "mon_to_fri"

  /// Always open when the file says nothing; nil when something is wrong, which has been reported.
  func openingHours(in file: TableReader) -> OpeningHours? {
    let before = problems.problems.count
    let table = file.table("opening_hours", write: "[opening_hours] with mon_to_fri = [\"09:00-18:00\"] below it")
    let weekly = table.flatMap(weekly)
    let holidays = holidays(in: file)
    guard problems.problems.count == before else { return nil }
    if let table, weekly?.isEmpty ?? true, holidays.allSatisfy(\.hours.isEmpty) {
      problems.add(
        .contradiction, at: table.at, "[opening_hours] has no hours on any day, so no press would ever count",
        write: "add mon_to_fri = [\"09:00-18:00\"] and the other days, or remove [opening_hours] to be always open")
      return nil
    }
    return OpeningHours(weekly: weekly, holidays: holidays)
  }

  private func weekly(_ table: TOMLTable) -> WeeklyHours? {
    var table = table
    let keys = Weekday.allCases.map(\.name) + [Self.mondayToFriday, Self.everyDay]
    table.entries.removeAll { entry in
      guard !keys.contains(entry.key), let meant = meant(by: entry.key) else { return false }
      problems.add(
        .unknownKey, at: entry.keyAt, "[opening_hours] has no key \(quoted(entry.key))",
        write: "did you mean \(meant)? [opening_hours] takes \(alternatives(keys, last: "and"))")
      return true
    }
    let reader = TableReader(table, place: "[opening_hours]", keys: keys, problems: problems)
    let everyDay = reader.hours(Self.everyDay) ?? []
    let mondayToFriday = reader.hours(Self.mondayToFriday)
    var weekly = WeeklyHours()
    for weekday in Weekday.allCases {
      let usual = weekday.rawValue <= Weekday.friday.rawValue ? mondayToFriday ?? everyDay : everyDay
      weekly[weekday] = reader.hours(weekday.name) ?? usual
    }
    return weekly
  }

  /// The key that was meant by another word for it.
  private func meant(by key: String) -> String? {
    switch key.lowercased() {
    case "weekdays", "weekday", "workdays": Self.mondayToFriday
    case "daily", "all", "days": Self.everyDay
    default: Weekday(meant: key)?.name
    }
  }

  private func holidays(in file: TableReader) -> [Holiday] {
    let tables = file.tables("holiday", header: "[[holiday]]") ?? []
    guard tables.count <= Self.mostHolidays else {
      problems.add(
        .outOfRange, at: tables[Self.mostHolidays].at, "there are \(tables.count) holidays",
        write: "keep at most \(Self.mostHolidays); those that are past can go")
      return []
    }
    var found: [Holiday] = []
    var places: [Located<LocalDate>] = []
    for (index, table) in tables.enumerated() {
      var place = "holiday number \(index + 1)"
      if case .string(let name)? = table["name"]?.value.content { place = "holiday \(quoted(name))" }
      let reader = TableReader(table, place: place, keys: ["date", "name", "hours"], problems: problems)
      let date = reader.date("date", example: "2026-12-24", isRequired: true)
      let name = name(in: reader)
      let hours = reader.hours("hours")
      guard let date else { continue }
      if let other = places.first(where: { $0.value == date.value }) {
        problems.add(
          .duplicate, at: date.at, "\(place) is on \(date.value.text), as the one in \(other.at.name) is",
          write: "give each date one [[holiday]], with all its hours")
      }
      places.append(date)
      found.append(Holiday(date: date.value, name: name, hours: hours ?? []))
    }
    return found
  }

  private func name(in reader: TableReader) -> String {
    guard let name = reader.string("name", example: "\"Christmas Eve\"") else { return "" }
    let isPlain = !name.value.unicodeScalars.contains { $0.properties.generalCategory == .control }
    guard isPlain, name.value.unicodeScalars.count <= Self.longestName else {
      problems.add(
        .invalidValue, at: name.at,
        "name of \(reader.place) is longer than \(Self.longestName) characters or more than a line",
        write: "write it in one line of at most \(Self.longestName) characters")
      return ""
    }
    return name.value
  }
}
