import Feedback

// Dates and times as the files write them, by the clocks of the kiosk's time zone: `2026-12-24` and `2026-12-24T14:00:00`,
// bare (TOML's local date and date-time) or in quotes.

extension TableReader {
  /// A year outside these is a slip of the hand.
  static var sensibleYears: ClosedRange<Int> { 2000...2199 }

  /// A date.
  func date(_ key: String, example: String, isRequired: Bool = false) -> Located<LocalDate>? {
    guard let (text, at) = dateText(key, example: example, takes: "a date", isRequired: isRequired) else { return nil }
    let found = DateText(text)
    if case .dateTime = found {
      report(key, text, at, "which has a time", write: "write the date alone, such as \(key) = \(example)")
      return nil
    }
    guard let moment = moment(key, text, found, at, example: example) else { return nil }
    return Located(value: moment.date, at: at)
  }

  /// A date and a time; a date alone means its beginning.
  func dateTime(_ key: String, example: String) -> Located<LocalDateTime>? {
    guard let (text, at) = dateText(key, example: example, takes: "a date or a date and a time", isRequired: false),
      let moment = moment(key, text, DateText(text), at, example: example)
    else { return nil }
    return Located(value: moment, at: at)
  }

  private func dateText(
    _ key: String, example: String, takes: String, isRequired: Bool
  ) -> (text: String, at: SourcePosition)? {
    guard let entry = table[key] else {
      if isRequired { missing(key, write: "\(key) = \(example)") }
      return nil
    }
    switch entry.value.content {
    case .date(let text), .string(let text): return (text, entry.value.at)
    default:
      problems.add(
        .wrongType, at: entry.value.at, "\(key) of \(place) is \(entry.value.described), but takes \(takes)",
        write: "write \(key) = \(example)")
      return nil
    }
  }

  private func moment(
    _ key: String, _ text: String, _ found: DateText, _ at: SourcePosition, example: String
  ) -> LocalDateTime? {
    let remedy = "write year, month and day, such as \(key) = \(example)"
    switch found {
    case .date(let moment), .dateTime(let moment):
      guard Self.sensibleYears.contains(moment.date.year) else {
        problems.add(
          .outOfRange, at: at, "\(key) of \(place) is \(quoted(text)), which is in the year \(moment.date.year)",
          write: "write a year from \(Self.sensibleYears.lowerBound) to \(Self.sensibleYears.upperBound)")
        return nil
      }
      return moment
    case .noDate: report(key, text, at, "and there is no such day", write: "write a day the calendar has")
    case .noTime: report(key, text, at, "and there is no such time", write: "write a time from 00:00:00 to 23:59:59")
    case .timeOnly: report(key, text, at, "which is a time without a date", write: remedy)
    case .withOffset:
      report(
        key, text, at, "which has an offset from UTC, but times are those of the kiosk's time_zone",
        write: "write the local time without an offset, such as \(key) = \(example)")
    case .malformed(let proposal):
      report(
        key, text, at, "which is no date", write: proposal.map { "did you mean \(key) = \($0.text)?" } ?? remedy)
    }
    return nil
  }

  private func report(_ key: String, _ text: String, _ at: SourcePosition, _ what: String, write remedy: String) {
    problems.add(.invalidValue, at: at, "\(key) of \(place) is \(quoted(text)), \(what)", write: remedy)
  }
}

/// A date, or a date and a time, as a file has it.
private enum DateText {
  /// The beginning of the day.
  case date(LocalDateTime)
  case dateTime(LocalDateTime)
  case noDate
  case noTime
  case timeOnly
  case withOffset
  /// What was meant, where that can be told.
  case malformed(proposal: LocalDate?)

  init(_ text: String) {
    var reader = Digits(rest: Array(text.utf8)[...])
    if let hour = reader.number(digits: 2), reader.take(":"), reader.number(digits: 2) != nil, hour < 25 {
      self = .timeOnly
      return
    }
    reader = Digits(rest: Array(text.utf8)[...])
    guard let year = reader.number(digits: 4), reader.take("-"), let month = reader.number(digits: 2),
      reader.take("-"), let day = reader.number(digits: 2)
    else {
      self = .malformed(proposal: Self.proposal(text))
      return
    }
    guard let date = LocalDate(year: year, month: month, day: day), let midnight = LocalDateTime(date) else {
      self = .noDate
      return
    }
    guard !reader.rest.isEmpty else {
      self = .date(midnight)
      return
    }
    guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(digits: 2),
      reader.take(":"), let minute = reader.number(digits: 2)
    else {
      self = .malformed(proposal: date)
      return
    }
    var second = 0
    if reader.take(":") {
      guard let number = reader.number(digits: 2) else {
        self = .malformed(proposal: date)
        return
      }
      second = number
    }
    if let sign = reader.rest.first {
      self = "Zz+-".utf8.contains(sign) ? .withOffset : .malformed(proposal: date)
      return
    }
    self = LocalDateTime(date, hour: hour, minute: minute, second: second).map(Self.dateTime) ?? .noTime
  }

  /// What was meant by `24.12.2026` or `2026/12/24`.
  private static func proposal(_ text: String) -> LocalDate? {
    let parts = text.utf8.split { [UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-")].contains($0) }
    let numbers = parts.map { part in
      var reader = Digits(rest: Array(part)[...])
      return reader.number(digits: part.count)
    }
    guard numbers.count == 3, let first = numbers[0], let month = numbers[1], let last = numbers[2] else { return nil }
    // Day first only where points say so: with strokes it could be the month.
    if parts[0].count <= 2, text.utf8.contains(UInt8(ascii: ".")) {
      return LocalDate(year: last, month: month, day: first)
    }
    return parts[0].count == 4 ? LocalDate(year: first, month: month, day: last) : nil
  }

  private struct Digits {
    var rest: ArraySlice<UInt8>

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest = rest.dropFirst()
      return true
    }

    /// A number of exactly so many digits, at most four.
    mutating func number(digits count: Int) -> Int? {
      let digits = rest.prefix(count)
      guard (1...4).contains(count), digits.count == count,
        digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
      else { return nil }
      rest = rest.dropFirst(count)
      return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
  }
}
