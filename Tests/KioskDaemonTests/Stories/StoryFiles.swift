import Foundation
import KioskConfiguration

/// The stories and their panels on disk.
enum StoryFiles {
  /// Tests/Scenarios
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Scenarios")

  /// All stories' files in their order.
  static let names: [String] = {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return found.filter { $0.hasSuffix(".txt") }.sorted()
  }()

  static func text(of name: String) throws -> String {
    try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
  }

  static func story(_ name: String) throws -> Story { try StoryParser.parse(text(of: name), name: name) }
}

extension PanelName {
  /// The configuration: the files of all directories, later ones over earlier ones, checked as the daemon checks them.
  func settings() throws -> KioskSettings {
    var files: [String: String] = [:]
    for directory in directories {
      let root = StoryFiles.directory.appendingPathComponent("panels/\(directory)")
      for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) where path.hasSuffix(".toml") {
        files[path] = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      }
    }
    return try KioskSettings.load(
      sources: files.sorted { $0.key < $1.key }.map { ConfigurationSource(path: $0.key, text: $0.value) })
  }
}

/// The story's calendar: dates and times of day of its zone as milliseconds since 1970.
struct StoryCalendar {
  private var calendar = Calendar(identifier: .gregorian)

  /// Nil when there is no such zone.
  init?(zone: String) {
    guard let zone = TimeZone(identifier: zone) else { return nil }
    calendar.timeZone = zone
  }

  /// Nil when there is no such day, or no such time on it.
  func milliseconds(of date: StoryDate) -> Int64? {
    let wanted = DateComponents(
      year: date.year, month: date.month, day: date.day, hour: date.time.hour, minute: date.time.minute,
      second: date.time.second)
    guard let found = calendar.date(from: wanted) else { return nil }
    let back = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: found)
    guard back.day == wanted.day, back.hour == wanted.hour, back.minute == wanted.minute else { return nil }
    return Int64((found.timeIntervalSince1970 * 1000).rounded())
  }

  /// The next moment, this one included, at which a clock on the wall shows that.
  func next(_ time: StoryTimeOfDay, from milliseconds: Int64) -> Int64? {
    let wanted = DateComponents(hour: time.hour, minute: time.minute, second: time.second, nanosecond: 0)
    let now = Date(timeIntervalSince1970: Double(milliseconds) / 1000 - 0.0005)
    guard let found = calendar.nextDate(after: now, matching: wanted, matchingPolicy: .strict) else { return nil }
    return Int64((found.timeIntervalSince1970 * 1000).rounded())
  }
}
