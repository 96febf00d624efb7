import Feedback
import Testing

@testable import KioskConfiguration

@Suite struct OpeningHoursTableTests {
  private static func read(_ text: String) -> (value: OpeningHours?, problems: [ConfigurationProblem]) {
    readCalendar(text, keys: OpeningHoursTable.keys) { OpeningHoursTable(problems: $0.problems).openingHours(in: $0) }
  }

  private static let week = "[opening_hours]\nmon_to_fri = [\"09:00-18:00\"]\n"

  static let bad: [BadCalendar] = [
    BadCalendar(
      what: "hours as people write them", text: "[opening_hours]\nmon = [\"9-18\"]", place: "2:8",
      code: .invalidValue, says: ["mon of [opening_hours]", "\"9-18\"", "form \"09:00-18:00\""],
      advises: ["did you mean \"09:00-18:00\"?"]),
    BadCalendar(
      what: "hours with a long dash and points", text: "[opening_hours]\nmon = [\"8.30 – 24.00\"]", place: "2:8",
      code: .invalidValue, says: ["\"8.30 – 24.00\""], advises: ["did you mean \"08:30-24:00\"?"]),
    BadCalendar(
      what: "hours in words", text: "[opening_hours]\nmon = [\"9am to 6pm\"]", place: "2:8", code: .invalidValue,
      says: ["\"9am to 6pm\""], advises: ["two digits each"]),
    BadCalendar(
      what: "one time alone", text: "[opening_hours]\nmon = [\"09:00\"]", place: "2:8", code: .invalidValue,
      says: ["\"09:00\""], advises: ["the beginning and the end"]),
    BadCalendar(
      what: "an hour no clock has", text: "[opening_hours]\nmon = [\"09:00-25:00\"]", place: "2:8", code: .outOfRange,
      says: ["no time 25:00"], advises: ["00:01 to 24:00"]),
    BadCalendar(
      what: "a minute no clock has", text: "[opening_hours]\nmon = [\"09:60-18:00\"]", place: "2:8",
      code: .outOfRange, says: ["no time 09:60"], advises: ["00:00 to 23:59"]),
    BadCalendar(
      what: "a minute after the last", text: "[opening_hours]\nmon = [\"09:00-24:01\"]", place: "2:8",
      code: .outOfRange, says: ["no time 24:01"], advises: ["to 24:00"]),
    BadCalendar(
      what: "a beginning at the end of the day", text: "[opening_hours]\nmon = [\"24:00-06:00\"]", place: "2:8",
      code: .outOfRange, says: ["no time 24:00"], advises: ["beginning from 00:00 to 23:59"]),
    BadCalendar(
      what: "an end that is the beginning", text: "[opening_hours]\nmon = [\"09:00-09:00\"]", place: "2:8",
      code: .contradiction, says: ["begins and ends at the same time"], advises: ["\"00:00-24:00\" for the whole day"]),
    BadCalendar(
      what: "stretches that overlap", text: "[opening_hours]\nmon = [\"09:00-13:00\", \"12:59-18:00\"]", place: "2:23",
      code: .contradiction, says: ["\"12:59-18:00\"", "overlaps \"09:00-13:00\""], advises: ["one stretch"]),
    BadCalendar(
      what: "stretches that overlap past midnight",
      text: "[opening_hours]\nmon = [\"22:00-03:00\", \"23:00-23:30\"]", place: "2:23", code: .contradiction,
      says: ["overlaps \"22:00-03:00\""], advises: ["one stretch"]),
    BadCalendar(
      what: "more stretches than a day has",
      text: "[opening_hours]\nmon = [" + (0..<13).map { "\"\($0 + 10):00-\($0 + 10):30\"" }.joined(separator: ",")
        + "]",
      place: "2:176", code: .outOfRange, says: ["13 stretches"], advises: ["at most 12"]),
    BadCalendar(
      what: "text in place of a list", text: "[opening_hours]\nmon = \"09:00-18:00\"", place: "2:7", code: .wrongType,
      says: ["mon of [opening_hours]", "takes a list"], advises: ["mon = [\"09:00-18:00\"] in brackets"]),
    BadCalendar(
      what: "bare times", text: "[opening_hours]\nmon = [09:00:00, 18:00:00]", place: "2:8", code: .wrongType,
      says: ["the date or time 09:00:00", "list of texts"], advises: ["mon = [\"09:00-18:00\"]"]),
    BadCalendar(
      what: "a day's full name", text: week + "saturday = [\"09:00-12:00\"]", place: "3:1", code: .unknownKey,
      says: ["no key \"saturday\""], advises: ["did you mean sat?", "mon_to_fri and every_day"]),
    BadCalendar(
      what: "a misspelt day", text: week + "wensday = [\"09:00-12:00\"]", place: "3:1", code: .unknownKey,
      says: ["no key \"wensday\""], advises: ["did you mean wed?"]),
    BadCalendar(
      what: "the other word for working days", text: week + "weekdays = [\"09:00-12:00\"]", place: "3:1",
      code: .unknownKey, says: ["no key \"weekdays\""], advises: ["did you mean mon_to_fri?"]),
    BadCalendar(
      what: "a misspelt shorthand", text: week + "evry_day = []", place: "3:1", code: .unknownKey,
      says: ["no key \"evry_day\""], advises: ["did you mean every_day?"]),
    BadCalendar(
      what: "no hours at all", text: "[opening_hours]\nmon = []", place: "1:1", code: .contradiction,
      says: ["no hours on any day"], advises: ["remove [opening_hours] to be always open"]),
    BadCalendar(
      what: "an empty table", text: "[opening_hours]\n[[holiday]]\ndate = 2026-12-25", place: "1:1",
      code: .contradiction, says: ["no hours on any day"], advises: ["mon_to_fri = [\"09:00-18:00\"]"]),
    BadCalendar(
      what: "a holiday without a date", text: "[[holiday]]\nname = \"Christmas\"", place: "1:1", code: .missingKey,
      says: ["holiday \"Christmas\" has no date"], advises: ["date = 2026-12-24"]),
    BadCalendar(
      what: "a date that does not exist", text: "[[holiday]]\ndate = \"2026-02-29\"", place: "2:8", code: .invalidValue,
      says: ["date of holiday number 1", "\"2026-02-29\"", "no such day"], advises: ["a day the calendar has"]),
    BadCalendar(
      what: "a date in the order of the country", text: "[[holiday]]\ndate = \"24.12.2026\"", place: "2:8",
      code: .invalidValue, says: ["which is no date"], advises: ["did you mean date = 2026-12-24?"]),
    BadCalendar(
      what: "a date with strokes", text: "[[holiday]]\ndate = \"2026/1/6\"", place: "2:8", code: .invalidValue,
      says: ["which is no date"], advises: ["did you mean date = 2026-01-06?"]),
    BadCalendar(
      what: "a date that may be either", text: "[[holiday]]\ndate = \"01/06/2026\"", place: "2:8", code: .invalidValue,
      says: ["which is no date"], advises: ["year, month and day"]),
    BadCalendar(
      what: "a date with a time", text: "[[holiday]]\ndate = 2026-12-24T14:00:00", place: "2:8", code: .invalidValue,
      says: ["which has a time"], advises: ["the date alone"]),
    BadCalendar(
      what: "a time in place of a date", text: "[[holiday]]\ndate = 14:00:00", place: "2:8", code: .invalidValue,
      says: ["a time without a date"], advises: ["date = 2026-12-24"]),
    BadCalendar(
      what: "a number in place of a date", text: "[[holiday]]\ndate = 20261224", place: "2:8", code: .wrongType,
      says: ["the number 20261224", "takes a date"], advises: ["date = 2026-12-24"]),
    BadCalendar(
      what: "a slip in the year", text: "[[holiday]]\ndate = 0206-12-24", place: "2:8", code: .outOfRange,
      says: ["the year 206"], advises: ["from 2000 to 2199"]),
    BadCalendar(
      what: "a holiday twice",
      text: "[[holiday]]\ndate = 2026-12-25\n[[holiday]]\nname = \"Christmas\"\ndate = \"2026-12-25\"", place: "5:8",
      code: .duplicate, says: ["holiday \"Christmas\" is on 2026-12-25", "kiosk.toml:2"],
      advises: ["each date one [[holiday]]"]),
    BadCalendar(
      what: "a holiday with one bracket", text: "[holiday]\ndate = 2026-12-25", place: "1:1", code: .wrongType,
      says: ["holiday of the file"], advises: ["[[holiday]]"]),
    BadCalendar(
      what: "a holiday's misspelt key", text: "[[holiday]]\ndate = 2026-12-25\nhour = []", place: "3:1",
      code: .unknownKey, says: ["no key \"hour\""], advises: ["did you mean hours?"]),
    BadCalendar(
      what: "a name of two lines", text: "[[holiday]]\ndate = 2026-12-25\nname = \"a\\nb\"", place: "3:8",
      code: .invalidValue, says: ["name of holiday"], advises: ["one line"]),
    BadCalendar(
      what: "more holidays than anybody has",
      text: String(repeating: "[[holiday]]\n", count: 501), place: "501:1", code: .outOfRange, says: ["501 holidays"],
      advises: ["at most 500"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadCalendar) {
    input.check(keys: OpeningHoursTable.keys) { OpeningHoursTable(problems: $0.problems).openingHours(in: $0) }
  }

  @Test func `a day's own hours win over the shorthands, and nothing means closed`() throws {
    let (found, problems) = Self.read(
      """
      [opening_hours]
      every_day = ["10:00-16:00"]
      mon_to_fri = ["09:00-12:30", "13:30-24:00"]
      wed = []
      sat = ["22:00-02:00"]
      """)
    #expect(problems.isEmpty, "\(problems)")
    let weekly = try #require(found?.weekly)
    let usual = ["09:00-12:30", "13:30-24:00"]
    #expect(
      Weekday.allCases.map { weekly[$0].map(\.text) }
        == [usual, usual, [], usual, usual, ["22:00-02:00"], ["10:00-16:00"]])
    let bare = try #require(Self.read("[opening_hours]\ntue = [\"00:00-24:00\"]").value?.weekly)
    #expect(Weekday.allCases.filter { !bare[$0].isEmpty } == [.tuesday])
    #expect(bare[.tuesday] == [.wholeDay])
  }

  @Test func `holidays are read bare and in quotes, with hours or closed`() throws {
    let (found, problems) = Self.read(
      """
      [[holiday]]
      date = 2026-12-31
      name = "Silvester"
      hours = ["09:00-14:00"]
      [[holiday]]
      date = "2026-12-25"
      hours = []
      """)
    #expect(problems.isEmpty, "\(problems)")
    #expect(
      found?.holidays == [
        Holiday(date: LocalDateTime("2026-12-25").date),
        Holiday(date: LocalDateTime("2026-12-31").date, name: "Silvester", hours: [hours(9, 14)]),
      ])
    #expect(found?.weekly == nil)
    // With no hours for weekdays every other day is open.
    #expect(found?.isOpen(at: LocalTime(LocalDateTime("2026-12-24 03:00"))) == true)
    #expect(found?.isOpen(at: LocalTime(LocalDateTime("2026-12-25 03:00"))) == false)
  }

