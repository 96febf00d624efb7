@testable import Feedback

/// Hours as slow and obvious as can be: each stretch by itself, minute by minute, nothing looked up and nothing skipped.
struct CalendarModel {
  var weekly: [Weekday: [DailyHours]]
  /// Nil: every weekday has the whole day.
  var isLimited = true
  var holidays: [LocalDate: [DailyHours]] = [:]

  func isOpen(at time: LocalTime) -> Bool {
    let minute = time.secondOfDay / 60
    let yesterday = LocalDate(daysSince1970: time.date.daysSince1970 - 1)
    return hours(on: time.date).contains { minute >= $0.start && minute < $0.start + $0.minutes }
      || hours(on: yesterday).contains { minute + 1_440 < $0.start + $0.minutes }
  }

  private func hours(on date: LocalDate) -> [DailyHours] {
    if let hours = holidays[date] { return hours }
    return isLimited ? weekly[date.weekday] ?? [] : [.wholeDay]
  }
}

/// What the model says for each minute of some weeks.
struct ModelMinutes {
  let start: Int64
  private let isActive: [Bool]
  private let nextChanges: [Int?]

  /// - Parameter start: milliseconds since 1970, a whole minute.
  init(from start: Int64, minutes: Int, _ isActive: (Int64) -> Bool) {
    self.start = start
    self.isActive = (0..<minutes).map { isActive(start + Int64($0) * 60_000) }
    var next: Int?
    var changes: [Int?] = Array(repeating: nil, count: minutes)
    for minute in stride(from: minutes - 2, through: 0, by: -1) {
      if self.isActive[minute] != self.isActive[minute + 1] { next = minute + 1 }
      changes[minute] = next
    }
    nextChanges = changes
  }

  var end: Int64 { start + Int64(isActive.count) * 60_000 }

  func isActive(at wall: Int64) -> Bool { isActive[Int((wall - start) / 60_000)] }

  /// Nil: none before the end.
  func nextChange(after wall: Int64) -> Int64? {
    nextChanges[Int((wall - start) / 60_000)].map { start + Int64($0) * 60_000 }
  }
}

extension Dice {
  mutating func hours() -> DailyHours {
    while true {
      // Often at the times at which clocks are changed.
      let minutes = (0..<2).map { _ in chance(2) ? roll(0...8) * 30 : roll(0...288) * 5 }
      if let hours = DailyHours(start: minutes[0], end: minutes[1]) { return hours }
    }
  }

  mutating func hoursOfDay(atMost most: Int) -> [DailyHours] { (0..<roll(0...most)).map { _ in hours() } }

  mutating func weekdays() -> [Weekday] { Weekday.allCases.filter { _ in chance(2) } }
}

/// Zones and moments around which something odd happens to the clocks.
let oddMoments: [(zone: String, moment: Int64)] = [
  ("Europe/Berlin", utc(2026, 3, 29, 1)), ("Europe/Berlin", utc(2026, 10, 25, 1)),
  ("Europe/Dublin", utc(2030, 3, 31, 1)),
  ("America/New_York", utc(2026, 3, 8, 7)), ("America/St_Johns", utc(2010, 11, 7, 2, 31)),
  ("Australia/Lord_Howe", utc(2026, 4, 4, 15)), ("Australia/Lord_Howe", utc(2026, 10, 3, 15, 30)),
  ("America/Sao_Paulo", utc(2018, 11, 4, 3)), ("America/Sao_Paulo", utc(2018, 2, 18, 2)),
  ("Pacific/Apia", utc(2011, 12, 30, 10)), ("Africa/Casablanca", utc(2026, 2, 15, 2)),
  ("Africa/Casablanca", utc(2026, 3, 22, 2)), ("Asia/Gaza", utc(2026, 3, 28)),
  ("Asia/Tehran", utc(2022, 3, 21, 20, 30)),
  ("Africa/Cairo", utc(2026, 4, 23, 22)), ("Asia/Kolkata", utc(2027, 1, 1)), ("UTC", utc(2028, 2, 29)),
]
