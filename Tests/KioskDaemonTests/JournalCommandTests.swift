import Feedback
import Foundation
import Journal
import KioskTestKit
import Testing

/// A journal without a kioskd, and kioskctl on it.
private final class CommandUnderTest {
  let directory: TemporaryDirectory
  var path: String { "\(directory.path)/state/ratings.db" }

  init(presses: Int = 20) throws {
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: "\(directory.path)/state", withIntermediateDirectories: true)
    let journal = try open()
    _ = try journal.append((0..<presses).map { Self.press($0) })
    journal.close()
  }

  func open() throws -> Journal {
    try Journal.open(
      directory: "\(directory.path)/state", device: "kiosk-1", boot: BootIdentity(bootID: "boot-1"),
      reading: Self.reading)
  }

  static let reading = ClockReading(
    monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: 5_000_000_000, wallMilliseconds: 1_700_000_000_123,
    state: .unsynchronised)

  static func press(_ number: Int) -> EventDraft {
    EventDraft(
      kind: .rating, at: reading, button: number % 3 == 0 ? "happy" : "unhappy", survey: "exit", surveyVersion: 1,
      question: "overall", scale: "faces-5", value: 4, verdict: number % 5 == 0 ? .repeated : .counted, rulesVersion: 1,
      detail: "=\(number)\u{1B}[31m")
  }

  /// `kioskctl journal …`; with the journal named unless told otherwise.
  func run(_ arguments: String..., named: Bool = true, input: String? = nil) throws -> ProgramUnderTest {
    try ProgramUnderTest(
      "kioskctl", ["journal"] + arguments + (named ? ["--journal", path] : []),
      environment: ["KIOSK_CONTROL_SOCKET": "\(directory.path)/none.sock"], input: input, in: directory)
  }

  func file(_ name: String) -> String { "\(directory.path)/\(name)" }

  func mode(_ name: String) throws -> Int? {
    (try FileManager.default.attributesOfItem(atPath: file(name))[.posixPermissions] as? NSNumber)?.intValue
  }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [] }
}

private func objects(_ text: String) throws -> [[String: Any]] {
  try text.split(separator: "\n").map {
    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
  }
}

@Suite("kioskctl journal")
struct JournalCommandTests {
  @Test("stats: device, epoch, ends, boots, sizes, and counters that agree with the exported events")
  func stats() throws {
    let command = try CommandUnderTest()
    let json = try command.run("stats", "--json")
    #expect(json.exitCode() == 0)
    let stats = try #require(try objects(json.output).first)
    #expect(stats["device"] as? String == "kiosk-1")
    #expect((stats["epoch"] as? String)?.count == 32)
    #expect(stats["first_sequence"] as? Int == 1 && stats["last_sequence"] as? Int == 21)
    #expect(stats["boots"] as? Int == 1)
    #expect((stats["oldest"] as? [String: Any])?["time"] as? String == "2023-11-14T22:13:20.123Z")
    #expect(((stats["files"] as? [String: Any])?["ratings.db"] as? Int ?? 0) > 0)
    let export = try command.run("export")
    #expect(export.exitCode() == 0)
    var counted: [String: Int] = [:]
    for event in try objects(export.output) where event["kind"] as? String == "rating" {
      counted["\(event["button"] ?? "") \(event["verdict"] ?? "")", default: 0] += 1
    }
    let counters = try #require(stats["counters"] as? [[String: Any]])
    let told = counters.map { ("\($0["button"] ?? "") \($0["verdict"] ?? "")", $0["total"] as? Int ?? 0) }
    #expect(Dictionary(told, uniquingKeysWith: +) == counted && counted.count == 4)
    let text = try command.run("stats")
    #expect(text.exitCode() == 0)
    for word in ["kiosk-1", "1 to 21", "unsynchronised", "unhappy", "repeat", "ratings.db"] {
      #expect(text.output.contains(word), "\(text.output)")
    }
  }

