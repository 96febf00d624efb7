import Feedback
import Testing

@testable import KioskConfiguration

@Suite struct ScheduleTableTests {
  private static func schedule(_ text: String) -> (value: SurveySchedule?, problems: [ConfigurationProblem]) {
    readCalendar(text, keys: [ScheduleTable.key]) { ScheduleTable(problems: $0.problems).schedule(in: $0) }
  }

  static let badSchedules: [BadCalendar] = [
    BadCalendar(
      what: "an end before the beginning", text: "[schedule]\nfrom = 2026-12-31\nto = 2026-12-01", place: "3:6",
      code: .contradiction, says: ["to of [schedule] (2026-12-01 00:00)", "not after from (2026-12-31 00:00)"],
      advises: ["a later to"]),
    BadCalendar(
      what: "an end at the beginning", text: "[schedule]\nto = \"2026-12-01\"\nfrom = 2026-12-01T00:00:00",
      place: "2:6", code: .contradiction, says: ["never be asked"], advises: ["first moment"]),
    BadCalendar(
      what: "an unknown day", text: "[schedule]\nweekdays = [\"mon\", \"Tues\"]", place: "2:20", code: .invalidValue,
      says: ["weekdays of [schedule]", "\"Tues\""], advises: ["did you mean \"tue\"?"]),
    BadCalendar(
      what: "a day of no week", text: "[schedule]\nweekdays = [\"holiday\"]", place: "2:13", code: .invalidValue,
      says: ["no day of the week"], advises: ["\"mon\", \"tue\", \"wed\""]),
    BadCalendar(
      what: "a day twice", text: "[schedule]\nweekdays = [\"mon\", \"mon\"]", place: "2:20", code: .duplicate,
      says: ["\"mon\" twice"], advises: ["each day once"]),
    BadCalendar(
      what: "no day", text: "[schedule]\nweekdays = []", place: "2:12", code: .invalidValue, says: ["names no day"],
      advises: ["remove it for every day"]),
    BadCalendar(
      what: "one day as text", text: "[schedule]\nweekdays = \"mon\"", place: "2:12", code: .wrongType,
      says: ["takes a list"], advises: ["weekdays = [\"mon\"] in brackets"]),
    BadCalendar(
      what: "no hours", text: "[schedule]\nfrom = 2026-12-01\nhours = []", place: "3:9", code: .invalidValue,
      says: ["hours of [schedule] is empty"], advises: ["remove it for the whole day"]),
    BadCalendar(
      what: "hours that overlap", text: "[schedule]\nhours = [\"09:00-12:00\", \"11:00-13:00\"]", place: "2:25",
      code: .contradiction, says: ["overlaps"], advises: ["one stretch"]),
    BadCalendar(
      what: "nothing", text: "[schedule]\n", place: "1:1", code: .missingKey, says: ["says nothing"],
      advises: ["from, to, weekdays or hours"]),
    BadCalendar(
      what: "an unknown key", text: "[schedule]\nuntil = 2026-12-31", place: "2:1", code: .unknownKey,
      says: ["no key \"until\""], advises: ["from, to, weekdays and hours"]),
    BadCalendar(
      what: "text in place of a table", text: "schedule = \"always\"", place: "1:12", code: .wrongType,
      says: ["takes a table"], advises: ["[schedule] with from"]),
    BadCalendar(
      what: "an offset", text: "[schedule]\nfrom = 2026-12-01T08:00:00-01:30", place: "2:8", code: .invalidValue,
      says: ["\"2026-12-01T08:00:00-01:30\"", "offset from UTC"], advises: ["local time without an offset"]),
    BadCalendar(
      what: "a zone", text: "[schedule]\nfrom = 2026-12-01T08:00:00Z", place: "2:8", code: .invalidValue,
      says: ["\"2026-12-01T08:00:00Z\"", "offset from UTC"], advises: ["from = 2026-12-01T08:00:00"]),
    BadCalendar(
      what: "an offset in text", text: "[schedule]\nfrom = \"2026-12-01T08:00:00+01:00\"", place: "2:8",
      code: .invalidValue, says: ["offset from UTC", "time_zone"], advises: ["local time without an offset"]),
    BadCalendar(
      what: "a zone in text", text: "[schedule]\nfrom = \"2026-12-01T08:00Z\"", place: "2:8", code: .invalidValue,
      says: ["offset from UTC"], advises: ["from = 2026-12-01T08:00:00"]),
    BadCalendar(
      what: "a time no clock shows", text: "[schedule]\nto = \"2026-12-01 24:00\"", place: "2:6", code: .invalidValue,
      says: ["no such time"], advises: ["00:00:00 to 23:59:59"]),
    BadCalendar(
      what: "a day that does not exist", text: "[schedule]\nto = \"2026-06-31T10:00\"", place: "2:6",
      code: .invalidValue, says: ["no such day"], advises: ["the calendar has"]),
    BadCalendar(
      what: "a time that is none", text: "[schedule]\nto = \"2026-06-30 noon\"", place: "2:6", code: .invalidValue,
      says: ["which is no date"], advises: ["did you mean to = 2026-06-30?"]),
    BadCalendar(
      what: "an empty text", text: "[schedule]\nto = \"\"", place: "2:6", code: .invalidValue,
      says: ["which is no date"], advises: ["year, month and day"]),
    BadCalendar(
      what: "true", text: "[schedule]\nto = true", place: "2:6", code: .wrongType,
      says: ["takes a date or a date and a time"], advises: ["to = 2027-01-01T00:00:00"]),
    BadCalendar(
      what: "days that are not between the two",
      text: "[schedule]\nfrom = 2026-06-01\nto = 2026-06-05\nweekdays = [\"sat\"]", place: "1:1", code: .contradiction,
      says: ["none of its weekdays and hours", "2026-06-01 00:00"], advises: ["other weekdays or hours"]),
    BadCalendar(
      what: "hours that are not between the two",
      text: "[schedule]\nfrom = 2026-06-01T08:00:00\nto = 2026-06-01T12:00:00\nhours = [\"13:00-14:00\"]",
      place: "1:1", code: .contradiction, says: ["none of its weekdays and hours"], advises: ["more time"]),
  ]

