import Feedback

/// Checks `[quiet_hours]` of `kiosk.toml`.
struct QuietHoursTable {
  let problems: ProblemList

  /// The key of the file that is read here.
  static let key = "quiet_hours"

  /// Never quiet when the file says nothing; nil when something is wrong, which has been reported.
  func quietHours(in file: TableReader) -> QuietHours? {
    let before = problems.problems.count
    guard let table = file.table(Self.key, write: "[quiet_hours] with hours = [\"22:00-07:00\"] below it") else {
      return problems.problems.count == before ? QuietHours() : nil
    }
    let reader = TableReader(table, place: "[quiet_hours]", keys: ["hours", "weekdays"], problems: problems)
    let weekdays = reader.weekdays("weekdays")
    let hours = reader.hours("hours")
    if !reader.has("hours") { reader.missing("hours", write: "hours = [\"22:00-07:00\"]") }
    if hours?.isEmpty == true {
      problems.add(
        .invalidValue, at: reader.at("hours"), "hours of [quiet_hours] is empty",
        write: "write hours = [\"22:00-07:00\"], or remove [quiet_hours] to be never quiet")
    }
    guard problems.problems.count == before, let hours else { return nil }
    return QuietHours(weekly: WeeklyHours(hours, on: weekdays ?? []))
  }
}
