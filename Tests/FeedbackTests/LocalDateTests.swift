import Feedback
import Testing

@Suite("A day of the calendar")
struct LocalDateTests {
  @Test("follows the day before, over leap years and centuries")
  func everyDay() {
    // A calendar kept by hand from 1600-01-01, a Saturday.
    var (year, month, day, weekday) = (1600, 1, 1, 6)
    let first = LocalDate(year: 1600, month: 1, day: 1)?.daysSince1970 ?? 0
    #expect(first == -135_140)
    for offset in 0..<(900 * 366) {
      let date = LocalDate(daysSince1970: first + Int64(offset))
      guard date.year == year, date.month == month, date.day == day, date.weekday.rawValue == weekday,
        LocalDate(year: year, month: month, day: day) == date
      else {
        Issue.record("\(date.text) is not \(year)-\(month)-\(day), day \(weekday) of the week")
        return
      }
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      day += 1
      if day > lengths[month - 1] { (day, month) = (1, month + 1) }
      if month > 12 { (month, year) = (1, year + 1) }
      weekday = weekday % 7 + 1
    }
  }

  @Test(
    "that does not exist is none",
    arguments: [
      (2026, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32), (-1, 1, 1),
      (10_000, 1, 1), (.max, .max, .max), (.min, .min, .min), (2026, 6, 31),
    ])
  func missing(year: Int, month: Int, day: Int) { #expect(LocalDate(year: year, month: month, day: day) == nil) }

  @Test("is written as ISO 8601 does")
  func text() throws {
    #expect(LocalDate(year: 2024, month: 2, day: 29)?.text == "2024-02-29")
    #expect(LocalDate(year: 33, month: 4, day: 3)?.text == "0033-04-03")
    #expect(LocalDate(daysSince1970: -719_529).text == "-0001-12-31")
    let date = try #require(LocalDate(year: 2026, month: 1, day: 2))
    #expect(LocalDateTime(date, hour: 3, minute: 4)?.text == "2026-01-02 03:04")
    #expect(LocalDateTime(date, hour: 23, minute: 59, second: 9)?.text == "2026-01-02 23:59:09")
    #expect(LocalDateTime(date, hour: 24) == nil)
    #expect(LocalDateTime(date, minute: 60) == nil)
    #expect(LocalDateTime(date, second: -1) == nil)
  }

  @Test("has a weekday that files can name")
  func weekdays() {
    #expect(Weekday.allCases.map(\.name) == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
    #expect(Weekday.allCases.allSatisfy { Weekday(name: $0.name) == $0 })
    #expect(Weekday(name: "Mon") == nil)
    #expect(LocalDate(year: 2026, month: 1, day: 5)?.weekday == .monday)
  }

  @Test("has hours from a minute to another, past midnight too")
  func hours() {
    #expect(DailyHours(start: 540, end: 1_080).map { ($0.text, $0.minutes) } ?? ("", 0) == ("09:00-18:00", 540))
    #expect(DailyHours(start: 1_320, end: 420).map { ($0.text, $0.minutes) } ?? ("", 0) == ("22:00-07:00", 540))
    #expect(DailyHours(start: 1_320, end: 0) == DailyHours(start: 1_320, end: 1_440))
    #expect(DailyHours(start: 0, end: 1_440) == .wholeDay)
    for (start, end) in [(0, 0), (600, 600), (-1, 5), (1_440, 5), (5, 1_441), (5, -1), (.min, .max), (1_440, 1_440)] {
      #expect(DailyHours(start: start, end: end) == nil)
    }
  }
}