  @Test(arguments: badSchedules) func `of a schedule, says what is wrong and what to write`(_ input: BadCalendar) {
    input.check(keys: [ScheduleTable.key]) { ScheduleTable(problems: $0.problems).schedule(in: $0) }
  }

  @Test(arguments: [
    ("2026-12-01", "2026-12-01 00:00"), ("\"2026-12-01\"", "2026-12-01 00:00"),
    ("2026-12-01T08:30:15", "2026-12-01 08:30:15"), ("2026-12-01 08:30:15", "2026-12-01 08:30:15"),
    ("\"2026-12-01T08:30\"", "2026-12-01 08:30"), ("\"2026-12-01 08:30:15\"", "2026-12-01 08:30:15"),
    ("2028-02-29", "2028-02-29 00:00"),
  ])
  func `reads a moment however it is written`(written: String, text: String) {
    let (found, problems) = Self.schedule("[schedule]\nfrom = \(written)")
    #expect(problems.isEmpty, "\(problems)")
    #expect(found == SurveySchedule(from: LocalDateTime(text)))
    #expect(found?.from?.text == text)
  }

  @Test func `reads everything a schedule can say`() {
    let (found, problems) = Self.schedule(
      """
      [schedule]
      from = 2026-11-27
      to = 2026-12-24T14:00:00
      weekdays = ["sun", "fri"]
      hours = ["16:00-20:00", "22:00-01:00"]
      """)
    #expect(problems.isEmpty, "\(problems)")
    #expect(
      found
        == SurveySchedule(
          from: LocalDateTime("2026-11-27"), to: LocalDateTime("2026-12-24 14:00"), weekdays: [.friday, .sunday],
          hours: [hours(16, 20), hours(22, 1)]))
  }

  @Test func `a survey without a schedule has none`() {
    let (found, problems) = Self.schedule("# nothing")
    #expect(problems.isEmpty)
    #expect(found == nil)
  }

  @Test func `all mistakes are told at once`() {
    let (_, problems) = Self.schedule(
      "[schedule]\nfrom = 1\nto = \"soon\"\nweekdays = [\"x\", \"mo\"]\nhours = [\"1\", \"2\"]\nwhen = 1")
    #expect(problems.map(\.line).sorted() == [2, 3, 4, 4, 5, 5, 6])
  }

  @Test(arguments: ["2026-02-30", "2026-13-01", "2026-12-24T25:00:00"])
  func `a bare date that does not exist is refused in its line`(date: String) {
    let (found, problems) = Self.schedule("[schedule]\nfrom = \(date)")
    #expect(found == nil)
    #expect(problems.map(\.line) == [2])
    #expect(problems.map(\.code) == [.syntax])
  }
}

