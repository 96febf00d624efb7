import Feedback
import Foundation
import Journal
import KioskTestKit
import Testing

@Suite("A newcomer at a simulated panel")
struct PanelQuestionnaireTests {
  private static let panel = """
    board = "simulated"
    survey = "visit"
    [timing]
    debounce = "5ms"
    [[button]]
    name = "bad"
    key = "1"
    [[button]]
    name = "good"
    key = "2"
    [[button]]
    name = "topic-1"
    key = "a"
    [[button]]
    name = "topic-2"
    key = "e"
    [[button]]
    name = "topic-3"
    key = "f"
    [[button]]
    name = "back"
    role = "back"
    key = "b"
    [[button]]
    name = "skip"
    role = "skip"
    key = "s"
    [[button]]
    name = "done"
    role = "done"
    key = "d"
    [[button]]
    name = "language"
    role = "language"
    key = "l"
    [[button]]
    name = "help"
    role = "call-staff"
    key = "c"
    [[button]]
    name = "here"
    role = "staff-here"
    key = "h"
    [[button]]
    name = "shift"
    role = "toggle"
    seller = "anna-7"
    key = "u"
    [[sensor]]
    name = "door"
    kind = "presence"
    dwell = "200ms"
    key = "p"
    [[lamp]]
    name = "thanks"
    shows = ["counted", "completed"]
    """

  private static let survey = """
    name = "visit"
    version = 3
    instrument = "questionnaire"
    languages = ["en", "de"]
    timeout = "60s"
    [thanks]
    en = "Thank you very much!"
    de = "Vielen Dank!"
    [[question]]
    name = "overall"
    scale = "faces-2"
    text.en = "How was your visit?"
    text.de = "Wie war Ihr Besuch?"
    answer = [
      { button = "bad", value = 1, text = { en = "Bad", de = "Schlecht" } },
      { button = "good", value = 2, text = { en = "Good", de = "Gut" }, next = "again" },
    ]
    [[question]]
    name = "wrong"
    most = 3
    text.en = "What was wrong?"
    text.de = "Was war falsch?"
    answer = [
      { button = "topic-1", value = 1, text = { en = "Waiting", de = "Wartezeit" } },
      { button = "topic-2", value = 2, text = { en = "Prices", de = "Preise" } },
      { button = "topic-3", value = 3, text = { en = "Other", de = "Anderes" } },
    ]
    [[question]]
    name = "again"
    text.en = "Will you come again?"
    text.de = "Kommen Sie wieder?"
    answer = [
      { button = "topic-1", value = 1, text = { en = "Yes", de = "Ja" } },
      { button = "topic-2", value = 2, text = { en = "No", de = "Nein" } },
    ]
    """

  private func start() throws -> (DaemonUnderTest, TerminalUnderTest) {
    let daemon = try DaemonUnderTest(files: [
      "kiosk.toml": SimulatedPanelFiles.device(), "panel.toml": Self.panel, "surveys/visit.toml": Self.survey,
    ])
    #expect(daemon.waitUntilReady())
    let terminal = try TerminalUnderTest("kioskctl", ["sim", "panel", "--socket", daemon.socket], rows: 30)
    #expect(terminal.shows("How was your visit?"), "\(terminal.picture.text)")
    return (daemon, terminal)
  }

