import Feedback
import Foundation
import Journal
import KioskTestKit
import Testing

@Suite("kioskctl journal rejudge")
struct JournalRejudgeTests {
  private func rejudge(_ daemon: DaemonUnderTest, _ rules: String, _ arguments: String...) throws -> ProgramUnderTest {
    try daemon.directory.write(["rules.toml": rules])
    return try ProgramUnderTest(
      "kioskctl",
      ["journal", "rejudge", "--journal", daemon.database, "--rules", "\(daemon.directory.path)/rules.toml"]
        + arguments,
      in: daemon.directory)
  }

  private func objects(_ program: ProgramUnderTest) throws -> [[String: Any]] {
    try program.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  /// A kiosk with the standard rules, and presses of every verdict that can be had quickly.
  private func pressed() throws -> DaemonUnderTest {
    let daemon = try DaemonUnderTest(
      files: SimulatedPanelFiles.standard.merging(["kiosk.toml": SimulatedPanelFiles.device(filter: "")]) { $1 })
    #expect(daemon.waitUntilReady())
    let recorded = try daemon.play(
      """
      microseconds,line,level
      0,happy,0
      60000,happy,1
      500000,happy,0
      560000,happy,1
      1000000,unhappy,0
      1060000,unhappy,1
      1080000,neutral,0
      1130000,neutral,1
      1500000,very-happy,0
      1560000,very-happy,1
      2100000,very-happy,0
      2160000,very-happy,1
      2700000,very-happy,0
      2760000,very-happy,1
      """)
    #expect(recorded.map(\.verdict) == ["counted", "repeat", "counted", "chord", "counted", "burst", "burst"])
    return daemon
  }

  @Test("with the rules that were in force nothing changes, over a journal of the real kioskd")
  func sameRules() throws {
    let daemon = try pressed()
    let program = try rejudge(daemon, SimulatedPanelFiles.device(filter: ""), "--list", "--json")
    #expect(program.exitCode() == 0)
    let report = try #require(try objects(program).first)
    #expect(try objects(program).count == 1, "\(program.output)")
    #expect(report["presses"] as? Int == 7 && report["unchanged"] as? Int == 7)
    #expect(report["counted"] as? Int == 1 && report["would_count"] as? Int == 1)
    #expect(report["opening_hours"] as? String == "as-recorded")
    // The daemon's own file will do, and so does a running daemon in place of the path.
    let own = try ProgramUnderTest(
      "kioskctl", ["journal", "rejudge", "--rules", "\(daemon.configuration)/kiosk.toml"],
      environment: ["KIOSK_CONTROL_SOCKET": daemon.socket], in: daemon.directory)
    #expect(own.exitCode() == 0)
    #expect(own.output.contains("7 presses judged") && own.output.contains("0 would count as something else"))
  }

  @Test("other rules: old and new verdicts, per button and value, and each press by name")
  func otherRules() throws {
    let daemon = try pressed()
    let rules =
      "[filter]\nresponse_interval = \"0s\"\nchord_window = \"0s\"\ncorrection_window = \"0s\"\nburst_limit = 0\n"
    let program = try rejudge(daemon, rules, "--list")
    #expect(program.exitCode() == 0)
    let text = program.output
    let first = try #require(try daemon.ratings().first?.sequence)
    for (offset, words) in ["superseded → counted", "repeat → counted", "chord → counted"].enumerated() {
      let line = text.split(separator: "\n").first { $0.contains(" \(first + Int64(offset)) ") }
      let squeezed = line?.split(separator: " ").joined(separator: " ") ?? ""
      #expect(squeezed.contains(words), "\(text)")
    }
    #expect(text.contains("answers that count: 1, by these rules 7 (+6)"), "\(text)")
    let json = try rejudge(daemon, rules, "--json")
    #expect(json.exitCode() == 0)
    let report = try #require(try objects(json).first)
    let buttons = try #require(report["buttons"] as? [[String: Any]])
    let told = buttons.map { "\($0["button"] ?? "") \($0["counted"] ?? "") \($0["would_count"] ?? "")" }
    #expect(told == ["happy 0 2", "neutral 0 1", "unhappy 0 1", "very-happy 1 3"])
    let values = try #require(report["values"] as? [[String: Any]])
    #expect(values.compactMap { $0["would_count"] as? Int } == [1, 1, 2, 3])
    let changes = try #require(report["changes"] as? [[String: Any]])
    #expect(changes.compactMap { $0["presses"] as? Int }.reduce(0, +) == 6)
  }

  @Test("opening hours of the file apply where the time is known, and only there")
  func openingHours() throws {
    let directory = try TemporaryDirectory()
    try directory.write(["state/.keep": ""])
    // 2026-03-29 is the Sunday on which Berlin's clocks are put forward: 06:59 and 07:01 UTC are 08:59 and 09:01 there.
    let before: Int64 = 1_774_767_540_000
    func press(_ minute: Int64, _ state: ClockState) -> EventDraft {
      EventDraft(
        kind: .rating,
        at: ClockReading(
          monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: (600 + minute * 60) * 1_000_000_000,
          wallMilliseconds: before + minute * 60_000, state: state), button: "happy", survey: "loyalty",
        surveyVersion: 1, question: "overall", scale: "faces-5", value: 4, verdict: .counted, rulesVersion: 2)
    }
    for (boot, state) in [("known", ClockState.synchronised), ("unknown", .unsynchronised)] {
      let journal = try Journal.open(
        directory: "\(directory.path)/state", device: "kiosk-1", boot: BootIdentity(bootID: boot),
        reading: ClockReading(
          monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: 0, wallMilliseconds: before - 600_000,
          state: state))
      _ = try journal.append([press(0, state), press(2, state)])
      journal.close()
    }
    try directory.write([
      "rules.toml": """
      [device]
      time_zone = "Europe/Berlin"
      [opening_hours]
      every_day = ["09:00-18:00"]
      """
    ])
    let program = try ProgramUnderTest(
      "kioskctl",
      [
        "journal", "rejudge", "--journal", "\(directory.path)/state/ratings.db", "--rules",
        "\(directory.path)/rules.toml", "--list", "--json",
      ], in: directory)
    #expect(program.exitCode() == 0)
    let told = try objects(program)
    #expect(told.count == 2, "\(program.output)")
    #expect(told.first?["new"] as? String == "closed" && told.first?["time"] as? String == "2026-03-29T06:59:00.000Z")
    #expect(told.last?["opening_hours"] as? String == "applied")
  }

  @Test("all epochs beside the journal are read, the oldest first")
  func epochs() throws {
    let daemon = try pressed()
    #expect(daemon.stop() == 0)
    let state = daemon.state
    try FileManager.default.moveItem(atPath: daemon.database, toPath: "\(state)/ratings.salvaged-1.db")
    for companion in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: daemon.database + companion) }
    try daemon.restart()
    #expect(daemon.waitUntilReady())
    try daemon.press("happy")
    let program = try rejudge(daemon, "[filter]\nchord_window = \"0s\"\n", "--list")
    #expect(program.exitCode() == 0)
    #expect(program.output.contains("8 presses in 2 epochs"), "\(program.output)")
    #expect(program.output.contains("epoch "))
  }

  @Test("a file with mistakes is refused with their places; a journal that is not there too")
  func mistakes() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let bad = try rejudge(daemon, "[filter]\nburst_limit = \"five\"\n")
    #expect(bad.exitCode() == 78)
    #expect(bad.error.contains("rules.toml:2:15: ") && bad.error.contains(" — "), "\(bad.error)")
    let missing = try ProgramUnderTest(
      "kioskctl", ["journal", "rejudge", "--journal", daemon.database, "--rules", "/nonexistent.toml"],
      in: daemon.directory)
    #expect(missing.exitCode() == 66)
    let nowhere = try ProgramUnderTest(
      "kioskctl",
      ["journal", "rejudge", "--journal", "/nonexistent.db", "--rules", "\(daemon.configuration)/kiosk.toml"],
      in: daemon.directory)
    #expect(nowhere.exitCode() == 66)
    #expect(try rejudge(daemon, "").exitCode() == 0, "an empty file has the standard rules")
  }
}
