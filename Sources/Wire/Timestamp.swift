/// Moments of the wall clock as RFC 3339 has them.
public enum Timestamp {
  /// `2026-03-29T01:00:00.000Z`: UTC, always with milliseconds. nil outside the years 1 to 9999, for which RFC 3339 has
  /// no form.
  public static func text(milliseconds: Int64) -> String? {
    // 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z.
    guard (-62_135_596_800_000...253_402_300_799_999).contains(milliseconds) else { return nil }
    let dayLength: Int64 = 86_400_000
    var days = milliseconds / dayLength
    var rest = milliseconds % dayLength
    if rest < 0 {
      days -= 1
      rest += dayLength
    }
    let (year, month, day) = date(daysSince1970: days)
    let hours = rest / 3_600_000
    let minutes = rest / 60_000 % 60
    let seconds = rest / 1000 % 60
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
      + "T\(padded(hours, 2)):\(padded(minutes, 2)):\(padded(seconds, 2)).\(padded(rest % 1000, 3))Z"
  }

  /// The proleptic Gregorian calendar, counted in eras of 400 years (146,097 days) that begin on 1 March, so that the leap
  /// day is the last of its year.
  private static func date(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
    // Days from 0000-03-01 to 1970-01-01. Not negative within the years allowed, so plain division rounds down.
    let days = daysSince1970 + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // Months from March have 31, 30, 31, 30, 31 days, again and again: 153 in five.
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
  }

  static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
