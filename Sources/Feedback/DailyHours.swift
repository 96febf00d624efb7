/// A stretch of the day by the clock on the wall, from one minute (inclusive) to another (exclusive): `09:00-18:00`.
public struct DailyHours: Sendable, Hashable {
  /// Minutes of a day.
  public static let minutesPerDay = 1_440

  /// Minutes after midnight, 0 to 1,439.
  public let start: Int
  /// Minutes after midnight, 1 to 1,440. Not after the start: then it is a time of the next day, and the whole stretch
  /// belongs to the day it starts on.
  public let end: Int

  /// Nil when a time is not one of the day, or both are the same. An end at 0:00 is the end of the day.
  public init?(start: Int, end: Int) {
    guard (0..<Self.minutesPerDay).contains(start), (0...Self.minutesPerDay).contains(end), start != end else {
      return nil
    }
    self.start = start
    self.end = end == 0 ? Self.minutesPerDay : end
  }

  private init() {
    start = 0
    end = Self.minutesPerDay
  }

  /// From midnight to midnight.
  public static let wholeDay = DailyHours()

  /// Whether it goes on after midnight.
  public var isPastMidnight: Bool { end < start }

  /// How long it is by the clock, in minutes.
  public var minutes: Int { isPastMidnight ? end + Self.minutesPerDay - start : end - start }

  /// As configuration files write it: `09:00-18:00`.
  public var text: String { "\(Self.clock(start))-\(Self.clock(end))" }

  private static func clock(_ minutes: Int) -> String {
    "\(twoDigits(Int64(minutes / 60))):\(twoDigits(Int64(minutes % 60)))"
  }
}

/// The hours of each weekday.
public struct WeeklyHours: Sendable, Hashable {
  /// Monday's first.
  private var days: [[DailyHours]]

  /// None on any day.
  public init() {
    days = Array(repeating: [], count: 7)
  }

  /// The same hours on some days; without any days, on all.
  public init(_ hours: [DailyHours], on weekdays: [Weekday] = []) {
    self.init()
    for weekday in weekdays.isEmpty ? Weekday.allCases : weekdays { self[weekday] = hours }
  }

  /// The stretches that start on a day.
  public subscript(weekday: Weekday) -> [DailyHours] {
    get { days[weekday.rawValue - 1] }
    set { days[weekday.rawValue - 1] = newValue }
  }

  /// Whether there are none on any day.
  public var isEmpty: Bool { days.allSatisfy(\.isEmpty) }
}
