import Feedback
import Foundation
import KioskTestKit
import Testing

@testable import KioskConfiguration

@Suite struct TimeZoneLoadingTests {
  private static let system = TimeZoneName(database: TimeZoneName.systemDatabase)

  private static func problem(_ name: String, in database: String) -> ConfigurationProblem? {
    let problems = ProblemList()
    let place = SourcePosition(file: "kiosk.toml", line: 4, column: 13)
    let rules = TimeZoneName(database: database).rules(
      for: name, at: place, neededBy: "[opening_hours]", problems: problems)
    #expect((rules == nil) == !problems.problems.isEmpty)
    #expect(problems.problems.count <= 1)
    return problems.problems.first
  }

  @Test func `loads what the system has, through links too`() throws {
    #expect(Self.system.load("Europe/Berlin")?.local(at: 1_780_300_800_000).utcOffsetSeconds == 7_200)
    #expect(Self.system.load("Asia/Kathmandu")?.local(at: 0).utcOffsetSeconds == 19_800)
    #expect(Self.problem("Europe/Berlin", in: TimeZoneName.systemDatabase) == nil)
    let directory = try TemporaryDirectory()
    let files = FileManager.default
    try files.createDirectory(atPath: "\(directory.path)/Europe", withIntermediateDirectories: true)
    try files.createSymbolicLink(
      atPath: "\(directory.path)/Europe/Here", withDestinationPath: "/usr/share/zoneinfo/Europe/Berlin")
    try files.createSymbolicLink(atPath: "\(directory.path)/link", withDestinationPath: directory.path)
    #expect(TimeZoneName(database: "\(directory.path)/link").load("Europe/Here") == Self.system.load("Europe/Berlin"))
  }

  @Test func `needs no database for UTC, and tells what to do for any other zone`() throws {
    let nowhere = TimeZoneName(database: "/nonexistent/zoneinfo")
    #expect(nowhere.load("UTC") == .utc)
    #expect(nowhere.load("Etc/UTC") == .utc)
    #expect(nowhere.load("Europe/Berlin") == nil)
    let problem = try #require(Self.problem("Europe/Berlin", in: "/nonexistent/zoneinfo"))
    #expect(
      problem.description.hasPrefix(
        "kiosk.toml:4:13: [opening_hours] needs the rules of the time zone \"Europe/Berlin\""))
    #expect(problem.message.contains("no time zone database in /nonexistent/zoneinfo"))
    #expect(problem.remedy.contains("install the package tzdata"))
  }

  @Test(arguments: ["../etc/passwd", "/etc/passwd", "", "Europe/../UTC", ".", "Europe", "Mars/Olympus", "zone.tab"])
  func `loads nothing but zones of the database`(name: String) throws {
    #expect(Self.system.load(name) == nil)
    #expect(try #require(Self.problem(name, in: TimeZoneName.systemDatabase)).remedy.contains("timedatectl"))
  }

  @Test func `refuses what is no zone, too large, cut short, or nothing to read`() throws {
    let directory = try TemporaryDirectory()
    let berlin = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Berlin"))
    func write(_ name: String, _ data: Data) throws {
      try data.write(to: URL(fileURLWithPath: "\(directory.path)/\(name)"))
    }
    try write("Right", berlin)
    try write("Text", Data("TZif is what compiled zones begin with, and this is none of them.".utf8))
    try write("Short", berlin.dropLast(20))
    try write("Large", berlin + Data(count: TimeZoneName.mostBytes))
    try write("Full", berlin + Data(count: TimeZoneName.mostBytes - berlin.count))
    let files = FileManager.default
    try files.createSymbolicLink(atPath: "\(directory.path)/Round", withDestinationPath: "Round")
    try files.createSymbolicLink(atPath: "\(directory.path)/Dangling", withDestinationPath: "Nowhere")
    #expect(mkfifo("\(directory.path)/Pipe", 0o600) == 0)
    let database = TimeZoneName(database: directory.path)
    #expect(database.load("Right") == Self.system.load("Europe/Berlin"))
    #expect(database.load("Full") != nil)
    for (name, says) in [
      ("Text", "cannot be used: this is no compiled"), ("Short", "cannot be used: the zone"), ("Large", "too large"),
      ("Round", "does not know it"), ("Dangling", "does not know it"), ("Pipe", "does not know it"),
    ] {
      #expect(database.load(name) == nil)
      let problem = Self.problem(name, in: directory.path)
      #expect(problem?.message.contains(says) == true, "\(String(describing: problem))")
      #expect(problem?.remedy.isEmpty == false)
    }
  }

  @Test func `loads every zone of the system that counts no leap seconds`() throws {
    let files = try #require(FileManager.default.enumerator(atPath: TimeZoneName.systemDatabase))
    var loaded = 0
    for case let name as String in files where !name.hasPrefix("right/") && !name.hasPrefix("posix/") {
      guard case .known = Self.system.look(up: name), name.utf8.first.map({ $0 < 0x61 }) == true else { continue }
      #expect(Self.system.load(name) != nil, "\(name)")
      loaded += 1
    }
    #expect(loaded > 300)
  }
}
