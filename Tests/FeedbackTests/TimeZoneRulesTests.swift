import Testing

@testable import Feedback

/// 2100-01-01 in seconds since 1970.
private let year2100: Int64 = 4_102_444_800

extension TimeZoneRules {
  /// The moments between two at which something changes, as the rules themselves tell.
  fileprivate func changes(from first: Int64, to last: Int64) -> [Int64] {
    var found: [Int64] = []
    var second = first
    while let end = period(at: second).end, end < last {
      found.append(end)
      second = end
    }
    return found
  }
}

@Suite("The clocks of a place")
struct TimeZoneRulesTests {
  @Test("show what glibc says, at any moment and around every change", arguments: SystemClocks.zones)
  func agreesWithTheSystem(zone: String) throws {
    let rules = try SystemClocks.rules(of: zone)
    var dice = Dice(zone.utf8.count)
    var moments: [Int64] = (0..<3_000).map { _ in dice.roll(0...year2100) }
    for change in rules.changes(from: -1, to: year2100) { moments += (change - 3)...(change + 3) }
    let expected = try SystemClocks.shown(at: moments, in: ":\(SystemClocks.database)/\(zone)")
    try #require(expected.count == moments.count)
    let found = moments.map { second in
      // Any millisecond of the second.
      SystemClocks.Shown(rules.local(at: second * 1_000 + dice.roll(0...999)))
    }
    let difference = zip(moments, zip(found, expected)).first { $1.0 != $1.1 }
    #expect(difference == nil)
  }

  @Test("show what glibc says by rules alone, for any rule POSIX can write", arguments: 1...40)
  func agreesWithTheSystemOnRules(seed: Int) throws {
    var dice = Dice(seed)
    func time(_ hours: ClosedRange<Int>) -> String {
      let hour = dice.roll(hours)
      return dice.chance(2) ? "\(hour)" : "\(hour):\(dice.roll(0...59)):\(dice.roll(0...59))"
    }
    func day(_ months: ClosedRange<Int>) -> String {
      switch dice.roll(0...2) {
      case 0: "J\(dice.roll(months.lowerBound * 30...months.upperBound * 30))"
      case 1: "\(dice.roll(months.lowerBound * 30...months.upperBound * 30))"
      default: "M\(dice.roll(months)).\(dice.roll(1...5)).\(dice.roll(0...6))"
      }
    }
    let moments = ["", "/\(time(0...24))", "/-\(time(0...48))", "/\(time(25...167))"]
    let spring = "\(day(2...4))\(moments[dice.roll(0...3)])"
    let autumn = "\(day(8...10))\(moments[dice.roll(0...3)])"
    let isSouthern = dice.chance(2)
    let offset = ["", "-3", "4:30", "-5:45:10"][dice.roll(0...3)]
    let sign = dice.chance(2) ? "-" : ""
    let rule =
      "AAA\(sign)\(time(0...11))<B+1>\(offset),\(isSouthern ? autumn : spring),\(isSouthern ? spring : autumn)"
    let zone = try TimeZoneRules(tzif: TZifBytes(rule: rule).bytes)
    let seconds: [Int64] = (0..<2_000).map { _ in dice.roll(0...year2100) } + zone.changes(from: 0, to: year2100)
    let expected = try SystemClocks.shown(at: seconds, in: rule)
    let found = seconds.map { SystemClocks.Shown(zone.local(at: $0 * 1_000)) }
    let difference = zip(seconds, zip(found, expected)).first { $1.0 != $1.1 }
    #expect(difference == nil, "\(rule)")
    #expect(expected.count == seconds.count)
  }

