/// When a kiosk makes no sound.
///
/// They go by the wall clock as soon as it is plausible (`TrustedTime.plausibleMilliseconds(at:)`): a beep at the wrong time
/// is a nuisance, no lost vote. With no plausible clock the sound is on, for who cannot see the lamp depends on it.
public struct QuietHours: Sendable, Hashable {
  /// Empty: never quiet.
  public var weekly: WeeklyHours { timetable.weekly }

  private let timetable: Timetable

  public init(weekly: WeeklyHours = WeeklyHours()) {
    timetable = Timetable(weekly)
  }

  /// Whether it is to be quiet when the clocks of the place show this.
  public func isQuiet(at time: LocalTime) -> Bool { timetable.contains(time.dateTime) }

  /// The first moment after another at which they begin or end, in milliseconds since 1970; nil: they never will.
  public func nextChange(after wallMilliseconds: Int64, in zone: TimeZoneRules) -> Int64? {
    weekly.isEmpty ? nil : timetable.nextChange(after: wallMilliseconds, in: zone)
  }
}
