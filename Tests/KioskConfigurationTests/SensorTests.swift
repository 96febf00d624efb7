import Feedback
import KioskConfiguration
import Testing

@Suite struct SensorTests {
  /// A panel with a sensor on lines 6 to 9 and more below it.
  private static func panel(_ kind: String, _ keys: String = "") -> String {
    BadInput.panel(adding: "[[sensor]]\nname = \"visitors\"\nkind = \"\(kind)\"\nline = \"GPIO27\"\n" + keys)
  }

  private static func sensor(_ kind: String, _ keys: String = "") throws -> SensorSettings {
    try #require(try ExampleFiles.load(panel: panel(kind, keys)).panel.sensors.first)
  }

  @Test(arguments: ContactRules.Kind.allCases)
  func `a sensor that counts people has the rules of its kind`(kind: ContactRules.Kind) throws {
    let sensor = try Self.sensor(kind.rawValue)
    #expect(
      sensor
        == SensorSettings(
          name: "visitors", line: .named(["GPIO27"], offset: 27), bias: .pullUp, isActiveLow: true, key: nil,
          debounce: PanelTiming().debounce, use: .contact(ContactRules(kind: kind))))
  }

  @Test func `every rule can be said, and the rest is as for buttons`() throws {
    let sensor = try Self.sensor(
      "pir",
      """
      bias = "pull-down"
      active = "high"
      key = "p"
      debounce = "60ms"
      dwell = "12s"
      hold_off = "0s"
      double_pass = "90s"
      blocked_after = "2h"
      """)
    #expect(sensor.bias == .pullDown)
    #expect(!sensor.isActiveLow)
    #expect(sensor.key == "p")
    #expect(sensor.debounce == .milliseconds(60))
    #expect(
      sensor.use
        == .contact(
          ContactRules(
            kind: .pir, dwell: .seconds(12), holdOff: .zero, doublePass: .seconds(90), blockedAfter: .seconds(7200))))
  }

  @Test func `a tamper sensor counts nobody`() throws {
    #expect(try Self.sensor("tamper", "active = \"high\"").use == .tamper)
  }

  @Test func `debounce is that of the panel unless the sensor has its own`() throws {
    let panel = Self.panel("presence") + "[timing]\ndebounce = \"35ms\""
    #expect(try ExampleFiles.load(panel: panel).panel.sensors.map(\.debounce) == [.milliseconds(35)])
  }

  @Test func `a drop-in changes a sensor in its place`() throws {
    let settings = try ExampleFiles.load(
      panel: Self.panel("pir"),
      others: ["panel.d/shop.toml": "[[sensor]]\nname = \"visitors\"\noffset = 22\ndwell = \"9s\""])
    #expect(settings.panel.sensors.map(\.line) == [.named(["GPIO22"], offset: 22)])
    #expect(settings.panel.sensors.map(\.use) == [.contact(ContactRules(kind: .pir, dwell: .seconds(9)))])
  }

  @Test func `on a simulated board a sensor's line is made from its name`() throws {
    let panel = SurveyText.panel + "[[sensor]]\nname = \"visitors\"\nkind = \"pir\"\nkey = \"p\""
    let settings = try ExampleFiles.load(panel: panel, survey: SurveyText.survey(SurveyText.question("q"))).panel
    #expect(settings.sensors.map(\.line) == [.named(["visitors"], offset: nil)])
    #expect(settings.sensors.map(\.key) == ["p"])
  }

  private static func bad(
    _ what: String, kind: String = "pir", _ keys: String, at place: String, _ code: ConfigurationProblem.Code,
    says: [String], advises: [String]
  ) -> BadInput {
    BadInput(
      what: what, panel: panel(kind, keys), place: "panel.toml:\(place)", code: code, says: says, advises: advises)
  }

  static let bad: [BadInput] = [
    bad(
      "a kind that is none", kind: "lightbarier", "", at: "8:8", .invalidValue,
      says: ["kind of sensor \"visitors\" cannot be \"lightbarier\""], advises: ["did you mean \"light-barrier\"?"]),
    BadInput(
      what: "no kind", panel: panel("pir").replacing("kind = \"pir\"\n", with: ""), place: "panel.toml:6:1",
      code: .missingKey, says: ["sensor \"visitors\" has no kind"], advises: ["add kind = \"pir\""]),
    bad(
      "a dwell without a unit", "dwell = 8", at: "10:9", .wrongType,
      says: ["dwell of sensor \"visitors\" is the number 8"],
      advises: ["dwell = \"8ms\", \"8s\" or \"8min\""]),
    bad(
      "a hold-off of hours", "hold_off = \"2h\"", at: "10:12", .outOfRange, says: ["\"2h\""],
      advises: ["from 0s to 10min"]),
    bad(
      "a debounce for ever", "debounce = \"5s\"", at: "10:12", .outOfRange, says: ["debounce of sensor"],
      advises: ["from 1ms to 500ms"]),
    bad(
      "rules of people on a tamper sensor", kind: "tamper", "dwell = \"1s\"", at: "10:9", .contradiction,
      says: ["dwell is for sensors that count people"], advises: ["remove dwell"]),
    bad(
      "blocked before it counts", "dwell = \"1min\"\nblocked_after = \"30s\"", at: "11:17", .contradiction,
      says: ["blocked after 30s", "its dwell of 60s"], advises: ["a shorter dwell"]),
    bad(
      "a dwell longer than what blocks by default", kind: "light-barrier", "dwell = \"10min\"", at: "10:9",
      .contradiction,
      says: ["blocked after 10min"], advises: ["blocked_after = \"0s\""]),
    BadInput(
      what: "a sensor on a button's line", panel: panel("pir").replacing("GPIO27", with: "pin 11"),
      place: "panel.toml:9:8", code: .contradiction,
      says: ["sensor \"visitors\" uses pin 11 (GPIO17), which button \"happy\""],
      advises: ["another line"]),
    BadInput(
      what: "a sensor named like a button", panel: panel("pir").replacing("visitors", with: "happy"),
      place: "panel.toml:7:8", code: .duplicate, says: ["sensor \"happy\" has the name of the button"],
      advises: ["\"happy-2\""]),
    BadInput(
      what: "a sensor with a button's key",
      panel: panel("pir", "key = \"1\"").replacing("line = \"GPIO17\"", with: "line = \"GPIO17\"\nkey = \"1\""),
      place: "panel.toml:11:7", code: .contradiction, says: ["the key \"1\", which button \"happy\" in panel.toml:6"],
      advises: ["each button and sensor"]),
    BadInput(
      what: "a lamp on a sensor's line",
      panel: panel("pir", "[[lamp]]\nname = \"a\"\nline = \"GPIO27\"\nshows = [\"counted\"]"),
      place: "panel.toml:12:8", code: .contradiction,
      says: ["lamp \"a\" uses GPIO27, which sensor \"visitors\" in panel.toml:9"],
      advises: []),
    BadInput(
      what: "a sensor pulled down where the board pulls up",
      panel: panel("pir", "bias = \"pull-down\"").replacing("GPIO27", with: "GPIO2"), place: "panel.toml:10:8",
      code: .contradiction, says: ["1.8 kΩ"], advises: ["let the sensor pull it to ground"]),
    bad(
      "a misspelt key", "holdoff = \"1s\"", at: "10:1", .unknownKey, says: ["no key \"holdoff\""],
      advises: ["did you mean hold_off?"]),
    BadInput(
      what: "one pair of brackets too few", panel: panel("pir").replacing("[[sensor]]", with: "[sensor]"),
      place: "panel.toml:6:1", code: .wrongType, says: ["a table"], advises: ["[[sensor]] with two brackets"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }

  @Test func `buttons and sensors share the lines that the kernel takes at once`() throws {
    func panel(_ sensors: Int) -> String {
      "board = \"simulated\"\nsurvey = \"loyalty\"\n[[button]]\nname = \"happy\"\n"
        + (0..<sensors).map { "[[sensor]]\nname = \"s\($0)\"\nkind = \"pir\"\n" }.joined()
    }
    #expect(try ExampleFiles.load(panel: panel(63)).panel.sensors.count == 63)
    let failure = #expect(throws: ConfigurationFailure.self) { try ExampleFiles.load(panel: panel(64)) }
    #expect(failure?.problems.map(\.message) == ["the panel has 65 buttons and sensors"])
  }

  @Test func `lamps and buzzers share the lines that the kernel takes at once`() throws {
    func panel(_ buzzers: Int) -> String {
      "board = \"simulated\"\nsurvey = \"loyalty\"\n[[button]]\nname = \"happy\"\n"
        + "[[lamp]]\nname = \"a\"\nshows = [\"counted\"]\n"
        + (0..<buzzers).map { "[[buzzer]]\nname = \"s\($0)\"\nshows = [\"counted\"]\n" }.joined()
    }
    #expect(try ExampleFiles.load(panel: panel(63)).panel.lamps.count == 64)
    let failure = #expect(throws: ConfigurationFailure.self) { try ExampleFiles.load(panel: panel(64)) }
    #expect(failure?.problems.map(\.message) == ["the panel has 65 lamps and buzzers"])
  }
}
