import Foundation
import KioskTestKit
import Testing

@testable import Wire

@Suite("RFC 3339")
struct TimestampTests {
  @Test(
    "known moments",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_700_000_000_123, "2023-11-14T22:13:20.123Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
      (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
  func known(milliseconds: Int64, text: String) {
    #expect(Timestamp.text(milliseconds: milliseconds) == text)
  }

  @Test("no form outside the years 1 to 9999", arguments: [Int64.min, -62_135_596_800_001, 253_402_300_800_000, .max])
  func outside(milliseconds: Int64) {
    #expect(Timestamp.text(milliseconds: milliseconds) == nil)
  }

  @Test("agrees with the calendar of Foundation from 1600 on")
  func agreesWithFoundation() throws {
    var random = SeededGenerator(seed: 3)
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.calendar = Calendar(identifier: .gregorian)
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.dateFormat = "yyyy-MM-dd'T'HH:mm:ss'.000Z'"
    for _ in 0..<2_000 {
      let seconds = Int64.random(in: -11_676_096_000...253_402_300_799, using: &random)
      let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
      #expect(Timestamp.text(milliseconds: seconds * 1000) == expected)
    }
  }
}