@Suite struct QuietHoursTableTests {
  private static func read(_ text: String) -> (value: QuietHours?, problems: [ConfigurationProblem]) {
    readCalendar(text, keys: [QuietHoursTable.key]) { QuietHoursTable(problems: $0.problems).quietHours(in: $0) }
  }

  static let bad: [BadCalendar] = [
    BadCalendar(
      what: "without hours", text: "[quiet_hours]\nweekdays = [\"mon\"]", place: "1:1", code: .missingKey,
      says: ["[quiet_hours] has no hours"], advises: ["hours = [\"22:00-07:00\"]"]),
    BadCalendar(
      what: "with empty hours", text: "[quiet_hours]\nhours = []", place: "2:9", code: .invalidValue,
      says: ["hours of [quiet_hours] is empty"], advises: ["remove [quiet_hours] to be never quiet"]),
    BadCalendar(
      what: "with wrong hours", text: "[quiet_hours]\nhours = [\"22-7\"]", place: "2:10", code: .invalidValue,
      says: ["\"22-7\""], advises: ["did you mean \"22:00-07:00\"?"]),
    BadCalendar(
      what: "with a wrong day", text: "[quiet_hours]\nhours = [\"22:00-07:00\"]\nweekdays = [\"Sonntag\"]",
      place: "3:13",
      code: .invalidValue, says: ["\"Sonntag\""], advises: ["\"sun\""]),
    BadCalendar(
      what: "with an unknown key", text: "[quiet_hours]\nhours = [\"22:00-07:00\"]\nday = 1", place: "3:1",
      code: .unknownKey, says: ["no key \"day\""], advises: ["hours and weekdays"]),
    BadCalendar(
      what: "as a list", text: "quiet_hours = [\"22:00-07:00\"]", place: "1:15", code: .wrongType,
      says: ["takes a table"], advises: ["[quiet_hours] with hours"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadCalendar) {
    input.check(keys: [QuietHoursTable.key]) { QuietHoursTable(problems: $0.problems).quietHours(in: $0) }
  }

  @Test func `are on every day or on some`() {
    #expect(
      Self.read("[quiet_hours]\nhours = [\"22:00-07:00\"]").value == QuietHours(weekly: WeeklyHours([hours(22, 7)])))
    let some = Self.read("[quiet_hours]\nhours = [\"22:00-07:00\"]\nweekdays = [\"fri\", \"sat\"]").value
    #expect(some == QuietHours(weekly: WeeklyHours([hours(22, 7)], on: [.friday, .saturday])))
  }

  @Test func `a file that says nothing is never quiet`() {
    let (found, problems) = Self.read("# nothing")
    #expect(problems.isEmpty)
    #expect(found == QuietHours())
  }
}