  @Test("tail: the newest events, for people without control characters, as JSON lines for programs")
  func tail() throws {
    let command = try CommandUnderTest()
    let text = try command.run("tail", "--lines", "3")
    #expect(text.exitCode() == 0)
    let lines = text.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.last?.contains("2023-11-14T22:13:20.123Z?") == true && lines.last?.contains("counted") == true)
    #expect(!text.output.contains("\u{1B}"))
    let json = try command.run("tail", "--json")
    #expect(try objects(finished(json)).compactMap { $0["sequence"] as? Int } == Array(12...21))
    #expect(try command.run("tail", "--lines", "0").exitCode() == 0)
    #expect(try objects(try finished(command.run("tail", "--lines", "900", "--json"))).count == 21)
  }

  private func finished(_ program: ProgramUnderTest) throws -> String {
    #expect(program.exitCode() == 0)
    return program.output
  }

  @Test("tail --follow shows what comes, and goes on in the journal that takes the place of a damaged one")
  func follow() throws {
    let command = try CommandUnderTest()
    let tail = try command.run("tail", "--follow", "--lines", "1", "--json")
    #expect(eventually { tail.output.contains("\"sequence\":21,") })
    var journal = try command.open()
    _ = try journal.append([CommandUnderTest.press(1)])
    #expect(eventually { tail.output.contains("\"sequence\":23,") })
    journal.close()
    try FileManager.default.moveItem(atPath: command.path, toPath: command.file("aside.db"))
    for companion in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: command.path + companion) }
    journal = try command.open()
    #expect(eventually { tail.output.contains("\"epoch\":\"\(journal.epoch)\",\"sequence\":1,") })
    #expect(tail.error.contains(journal.epoch))
    _ = try journal.append([CommandUnderTest.press(2)])
    #expect(eventually { tail.output.contains("\"epoch\":\"\(journal.epoch)\",\"sequence\":2,") })
    #expect(tail.isRunning)
    journal.close()
  }

  @Test("export writes a file of 0600 that appears whole, and verify proves it", arguments: ["jsonl", "cloudevents"])
  func export(format: String) throws {
    let command = try CommandUnderTest(presses: 1_500)
    try command.directory.write(["out": "old"])
    let export = try command.run("export", "--format", format, "--output", command.file("out"), "--json")
    #expect(export.exitCode() == 0)
    #expect(try objects(export.output).first?["events"] as? Int == 1_501)
    #expect(try command.mode("out") == 0o600)
    #expect(!command.names.contains { $0.contains("partial") })
    let verify = try command.run("verify", "--export", command.file("out"), "--json", named: false)
    #expect(verify.exitCode() == 0)
    let report = try #require(try objects(verify.output).first)
    #expect(report["whole"] as? Bool == true && report["verified"] as? Int == 1_501)
    #expect(report["last_chain"] as? String == (try objects(export.output).first?["last_chain"] as? String))
    let piped = try command.run("export", "--format", format, "--after", "1490", "--limit", "5")
    #expect(piped.exitCode() == 0)
    let part = try command.run("verify", "--export", "-", "--json", named: false, input: piped.output)
    #expect(part.exitCode() == 0)
    #expect(try objects(part.output).first?["verified"] as? Int == 5)
    #expect(try objects(part.output).first?["last_sequence"] as? Int == 1_495)
  }

  @Test("export to CSV keeps formulas out of spreadsheets")
  func csv() throws {
    let command = try CommandUnderTest()
    let csv = try command.run("export", "--format", "csv")
    #expect(csv.exitCode() == 0)
    let rows = csv.output.components(separatedBy: "\r\n")
    #expect(rows.count == 23 && rows[0].hasPrefix("device,epoch,sequence,kind,time,"))
    #expect(rows[1].contains(",clock,") && rows[2].contains(",'=0"))
    #expect(try command.run("verify", "--export", "-", named: false, input: csv.output).exitCode() == 65)
  }

  @Test("a changed byte of an exported or stored event ends verify with 3 and the event's name")
  func changed() throws {
    let command = try CommandUnderTest()
    var random = SeededGenerator(seed: 21)
    let exported = Array(try finished(command.run("export")).utf8)
    for _ in 0..<25 {
      var bytes = exported
      let index = Int.random(in: bytes.indices, using: &random)
      guard bytes[index] != 0x0A else { continue }
      bytes[index] = bytes[index] == 0x30 ? 0x31 : 0x30
      let sequence = 1 + bytes[..<index].count { $0 == 0x0A }
      try Data(bytes).write(to: URL(fileURLWithPath: command.file("bad.jsonl")))
      let verify = try command.run("verify", "--export", command.file("bad.jsonl"), "--json", named: false)
      #expect(verify.exitCode() == 3)
      let broken = try objects(verify.output).first?["broken"] as? [String: Any]
      #expect(broken?["sequence"] as? Int == sequence, "byte \(index): \(verify.output)")
    }
    #expect(try command.run("verify").exitCode() == 0)
    var stored = [UInt8](try Data(contentsOf: URL(fileURLWithPath: command.path)))
    let chain = try JournalReader.open(command.path).events(after: 12, limit: 1)[0].chain
    stored[try #require(stored.firstRange(of: chain)).lowerBound - 3] ^= 1
    try Data(stored).write(to: URL(fileURLWithPath: command.file("bad.db")))
    let verify = try command.run("verify", "--journal", command.file("bad.db"), named: false)
    #expect(verify.exitCode() == 3)
    #expect(verify.output.contains("event 13"))
    // A backup of it is kept as evidence under a new name, but takes no other's place.
    let arguments = ["backup", command.file("copy.db"), "--journal", command.file("bad.db")]
    #expect(try command.run(arguments[0], arguments[1], arguments[2], arguments[3], named: false).exitCode() == 3)
    #expect(command.names.contains("copy.db"))
    try command.directory.write(["good.db": "old"])
    let forced = try command.run(
      "backup", command.file("good.db"), "--force", "--journal", command.file("bad.db"), named: false)
    #expect(forced.exitCode() == 3)
    #expect(try String(contentsOfFile: command.file("good.db"), encoding: .utf8) == "old")
  }

  @Test("backup: a new file of 0600 that proves itself, never in the place of another without --force")
  func backup() throws {
    let command = try CommandUnderTest()
    let backup = try command.run("backup", command.file("copy.db"), "--json")
    #expect(backup.exitCode() == 0)
    #expect(try objects(backup.output).first?["whole"] as? Bool == true)
    #expect(try command.mode("copy.db") == 0o600)
    #expect(!command.names.contains { $0.contains("partial") })
    #expect(try command.run("verify", "--journal", command.file("copy.db"), named: false).exitCode() == 0)
    let again = try command.run("backup", command.file("copy.db"))
    #expect(again.exitCode() == 73)
    #expect(again.error.contains("--force"))
    #expect(try command.run("backup", command.file("copy.db"), "--force").exitCode() == 0)
    for arguments in [["backup", command.path, "--force"], ["export", "--output", command.path + "-wal"]] {
      let program = try ProgramUnderTest(
        "kioskctl", ["journal"] + arguments + ["--journal", command.path], in: command.directory)
      #expect(program.exitCode() == 73)
      #expect(program.error.contains("belongs to the journal"))
    }
    #expect(try command.run("verify").exitCode() == 0)
  }

  @Test("what cannot be done ends with a code of its own, says why and what to do")
  func trouble() throws {
    let command = try CommandUnderTest()
    try command.directory.write(["text.db": "this is not a database, and it is long enough to look like none at all"])
    try FileManager.default.createSymbolicLink(atPath: command.file("link"), withDestinationPath: "/dev/full")
    let cases: [(arguments: [String], code: Int32, word: String)] = [
      (["stats", "--journal", command.file("none.db")], 66, "--journal"),
      (["stats", "--journal", command.directory.path], 66, "not a file"),
      (["tail", "--journal", command.file("text.db")], 65, "not a"),
      (["stats", "--journal", command.path, "--device", "kiosk-2"], 65, "kiosk-1"),
      (["verify", "--export", command.file("none.jsonl")], 66, "none.jsonl"),
      (["verify", "--export", command.file("text.db")], 65, "line 1"),
      (["export", "--journal", command.path, "--output", command.file("no/where")], 73, "directory"),
      (["export", "--journal", command.path, "--output", command.file("link")], 73, "regular"),
      (["backup", "--journal", command.path, command.file("no/where")], 73, "directory"),
      (["export", "--format", "xml"], 64, "xml"),
      (["export", "--limit", "0"], 64, "--limit"),
      (["verify", "--journal", "a", "--export", "b"], 64, "exclude"),
    ]
    for (arguments, code, word) in cases {
      let program = try ProgramUnderTest(
        "kioskctl", ["journal"] + arguments, environment: ["KIOSK_CONTROL_SOCKET": command.file("none.sock")],
        in: command.directory)
      #expect(program.exitCode() == code, "\(arguments): \(program.error)")
      #expect(program.error.contains(word), "\(arguments): \(program.error)")
    }
    let json = try command.run("stats", "--json", "--journal", command.file("none.db"), named: false)
    #expect(json.exitCode() == 66)
    let error = try #require(try objects(json.output).first?["error"] as? [String: Any])
    #expect(error["code"] as? String == "missing" && error["hint"] as? String != nil)
    #expect(!command.names.contains { $0.contains("partial") })
  }

  @Test("with a running kioskd the journal is found by itself, and reading does not disturb it")
  func withDaemon() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    try daemon.press("happy")
    for arguments in [["stats"], ["verify"], ["tail"], ["export"], ["backup", "\(daemon.directory.path)/copy.db"]] {
      let program = try ProgramUnderTest(
        "kioskctl", ["journal"] + arguments, environment: ["KIOSK_CONTROL_SOCKET": daemon.socket], in: daemon.directory)
      #expect(program.exitCode() == 0, "\(arguments): \(program.error)")
      #expect(!program.output.isEmpty)
    }
    let last = try daemon.press("very-happy").last?.sequence
    #expect(last != nil)
    #expect(daemon.stop() == 0)
  }
}
