/// What a zone does year after year from its last written transition on: the footer of a compiled zone, which is POSIX's
/// `TZ` (`CET-1CEST,M3.5.0,M10.5.0/3`) with the wider times of RFC 8536.
struct YearlyClockRule: Sendable, Hashable {
  /// A day of each year and a time on it, by the clocks of the time that ends then.
  struct Moment: Sendable, Hashable {
    enum Day: Sendable, Hashable {
      /// `J60`: 1 to 365, 60 is the first of March in every year.
      case withoutLeapDay(Int64)
      /// `59`: 0 to 365, counting leap days.
      case withLeapDay(Int64)
      /// `M3.5.0`: month, week 1 to 5 where 5 is the last, weekday 0 to 6 where 0 is Sunday.
      case weekday(month: Int64, week: Int64, weekday: Int64)
    }

    var day: Day
    /// Seconds after midnight, up to a week either way.
    var seconds: Int64

    /// Seconds since 1970, by the clock that is in force then.
    func localSeconds(in year: Int64) -> Int64 { date(in: year) * secondsPerDay + seconds }

    private func date(in year: Int64) -> Int64 {
      let newYear = LocalDate.days(year: year, month: 1, day: 1)
      switch day {
      case .withLeapDay(let number): return newYear + number
      case .withoutLeapDay(let number):
        let march = LocalDate.days(year: year, month: 3, day: 1)
        return number < 60 ? newYear + number - 1 : march + number - 60
      case .weekday(let month, let week, let weekday):
        let first = LocalDate.days(year: year, month: month, day: 1)
        let next = month == 12 ? first + 31 : LocalDate.days(year: year, month: month + 1, day: 1)
        // 1970-01-01 was a Thursday, 4 where Sunday is 0.
        let weekdayOfFirst = (first + 4).dividedDown(by: 7).remainder
        var date = first + (weekday - weekdayOfFirst + 7) % 7 + (week - 1) * 7
        while date >= next { date -= 7 }
        return date
      }
    }
  }

  /// The other time of the year: summer time as a rule, winter time where standard time is that of the summer (Ireland).
  struct Daylight: Sendable, Hashable {
    /// Ahead of UTC, in seconds.
    var offset: Int64
    var begins: Moment
    var ends: Moment
  }

  /// Ahead of UTC, in seconds.
  var standardOffset: Int64
  /// Nil: standard time all year.
  var daylight: Daylight?

  /// The offset at a moment and when it changes next.
  func period(at second: Int64) -> (offset: Int64, end: Int64?) {
    guard let daylight else { return (standardOffset, nil) }
    let year = Int64(LocalDate(daysSince1970: (second + standardOffset).dividedDown(by: secondsPerDay).quotient).year)
    var offset = standardOffset
    var since = Int64.min
    var end: Int64?
    func consider(_ moment: Int64, _ offsetThen: Int64) {
      if moment > second {
        end = min(end ?? moment, moment)
      } else if moment >= since {
        (since, offset) = (moment, offsetThen)
      }
    }
    // The year before and after too: times may reach over New Year, and in the south summer does.
    for year in (year - 1)...(year + 1) {
      // The beginning last: where one summer ends at the very moment the next begins, it is summer all year.
      consider(daylight.ends.localSeconds(in: year) - daylight.offset, standardOffset)
      consider(daylight.begins.localSeconds(in: year) - standardOffset, daylight.offset)
    }
    return (offset, end)
  }
}

extension YearlyClockRule {
  /// Reads POSIX's form; nil when it is another.
  init?(posix text: ArraySlice<UInt8>) {
    var reader = Reader(rest: text)
    guard reader.name(), let west = reader.time(hours: 24, isSigned: true) else { return nil }
    standardOffset = -west
    guard !reader.rest.isEmpty else { return }
    guard reader.name() else { return nil }
    var offset = standardOffset + 3_600
    if reader.rest.first != UInt8(ascii: ",") {
      guard let west = reader.time(hours: 24, isSigned: true) else { return nil }
      offset = -west
    }
    guard let begins = reader.moment(), let ends = reader.moment(), reader.rest.isEmpty else { return nil }
    daylight = Daylight(offset: offset, begins: begins, ends: ends)
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest = rest.dropFirst()
      return true
    }

    /// `CET`, `<+0330>`: skipped, for nobody is shown it.
    mutating func name() -> Bool {
      let isQuoted = take("<")
      let name = rest.prefix { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): isQuoted
        default: false
        }
      }
      rest = rest.dropFirst(name.count)
      return name.count >= 3 && (!isQuoted || take(">"))
    }

    /// A number without a sign, of at most three digits.
    mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard (1...3).contains(digits.count) else { return nil }
      rest = rest.dropFirst(digits.count)
      let number = digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
      return range.contains(number) ? number : nil
    }

    /// `2`, `-1`, `3:30:15` in seconds.
    mutating func time(hours most: Int64, isSigned: Bool) -> Int64? {
      var sign: Int64 = 1
      if isSigned { if take("-") { sign = -1 } else { _ = take("+") } }
      guard let hours = number(0...most) else { return nil }
      var seconds = hours * 3_600
      if take(":") {
        guard let minutes = number(0...59) else { return nil }
        seconds += minutes * 60
        if take(":") {
          guard let more = number(0...59) else { return nil }
          seconds += more
        }
      }
      return sign * seconds
    }

    /// `,M3.5.0/2`.
    mutating func moment() -> Moment? {
      guard take(",") else { return nil }
      let day: Moment.Day
      if take("M") {
        guard let month = number(1...12), take("."), let week = number(1...5), take("."), let weekday = number(0...6)
        else { return nil }
        day = .weekday(month: month, week: week, weekday: weekday)
      } else if take("J") {
        guard let number = number(1...365) else { return nil }
        day = .withoutLeapDay(number)
      } else {
        guard let number = number(0...365) else { return nil }
        day = .withLeapDay(number)
      }
      guard take("/") else { return Moment(day: day, seconds: 7_200) }
      guard let seconds = time(hours: 167, isSigned: true) else { return nil }
      return Moment(day: day, seconds: seconds)
    }
  }
}