  @Test("a local time is found again, the first time it is shown", arguments: SystemClocks.zones)
  func inverse(zone: String) throws {
    let rules = try SystemClocks.rules(of: zone)
    var dice = Dice(7)
    var seconds: [Int64] = (0..<1_000).map { _ in dice.roll(-year2100...2 * year2100) }
    for change in rules.changes(from: -year2100, to: year2100) {
      seconds += (0..<6).map { _ in change + dice.roll(-90_000...90_000) } + [change - 1, change]
      // The first second that is shown once again, where clocks are put back.
      let back = rules.period(at: change - 1).offset - rules.period(at: change).offset
      seconds += [change + back - 1, change + back]
    }
    for second in seconds {
      let local = rules.local(at: second * 1_000)
      let found = rules.instant(of: local.dateTime)
      #expect(rules.local(at: found).dateTime == local.dateTime)
      #expect(found <= second * 1_000)
      // No earlier moment shows it: the hours before are looked through at every offset the zone had around then.
      for offset in Set([-86_400, -7_200, 0, 7_200, 86_400].map { rules.period(at: second + $0).offset }) {
        let other = local.dateTime.localSeconds - offset
        if rules.local(at: other * 1_000).dateTime == local.dateTime { #expect(found <= other * 1_000) }
      }
    }
  }

  @Test(
    "a time the clocks leave out is the moment they are put forward",
    arguments: [
      ("Europe/Berlin", clock(2026, 3, 29, 2, 30), utc(2026, 3, 29, 1)),
      ("Europe/Berlin", clock(2026, 3, 29, 2, 0), utc(2026, 3, 29, 1)),
      ("Europe/Berlin", clock(2026, 3, 29, 2, 59, 59), utc(2026, 3, 29, 1)),
      ("Europe/Berlin", clock(2099, 3, 29, 2, 30), utc(2099, 3, 29, 1)),
      ("America/New_York", clock(2026, 3, 8, 2, 15), utc(2026, 3, 8, 7)),
      ("Australia/Lord_Howe", clock(2026, 10, 4, 2, 10), utc(2026, 10, 3, 15, 30)),
      ("America/Sao_Paulo", clock(2018, 11, 4, 0, 30), utc(2018, 11, 4, 3)),
      ("Pacific/Apia", clock(2011, 12, 30, 12), utc(2011, 12, 30, 10)),
    ])
  func gap(zone: String, local: LocalDateTime, moment: Int64) throws {
    let rules = try SystemClocks.rules(of: zone)
    #expect(rules.instant(of: local) == moment)
    #expect(rules.local(at: moment - 1).dateTime < local)
    #expect(rules.local(at: moment).dateTime > local)
  }

  @Test(
    "of a time the clocks show twice, the first is taken",
    arguments: [
      ("Europe/Berlin", clock(2026, 10, 25, 2, 30), utc(2026, 10, 25, 0, 30), Int64(60)),
      ("Europe/Berlin", clock(2026, 10, 25, 2, 0), utc(2026, 10, 25, 0), 60),
      ("America/New_York", clock(2026, 11, 1, 1, 59, 59), utc(2026, 11, 1, 5, 59, 59), 60),
      ("Australia/Lord_Howe", clock(2026, 4, 5, 1, 45), utc(2026, 4, 4, 14, 45), 30),
      ("Europe/Dublin", clock(2026, 10, 25, 1, 30), utc(2026, 10, 25, 0, 30), 60),
      ("Africa/Casablanca", clock(2026, 2, 15, 2, 30), utc(2026, 2, 15, 1, 30), 60),
    ])
  func twice(zone: String, local: LocalDateTime, first: Int64, minutesLater: Int64) throws {
    let rules = try SystemClocks.rules(of: zone)
    #expect(rules.instant(of: local) == first)
    #expect(rules.local(at: first).dateTime == local)
    #expect(rules.local(at: first + minutesLater * 60_000).dateTime == local)
  }

  @Test("UTC needs no file")
  func utcAlone() {
    #expect(TimeZoneRules.utc.local(at: 1_780_300_800_999).dateTime == clock(2026, 6, 1, 8))
    #expect(TimeZoneRules.utc.instant(of: clock(2026, 6, 1, 8)) == 1_780_300_800_000)
    #expect(TimeZoneRules.utc.local(at: -1).dateTime == clock(1969, 12, 31, 23, 59, 59))
  }

  @Test("no moment is too far away", arguments: ["UTC", "Europe/Berlin", "Africa/Casablanca", "Asia/Tehran"])
  func extremes(zone: String) throws {
    let rules = try SystemClocks.rules(of: zone)
    for wall in [Int64.min, Int64.min + 1, -1, 0, 1, Int64.max - 1, Int64.max] {
      let local = rules.local(at: wall)
      #expect(abs(local.utcOffsetSeconds) < 90_000)
      let found = rules.instant(of: local.dateTime)
      // The whole second, or the end of what 64 bits can tell.
      #expect(found <= wall || found == .min)
      #expect(wall.subtractingReportingOverflow(found).partialValue < 1_000)
    }
    #expect(rules.local(at: .max).year == 292_278_994)
    #expect(rules.local(at: .min).year == -292_275_055)
    for days in [Int64.min, .max] {
      let date = LocalDate(daysSince1970: days)
      let moment = LocalDateTime(date).map(rules.instant)
      #expect(moment.map { ($0 < 0) == (days < 0) } == true)
    }
  }
}
