import Feedback

// Hours and weekdays as the files write them: `mon = ["09:00-12:30", "14:00-18:00"]`, `weekdays = ["mon", "sat"]`.

extension TableReader {
  /// More stretches of a day than these are no hours any more.
  static var mostHoursOfDay: Int { 12 }

  /// A list of stretches of a day, `["09:00-18:00"]`; may be empty.
  func hours(_ key: String) -> [DailyHours]? {
    guard let texts = strings(key, example: "[\"09:00-18:00\"]") else { return nil }
    guard texts.count <= Self.mostHoursOfDay else {
      problems.add(
        .outOfRange, at: texts[Self.mostHoursOfDay].at, "\(key) of \(place) has \(texts.count) stretches of time",
        write: "keep at most \(Self.mostHoursOfDay)")
      return nil
    }
    var found: [DailyHours] = []
    var isRight = true
    for text in texts {
      guard let hours = hours(key, text) else {
        isRight = false
        continue
      }
      if let other = found.first(where: hours.overlaps) {
        problems.add(
          .contradiction, at: text.at,
          "\(key) of \(place) has \(quoted(text.value)), which overlaps \"\(other.text)\" before it",
          write: "write one stretch in place of the two, or change one of them")
        isRight = false
      }
      found.append(hours)
    }
    return isRight ? found : nil
  }

  private func hours(_ key: String, _ text: Located<String>) -> DailyHours? {
    let beginning = "\(key) of \(place) has \(quoted(text.value)), "
    switch HoursText(text.value) {
    case .hours(let hours): return hours
    case .malformed(let proposal):
      problems.add(
        .invalidValue, at: text.at, beginning + "which is not of the form \"09:00-18:00\"",
        write: proposal.map { "did you mean \"\($0.text)\"?" }
          ?? "write hours and minutes of the beginning and the end, two digits each, on a clock of 24 hours")
    case .noTime(let time):
      problems.add(
        .outOfRange, at: text.at, beginning + "but there is no time \(time)",
        write: "write a beginning from 00:00 to 23:59 and an end from 00:01 to 24:00")
    case .nothing:
      problems.add(
        .contradiction, at: text.at, beginning + "which begins and ends at the same time",
        write: "write \"00:00-24:00\" for the whole day, or leave it out for none of it")
    }
    return nil
  }

  /// A list of weekdays, `["mon", "sat"]`; an empty one is reported.
  func weekdays(_ key: String) -> [Weekday]? {
    guard let texts = strings(key, example: "[\"mon\", \"tue\"]") else { return nil }
    guard !texts.isEmpty else {
      problems.add(
        .invalidValue, at: at(key), "\(key) of \(place) names no day", write: "name days, or remove it for every day")
      return nil
    }
    var found: [Weekday] = []
    var isRight = true
    for text in texts {
      guard let weekday = Weekday(name: text.value) else {
        let names = Weekday.allCases.map { "\"\($0.name)\"" }
        problems.add(
          .invalidValue, at: text.at, "\(key) of \(place) has \(quoted(text.value)), which is no day of the week",
          write: Weekday(meant: text.value).map { "did you mean \"\($0.name)\"?" }
            ?? "write \(alternatives(names)), a list of one or more")
        isRight = false
        continue
      }
      if found.contains(weekday) {
        problems.add(
          .duplicate, at: text.at, "\(key) of \(place) has \"\(weekday.name)\" twice", write: "name each day once")
        isRight = false
      }
      found.append(weekday)
    }
    return isRight ? found : nil
  }
}

/// One stretch of time as a file has it.
private enum HoursText {
  case hours(DailyHours)
  /// What was meant, where that can be told.
  case malformed(proposal: DailyHours?)
  /// There is no such time.
  case noTime(String)
  /// It begins when it ends.
  case nothing

  init(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Self.minutes(parts[0]), let end = Self.minutes(parts[1]) else {
      self = .malformed(proposal: Self.proposal(text))
      return
    }
    guard let start, start < DailyHours.minutesPerDay else {
      self = .noTime(String(parts[0]))
      return
    }
    guard let end, end <= DailyHours.minutesPerDay else {
      self = .noTime(String(parts[1]))
      return
    }
    guard let hours = DailyHours(start: start, end: end) else {
      self = .nothing
      return
    }
    self = .hours(hours)
  }

  /// `09:30` in minutes; nil inside when there are no such minutes, nil outside when it has another form.
  private static func minutes(_ text: Substring) -> Int?? {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), let hour = number(bytes[..<2]),
      let minute = number(bytes[3...])
    else { return nil }
    return .some(minute < 60 ? hour * 60 + minute : nil)
  }

  /// A number of one or two digits.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...2).contains(digits.count), digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// What a hurried hand meant: `9-18`, `9.30 – 18.00`.
  private static func proposal(_ text: String) -> DailyHours? {
    var plain = ""
    for scalar in text.unicodeScalars.prefix(32) {
      switch scalar {
      case " ", "\u{A0}": continue
      case "–", "—", "\u{2010}", "\u{2011}", "\u{2212}": plain += "-"
      case ".": plain += ":"
      default: plain.unicodeScalars.append(scalar)
      }
    }
    let sides = plain.split(separator: "-", omittingEmptySubsequences: false).map { side -> Int? in
      let parts = side.split(separator: ":", omittingEmptySubsequences: false).map { number(ArraySlice($0.utf8)) }
      guard (1...2).contains(parts.count), let hour = parts[0] else { return nil }
      guard parts.count == 2 else { return hour * 60 }
      guard let minute = parts[1], minute < 60 else { return nil }
      return hour * 60 + minute
    }
    guard sides.count == 2, let start = sides[0], let end = sides[1] else { return nil }
    return DailyHours(start: start, end: end)
  }
}

extension DailyHours {
  /// Whether the two, on the same day, have a minute in common.
  fileprivate func overlaps(_ other: DailyHours) -> Bool {
    start < other.start + other.minutes && other.start < start + minutes
  }
}

extension Weekday {
  /// As people write it.
  private var fullName: String {
    switch self {
    case .monday: "monday"
    case .tuesday: "tuesday"
    case .wednesday: "wednesday"
    case .thursday: "thursday"
    case .friday: "friday"
    case .saturday: "saturday"
    case .sunday: "sunday"
    }
  }

  /// The day that was most likely meant: `Monday`, `tues`, `wensday`; nil when that cannot be told.
  init?(meant text: String) {
    let word = text.lowercased()
    let near = nearest(to: word, among: Self.allCases.map(\.fullName))
    let beginsSo = Self.allCases.first { word.utf8.count > 1 && $0.fullName.hasPrefix(word) }
    guard let day = beginsSo ?? Self.allCases.first(where: { $0.fullName == near }) else { return nil }
    self = day
  }
}
