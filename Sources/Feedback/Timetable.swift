/// Hours of each weekday with days that are different: what opening hours, quiet hours and a survey's hours have in common.
///
/// Whether a moment belongs to it is decided by what the clocks of the place show then and by nothing else: an hour that is
/// shown twice belongs to it twice, one that is left out never.
struct Timetable: Sendable, Hashable {
  let weekly: WeeklyHours
  /// By date, each date once. What they say stands instead of the weekday's hours.
  let exceptions: [Holiday]

  /// Of exceptions for the same date the first is kept.
  init(_ weekly: WeeklyHours, exceptions: [Holiday] = []) {
    self.weekly = weekly
    var sorted: [Holiday] = []
    for exception in exceptions {
      let place = Self.place(of: exception.date.daysSince1970, in: sorted)
      if place == sorted.count || sorted[place].date != exception.date { sorted.insert(exception, at: place) }
    }
    self.exceptions = sorted
  }

  func contains(_ time: LocalDateTime) -> Bool {
    contains(day: time.date.daysSince1970, secondOfDay: Int64(time.secondOfDay))
  }

  fileprivate func contains(day: Int64, secondOfDay: Int64) -> Bool {
    let minute = Int(secondOfDay / 60)
    return hours(on: day).contains { minute >= $0.start && ($0.isPastMidnight || minute < $0.end) }
      || hours(on: day - 1).contains { $0.isPastMidnight && minute < $0.end }
  }

  /// The stretches that start on a day.
  private func hours(on day: Int64) -> [DailyHours] {
    let place = Self.place(of: day, in: exceptions)
    if place < exceptions.count, exceptions[place].date.daysSince1970 == day { return exceptions[place].hours }
    return weekly[Weekday(daysSince1970: day)]
  }

  /// Index of the first exception on or after a day.
  private static func place(of day: Int64, in exceptions: [Holiday]) -> Int {
    var (low, high) = (0, exceptions.count)
    while low < high {
      let middle = (low + high) / 2
      if exceptions[middle].date.daysSince1970 < day { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The next second of a day, by its clock, at which a stretch begins or ends; the day's end when there is none.
  fileprivate func nextEdge(day: Int64, after secondOfDay: Int64) -> Int64 {
    var edge = secondsPerDay
    func consider(_ minute: Int) {
      let second = Int64(minute) * 60
      if second > secondOfDay { edge = min(edge, second) }
    }
    for hours in hours(on: day) {
      consider(hours.start)
      if !hours.isPastMidnight { consider(hours.end) }
    }
    for hours in hours(on: day - 1) where hours.isPastMidnight { consider(hours.end) }
    return edge
  }

  // MARK: - Looking ahead

  /// Without exceptions everything comes again after a week. What clocks put forward leave out in one week is there in the
  /// next, hence three.
  fileprivate static let daysThatShowAll: Int64 = 21

  /// The first moment after another at which it is different from then, in milliseconds since 1970; nil: never.
  ///
  /// It looks ahead over three weeks and over the exceptions to come, however far they are, and steps from one edge to the
  /// next, so it costs some hundred steps at most for each exception, and one or two as a rule.
  func nextChange(after wallMilliseconds: Int64, in zone: TimeZoneRules) -> Int64? {
    var walk = LocalWalk(from: wallMilliseconds.dividedDown(by: 1_000).quotient, in: zone)
    let state = contains(walk)
    var ordinarySince = walk.day
    repeat {
      walk.advance(to: nextEdge(day: walk.day, after: walk.secondOfDay))
      if contains(walk) != state {
        let (milliseconds, overflow) = walk.second.multipliedReportingOverflow(by: 1_000)
        return overflow ? nil : milliseconds
      }
      // An exception's hours may reach into the day after.
      let upcoming = Self.place(of: walk.day - 1, in: exceptions)
      guard upcoming < exceptions.count else { continue }
      let exception = exceptions[upcoming].date.daysSince1970
      if exception <= walk.day {
        ordinarySince = walk.day
      } else if walk.day - ordinarySince > Self.daysThatShowAll {
        // Nothing happens until then.
        walk.skip(toDay: exception - 1)
        ordinarySince = walk.day
      }
    } while walk.day - ordinarySince <= Self.daysThatShowAll
    return nil
  }

  private func contains(_ walk: LocalWalk) -> Bool { contains(day: walk.day, secondOfDay: walk.secondOfDay) }

  /// The first moment in a stretch of time that belongs to both timetables; nil: none does. Neither may have exceptions.
  ///
  /// - Parameters:
  ///   - begin: seconds since 1970, inclusive.
  ///   - end: exclusive; nil: no end.
  func firstCommonMoment(
    with other: Timetable, from begin: Int64, to end: Int64?, in zone: TimeZoneRules
  ) -> LocalDateTime? {
    var walk = LocalWalk(from: begin, in: zone)
    let lastDay = walk.day + Self.daysThatShowAll
    while walk.day <= lastDay, end.map({ walk.second < $0 }) ?? true {
      if contains(walk), other.contains(walk) {
        return LocalDateTime(localSeconds: walk.day * secondsPerDay + walk.secondOfDay)
      }
      let edge = nextEdge(day: walk.day, after: walk.secondOfDay)
      walk.advance(to: min(edge, other.nextEdge(day: walk.day, after: walk.secondOfDay)))
    }
    return nil
  }
}

/// A day of the calendar with hours of its own.
public struct Holiday: Sendable, Hashable {
  public var date: LocalDate
  /// For people; may be empty.
  public var name: String
  /// Empty: closed all day.
  public var hours: [DailyHours]

  public init(date: LocalDate, name: String = "", hours: [DailyHours] = []) {
    self.date = date
    self.name = name
    self.hours = hours
  }
}

/// Goes through time by the clocks of a place, and stops wherever they are changed.
private struct LocalWalk {
  private let zone: TimeZoneRules
  private var offset: Int64 = 0
  private var end: Int64?
  /// Seconds since 1970.
  private(set) var second: Int64
  private(set) var day: Int64 = 0
  private(set) var secondOfDay: Int64 = 0

  init(from second: Int64, in zone: TimeZoneRules) {
    self.zone = zone
    self.second = second
    enterPeriod()
  }

  /// Goes on to a later second of this day (or its end), or to the change of the clocks when that comes first.
  mutating func advance(to secondOfDay: Int64) {
    let next = second + secondOfDay - self.secondOfDay
    if let end, end <= next {
      second = end
      enterPeriod()
    } else {
      second = next
      readClock()
    }
  }

  /// Goes on to the beginning of a later day; stays when that is not later.
  mutating func skip(toDay day: Int64) {
    second = max(second, zone.second(ofLocal: day * secondsPerDay))
    enterPeriod()
  }

  private mutating func enterPeriod() {
    (offset, end) = zone.period(at: second)
    readClock()
  }

  private mutating func readClock() {
    (day, secondOfDay) = (second + offset).dividedDown(by: secondsPerDay)
  }
}