  @Test("completes a questionnaire with the keys that the screen names")
  func complete() throws {
    let (daemon, terminal) = try start()
    #expect(terminal.picture.text.contains("question 1 of 3"))
    #expect(terminal.picture.line(containing: "[1]")?.contains("Bad") == true)
    terminal.type("1")
    #expect(terminal.shows("What was wrong?"), "\(terminal.picture.text)")
    #expect(terminal.picture.text.contains("question 2 of 3 · choose up to 3"))
    #expect(terminal.picture.line(containing: "[a]")?.hasSuffix("Waiting") == true)
    // A choice is marked, and done appears with the first.
    terminal.type("a")
    #expect(terminal.shows { $0.line(containing: "[a]")?.contains("✓") == true && $0.text.contains("1 chosen") })
    terminal.type("f")
    #expect(terminal.shows { $0.line(containing: "[f]")?.contains("✓") == true && $0.text.contains("[d] done") })
    terminal.type("d")
    #expect(terminal.shows("Will you come again?"))
    #expect(terminal.picture.text.contains("question 3 of 3"))
    terminal.type("e")
    #expect(terminal.shows("Thank you very much!"), "\(terminal.picture.text)")
    #expect(terminal.shows("How was your visit?"), "the next visitor is asked")
    let answers = try daemon.events().filter { $0.content.kind == .answer }
    #expect(answers.map(\.content.question) == ["overall", "wrong", "wrong", "again"])
    #expect(answers.map(\.content.value) == [1, 1, 3, 2])
    #expect(answers.allSatisfy { $0.content.verdict == .counted && $0.content.visit == answers[0].content.visit })
    for answer in answers { #expect(terminal.picture.text.contains("event \(answer.sequence), ")) }
    #expect(terminal.picture.faults.isEmpty, "\(terminal.picture.faults)")
  }

  @Test("finds back, another language, a way past a question, and sees the lamp")
  func around() throws {
    let (daemon, terminal) = try start()
    #expect(!terminal.picture.text.contains("[s] skip this"), "nothing has begun that could be skipped")
    terminal.type("2")
    #expect(terminal.shows("Will you come again?"))
    #expect(terminal.shows("thanks"))
    terminal.type("b")
    #expect(terminal.shows("How was your visit?"))
    terminal.type("l")
    #expect(terminal.shows("Wie war Ihr Besuch?"))
    #expect(terminal.picture.text.contains("language de (of en, de)"))
    #expect(terminal.picture.line(containing: "[1]")?.contains("Schlecht") == true)
    terminal.type("1")
    #expect(terminal.shows("Was war falsch?"))
    terminal.type("s")
    #expect(terminal.shows("Kommen Sie wieder?"))
    terminal.type("a")
    #expect(terminal.shows("Vielen Dank!"))
    let kinds = try daemon.events().filter { $0.content.button != nil }.map { $0.content.code ?? $0.content.kind.name }
    #expect(kinds == ["answer", "back", "language", "answer", "skip", "answer"])
  }

  @Test("calls staff, begins a shift and stands before the sensor")
  func staff() throws {
    let (daemon, terminal) = try start()
    terminal.type("c")
    #expect(terminal.shows("STAFF CALLED"), "\(terminal.picture.text)")
    terminal.type("h")
    #expect(terminal.shows { !$0.text.contains("STAFF CALLED") })
    terminal.type("u")
    #expect(terminal.shows("Sellers active: anna-7"), "\(terminal.picture.text)")
    terminal.type("p")
    #expect(terminal.shows { $0.line(containing: "contact")?.contains("door") == true }, "\(terminal.picture.text)")
    let kinds = try daemon.events().filter { $0.content.button != nil }.map(\.content.kind)
    #expect(kinds == [.request, .request, .activity, .contact])
  }

  @Test("is told that a press was one too many, and that the kiosk is in service")
  func notices() throws {
    let daemon = try DaemonUnderTest(files: [
      "kiosk.toml": SimulatedPanelFiles.device(filter: ""), "panel.toml": SimulatedPanelFiles.panel(),
      "surveys/loyalty.toml": SimulatedPanelFiles.survey(),
    ])
    #expect(daemon.waitUntilReady())
    let terminal = try TerminalUnderTest("kioskctl", ["sim", "panel", "--socket", daemon.socket])
    #expect(terminal.shows("How was it?"))
    terminal.type("5")
    #expect(terminal.shows("value 5 of overall"))
    terminal.type("5")
    #expect(terminal.shows("PLEASE WAIT"), "\(terminal.picture.text)")
    #expect(terminal.picture.line(containing: "repeat")?.contains("very-happy") == true)
    #expect(terminal.shows { !$0.text.contains("PLEASE WAIT") })
    #expect(try daemon.ask(.service(minutes: 5)).done == true)
    #expect(terminal.shows("SERVICE: technicians are at work"))
    #expect(try daemon.ask(.service(minutes: 0)).done == true)
    #expect(terminal.shows { !$0.text.contains("SERVICE") })
  }

  @Test("the showroom's panel fits a small terminal, and its keys are all named")
  func showroom() throws {
    let directory = try TemporaryDirectory()
    let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/examples/simulated-showroom")
    try FileManager.default.copyItem(atPath: examples.path, toPath: "\(directory.path)/config")
    let daemon = try DaemonUnderTest(files: [:], in: directory)
    #expect(daemon.waitUntilReady())
    let status = try daemon.status()
    let terminal = try TerminalUnderTest("kioskctl", ["sim", "panel", "--socket", daemon.socket])
    #expect(terminal.shows("question 1 of"))
    for input in status.buttons + (status.sensors ?? []) {
      guard let key = input.key else { continue }
      #expect(terminal.picture.text.contains("[\(key)]"), "\(input.name)")
    }
    #expect(terminal.picture.text.contains("End: Q, Esc or Ctrl-C"))
    #expect(terminal.picture.faults.isEmpty, "\(terminal.picture.faults)")
  }
}
