import Testing

@testable import Feedback

@Suite("A survey's schedule")
struct SurveyScheduleTests {
  /// A schedule with limits near a moment, or without.
  private static func schedule(near moment: Int64, in zone: TimeZoneRules, _ dice: inout Dice) -> SurveySchedule {
    func limit(_ days: ClosedRange<Int64>) -> LocalDateTime? {
      guard !dice.chance(3) else { return nil }
      let wall = moment + (dice.chance(2) ? dice.roll(-12...12) * 900_000 : dice.roll(days) * 86_400_000)
      return LocalDateTime(localSeconds: zone.local(at: wall).dateTime.localSeconds / 900 * 900)
    }
    return SurveySchedule(
      from: limit(-3...1), to: limit(0...5), weekdays: dice.chance(3) ? [] : dice.weekdays(),
      hours: dice.hoursOfDay(atMost: 2))
  }

  /// What a schedule says, in the slow and obvious way.
  private static func model(of schedule: SurveySchedule, in zone: TimeZoneRules) -> (Int64) -> Bool {
    let first = schedule.from.map(zone.instant) ?? .min
    let end = schedule.to.map(zone.instant) ?? .max
    let days = schedule.weekdays.isEmpty ? Weekday.allCases : schedule.weekdays
    let hours = schedule.hours.isEmpty ? [DailyHours("00:00-24:00")] : schedule.hours
    let model = CalendarModel(weekly: Dictionary(uniqueKeysWithValues: days.map { ($0, hours) }))
    return { wall in wall >= first && wall < end && model.isOpen(at: zone.local(at: wall)) }
  }

  @Test("is what the obvious model says, and so is its next change", arguments: oddMoments.indices, 1...4)
  func model(place: Int, seed: Int) throws {
    let zone = try SystemClocks.rules(of: oddMoments[place].zone)
    var dice = Dice(place * 100 + seed)
    let schedule = Self.schedule(near: oddMoments[place].moment, in: zone, &dice)
    let start = oddMoments[place].moment - 4 * 86_400_000
    let minutes = ModelMinutes(from: start, minutes: 9 * 1_440, Self.model(of: schedule, in: zone))
    for _ in 0..<400 {
      let wall = dice.roll(start...minutes.end - 60_001)
      #expect(schedule.isActive(at: wall, in: zone) == minutes.isActive(at: wall))
      let change = schedule.nextChange(after: wall, in: zone)
      if let expected = minutes.nextChange(after: wall) {
        #expect(change == expected)
      } else {
        #expect(change ?? .max >= minutes.end)
      }
    }
  }

