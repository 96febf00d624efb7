import Testing

@testable import Feedback

private func date(_ year: Int, _ month: Int, _ day: Int) -> LocalDate { clock(year, month, day).date }

private func hours(_ texts: String...) -> [DailyHours] { texts.map { DailyHours($0) } }

@Suite("Opening hours")
struct OpeningHoursTests {
  @Test("are what the obvious model says, and so is their next change", arguments: oddMoments.indices, 1...4)
  func model(place: Int, seed: Int) throws {
    let zone = try SystemClocks.rules(of: oddMoments[place].zone)
    var dice = Dice(place * 100 + seed)
    let start = oddMoments[place].moment - 3 * 86_400_000
    var model = CalendarModel(weekly: [:], isLimited: !dice.chance(8))
    for weekday in Weekday.allCases { model.weekly[weekday] = dice.hoursOfDay(atMost: 3) }
    for _ in 0..<dice.roll(0...4) {
      let day = zone.local(at: start + dice.roll(0...7) * 86_400_000).date
      model.holidays[day] = dice.hoursOfDay(atMost: 2)
    }
    var weekly = WeeklyHours()
    for weekday in Weekday.allCases { weekly[weekday] = model.weekly[weekday] ?? [] }
    let holidays = model.holidays.map { Holiday(date: $0.key, hours: $0.value) }.shuffled(using: &dice)
    let opening = OpeningHours(weekly: model.isLimited ? weekly : nil, holidays: holidays)

    let minutes = ModelMinutes(from: start, minutes: 9 * 1_440) { model.isOpen(at: zone.local(at: $0)) }
    var known = 0
    for _ in 0..<400 {
      let wall = dice.roll(start...minutes.end - 60_001)
      #expect(opening.isOpen(at: zone.local(at: wall)) == minutes.isActive(at: wall))
      let change = opening.nextChange(after: wall, in: zone)
      if let expected = minutes.nextChange(after: wall) {
        known += 1
        #expect(change == expected)
      } else {
        #expect(change ?? .max >= minutes.end)
      }
    }
    // Every edge, and the milliseconds on either side of it.
    var wall = start
    while let edge = minutes.nextChange(after: wall) {
      for near in [edge - 1, edge, edge + 1] {
        #expect(opening.isOpen(at: zone.local(at: near)) == minutes.isActive(at: near))
      }
      #expect(opening.nextChange(after: edge - 1, in: zone) == edge)
      if let following = minutes.nextChange(after: edge) {
        #expect(opening.nextChange(after: edge, in: zone) == following)
      }
      wall = edge
    }
    // Rules that never change prove little.
    #expect(known > 0 || !model.isLimited || weekly.isEmpty)
  }

  @Test("that are not given are always open")
  func always() {
    let opening = OpeningHours()
    #expect(opening.isAlwaysOpen)
    #expect(opening.isOpen(at: TimeZoneRules.utc.local(at: 0)))
    #expect(opening.nextChange(after: 0, in: .utc) == nil)
    #expect(OpeningHours(weekly: WeeklyHours([.wholeDay])).nextChange(after: 0, in: .utc) == nil)
    #expect(OpeningHours(weekly: WeeklyHours()).isAlwaysOpen == false)
    #expect(OpeningHours(weekly: WeeklyHours()).isOpen(at: TimeZoneRules.utc.local(at: 0)) == false)
    #expect(OpeningHours(weekly: WeeklyHours()).nextChange(after: 0, in: .utc) == nil)
  }

