import Foundation

@testable import Feedback

/// The time zones of this machine, and what glibc makes of them.
enum SystemClocks {
  static let database = "/usr/share/zoneinfo"

  /// From every part of the world, with every kind of oddity: half and quarter hours, a summer time of half an hour, one
  /// below standard time, one that pauses for a month, days left out, changes at midnight, and none at all.
  static let zones = [
    "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Moscow", "Europe/Istanbul",
    "Europe/Chisinau", "Atlantic/Azores", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Anchorage", "America/Adak", "America/St_Johns", "America/Halifax", "America/Havana",
    "America/Sao_Paulo", "America/Asuncion", "America/Santiago", "America/Argentina/Buenos_Aires", "America/Caracas",
    "America/Nuuk", "America/Mexico_City", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati",
    "Pacific/Honolulu", "Pacific/Easter", "Pacific/Norfolk", "Australia/Lord_Howe", "Australia/Adelaide",
    "Australia/Sydney", "Australia/Eucla", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Gaza",
    "Asia/Jerusalem", "Asia/Tokyo", "Asia/Shanghai", "Asia/Pyongyang", "Asia/Colombo", "Asia/Amman",
    "Africa/Casablanca",
    "Africa/Cairo", "Africa/Johannesburg", "Africa/Monrovia", "Africa/Juba", "Antarctica/Troll", "Etc/GMT+12",
  ]

  static func bytes(of zone: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(database)/\(zone)")))
  }

  static func rules(of zone: String) throws -> TimeZoneRules { try TimeZoneRules(tzif: try bytes(of: zone)) }

  /// What the clocks show at each of the moments (seconds since 1970), by date(1), which asks glibc's localtime_r.
  ///
  /// Another program is asked, because glibc takes the zone from the environment, and changing that while other tests run
  /// is the very thing `TimeZoneRules` is there to avoid.
  /// - Parameter zone: anything that `TZ` may say.
  static func shown(at seconds: [Int64], in zone: String) throws -> [Shown] {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("moments-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(seconds.map { "@\($0)\n" }.joined().utf8).write(to: file)
    let date = Process()
    date.executableURL = URL(fileURLWithPath: "/usr/bin/date")
    date.arguments = ["-f", file.path, "+%Y %m %d %u %H %M %S %::z"]
    date.environment = ["TZ": zone, "LC_ALL": "C"]
    let output = Pipe()
    date.standardOutput = output
    try date.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    date.waitUntilExit()
    return text.split(separator: UInt8(ascii: "\n")).map { Shown(line: $0) }
  }

  struct Shown: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var weekday: Int
    var secondOfDay: Int
    var offset: Int

    init(_ time: LocalTime) {
      (year, month, day) = (time.year, time.month, time.day)
      (weekday, secondOfDay, offset) = (time.weekday.rawValue, time.secondOfDay, time.utcOffsetSeconds)
    }

    fileprivate init(line: Data) {
      let fields = line.split(separator: UInt8(ascii: " "))
      func number(_ bytes: Data) -> Int {
        let digits = bytes.filter { $0 >= UInt8(ascii: "0") }.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return bytes.first == UInt8(ascii: "-") ? -digits : digits
      }
      (year, month, day, weekday) = (number(fields[0]), number(fields[1]), number(fields[2]), number(fields[3]))
      secondOfDay = number(fields[4]) * 3600 + number(fields[5]) * 60 + number(fields[6])
      let parts = fields[7].dropFirst().split(separator: UInt8(ascii: ":")).map(number)
      let size = parts[0] * 3600 + parts[1] * 60 + parts[2]
      offset = fields[7].first == UInt8(ascii: "-") ? -size : size
    }
  }
}

/// Random numbers that are the same for the same seed (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) {
    state = UInt64(seed)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func roll(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }
  mutating func chance(_ oneIn: Int) -> Bool { roll(1...oneIn) == 1 }
}

/// `2026-03-29 02:30`, for tests that know what they write.
func clock(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0)
  -> LocalDateTime
{
  LocalDate(year: year, month: month, day: day).flatMap {
    LocalDateTime($0, hour: hour, minute: minute, second: second)
  } ?? LocalDateTime(localSeconds: .min / 4)
}

/// The same in UTC, in milliseconds since 1970.
func utc(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0) -> Int64 {
  clock(year, month, day, hour, minute, second).localSeconds * 1_000
}

extension DailyHours {
  /// `"22:00-07:00"`; the whole day for what is none, which no test means.
  init(_ text: String) {
    let numbers = text.split { $0 == ":" || $0 == "-" }.compactMap { Int($0) }
    let hours =
      numbers.count == 4
      ? DailyHours(start: numbers[0] * 60 + numbers[1], end: numbers[2] * 60 + numbers[3]) : nil
    self = hours ?? .wholeDay
  }
}