  @Test("meets another exactly where the obvious model finds a common minute", arguments: oddMoments.indices, 1...6)
  func overlaps(place: Int, seed: Int) throws {
    let zone = try SystemClocks.rules(of: oddMoments[place].zone)
    let moment = oddMoments[place].moment
    var dice = Dice(place * 1_000 + seed)
    for _ in 0..<4 {
      let one = Self.schedule(near: moment, in: zone, &dice)
      let other = Self.schedule(near: moment, in: zone, &dice)
      // Two weeks and some days show all that comes again weekly, also what the clocks leave out in one of them.
      let found = one.overlaps(other, in: zone)
      #expect(found == other.overlaps(one, in: zone))
      let begin = [one.from, other.from].compactMap { $0.map(zone.instant) }.max() ?? moment - 16 * 86_400_000
      let end = [one.to, other.to].compactMap { $0.map(zone.instant) }.min() ?? begin + 16 * 86_400_000
      let isOneActive = Self.model(of: one, in: zone)
      let isOtherActive = Self.model(of: other, in: zone)
      let first = stride(from: begin, to: max(begin, end), by: 60_000).first {
        isOneActive($0) && isOtherActive($0)
      }
      #expect((found == nil) == (first == nil), "\(one) \(other)")
      if let first, one.from != nil || other.from != nil { #expect(found == zone.local(at: first).dateTime) }
      if let found, one.from == nil, other.from == nil {
        let wall = zone.instant(of: found)
        #expect(one.isActive(at: wall, in: zone) && other.isActive(at: wall, in: zone))
      }
    }
  }

  @Test("is active from its first moment and no more at its last")
  func limits() throws {
    let zone = try SystemClocks.rules(of: "Europe/Berlin")
    let schedule = SurveySchedule(from: clock(2026, 12, 1), to: clock(2027, 1, 1))
    let (from, to) = (utc(2026, 11, 30, 23), utc(2026, 12, 31, 23))
    #expect([from - 1, from, to - 1, to].map { schedule.isActive(at: $0, in: zone) } == [false, true, true, false])
    #expect(schedule.nextChange(after: 0, in: zone) == from)
    #expect(schedule.nextChange(after: from, in: zone) == to)
    #expect(schedule.nextChange(after: to, in: zone) == nil)
  }

  @Test("does not switch twice in an hour that is shown twice")
  func repeatedHour() throws {
    let zone = try SystemClocks.rules(of: "Europe/Berlin")
    let schedule = SurveySchedule(from: clock(2026, 10, 25, 2, 30), to: clock(2026, 10, 25, 4))
    // 02:30 is shown at 00:30 and at 01:30 UTC.
    let changes = sequence(first: utc(2026, 10, 1)) { schedule.nextChange(after: $0, in: zone) }.dropFirst()
    #expect(Array(changes) == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 3)])
    #expect(schedule.isActive(at: utc(2026, 10, 25, 1, 15), in: zone))
  }

  @Test("between the same two moments, or the wrong way round, is never active")
  func empty() throws {
    for (from, to) in [(clock(2026, 5, 1), clock(2026, 5, 1)), (clock(2026, 5, 2), clock(2026, 5, 1))] {
      let schedule = SurveySchedule(from: from, to: to)
      #expect(!schedule.isActive(at: utc(2026, 5, 1), in: .utc))
      #expect(schedule.nextChange(after: 0, in: .utc) == nil)
      #expect(schedule.overlaps(SurveySchedule(), in: .utc) == nil)
      #expect(SurveySchedule().overlaps(schedule, in: .utc) == nil)
    }
  }

  @Test("whose hours begin when it ends, or end when it begins, is not active then")
  func touching() {
    let ending = SurveySchedule(to: clock(2026, 5, 1, 10), hours: [DailyHours("10:00-12:00")])
    #expect(ending.nextChange(after: utc(2026, 4, 30, 12), in: .utc) == nil)
    #expect(ending.nextChange(after: utc(2026, 4, 30, 11), in: .utc) == utc(2026, 4, 30, 12))
    let beginning = SurveySchedule(from: clock(2026, 5, 1, 12), hours: [DailyHours("10:00-12:00")])
    #expect(beginning.nextChange(after: utc(2026, 5, 1, 11), in: .utc) == utc(2026, 5, 2, 10))
    #expect(ending.overlaps(beginning, in: .utc) == nil)
  }

  @Test("without limits meets another at once, in a week that says something to people")
  func unlimited() throws {
    let zone = try SystemClocks.rules(of: "America/New_York")
    let every = SurveySchedule()
    #expect(every.isActive(at: .min, in: zone) && every.isActive(at: .max, in: zone))
    #expect(every.nextChange(after: 0, in: zone) == nil)
    #expect(every.overlaps(every, in: zone) == clock(2026, 1, 5))
    let lunch = SurveySchedule(weekdays: [.friday], hours: [DailyHours("11:30-14:00")])
    let noon = SurveySchedule(hours: [DailyHours("12:00-13:00")])
    #expect(lunch.overlaps(noon, in: zone) == clock(2026, 1, 9, 12))
    #expect(lunch.overlaps(SurveySchedule(hours: [DailyHours("14:00-11:30")]), in: zone) == nil)
    #expect(lunch.overlaps(SurveySchedule(weekdays: [.thursday, .saturday]), in: zone) == nil)
    let past = SurveySchedule(to: clock(1999, 1, 1))
    #expect(past.overlaps(lunch, in: zone).map { $0 < clock(1999, 1, 1) && $0.date.weekday == .friday } == true)
    let future = SurveySchedule(from: clock(2190, 1, 1))
    #expect(future.overlaps(lunch, in: zone) == clock(2190, 1, 1, 11, 30))
    #expect(future.overlaps(past, in: zone) == nil)
  }

  @Test("past midnight belongs to the day it starts on, in the order of the week")
  func pastMidnight() {
    let schedule = SurveySchedule(weekdays: [.saturday, .friday, .friday], hours: [DailyHours("22:00-02:00")])
    #expect(schedule.weekdays == [.friday, .saturday])
    // 2026-06-05 was a Friday.
    #expect(schedule.isActive(at: utc(2026, 6, 6, 1, 59), in: .utc))
    #expect(schedule.isActive(at: utc(2026, 6, 7, 1, 59), in: .utc))
    #expect(!schedule.isActive(at: utc(2026, 6, 7, 22), in: .utc))
    #expect(!schedule.isActive(at: utc(2026, 6, 5, 1), in: .utc))
  }
}
