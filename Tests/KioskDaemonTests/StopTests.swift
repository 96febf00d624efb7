import Feedback
import Foundation
import KioskControl
import KioskTestKit
import Testing

@Suite("Stopping, killing and starting kioskd again")
struct StopTests {
  @Test("SIGTERM finishes the press in hand", arguments: [SIGTERM, SIGINT])
  func pressInHand(signal: Int32) throws {
    let daemon = try DaemonUnderTest(
      files: SimulatedPanelFiles.standard.merging([
        "panel.toml": SimulatedPanelFiles.panel(timing: "debounce = \"200ms\"")
      ]) { $1 })
    #expect(daemon.waitUntilReady())
    let edges = try daemon.status().edges
    let client = try ControlClient(path: daemon.socket)
    try client.send(.simulate(.press(SimulatedPress(button: "neutral", holdMilliseconds: 5_000))))
    // The edge has come, the debounce time has not passed: the press is in hand.
    #expect(eventually { (try? daemon.status().edges) ?? 0 > edges })
    daemon.program.signal(signal)
    #expect(daemon.program.exitCode() == 0)
    #expect(try daemon.ratings().map(\.content.button) == ["neutral"])
  }

  @Test("acknowledged presses survive SIGKILL, and the numbering goes on")
  func killed() throws {
    let daemon = try DaemonUnderTest()
    var acknowledged: [Int64] = []
    for round in 1...3 {
      #expect(daemon.waitUntilReady())
      for _ in 1...round { acknowledged += try daemon.press("happy").compactMap(\.sequence) }
      daemon.program.signal(SIGKILL)
      #expect(daemon.program.exitCode() == 128 + SIGKILL)
      try daemon.restart()
    }
    #expect(daemon.waitUntilReady())
    let events = try daemon.events()
    #expect(acknowledged.count == 6)
    #expect(Set(acknowledged).count == 6)
    #expect(try daemon.ratings().map(\.sequence) == acknowledged)
    #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
    #expect(events.filter { $0.content.code == "start" }.count == 3)
    #expect(Set(events.map(\.boot)).count == 1)
  }

  @Test(
    "a file that cannot be the journal is set aside, and capture goes on",
    arguments: ["text", "", "SQLite format 3\u{0}…"])
  func setAside(content: String) throws {
    let daemon = try DaemonUnderTest(state: ["ratings.db": String(repeating: content, count: 2_000)])
    #expect(daemon.waitUntilReady())
    #expect(try daemon.press("happy").first?.sequence != nil)
    let health = try daemon.status().health.map(\.code)
    #expect(content.isEmpty ? health.isEmpty : health == [.journalSetAside])
    let names = try FileManager.default.contentsOfDirectory(atPath: daemon.state)
    #expect(content.isEmpty || names.contains { $0.hasPrefix("ratings.corrupt-1") })
  }

  @Test("without a state directory presses wait in memory, unacknowledged, and are committed once there is one")
  func noStateDirectory() throws {
    let daemon = try DaemonUnderTest(hasStateDirectory: false)
    #expect(eventually { (try? daemon.status().health.map(\.code)) == [.journalUnavailable] })
    let client = try ControlClient(path: daemon.socket)
    _ = try client.ask(.watch)
    let waiting = try daemon.press("happy") + daemon.press("unhappy")
    #expect(waiting.map(\.sequence) == [nil, nil])
    #expect(try daemon.status().journal.isWritable == false)
    try FileManager.default.createDirectory(atPath: daemon.state, withIntermediateDirectories: false)
    #expect(eventually { (try? daemon.status().journal.isWritable) == true })
    #expect(eventually { (try? daemon.status().health.isEmpty) == true })
    #expect(try daemon.ratings().map(\.content.button) == ["happy", "unhappy"])
    #expect(try daemon.press("neutral").first?.sequence != nil)
    var seen: [Activity] = []
    while seen.last?.event != .committed || seen.last?.button != "neutral",
      let activity = try client.nextActivity(within: 20_000)
    {
      seen.append(activity)
    }
    let committed = seen.firstIndex { $0.event == .committed } ?? 0
    #expect(!seen[..<committed].contains { $0.output == "thanks" })
    let codes = try daemon.events().compactMap(\.content.code)
    #expect(codes.contains("journal-restored"))
  }

  @Test("a reader of the log that goes away does not take the daemon along")
  func brokenPipe() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Dictionary(uniqueKeysWithValues: SimulatedPanelFiles.standard.map { ("config/\($0)", $1) }))
    try directory.write(["run/x": "", "state/x": ""])
    let log = Pipe()
    let daemon = Process()
    daemon.executableURL = ProgramUnderTest.products.appendingPathComponent("kioskd")
    daemon.arguments = [
      "--config", "\(directory.path)/config", "--state", "\(directory.path)/state", "--runtime",
      "\(directory.path)/run",
    ]
    daemon.standardError = log
    try daemon.run()
    defer { kill(daemon.processIdentifier, SIGKILL) }
    let socket = "\(directory.path)/run/control.sock"
    #expect(eventually { (try? ControlClient(path: socket).ask(.status)) != nil })
    try log.fileHandleForReading.close()
    try directory.write(["config/panel.toml": "nonsense"])
    for _ in 1...3 { kill(daemon.processIdentifier, SIGHUP) }
    #expect(
      eventually {
        (try? ControlClient(path: socket).ask(.status).status?.health.map(\.code)) == [.configurationRefused]
      })
    #expect(daemon.isRunning)
  }
}