  @Test func `a shop of a few days has hours on those only`() throws {
    let (found, problems) = Self.read("[opening_hours]\n[[holiday]]\ndate = 2026-12-05\nhours = [\"10:00-18:00\"]")
    #expect(problems.isEmpty, "\(problems)")
    #expect(found?.isOpen(at: LocalTime(LocalDateTime("2026-12-05 12:00"))) == true)
    #expect(found?.isOpen(at: LocalTime(LocalDateTime("2026-12-06 12:00"))) == false)
  }

  @Test func `a file that says nothing is always open`() {
    let (found, problems) = Self.read("# nothing")
    #expect(problems.isEmpty)
    #expect(found == OpeningHours())
    #expect(found?.isAlwaysOpen == true)
  }

  @Test func `stretches that touch do not overlap`() {
    #expect(Self.read("[opening_hours]\nmon = [\"12:00-18:00\", \"09:00-12:00\", \"18:00-09:00\"]").problems.isEmpty)
  }

  @Test func `all mistakes are told at once`() {
    let (found, problems) = Self.read(
      """
      [opening_hours]
      mon = ["9-18"]
      tue = ["09:00-09:00", "10:00-26:00"]
      monday = []
      [[holiday]]
      date = "2026-13-01"
      hours = [1]
      """)
    #expect(found == nil)
    #expect(problems.map(\.line).sorted() == [2, 3, 3, 4, 6, 7])
  }
}
