/// When a place is open: hours for each weekday, and holidays with hours of their own or none.
///
/// A press made while the place is closed is kept with the verdict closed. That verdict costs a vote, so it is given only
/// when `TrustedTime.wallMilliseconds(at:)` knows the time: a clock nobody vouches for never costs a vote.
public struct OpeningHours: Sendable, Hashable {
  /// Nil: open all day on every day that is no holiday.
  public let weekly: WeeklyHours?
  /// By date, each date once.
  public var holidays: [Holiday] { timetable.exceptions }

  private let timetable: Timetable

  /// - Parameters:
  ///   - weekly: hours of each weekday; a day without hours is closed. Nil: open all day.
  ///   - holidays: what they say stands instead of the weekday's hours. Hours that began the day before and go on past
  ///     midnight still run out. Of two for the same date the first counts.
  public init(weekly: WeeklyHours? = nil, holidays: [Holiday] = []) {
    self.weekly = weekly
    timetable = Timetable(weekly ?? WeeklyHours([.wholeDay]), exceptions: holidays)
  }

  /// Whether nothing ever closes it.
  public var isAlwaysOpen: Bool { weekly == nil && timetable.exceptions.isEmpty }

  /// Whether it is open when its clocks show this.
  public func isOpen(at time: LocalTime) -> Bool { timetable.contains(time.dateTime) }

  /// The first moment after another at which it opens or closes, in milliseconds since 1970; nil: it never will.
  ///
  /// Exact also where clocks are changed. It takes microseconds as a rule and needs no memory, so that capture may ask.
  public func nextChange(after wallMilliseconds: Int64, in zone: TimeZoneRules) -> Int64? {
    isAlwaysOpen ? nil : timetable.nextChange(after: wallMilliseconds, in: zone)
  }
}
