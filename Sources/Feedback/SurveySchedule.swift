/// When a survey is asked instead of the one that has no schedule.
///
/// The choice goes by the wall clock as soon as it is plausible (`TrustedTime.plausibleMilliseconds(at:)`). With no plausible
/// clock the survey without a schedule is asked: its ratings are right whatever day it is.
public struct SurveySchedule: Sendable, Hashable {
  /// The first moment, by the clocks of the place; nil: since ever.
  public let from: LocalDateTime?
  /// The first moment after it; nil: for ever.
  public let to: LocalDateTime?
  /// In the order of the week; empty: every day.
  public let weekdays: [Weekday]
  /// On each of the weekdays; empty: all day. Hours past midnight belong to the weekday they start on.
  public let hours: [DailyHours]

  /// Nil: all day on every day.
  private let timetable: Timetable?

  public init(
    from: LocalDateTime? = nil, to: LocalDateTime? = nil, weekdays: [Weekday] = [], hours: [DailyHours] = []
  ) {
    self.from = from
    self.to = to
    self.weekdays = Weekday.allCases.filter(weekdays.contains)
    self.hours = hours
    let isEveryDay = weekdays.isEmpty && hours.isEmpty
    timetable = isEveryDay ? nil : Timetable(WeeklyHours(hours.isEmpty ? [.wholeDay] : hours, on: weekdays))
  }

  /// Whether it is active at a moment.
  ///
  /// `from` and `to` are moments, found once by the zone's rules, so that an hour the clocks show twice does not switch
  /// twice; weekdays and hours go by what the clocks show.
  /// - Parameter wallMilliseconds: milliseconds since 1970.
  public func isActive(at wallMilliseconds: Int64, in zone: TimeZoneRules) -> Bool {
    if let from, wallMilliseconds < zone.instant(of: from) { return false }
    if let to, wallMilliseconds >= zone.instant(of: to) { return false }
    return isInHours(wallMilliseconds, zone)
  }

  /// The first moment after another at which it becomes active or ends, in milliseconds since 1970; nil: it never will.
  public func nextChange(after wallMilliseconds: Int64, in zone: TimeZoneRules) -> Int64? {
    let first = from.map(zone.instant) ?? .min
    let end = to.map(zone.instant)
    if let end, end <= wallMilliseconds || end <= first { return nil }
    if wallMilliseconds < first, isInHours(first, zone) { return first }
    let start = max(wallMilliseconds, first)
    let change = timetable?.nextChange(after: start, in: zone)
    if isInHours(start, zone) {
      guard let change else { return end }
      return min(change, end ?? change)
    }
    guard let change, change < end ?? .max else { return nil }
    return change
  }

  /// A moment, by the clocks of the place, at which both are active; nil: there is none. The first one where that can be
  /// said; for surveys active since ever one in the week of 2026-01-05.
  ///
  /// Weekdays and hours come again each week, so three weeks show all, however long the two are active.
  public func overlaps(_ other: SurveySchedule, in zone: TimeZoneRules) -> LocalDateTime? {
    let begins = [from, other.from].compactMap { $0.map { zone.second(ofLocal: $0.localSeconds) } }
    let end = [to, other.to].compactMap { $0.map { zone.second(ofLocal: $0.localSeconds) } }.min()
    // 2026-01-05 was a Monday.
    let usual = zone.second(ofLocal: 20_458 * secondsPerDay)
    let begin = begins.max() ?? end.map { min(usual, $0 - 28 * secondsPerDay) } ?? usual
    if let end, begin >= end { return nil }
    let all = Timetable(WeeklyHours([.wholeDay]))
    return (timetable ?? all).firstCommonMoment(with: other.timetable ?? all, from: begin, to: end, in: zone)
  }

  private func isInHours(_ wallMilliseconds: Int64, _ zone: TimeZoneRules) -> Bool {
    timetable?.contains(zone.local(at: wallMilliseconds).dateTime) ?? true
  }
}
