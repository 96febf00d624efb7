import Feedback
import Testing

@testable import KioskConfiguration

/// One way to get hours, holidays or schedules wrong, and what must then be told.
struct BadCalendar: Sendable, CustomTestStringConvertible {
  var what: String
  var text: String
  /// `line:column`.
  var place: String
  var code: ConfigurationProblem.Code
  /// Parts of what is wrong.
  var says: [String]
  /// Parts of what to write instead.
  var advises: [String]

  var testDescription: String { what }

  /// Reads it and finds the problem expected, one only, and no value.
  func check<Value>(
    keys: [String], _ read: (TableReader) -> Value?, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (value, problems) = readCalendar(text, keys: keys, read)
    #expect(value == nil, sourceLocation: sourceLocation)
    #expect(problems.count == 1, "\(problems)", sourceLocation: sourceLocation)
    guard let problem = problems.first else { return }
    #expect("\(problem.line):\(problem.column)" == place, "\(problem)", sourceLocation: sourceLocation)
    #expect(problem.code == code, "\(problem)", sourceLocation: sourceLocation)
    for part in says { #expect(problem.message.contains(part), "\(problem)", sourceLocation: sourceLocation) }
    for part in advises { #expect(problem.remedy.contains(part), "\(problem)", sourceLocation: sourceLocation) }
  }
}

/// Reads one file by one of the tables' readers; the reader's problems are found in the file's `TableReader`.
func readCalendar<Value>(
  _ text: String, keys: [String], _ read: (TableReader) -> Value?
) -> (value: Value?, problems: [ConfigurationProblem]) {
  let problems = ProblemList()
  let source = ConfigurationSource(path: "kiosk.toml", text: text)
  guard let table = TOMLTable.parse(source, problems: problems) else { return (nil, problems.problems) }
  let value = read(TableReader(table, place: "the file", keys: keys, problems: problems))
  return (value, problems.problems)
}

extension LocalDateTime {
  /// `"2026-12-24 14:00"`; the epoch for what is none, which no test means.
  init(_ text: String) {
    let numbers = text.split { !$0.isNumber }.compactMap { Int($0) } + [0, 0, 0]
    let date = LocalDate(year: numbers[0], month: numbers[1], day: numbers[2]) ?? LocalDate(daysSince1970: 0)
    self =
      LocalDateTime(date, hour: numbers[3], minute: numbers[4], second: numbers[5])
      ?? TimeZoneRules.utc.local(at: 0).dateTime
  }
}

/// `hours(9, 18)`: whole hours, for short tests.
func hours(_ start: Int, _ end: Int) -> DailyHours { DailyHours(start: start * 60, end: end * 60) ?? .wholeDay }
