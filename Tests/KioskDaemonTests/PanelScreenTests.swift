import Feedback
import Foundation
import KioskTestKit
import Testing

@Suite("kioskctl sim panel on a terminal")
struct PanelScreenTests {
  private func panel(
    _ daemon: DaemonUnderTest, rows: Int = 24, columns: Int = 80, environment: [String: String] = [:]
  ) throws -> TerminalUnderTest {
    try TerminalUnderTest(
      "kioskctl", ["sim", "panel", "--socket", daemon.socket], environment: environment, rows: rows, columns: columns)
  }

  private func daemon(panel: String? = nil, survey: String? = nil) throws -> DaemonUnderTest {
    var files = SimulatedPanelFiles.standard
    if let panel { files["panel.toml"] = panel }
    if let survey { files["surveys/loyalty.toml"] = survey }
    return try DaemonUnderTest(files: files)
  }

  @Test("shows the question, what each key means, and what became of a press")
  func press() throws {
    let daemon = try daemon()
    #expect(daemon.waitUntilReady())
    let terminal = try panel(daemon)
    #expect(terminal.shows("How was it?"))
    for (key, name) in zip(1...5, SimulatedPanelFiles.faces) {
      let line = try #require(terminal.picture.line(containing: "[\(key)]"))
      #expect(line.contains(name) && line.hasSuffix("\(key)"), "\(line)")
    }
    #expect(terminal.picture.lines.last == " A key in [ ] presses its button.  End: q, Esc or Ctrl-C")
    terminal.type("5")
    #expect(terminal.shows("value 5 of overall"), "\(terminal.picture.text)")
    let rating = try #require(try daemon.ratings().first)
    let line = try #require(terminal.picture.line(containing: "value 5"))
    for word in ["very-happy", "counted", "event \(rating.sequence)"] { #expect(line.contains(word), "\(line)") }
    // The lamp goes on, and off again.
    #expect(terminal.shows("● thanks"))
    #expect(terminal.shows("○ thanks"))
    #expect(terminal.picture.faults.isEmpty, "\(terminal.picture.faults)")
    terminal.type("q")
    #expect(terminal.exitCode() == 0)
    #expect(terminal.isRestored)
  }

  struct Ending: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var keys: String = ""
    var signal: Int32?
    var exitCode: Int32
  }

  @Test(
    "gives the terminal back, however it ends",
    arguments: [
      Ending(testDescription: "q", keys: "q", exitCode: 0),
      Ending(testDescription: "Q", keys: "Q", exitCode: 0),
      Ending(testDescription: "Esc", keys: "\u{1B}", exitCode: 0),
      Ending(testDescription: "Ctrl-C", keys: "\u{03}", exitCode: 0),
      Ending(testDescription: "Ctrl-D", keys: "\u{04}", exitCode: 0),
      Ending(testDescription: "in the middle of a sequence", keys: "\u{1B}[\u{03}", exitCode: 0),
      Ending(testDescription: "SIGTERM", signal: SIGTERM, exitCode: 128 + SIGTERM),
      Ending(testDescription: "SIGINT", signal: SIGINT, exitCode: 128 + SIGINT),
      Ending(testDescription: "SIGHUP", signal: SIGHUP, exitCode: 128 + SIGHUP),
    ])
  func endings(_ ending: Ending) throws {
    let daemon = try daemon()
    #expect(daemon.waitUntilReady())
    let terminal = try panel(daemon)
    #expect(terminal.shows("How was it?"))
    #expect(terminal.picture.isOtherScreen && !terminal.picture.isCursorVisible)
    #expect(!terminal.isRestored)
    if let signal = ending.signal { terminal.signal(signal) } else { terminal.type(ending.keys) }
    #expect(terminal.exitCode() == ending.exitCode)
    #expect(terminal.isRestored)
    #expect(try daemon.ratings().isEmpty)
  }

  @Test("gives the terminal back when kioskd ends, and says so")
  func daemonEnds() throws {
    let daemon = try daemon()
    #expect(daemon.waitUntilReady())
    let terminal = try panel(daemon)
    #expect(terminal.shows("How was it?"))
    #expect(daemon.stop() == 0)
    #expect(terminal.exitCode() == 69)
    #expect(terminal.isRestored)
    #expect(terminal.picture.text.contains("kioskd has ended"))
  }

  @Test("ends with its terminal")
  func hangUp() throws {
    let daemon = try daemon()
    #expect(daemon.waitUntilReady())
    let terminal = try panel(daemon)
    #expect(terminal.shows("How was it?"))
    terminal.hangUp()
    #expect(terminal.exitCode() != nil)
  }

