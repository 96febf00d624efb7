import Foundation
import KioskTestKit
import Testing

/// Where a kiosk with real buttons is set up, `make run` takes that one.
private let hasRealKiosk = FileManager.default.fileExists(atPath: "/etc/kiosk/panel.toml")

@Suite("make run", .disabled(if: hasRealKiosk, "a kiosk with real buttons is set up here"))
struct RunScriptTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs/examples/run.sh").path

  private func run(_ directory: TemporaryDirectory, example: String? = nil) throws -> TerminalUnderTest {
    var environment = ["HOME": directory.path, "KIOSK_BUILD": ProgramUnderTest.products.path]
    environment["EXAMPLE"] = example
    return try TerminalUnderTest(Self.script, [], environment: environment, rows: 40, columns: 120)
  }

  @Test("shows the showroom, names the other examples, and ends with everything it started")
  func showroom() throws {
    let directory = try TemporaryDirectory()
    let terminal = try run(directory)
    #expect(terminal.shows("How was your visit today?"), "\(terminal.picture.text)")
    terminal.type("5")
    #expect(terminal.shows("value 5 of overall"), "\(terminal.picture.text)")
    let state = "\(directory.path)/.local/state/kiosk"
    #expect(FileManager.default.fileExists(atPath: "\(state)/simulated-showroom/ratings.db"))
    let status = try ProgramUnderTest("kioskctl", ["status"], in: directory)
    #expect(status.exitCode() == 0, "kioskctl finds the kiosk by itself: \(status.error)")
    if FileManager.default.fileExists(atPath: ProgramUnderTest.products.appendingPathComponent("kiosk-agent").path) {
      // What was pressed arrives at the server beside the kiosk.
      let delivery = "\(state)/simulated-showroom/delivery"
      let socket = "\(delivery)/run/agent.sock"
      let isDelivered = try eventually {
        let sync = try ProgramUnderTest("kioskctl", ["sync", "status", "--socket", socket], in: directory)
        return sync.exitCode() == 0 && sync.output.contains("everything is delivered")
          && sync.output.contains("last at")
      }
      #expect(isDelivered)
      #expect(FileManager.default.fileExists(atPath: "\(delivery)/received.db"))
      #expect(terminal.taken.contains("http://127.0.0.1:"))
    }
    terminal.type("Q")
    #expect(terminal.exitCode() == 0)
    #expect(terminal.isRestored)
    #expect(terminal.taken.contains("EXAMPLE=name"))
    for name in ["simulated-five-faces", "simulated-all-surveys"] { #expect(terminal.taken.contains(name)) }
    #expect(try ProgramUnderTest("kioskctl", ["status"], in: directory).exitCode() == 69)
  }

  @Test("shows the example that is named; without one of that name says which there are")
  func example() throws {
    let directory = try TemporaryDirectory()
    let terminal = try run(directory, example: "simulated-five-faces")
    #expect(terminal.shows("[5]"), "\(terminal.picture.text)")
    #expect(terminal.picture.text.contains("very-happy"))
    terminal.type("\u{03}")
    #expect(terminal.exitCode() == 0)
    let unknown = try run(directory, example: "simulated")
    #expect(unknown.exitCode() == 64)
    #expect(unknown.taken.contains("no example \"simulated\"") && unknown.taken.contains("simulated-showroom"))
  }

  @Test("ends at a signal, and gives the terminal back")
  func signal() throws {
    let directory = try TemporaryDirectory()
    let terminal = try run(directory)
    #expect(terminal.shows("How was your visit today?"))
    terminal.signal(SIGTERM)
    #expect(terminal.exitCode() != nil)
    #expect(
      eventually {
        terminal.look()
        return terminal.isRestored
      })
  }
}
