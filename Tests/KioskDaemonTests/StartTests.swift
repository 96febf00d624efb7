import Feedback
import Foundation
import KioskControl
import KioskTestKit
import Testing

@Suite("Starting kioskd")
struct StartTests {
  @Test("tells the service manager that it is ready, and starts a journal")
  func ready() throws {
    let directory = try TemporaryDirectory()
    let manager = NotificationSocket(in: directory)
    let daemon = try DaemonUnderTest(environment: ["NOTIFY_SOCKET": manager.path], in: directory)
    #expect(eventually { manager.messages.contains { $0.contains("READY=1") } })
    #expect(daemon.waitUntilReady())
    let status = try daemon.status()
    #expect(status.isSimulated)
    #expect(status.journal.isWritable)
    #expect(status.health.isEmpty)
    #expect(status.device == "kiosk-test")
    #expect(try daemon.events().map(\.content.code) == ["boot", "loaded"])
    #expect(daemon.stop() == 0)
    #expect(manager.messages.contains { $0.contains("STOPPING=1") })
  }

  @Test("feeds the watchdog again and again")
  func watchdog() throws {
    let directory = try TemporaryDirectory()
    let manager = NotificationSocket(in: directory)
    let daemon = try DaemonUnderTest(
      environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "150000"], in: directory)
    #expect(eventually { manager.messages.count { $0 == "WATCHDOG=1" } >= 5 })
    #expect(daemon.stop() == 0)
  }

  @Test("is not watched when the watchdog is another process's")
  func othersWatchdog() throws {
    let directory = try TemporaryDirectory()
    let manager = NotificationSocket(in: directory)
    let daemon = try DaemonUnderTest(
      environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "30000", "WATCHDOG_PID": "1"], in: directory)
    #expect(daemon.waitUntilReady())
    for _ in 1...5 { try daemon.press("happy") }
    #expect(!manager.messages.contains("WATCHDOG=1"))
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var name: String
    var files: [String: String]
    var code: Int32
    var words: [String]
    var testDescription: String { name }
  }

  static let refusals = [
    Refusal(
      name: "no configuration at all", files: [:], code: 78, words: ["kiosk.toml", "panel.toml"]),
    Refusal(
      name: "TOML that is none", files: SimulatedPanelFiles.standard.merging(["panel.toml": "board = "]) { $1 },
      code: 78, words: ["panel.toml:1:"]),
    Refusal(
      name: "an unknown key",
      files: SimulatedPanelFiles.standard.merging([
        "kiosk.toml": SimulatedPanelFiles.device(filter: "respons_interval = \"5s\"")
      ]) { $1 }, code: 78, words: ["kiosk.toml:6:", "respons_interval", "response_interval"]),
    Refusal(
      name: "a reserved line",
      files: SimulatedPanelFiles.standard.merging([
        "panel.toml": """
        board = "raspberry-pi-4"
        survey = "loyalty"
        \(SimulatedPanelFiles.faces.enumerated().map { "[[button]]\nname = \"\($1)\"\nline = \"GPIO\([0, 17, 27, 22, 23][$0])\"\n" }.joined())
        """
      ]) { $1 }, code: 79, words: ["panel.toml:", "GPIO0"]),
    Refusal(
      name: "no chip with the label",
      files: SimulatedPanelFiles.standard.merging([
        "panel.toml": """
        board = "generic"
        survey = "loyalty"
        [chip]
        label = "no-such-chip"
        \(SimulatedPanelFiles.faces.enumerated().map { "[[button]]\nname = \"\($1)\"\noffset = \($0)\n" }.joined())
        """
      ]) { $1 }, code: 80, words: ["no-such-chip"]),
  ]

  @Test("refuses, with an exit code of its own and words that help", arguments: refusals)
  func refuses(_ refusal: Refusal) throws {
    let daemon = try DaemonUnderTest(files: refusal.files)
    #expect(daemon.program.exitCode() == refusal.code)
    for word in refusal.words { #expect(daemon.program.error.contains(word), "\(daemon.program.error)") }
  }

  @Test("does not start twice, and leaves the first alone")
  func twice() throws {
    let first = try DaemonUnderTest()
    #expect(first.waitUntilReady())
    let second = try DaemonUnderTest(in: first.directory)
    #expect(second.program.exitCode() == 85)
    #expect(second.program.error.contains("another kioskd"))
    #expect(try first.press("happy").map(\.verdict) == ["counted"])
  }

  @Test("a socket left behind by a kill is no obstacle")
  func staleSocket() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    daemon.program.signal(SIGKILL)
    #expect(daemon.program.exitCode() == 128 + SIGKILL)
    #expect(FileManager.default.fileExists(atPath: daemon.socket))
    try daemon.restart()
    #expect(daemon.waitUntilReady())
  }

  @Test("without a runtime directory it says which is missing")
  func noRuntimeDirectory() throws {
    let directory = try TemporaryDirectory()
    try directory.write(["kiosk.toml": "", "x": ""])
    let daemon = try DaemonUnderTest(in: directory)
    #expect(daemon.waitUntilReady())
    let other = try ProgramUnderTest(
      "kioskd",
      ["--config", daemon.configuration, "--state", daemon.state, "--runtime", "\(directory.path)/missing/run"],
      in: directory)
    #expect(other.exitCode() == 86)
    #expect(other.error.contains("\(directory.path)/missing/run"))
  }

  @Test("command line: help, version, check, mistakes")
  func commandLine() throws {
    let directory = try TemporaryDirectory()
    try directory.write(SimulatedPanelFiles.standard)
    func run(_ arguments: String...) throws -> (Int32?, String, String) {
      let program = try ProgramUnderTest("kioskd", arguments, in: directory)
      return (program.exitCode(), program.output, program.error)
    }
    let help = try run("--help")
    #expect(help.0 == 0)
    for code in [64, 70, 78, 79, 80, 81, 82, 83, 84, 85, 86] { #expect(help.1.contains("\n  \(code)  ")) }
    #expect(try run("--version").1.contains("libgpiod"))
    let good = try run("--check", "--config", directory.path)
    #expect(good.0 == 0 && good.1.contains("good"))
    let missing = try run("--check", "--config=\(directory.path)/nowhere")
    #expect(missing.0 == 78 && missing.2.contains("nowhere"))
    let unknown = try run("--frobnicate")
    #expect(unknown.0 == 64 && unknown.2.contains("--frobnicate"))
    #expect(try run("--config").0 == 64)
  }
}
