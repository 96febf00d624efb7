import Feedback

/// Checks `[schedule]` of a survey.
struct ScheduleTable {
  let problems: ProblemList

  /// The key of the survey that is read here.
  static let key = "schedule"

  /// Nil when the survey has no schedule, and when something is wrong with it, which has been reported.
  func schedule(in survey: TableReader) -> SurveySchedule? {
    let before = problems.problems.count
    guard let table = survey.table(Self.key, write: "[schedule] with from = 2026-12-01 and to = 2027-01-01 below it")
    else { return nil }
    let keys = ["from", "to", "weekdays", "hours"]
    let reader = TableReader(table, place: "[schedule]", keys: keys, problems: problems)
    let from = reader.dateTime("from", example: "2026-12-01T08:00:00")
    let to = reader.dateTime("to", example: "2027-01-01T00:00:00")
    let weekdays = reader.weekdays("weekdays")
    let hours = reader.hours("hours")
    if hours?.isEmpty == true {
      problems.add(
        .invalidValue, at: reader.at("hours"), "hours of [schedule] is empty",
        write: "write hours = [\"09:00-12:00\"], or remove it for the whole day")
    }
    guard problems.problems.count == before else { return nil }
    guard keys.contains(where: reader.has) else {
      problems.add(
        .missingKey, at: table.at, "[schedule] says nothing",
        write: "add from, to, weekdays or hours, or remove it: a survey without a schedule is asked when no other is")
      return nil
    }
    if let from, let to, from.value >= to.value {
      problems.add(
        .contradiction, at: to.at,
        "to of [schedule] (\(to.value.text)) is not after from (\(from.value.text)), so the survey would never be asked",
        write: "write a later to; it is the first moment at which the survey is asked no more")
      return nil
    }
    let schedule = SurveySchedule(
      from: from?.value, to: to?.value, weekdays: weekdays ?? [], hours: hours ?? [])
    if let from, let to, !isEverActive(schedule, from: from.value) {
      problems.add(
        .contradiction, at: table.at,
        "[schedule] has none of its weekdays and hours from \(from.value.text) to \(to.value.text)",
        write: "write other weekdays or hours, or more time from the one to the other")
      return nil
    }
    return schedule
  }

  /// Whether there is a moment at all. In any zone, so it is told by UTC.
  private func isEverActive(_ schedule: SurveySchedule, from: LocalDateTime) -> Bool {
    let first = TimeZoneRules.utc.instant(of: from)
    return schedule.isActive(at: first, in: .utc) || schedule.nextChange(after: first, in: .utc) != nil
  }
}
