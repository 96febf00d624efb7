import Feedback
import Foundation
import KioskControl
import KioskTestKit
import Testing

@Suite("kioskctl service, context, display, sim presence and config")
struct TechnicianCommandTests {
  private func kioskctl(_ daemon: DaemonUnderTest, _ arguments: String...) throws -> ProgramUnderTest {
    try ProgramUnderTest(
      "kioskctl", arguments, environment: ["KIOSK_CONTROL_SOCKET": daemon.socket], in: daemon.directory)
  }

  private func json<Value: Decodable>(_ type: Value.Type, _ program: ProgramUnderTest) throws -> Value {
    try JSONDecoder().decode(type, from: Data(program.output.utf8))
  }

  @Test("service: presses meanwhile do not count, and do again afterwards")
  func service() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let on = try kioskctl(daemon, "service", "on", "--for", "90s")
    #expect(on.exitCode() == 0)
    #expect(on.output.contains("2min"), "a part of a minute is a whole one: \(on.output)")
    #expect(try daemon.press("happy").map(\.verdict) == ["service"])
    let status = try kioskctl(daemon, "status")
    #expect(status.exitCode() == 2, "service is not to be forgotten")
    #expect(status.output.contains("SERVICE"), "\(status.output)")
    let off = try kioskctl(daemon, "service", "off", "--json")
    #expect(off.exitCode() == 0)
    #expect(try json(ControlReply.self, off).done == true)
    #expect(try daemon.press("happy").map(\.verdict) == ["counted"])
    for time in ["0s", "9h", "soon", "-1min"] {
      #expect(try kioskctl(daemon, "service", "on", "--for=\(time)").exitCode() == 64, "\(time)")
    }
  }

  @Test("context: attached to the next press, taken back, refused in the daemon's words")
  func context() throws {
    var files = SimulatedPanelFiles.standard
    files["kiosk.toml"] =
      SimulatedPanelFiles.device() + "\n[context]\naccept = true\nonly = [\"transaction\", \"service_point\"]\n"
    let daemon = try DaemonUnderTest(files: files)
    #expect(daemon.waitUntilReady())
    let set = try kioskctl(daemon, "context", "set", "--transaction", "0815", "--service-point", "till-3")
    #expect(set.exitCode() == 0)
    #expect(set.output.contains("transaction=0815;service_point=till-3"))
    try daemon.press("happy")
    #expect(try kioskctl(daemon, "context", "set", "--transaction", "0816", "--for", "1min").exitCode() == 0)
    #expect(try kioskctl(daemon, "context", "clear").exitCode() == 0)
    try daemon.press("happy")
    #expect(try daemon.ratings().map(\.content.context) == ["transaction=0815;service_point=till-3", nil])
    let person = try kioskctl(daemon, "context", "set", "--employee", "e7")
    #expect(person.exitCode() == 70)
    #expect(person.error.contains("takes no employee") && person.error.contains("→"), "\(person.error)")
    let name = try kioskctl(daemon, "context", "set", "--transaction", "John Smith", "--json")
    #expect(name.exitCode() == 70)
    #expect(try json(ControlReply.self, name).error?.code == .badRequest)
    #expect(try kioskctl(daemon, "context", "set").exitCode() == 64)
    #expect(try kioskctl(daemon, "context", "set", "--transaction", "1", "--for", "2h").exitCode() == 64)
  }

  @Test("display: what the panel asks, for people and for programs")
  func display() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let text = try kioskctl(daemon, "display")
    #expect(text.exitCode() == 0)
    for words in ["loyalty version 1: idle", "How was it?", "very-happy", "5"] {
      #expect(text.output.contains(words), "\(text.output)")
    }
    let program = try kioskctl(daemon, "display", "--json")
    #expect(program.exitCode() == 0)
    let state = try json(DisplayState.self, program)
    #expect(state.question == "overall" && state.phase == .idle)
    #expect(state.buttons.map(\.value) == [1, 2, 3, 4, 5])
    #expect(daemon.stop() == 0)
    #expect(try kioskctl(daemon, "display").exitCode() == 69)
  }

  @Test("sim presence: a contact; a sensor that is not there is refused with the names of those that are")
  func presence() throws {
    var files = SimulatedPanelFiles.standard
    files["panel.toml"] =
      SimulatedPanelFiles.panel() + "[[sensor]]\nname = \"door\"\nkind = \"presence\"\ndwell = \"100ms\"\nkey = \"p\"\n"
    let daemon = try DaemonUnderTest(files: files)
    #expect(daemon.waitUntilReady())
    let presence = try kioskctl(daemon, "sim", "presence", "door", "--hold", "400ms")
    #expect(presence.exitCode() == 0)
    #expect(presence.output.contains("door for 400ms"))
    #expect(eventually { (try? daemon.events().contains { $0.content.kind == .contact }) == true })
    let status = try kioskctl(daemon, "status")
    #expect(status.exitCode() == 0)
    #expect(status.output.contains("sensor") && status.output.contains("1 contacts"), "\(status.output)")
    let nobody = try kioskctl(daemon, "sim", "presence", "window")
    #expect(nobody.exitCode() == 70)
    #expect(nobody.error.contains("door"))
  }

  // MARK: - config check

  private func check(
    _ files: [String: String], _ arguments: String..., in directory: TemporaryDirectory
  ) throws -> ProgramUnderTest {
    try directory.write(files)
    return try ProgramUnderTest("kioskctl", ["config", "check", directory.path] + arguments, in: directory)
  }

  @Test("config check says what would be in force")
  func good() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    let text = try check(SimulatedPanelFiles.standard, in: directory)
    #expect(text.exitCode() == 0)
    #expect(text.output.contains("\(path) is good"))
    for words in [
      "kiosk-test", "Europe/Berlin", "very-happy", "key 5", "shows counted", "loyalty version 1", "asked always",
      "fingerprint",
    ] {
      #expect(text.output.contains(words), "\(text.output)")
    }
    var files = SimulatedPanelFiles.standard
    files["surveys/december.toml"] =
      SimulatedPanelFiles.survey().replacing("\"loyalty\"\nversion", with: "\"december\"\nversion")
      + "[schedule]\nfrom = 2026-12-01\nto = 2027-01-01\nweekdays = [\"sat\"]\n"
    files["panel.toml"] = SimulatedPanelFiles.panel().replacing(
      "survey = \"loyalty\"", with: "survey = \"loyalty\"\nscheduled = [\"december\"]")
    let json = try check(files, "--json", in: directory)
    #expect(json.exitCode() == 0)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["good"] as? Bool == true)
    let asked = (object["surveys"] as? [[String: Any]])?.map { $0["asked"] as? String }
    #expect(asked == ["from 2026-12-01 00:00 until 2027-01-01 00:00 on sat", "whenever no other is"], "\(json.output)")
  }

  @Test("config check lists every problem at once with its place and remedy, and ends as kioskd --check does")
  func bad() throws {
    var files = SimulatedPanelFiles.standard
    files["kiosk.toml"] = SimulatedPanelFiles.device(filter: "response_interval = 5\ncolour = \"red\"")
    files["surveys/loyalty.toml"] = SimulatedPanelFiles.survey().replacing("faces-5", with: "faces-9")
    let directory = try TemporaryDirectory()
    let path = directory.path
    let text = try check(files, in: directory)
    #expect(text.exitCode() == 78)
    let lines = text.output.split(separator: "\n").filter { $0.contains(" — ") }
    #expect(lines.count >= 3, "\(text.output)")
    #expect(lines.contains { $0.hasPrefix("\(path)/kiosk.toml:6:21: ") }, "\(text.output)")
    #expect(lines.contains { $0.contains("/surveys/loyalty.toml:") })
    #expect(text.output.contains("\(lines.count) problems"))
    let daemon = try ProgramUnderTest("kioskd", ["--check", "--config", path], in: directory)
    #expect(daemon.exitCode() == 78)
    let json = try check(files, "--json", in: directory)
    #expect(json.exitCode() == 78)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let problems = try #require(object["problems"] as? [[String: Any]])
    #expect(object["good"] as? Bool == false && problems.count == lines.count)
    #expect(problems.allSatisfy { ($0["remedy"] as? String)?.isEmpty == false && $0["code"] is String })
    #expect(problems.contains { $0["line"] as? Int == 6 && $0["column"] as? Int == 21 })
  }

  @Test("config check ends with 79 for a line the board needs, with 78 where there is nothing to check")
  func reserved() throws {
    var files = SimulatedPanelFiles.standard
    files["panel.toml"] = """
      board = "raspberry-pi-4"
      survey = "loyalty"
      [[button]]
      name = "happy"
      line = "GPIO1"
      """
    let directory = try TemporaryDirectory()
    #expect(try check(files, in: directory).exitCode() == 79)
    #expect(try ProgramUnderTest("kioskd", ["--check", "--config", directory.path], in: directory).exitCode() == 79)
    let nothing = try ProgramUnderTest(
      "kioskctl", ["config", "check", "/nonexistent/kiosk"], in: directory)
    #expect(nothing.exitCode() == 78)
    #expect(nothing.output.contains("/nonexistent/kiosk") && nothing.output.contains("—"), "\(nothing.output)")
  }
}
