/// What calendar and clock on the wall show somewhere, with no word of where that is.
public struct LocalDateTime: Sendable, Hashable, Comparable {
  public let date: LocalDate
  /// Seconds since midnight by the clock, 0 to 86,399.
  public let secondOfDay: Int

  /// Nil when there is no such time of day.
  public init?(_ date: LocalDate, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
    self.date = date
    secondOfDay = hour * 3_600 + minute * 60 + second
  }

  /// - Parameter localSeconds: seconds since 1970-01-01 00:00 by the same clock.
  init(localSeconds: Int64) {
    let (days, seconds) = localSeconds.dividedDown(by: secondsPerDay)
    date = LocalDate(daysSince1970: days)
    secondOfDay = Int(seconds)
  }

  /// Seconds since 1970-01-01 00:00 by the same clock.
  var localSeconds: Int64 { date.daysSince1970 * secondsPerDay + Int64(secondOfDay) }

  public static func < (left: LocalDateTime, right: LocalDateTime) -> Bool { left.localSeconds < right.localSeconds }

  /// As ISO 8601 writes it, with a space: `2026-12-24 14:00`; with seconds only where there are any.
  public var text: String {
    let (hours, rest) = Int64(secondOfDay).quotientAndRemainder(dividingBy: 3_600)
    let (minutes, seconds) = rest.quotientAndRemainder(dividingBy: 60)
    return "\(date.text) \(twoDigits(hours)):\(twoDigits(minutes))" + (seconds == 0 ? "" : ":\(twoDigits(seconds))")
  }
}

/// What calendar and clock show at a place at one moment, and how far that clock is from UTC then.
public struct LocalTime: Sendable, Hashable {
  public let dateTime: LocalDateTime
  /// What the local clock is ahead of UTC, in seconds; negative in the west.
  public let utcOffsetSeconds: Int

  public init(_ dateTime: LocalDateTime, utcOffsetSeconds: Int = 0) {
    self.dateTime = dateTime
    self.utcOffsetSeconds = utcOffsetSeconds
  }

  public var date: LocalDate { dateTime.date }
  public var year: Int { dateTime.date.year }
  /// 1 to 12.
  public var month: Int { dateTime.date.month }
  /// 1 to 31.
  public var day: Int { dateTime.date.day }
  public var weekday: Weekday { dateTime.date.weekday }
  /// Seconds since midnight by the clock, 0 to 86,399.
  public var secondOfDay: Int { dateTime.secondOfDay }
}