  @Test("of a holiday stand instead of the weekday's; the night before runs out")
  func holiday() {
    let opening = OpeningHours(
      weekly: WeeklyHours(hours("20:00-02:00")),
      holidays: [
        Holiday(date: date(2026, 12, 25)),
        Holiday(date: date(2026, 12, 31), name: "New Year's Eve", hours: hours("18:00-06:00")),
        Holiday(date: date(2026, 12, 25), hours: hours("00:00-24:00")),
      ])
    func isOpen(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Bool {
      opening.isOpen(at: LocalTime(clock(2026, 12, day, hour, minute)))
    }
    #expect(isOpen(24, 20) && isOpen(25, 0) && isOpen(25, 1, 59))
    #expect(!isOpen(25, 2) && !isOpen(25, 20) && !isOpen(26, 1))
    #expect(isOpen(26, 20) && !isOpen(31, 17, 59) && isOpen(31, 18))
    #expect(opening.isOpen(at: LocalTime(clock(2027, 1, 1, 5, 59))))
    #expect(!opening.isOpen(at: LocalTime(clock(2027, 1, 1, 6))))
    #expect(opening.holidays.map(\.date.text) == ["2026-12-25", "2026-12-31"])
    #expect(opening.nextChange(after: utc(2026, 12, 25, 2), in: .utc) == utc(2026, 12, 26, 20))
  }

  @Test("that never close do so on a holiday years ahead", arguments: [2027, 2031, 2099, 2199])
  func farHoliday(year: Int) throws {
    let zone = try SystemClocks.rules(of: "Europe/Berlin")
    let holidays = [Holiday(date: date(year, 7, 1)), Holiday(date: date(2026, 3, 1), hours: [.wholeDay])]
    let opening = OpeningHours(holidays: holidays)
    #expect(opening.nextChange(after: utc(2026, 1, 1), in: zone) == utc(year, 6, 30, 22))
    #expect(opening.nextChange(after: utc(year, 6, 30, 22), in: zone) == utc(year, 7, 1, 22))
    #expect(opening.nextChange(after: utc(year, 7, 1, 22), in: zone) == nil)
    // The other way round: open on one day alone.
    let once = OpeningHours(
      weekly: WeeklyHours(), holidays: [Holiday(date: date(year, 7, 1), hours: hours("22:00-04:00"))])
    #expect(once.nextChange(after: utc(2026, 1, 1), in: zone) == utc(year, 7, 1, 20))
    #expect(once.nextChange(after: utc(year, 7, 1, 21), in: zone) == utc(year, 7, 2, 2))
    #expect(once.nextChange(after: utc(year, 7, 2, 2), in: zone) == nil)
  }

  @Test("with the most holidays there can be are looked through")
  func manyHolidays() {
    // Each says what holds anyway, but for the last.
    let holidays = (0..<500).map {
      Holiday(date: LocalDate(daysSince1970: 20_500 + Int64($0) * 30), hours: [.wholeDay])
    }
    let last = Holiday(date: LocalDate(daysSince1970: 40_000))
    let opening = OpeningHours(holidays: holidays + [last])
    let expected: Int64 = 40_000 * 86_400_000
    #expect(opening.nextChange(after: utc(2026, 1, 1), in: .utc) == expected)
  }

  @Test("at the clocks' change are open as long as the clocks say")
  func clockChange() throws {
    let zone = try SystemClocks.rules(of: "Europe/Berlin")
    let opening = OpeningHours(weekly: WeeklyHours(hours("02:15-02:45"), on: [.sunday]))
    // Left out in spring, twice in autumn.
    #expect(opening.nextChange(after: utc(2026, 3, 22, 3), in: zone) == utc(2026, 4, 5, 0, 15))
    let changes = sequence(first: utc(2026, 10, 20)) { opening.nextChange(after: $0, in: zone) }.prefix(5).dropFirst()
    #expect(
      Array(changes) == [
        utc(2026, 10, 25, 0, 15), utc(2026, 10, 25, 0, 45), utc(2026, 10, 25, 1, 15), utc(2026, 10, 25, 1, 45),
      ])
  }

  @Test("take any moment", arguments: [Int64.min, Int64.min + 86_400_000, -1, .max - 86_400_000, .max])
  func extremes(wall: Int64) throws {
    let zone = try SystemClocks.rules(of: "Europe/Berlin")
    let opening = OpeningHours(weekly: WeeklyHours(hours("09:00-18:00")), holidays: [Holiday(date: date(2026, 1, 1))])
    if let change = opening.nextChange(after: wall, in: zone) { #expect(change > wall) } else { #expect(wall > 0) }
  }

  @Test("that are quiet are so without holidays")
  func quiet() throws {
    let zone = try SystemClocks.rules(of: "Europe/Berlin")
    let quiet = QuietHours(weekly: WeeklyHours(hours("22:00-07:00"), on: [.friday, .saturday]))
    #expect(quiet.isQuiet(at: zone.local(at: utc(2026, 6, 5, 20))))
    #expect(!quiet.isQuiet(at: zone.local(at: utc(2026, 6, 5, 19, 59, 59))))
    #expect(quiet.isQuiet(at: zone.local(at: utc(2026, 6, 7, 4, 59))))
    #expect(!quiet.isQuiet(at: zone.local(at: utc(2026, 6, 7, 20))))
    #expect(quiet.nextChange(after: utc(2026, 6, 7, 5), in: zone) == utc(2026, 6, 12, 20))
    #expect(QuietHours().nextChange(after: 0, in: zone) == nil)
    #expect(!QuietHours().isQuiet(at: zone.local(at: 0)))
  }
}
