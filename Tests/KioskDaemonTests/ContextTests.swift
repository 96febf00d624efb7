import Feedback
import KioskControl
import KioskTestKit
import Testing

@Suite("Context from the owner's systems, through the real kioskd")
struct ContextTests {
  private static func files(_ more: String) -> [String: String] {
    var files = SimulatedPanelFiles.standard
    files["kiosk.toml"] = SimulatedPanelFiles.device() + "\n" + more
    return files
  }

  /// Why a request is refused; nil: it is not.
  private static func refusal(_ daemon: DaemonUnderTest, _ request: ControlRequest) -> ControlError? {
    do {
      _ = try daemon.ask(request)
      return nil
    } catch {
      return error as? ControlError
    }
  }

  @Test("is refused unless the configuration takes it")
  func offByDefault() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let refusal = Self.refusal(daemon, .context(PressContext(employee: "e7"), seconds: 30))
    #expect(refusal?.code == .refused)
    #expect(refusal?.hint.contains("[context] accept = true") == true)
    try daemon.press("happy")
    #expect(try daemon.ratings().map(\.content.context) == [nil])
  }

  @Test("goes with the next press that counts, and with no other")
  func nextPress() throws {
    let daemon = try DaemonUnderTest(files: Self.files("[context]\naccept = true\nlongest = \"60s\""))
    #expect(daemon.waitUntilReady())
    let said = PressContext(employee: "e7", transaction: "0815", servicePoint: "till-3")
    #expect(try daemon.ask(.context(said, seconds: 30)).done == true)
    try daemon.press("happy")
    try daemon.press("neutral")
    let stored = "employee=e7;transaction=0815;service_point=till-3"
    #expect(try daemon.ratings().map(\.content.context) == [stored, nil])
    // Taken back: nothing is left of it.
    #expect(try daemon.ask(.context(said, seconds: 30)).done == true)
    #expect(try daemon.ask(.context(PressContext(), seconds: 30)).done == true)
    try daemon.press("happy")
    #expect(try daemon.ratings().last?.content.context == nil)
  }

  @Test(
    "is refused when it is no reference, lives too long, or is of a kind not taken",
    arguments: [
      (PressContext(employee: "Anna Schmidt"), 30), (PressContext(employee: "anna@example.org"), 30),
      (PressContext(transaction: ""), 30), (PressContext(employee: String(repeating: "e", count: 33)), 30),
      (PressContext(employee: "e7"), 61), (PressContext(employee: "e7"), 0), (PressContext(employee: "e7"), -1),
      (PressContext(servicePoint: "till-3"), 30), (PressContext(employee: "e7\u{0}"), 30),
    ])
  func refused(context: PressContext, seconds: Int) throws {
    let more = "[context]\naccept = true\nlongest = \"60s\"\nonly = [\"employee\", \"transaction\"]"
    let daemon = try DaemonUnderTest(files: Self.files(more))
    #expect(daemon.waitUntilReady())
    #expect(Self.refusal(daemon, .context(context, seconds: seconds)) != nil)
    try daemon.press("happy")
    #expect(try daemon.ratings().map(\.content.context) == [nil])
  }

  @Test("service mode takes presses without counting them, until it is ended")
  func service() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    #expect(try daemon.ask(.service(minutes: 10)).done == true)
    #expect(try daemon.status().phase == .service)
    #expect(try daemon.press("happy").map(\.verdict) == ["service"])
    #expect(try daemon.ask(.service(minutes: 0)).done == true)
    #expect(try daemon.press("happy").map(\.verdict) == ["counted"])
    #expect(try daemon.status().health.isEmpty)
    #expect(Self.refusal(daemon, .service(minutes: -1))?.code == .badRequest)
    #expect(Self.refusal(daemon, .service(minutes: .max))?.code == .badRequest)
  }
}
