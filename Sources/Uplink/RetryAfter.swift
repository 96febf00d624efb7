/// The HTTP header Retry-After (RFC 9110, 10.2.3).
enum RetryAfter {
  /// How long a server asks to wait: a number of seconds, or a date, which is told against the server's own `Date`, for the
  /// kiosk's clock may be wrong. nil for anything else.
  static func duration(_ value: String?, date: String?) -> Duration? {
    guard let value else { return nil }
    let digits = trimmed(value)
    if !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      // More digits than fit: a very long time, which `Backoff` bounds.
      return .seconds(min(Int64(String(decoding: digits, as: UTF8.self)) ?? .max, 1_000_000_000))
    }
    guard let until = seconds(httpDate: value), let now = date.flatMap(seconds(httpDate:)) else { return nil }
    return .seconds(max(0, until - now))
  }

  /// Seconds since 1970 of an IMF-fixdate (`Sun, 06 Nov 1994 08:49:37 GMT`), the only form that is still to be sent.
  static func seconds(httpDate text: String) -> Int64? {
    let parts = trimmed(text).split(separator: UInt8(ascii: " "))
    guard parts.count == 6, parts[5].elementsEqual("GMT".utf8), let day = number(parts[1], 2),
      let month = months.firstIndex(where: { parts[2].elementsEqual($0.utf8) }), let year = number(parts[3], 4)
    else { return nil }
    let time = parts[4].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard time.count == 3, let hour = number(time[0], 2), let minute = number(time[1], 2),
      let second = number(time[2], 2), (1...31).contains(day), year >= 1970, hour < 24, minute < 60, second <= 60
    else { return nil }
    return days(year: year, month: month + 1, day: day) * 86_400 + hour * 3_600 + minute * 60 + second
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Days from 1970-01-01, counted in years that begin on 1 March, so that the leap day is the last of its year.
  private static func days(year: Int64, month: Int, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let monthFromMarch = Int64((month + 9) % 12)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }

  private static func number(_ text: ArraySlice<UInt8>, _ digits: Int) -> Int64? {
    guard text.count == digits, text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int64(String(decoding: text, as: UTF8.self))
  }

  /// Without spaces at its ends.
  private static func trimmed(_ text: String) -> ArraySlice<UInt8> {
    var bytes = Array(text.utf8)[...]
    while bytes.first == UInt8(ascii: " ") { bytes.removeFirst() }
    while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    return bytes
  }
}