  @Test("ends at a signal though its terminal takes nothing any more")
  func stalled() throws {
    let daemon = try daemon()
    #expect(daemon.waitUntilReady())
    let terminal = try panel(daemon)
    #expect(terminal.shows("How was it?"))
    // Nobody reads from here on. Each size is a whole picture, until the terminal has no room for more.
    var (round, unread, unchanged) = (0, -1, 0)
    #expect(
      eventually {
        round += 1
        terminal.resizeUnseen(rows: 20 + round % 20, columns: 70 + round % 20)
        unchanged = terminal.unread == unread ? unchanged + 1 : 0
        unread = terminal.unread
        return unchanged == 50
      })
    terminal.signal(SIGTERM)
    #expect(eventually { !terminal.process.isRunning })
    #expect(terminal.process.terminationStatus == 128 + SIGTERM)
  }

  @Test("draws itself anew when the terminal gets another size, however small")
  func resize() throws {
    let daemon = try daemon()
    #expect(daemon.waitUntilReady())
    let terminal = try panel(daemon, rows: 40, columns: 100)
    #expect(terminal.shows("How was it?"))
    for (rows, columns) in [(12, 40), (30, 132), (6, 30), (3, 12), (1, 4), (24, 80)] {
      terminal.resize(rows: rows, columns: columns)
      let wanted = String(" A key in [ ] presses its button.".prefix(max(1, columns - 2)))
      #expect(terminal.shows { $0.lines.last?.hasPrefix(wanted) == true }, "\(rows)x\(columns)")
      if rows >= 6 { #expect(terminal.picture.text.contains("How was it?"), "\(rows)x\(columns)") }
      if rows >= 12 { #expect(terminal.picture.text.contains("[5]"), "\(rows)x\(columns)") }
      #expect(terminal.picture.faults.isEmpty, "\(terminal.picture.faults)")
    }
    terminal.type("4")
    #expect(terminal.shows("value 4 of overall"))
  }

  @Test("keys that are no button's press nothing and are told")
  func otherKeys() throws {
    let daemon = try daemon()
    #expect(daemon.waitUntilReady())
    let terminal = try panel(daemon)
    #expect(terminal.shows("How was it?"))
    // Arrows, function keys, Alt with a digit, umlauts, an emoji, Return, Tab.
    for keys in ["\u{1B}[A", "\u{1B}OP", "\u{1B}[15~", "\u{1B}5", "äöü", "😀", "\r", "\t"] { terminal.type(keys) }
    terminal.type("x")
    #expect(terminal.shows("no button has the key x"))
    #expect(try daemon.ratings().isEmpty)
    terminal.type("3")
    #expect(terminal.shows("value 3 of overall"))
    #expect(!terminal.picture.text.contains("no button has"))
    #expect(try daemon.ratings().count == 1)
  }

  @Test("a button may have the key q: then Q ends it")
  func keyQ() throws {
    let keyed = SimulatedPanelFiles.panel().replacing("key = \"5\"", with: "key = \"q\"")
    let daemon = try daemon(panel: keyed)
    #expect(daemon.waitUntilReady())
    let terminal = try panel(daemon)
    #expect(terminal.shows("End: Q, Esc or Ctrl-C"))
    terminal.type("q")
    #expect(terminal.shows("value 5 of overall"))
    terminal.type("Q")
    #expect(terminal.exitCode() == 0)
    #expect(terminal.isRestored)
  }

  @Test(
    "wording in any script stays within its row",
    arguments: [
      "お店の雰囲気はいかがでしたか？とても悪いから、とても良いまでの五段階でお答えください。",
      "ما مدى رضاك عن الخدمة التي حصلت عليها اليوم في متجرنا؟", "Wie wär's – Übermaß an Güte?",
      "e\u{301}te\u{301} 👍🏽 हिन्दी ไทย", "한국어 질문입니다: 서비스에 만족하셨습니까?",
    ])
  func scripts(wording: String) throws {
    let survey = SimulatedPanelFiles.survey().replacing("How was it?", with: wording)
    let daemon = try daemon(survey: survey)
    #expect(daemon.waitUntilReady())
    for columns in [80, 41, 24] {
      let terminal = try panel(daemon, columns: columns)
      let wanted = wording.filter { !$0.isWhitespace }
      #expect(
        terminal.shows { $0.text.contains("[5]") && $0.text.filter { !$0.isWhitespace }.contains(wanted) },
        "\(terminal.picture.text)")
      #expect(terminal.picture.faults.isEmpty, "\(terminal.picture.faults)")
      terminal.type("q")
      #expect(terminal.exitCode() == 0)
    }
  }

  @Test("without a terminal that places its cursor, and with NO_COLOR, it makes do")
  func plainTerminals() throws {
    let daemon = try daemon()
    #expect(daemon.waitUntilReady())
    let dumb = try panel(daemon, environment: ["TERM": "dumb"])
    #expect(dumb.shows("keys: [1] very-unhappy"))
    dumb.type("2")
    #expect(dumb.shows("counted"))
    #expect(!dumb.isRestored, "keys come one by one")
    dumb.signal(SIGTERM)
    #expect(dumb.exitCode() == 128 + SIGTERM)
    #expect(dumb.isRestored)
    let plain = try panel(daemon, environment: ["NO_COLOR": "1"])
    #expect(plain.shows("How was it?"))
    #expect(plain.picture.faults.isEmpty)
  }

  @Test("only what changed is sent again")
  func sparing() throws {
    let daemon = try daemon()
    #expect(daemon.waitUntilReady())
    let terminal = try panel(daemon)
    #expect(terminal.shows("How was it?"))
    terminal.type("x")
    #expect(terminal.shows("key x"))
    let whole = terminal.picture.bytesTaken
    terminal.type("y")
    #expect(terminal.shows("key y"))
    #expect(terminal.picture.bytesTaken - whole < 100, "\(terminal.picture.bytesTaken - whole) of \(whole) bytes")
  }
}

extension TerminalUnderTest {
  /// Bytes written that nobody has looked at.
  fileprivate var unread: Int {
    var count: Int32 = 0
    _ = ioctl(master, UInt(FIONREAD), &count)
    return Int(count)
  }

  /// Another size, while nobody looks.
  fileprivate func resizeUnseen(rows: Int, columns: Int) {
    setSize(rows: rows, columns: columns)
    signal(SIGWINCH)
  }
}
