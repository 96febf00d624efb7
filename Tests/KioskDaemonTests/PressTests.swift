import Feedback
import Foundation
import KioskControl
import KioskTestKit
import Testing

@Suite("Presses through the real kioskd")
struct PressTests {
  @Test("a press is on disk when it is acknowledged, with all that was asked and answered")
  func press() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let recorded = try daemon.press("very-happy", bounceEdges: 12)
    #expect(recorded.map(\.button) == ["very-happy"])
    #expect(recorded.map(\.verdict) == ["counted"])
    let rating = try #require(try daemon.ratings().first)
    #expect(rating.sequence == recorded.first?.sequence)
    #expect(rating.content.survey == "loyalty")
    #expect(rating.content.surveyVersion == 1)
    #expect(rating.content.question == "overall")
    #expect(rating.content.scale == "faces-5")
    #expect(rating.content.value == 5)
    #expect(rating.content.verdict == .counted)
    #expect(rating.content.visit == rating.sequence)
    #expect(rating.content.bootTimeNanoseconds > 0)
  }

  @Test("watchers see press, commit, lamp and release, the lamp after the commit")
  func watch() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let client = try ControlClient(path: daemon.socket)
    #expect(try client.ask(.watch).watching == true)
    try daemon.press("happy")
    var seen: [String] = []
    while seen.filter({ $0.hasPrefix("output") }).count < 2, let activity = try client.nextActivity(within: 20_000) {
      seen.append("\(activity.event.rawValue) \(activity.output ?? activity.button ?? "") \(activity.isOn ?? false)")
    }
    let order = ["press happy false", "committed happy false", "output thanks true", "output thanks false"]
    #expect(seen.filter { order.contains($0) } == order)
    #expect(seen.contains("released happy false"))
  }

  @Test("a hundred presses with bounce are a hundred rows in order")
  func hundred() throws {
    let daemon = try DaemonUnderTest(
      files: SimulatedPanelFiles.standard.merging([
        "panel.toml": SimulatedPanelFiles.panel(timing: "debounce = \"5ms\"")
      ]) { $1 })
    #expect(daemon.waitUntilReady())
    var generator = SeededGenerator(seed: 11)
    var rows: [String] = []
    var expected: [String] = []
    var time = 0
    for _ in 1...100 {
      let button = SimulatedPanelFiles.faces.randomElement(using: &generator) ?? "happy"
      expected.append(button)
      for end in [0, 1] {
        for edge in 0...(2 * Int.random(in: 2...9, using: &generator)) {
          rows.append("\(time),\(button),\(edge.isMultiple(of: 2) ? end : 1 - end)")
          time += Int.random(in: 50...900, using: &generator)
        }
        time += Int.random(in: 12_000...20_000, using: &generator)
      }
    }
    let recorded = try daemon.play(rows.joined(separator: "\n"))
    #expect(recorded.map(\.button) == expected)
    let ratings = try daemon.ratings()
    #expect(ratings.map(\.content.button) == expected)
    #expect(
      zip(ratings, ratings.dropFirst()).allSatisfy { $0.content.bootTimeNanoseconds < $1.content.bootTimeNanoseconds })
    let sequences = try daemon.events().map(\.sequence)
    #expect(sequences == Array(1...Int64(sequences.count)))
  }

  @Test("the filter's verdicts are recorded, and a correction names what it replaces")
  func verdicts() throws {
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
      """)
    #expect(recorded.map(\.verdict) == ["counted", "repeat", "counted", "chord"])
    let ratings = try daemon.ratings()
    #expect(ratings.map(\.content.replaces) == [nil, nil, ratings[0].sequence, ratings[2].sequence])
    #expect(ratings[2].content.visit == ratings[0].sequence)
  }

  @Test("a button held too long is withdrawn and told to the technician, and works again afterwards")
  func held() throws {
    let daemon = try DaemonUnderTest(
      files: SimulatedPanelFiles.standard.merging([
        "panel.toml": SimulatedPanelFiles.panel(timing: "held_limit = \"1s\"")
      ]) { $1 })
    #expect(daemon.waitUntilReady())
    let client = try ControlClient(path: daemon.socket)
    try client.send(.simulate(.press(SimulatedPress(button: "happy", holdMilliseconds: 6_000))))
    #expect(eventually { (try? daemon.status().health.map(\.code)) == [.buttonStuck] })
    #expect(try daemon.press("neutral").map(\.verdict) == ["counted"])
    #expect(eventually { (try? daemon.status().health.isEmpty) == true })
    #expect(try daemon.press("happy").map(\.verdict) == ["counted"])
    let events = try daemon.events()
    let stuck = try #require(events.first { $0.content.code == "button-stuck" })
    #expect(stuck.content.button == "happy")
    #expect(stuck.content.verdict == .held)
    #expect(stuck.content.replaces == events.first { $0.content.button == "happy" }?.sequence)
    #expect(events.contains { $0.content.code == "button-released" })
  }

  struct BadWaveform: Sendable, CustomTestStringConvertible {
    var csv: String
    var word: String
    var testDescription: String { csv }
  }

  @Test(
    "a waveform that cannot be played is refused with its row",
    arguments: [
      BadWaveform(csv: "0,happy,2", word: "row 1"), BadWaveform(csv: "0,happy,0\n5,nobody,1", word: "row 2"),
      BadWaveform(csv: "10,happy,0\n5,happy,1", word: "row 2"), BadWaveform(csv: "x,happy,0", word: "row 1"),
      BadWaveform(csv: "0,happy", word: "row 1"),
    ])
  func badWaveform(_ bad: BadWaveform) throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let error = #expect(throws: ControlError.self) { try daemon.play(bad.csv) }
    #expect(error?.code == .badWaveform)
    #expect(error?.message.contains(bad.word) == true, "\(error?.message ?? "")")
    #expect(throws: ControlError.self) { try daemon.press("nobody") }
    #expect(try daemon.press("happy").count == 1)
  }

  @Test("lines may be named by button or by offset")
  func lineNames() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let recorded = try daemon.play("0,0,0\n50000,0,1\n100000,very-happy,0\n150000,very-happy,1")
    #expect(recorded.map(\.button) == ["very-unhappy", "very-happy"])
  }

  @Test("a panel file for a real board can be tried without it, by the names and numbers of its lines")
  func simulatedBoard() throws {
    let directory = try TemporaryDirectory()
    let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/examples/raspberry-pi-five-faces")
    try FileManager.default.copyItem(atPath: examples.path, toPath: "\(directory.path)/config")
    let daemon = try DaemonUnderTest(files: [:], arguments: ["--simulate"], in: directory)
    #expect(daemon.waitUntilReady())
    let status = try daemon.status()
    #expect(status.isSimulated && status.board == "raspberry-pi-5")
    let button = try #require(status.buttons.first)
    let offset = try #require(Int(button.line.drop { !$0.isNumber }))
    let recorded = try daemon.play(
      "0,\(button.line),0\n60000,\(button.line),1\n200000,\(offset),0\n260000,\(offset),1")
    #expect(recorded.map(\.button) == [button.name, button.name])
  }
}
