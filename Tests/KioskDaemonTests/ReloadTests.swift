import Feedback
import Foundation
import KioskControl
import KioskTestKit
import Testing

@Suite("Reading the configuration anew")
struct ReloadTests {
  @Test("another survey takes effect with SIGHUP, and the service manager hears of both ends")
  func survey() throws {
    let directory = try TemporaryDirectory()
    let manager = NotificationSocket(in: directory)
    let daemon = try DaemonUnderTest(environment: ["NOTIFY_SOCKET": manager.path], in: directory)
    #expect(daemon.waitUntilReady())
    try daemon.press("happy")
    try daemon.replace(["surveys/loyalty.toml": SimulatedPanelFiles.survey(version: 2)])
    daemon.program.signal(SIGHUP)
    #expect(eventually { (try? daemon.status().surveyVersion) == 2 })
    try daemon.press("happy")
    #expect(try daemon.ratings().map(\.content.surveyVersion) == [1, 2])
    #expect(try daemon.events().count { $0.content.kind == .config } == 2)
    let messages = manager.messages
    let reloading = try #require(messages.firstIndex { $0.contains("RELOADING=1") && $0.contains("MONOTONIC_USEC=") })
    #expect(messages[reloading...].contains { $0.contains("READY=1") })
  }

  @Test("a bad configuration is refused, told, and the old one stays")
  func refused() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    try daemon.replace(["panel.toml": "board = \"simulated\"\nsurvy = 3"])
    daemon.program.signal(SIGHUP)
    #expect(eventually { (try? daemon.status().health.map(\.code)) == [.configurationRefused] })
    #expect(try daemon.press("happy").map(\.verdict) == ["counted"])
    #expect(daemon.program.error.contains("panel.toml:2:"))
    try daemon.replace(SimulatedPanelFiles.standard)
    daemon.program.signal(SIGHUP)
    #expect(eventually { (try? daemon.status().health.isEmpty) == true })
    #expect(try daemon.press("happy").map(\.verdict) == ["counted"])
  }

  @Test("other buttons take effect, and no press is lost on the way")
  func otherButtons() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    try daemon.press("happy")
    let buttons = ["no", "yes"]
    try daemon.replace([
      "panel.toml": SimulatedPanelFiles.panel(buttons: buttons, timing: "debounce = \"10ms\""),
      "surveys/loyalty.toml": SimulatedPanelFiles.survey(version: 3, buttons: buttons),
    ])
    daemon.program.signal(SIGHUP)
    #expect(eventually { (try? daemon.status().buttons.map(\.name)) == buttons })
    #expect(try daemon.press("yes").map(\.verdict) == ["counted"])
    #expect(throws: ControlError.self) { try daemon.press("happy") }
    #expect(try daemon.ratings().map(\.content.button) == ["happy", "yes"])
    #expect(try daemon.ratings().last?.content.scale == "faces-2")
    #expect(daemon.stop() == 0)
  }
}
