/// A day of the week, counted as ISO 8601 does.
public enum Weekday: Int, Sendable, Hashable, CaseIterable {
  case monday = 1
  case tuesday
  case wednesday
  case thursday
  case friday
  case saturday
  case sunday

  /// As configuration files write it: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.
  public var name: String {
    switch self {
    case .monday: "mon"
    case .tuesday: "tue"
    case .wednesday: "wed"
    case .thursday: "thu"
    case .friday: "fri"
    case .saturday: "sat"
    case .sunday: "sun"
    }
  }

  /// Reads the form of configuration files; nil for anything else.
  public init?(name: String) {
    guard let weekday = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = weekday
  }

  /// The weekday of a day counted from 1970-01-01, which was a Thursday.
  init(daysSince1970: Int64) {
    self = Weekday(rawValue: Int(daysSince1970.dividedDown(by: 7).remainder + 3) % 7 + 1) ?? .monday
  }
}

/// A day of the calendar, without a time and without a place. The calendar is the Gregorian one, also for the days before
/// it was introduced (ISO 8601).
public struct LocalDate: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01, which is 0.
  public let daysSince1970: Int64

  /// Any day that a wall clock of 64-bit milliseconds can show; days beyond become the last of these.
  public init(daysSince1970: Int64) {
    self.daysSince1970 = min(max(daysSince1970, -Self.mostDays), Self.mostDays)
  }

  /// Nil when there is no such day, or the year is not one of 0 to 9999, which is what files can write.
  public init?(year: Int, month: Int, day: Int) {
    guard (0...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
    daysSince1970 = Self.days(year: Int64(year), month: Int64(month), day: Int64(day))
    guard civil.day == day else { return nil }
  }

  public var year: Int { Int(civil.year) }
  /// 1 to 12.
  public var month: Int { Int(civil.month) }
  /// 1 to 31.
  public var day: Int { Int(civil.day) }
  public var weekday: Weekday { Weekday(daysSince1970: daysSince1970) }

  public static func < (left: LocalDate, right: LocalDate) -> Bool { left.daysSince1970 < right.daysSince1970 }

  /// As ISO 8601 writes it: `2026-12-24`.
  public var text: String {
    let (year, month, day) = civil
    let digits = String(abs(year))
    let padding = String(repeating: "0", count: max(0, 4 - digits.count))
    return "\(year < 0 ? "-" : "")\(padding)\(digits)-\(twoDigits(month))-\(twoDigits(day))"
  }

  /// Int64.max milliseconds, in days.
  private static let mostDays: Int64 = 106_751_991_168

  // Both ways after Howard Hinnant, "chrono-compatible low-level date algorithms": the year begins in March, so that the
  // leap day is its last, and 400 years have 146,097 days.

  static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let (era, yearOfEra) = (month <= 2 ? year - 1 : year).dividedDown(by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private var civil: (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (daysSince1970 + 719_468).dividedDown(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }
}

/// `07`, `12`.
func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

extension Int64 {
  /// Quotient and remainder of a division by a positive number that rounds down, so that the remainder is never negative.
  func dividedDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  /// Seconds in milliseconds, clamped.
  var secondsInMilliseconds: Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: 1_000)
    return overflow ? (self < 0 ? .min : .max) : product
  }
}

/// Seconds of a day of the calendar. Days on which clocks are changed are longer or shorter, but their clocks show no other
/// times.
let secondsPerDay: Int64 = 86_400
