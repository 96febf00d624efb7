import Feedback
import Foundation
import KioskControl
import KioskTestKit
import Testing

@Suite("kioskctl against the real kioskd")
struct KioskctlTests {
  private func kioskctl(
    _ daemon: DaemonUnderTest, _ arguments: String..., input: String? = nil
  ) throws -> ProgramUnderTest {
    try ProgramUnderTest(
      "kioskctl", arguments, environment: ["KIOSK_CONTROL_SOCKET": daemon.socket], input: input, in: daemon.directory)
  }

  @Test("status: a screen for people, JSON for programs, the exit code for scripts")
  func status() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let text = try kioskctl(daemon, "status")
    #expect(text.exitCode() == 0)
    for word in ["all is well", "kiosk-test", "checkout-1", "very-happy", daemon.database] {
      #expect(text.output.contains(word), "\(text.output)")
    }
    #expect(!text.output.contains("\u{1B}"))
    let json = try kioskctl(daemon, "status", "--json")
    #expect(json.exitCode() == 0)
    #expect(try JSONDecoder().decode(DaemonStatus.self, from: Data(json.output.utf8)).device == "kiosk-test")
  }

  @Test("status ends with 2 and a remedy when something is wrong, with 69 when nobody answers")
  func trouble() throws {
    let daemon = try DaemonUnderTest(hasStateDirectory: false)
    #expect(eventually { (try? daemon.status().health.isEmpty) == false })
    let sick = try kioskctl(daemon, "status")
    #expect(sick.exitCode() == 2)
    #expect(sick.output.contains("journal-unavailable"))
    #expect(sick.output.contains("→"))
    #expect(daemon.stop() == 0)
    let gone = try kioskctl(daemon, "status")
    #expect(gone.exitCode() == 69)
    #expect(gone.error.contains("→"))
    let json = try kioskctl(daemon, "status", "--json")
    #expect(json.exitCode() == 69)
    #expect(try JSONDecoder().decode(ControlReply.self, from: Data(json.output.utf8)).error?.code == .notRunning)
  }

  @Test("sim press says what became of the press, and watch shows it")
  func press() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let watch = try kioskctl(daemon, "watch", "--count", "5")
    #expect(eventually { watch.error.contains("watching") })
    let press = try kioskctl(daemon, "sim", "press", "very-happy", "--hold", "80ms", "--bounce", "12")
    #expect(press.exitCode() == 0)
    #expect(press.output.contains("very-happy: counted, committed as event"))
    #expect(watch.exitCode() == 0)
    #expect(watch.output.contains("press") && watch.output.contains("committed"))
    #expect(try daemon.ratings().count == 1)
  }

  @Test("sim play reads a file or standard input")
  func play() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let csv = "microseconds,line,level\n0,happy,0\n300,happy,1\n900,happy,0\n90000,happy,1\n"
    let piped = try kioskctl(daemon, "sim", "play", "-", "--json", input: csv)
    #expect(piped.exitCode() == 0)
    let played = try JSONDecoder().decode(PlayedWaveform.self, from: Data(piped.output.utf8))
    #expect(played.presses.map(\.button) == ["happy"])
    try daemon.directory.write(["waveform.csv": csv])
    #expect(try kioskctl(daemon, "sim", "play", "\(daemon.directory.path)/waveform.csv").exitCode() == 0)
    #expect(try daemon.ratings().count == 2)
    #expect(try kioskctl(daemon, "sim", "play", "\(daemon.directory.path)/missing.csv").exitCode() == 66)
    let bad = try kioskctl(daemon, "sim", "play", "-", input: "0,happy,7\n")
    #expect(bad.exitCode() == 70)
    #expect(bad.error.contains("row 1"))
  }

  @Test("the keys of a terminal press the buttons")
  func panel() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let panel = try kioskctl(daemon, "sim", "panel", input: "5x1")
    #expect(panel.exitCode() == 0)
    #expect(panel.output.contains("[5] very-happy"))
    #expect(Set(try daemon.ratings().compactMap(\.content.button)) == ["very-happy", "very-unhappy"])
  }

  @Test("mistakes on the command line end with 64 and say what is meant")
  func usage() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    for arguments in [
      ["frobnicate"], ["sim", "press"], ["sim", "press", "happy", "--hold", "soon"], ["watch", "--count", "0"],
    ] {
      let program = try ProgramUnderTest(
        "kioskctl", arguments, environment: ["KIOSK_CONTROL_SOCKET": daemon.socket], in: daemon.directory)
      #expect(program.exitCode() == 64, "\(arguments)")
      #expect(!program.error.isEmpty)
    }
    let unknown = try kioskctl(daemon, "sim", "press", "nobody")
    #expect(unknown.exitCode() == 70)
    #expect(unknown.error.contains("very-happy"))
  }
}
