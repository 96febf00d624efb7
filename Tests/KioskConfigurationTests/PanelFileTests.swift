import Feedback
import KioskConfiguration
import Testing

@Suite struct PanelFileTests {
  static let lamp = "[[lamp]]\nname = \"thanks\"\nline = \"GPIO23\"\nshows = [\"counted\"]"

  static let bad: [BadInput] = [
    BadInput(
      what: "an unknown board", panel: BadInput.panel("raspberry-pi-4", "raspberrypi4"), place: "panel.toml:1:9",
      code: .invalidValue, says: ["board of the file cannot be \"raspberrypi4\""],
      advises: ["did you mean \"raspberry-pi-4\"?", "\"generic\""]),
    BadInput(
      what: "no board", panel: BadInput.panel("board = \"raspberry-pi-4\"\n", ""), place: "panel.toml",
      code: .missingKey, says: ["no board"], advises: ["add board = "]),
    BadInput(
      what: "no survey", panel: BadInput.panel("survey = \"loyalty\"\n", ""), place: "panel.toml",
      code: .missingKey, says: ["no survey"], advises: ["survey = \"loyalty\""]),
    BadInput(
      what: "a survey that does not exist", panel: BadInput.panel("loyalty", "loyality"), place: "panel.toml:2:10",
      code: .unknownReference, says: ["\"loyality\"", "no file in surveys/"],
      advises: ["did you mean survey = \"loyalty\"?", "surveys/ holds \"loyalty\""]),
    BadInput(
      what: "no button", panel: "board = \"simulated\"\nsurvey = \"loyalty\"",
      place: "panel.toml", code: .missingKey, says: ["no button"], advises: ["add [[button]]"]),
    BadInput(
      what: "one pair of brackets too few", panel: BadInput.panel("[[button]]", "[button]"),
      place: "panel.toml:3:1", code: .wrongType, says: ["a table"], advises: ["[[button]] with two brackets"]),
    BadInput(
      what: "a name twice",
      panel: BadInput.panel(adding: "[[button]]\nname = \"happy\"\nline = \"GPIO27\""), place: "panel.toml:7:8",
      code: .duplicate, says: ["the name of the button \"happy\" in panel.toml:4"], advises: ["\"happy-2\""]),
    BadInput(
      what: "a lamp named like a button",
      panel: BadInput.panel(adding: lamp.replacing("thanks", with: "happy")), place: "panel.toml:7:8",
      code: .duplicate, says: ["lamp \"happy\"", "panel.toml:4"], advises: ["a name of its own"]),
    BadInput(
      what: "a name with capitals and spaces", panel: BadInput.panel("\"happy\"", "\"Very Happy!\""),
      place: "panel.toml:4:8", code: .invalidValue, says: ["\"Very Happy!\"", "lower-case"],
      advises: ["name = \"very-happy\""]),
    BadInput(
      what: "a button without a line", panel: BadInput.panel("line = \"GPIO17\"", ""), place: "panel.toml:3:1",
      code: .missingKey, says: ["button \"happy\" has no line"], advises: ["line = \"GPIO17\""]),
    BadInput(
      what: "line and offset", panel: BadInput.panel(adding: "offset = 17"), place: "panel.toml:6:10",
      code: .contradiction, says: ["both line and offset"], advises: ["keep line and remove offset"]),
    BadInput(
      what: "a line twice",
      panel: BadInput.panel(adding: "[[button]]\nname = \"sad\"\nline = \"pin 11\""), place: "panel.toml:8:8",
      code: .contradiction, says: ["button \"sad\" uses pin 11 (GPIO17)", "button \"happy\" in panel.toml:5"],
      advises: ["another line"]),
    BadInput(
      what: "a lamp on a button's line",
      panel: BadInput.panel(adding: lamp.replacing("\"GPIO23\"", with: "\"gpio17\"")),
      place: "panel.toml:8:8", code: .contradiction, says: ["lamp \"thanks\" uses GPIO17", "button \"happy\""],
      advises: ["another line"]),
    BadInput(
      what: "a number for a line", panel: BadInput.panel("\"GPIO17\"", "17"), place: "panel.toml:5:8",
      code: .wrongType, says: ["the number 17"], advises: ["line = \"GPIO17\"", "\"pin 17\" if you counted pins"]),
    BadInput(
      what: "a number in quotes for a line", panel: BadInput.panel("GPIO17", "17"), place: "panel.toml:5:8",
      code: .unknownReference, says: ["uses \"17\", which the Raspberry Pi 4 has not"], advises: ["line = \"GPIO17\""]),
    BadInput(
      what: "a misspelt line", panel: BadInput.panel("GPIO17", "GPOI17"), place: "panel.toml:5:8",
      code: .unknownReference, says: ["\"GPOI17\""], advises: ["did you mean line = \"GPIO17\"?"]),
    BadInput(
      what: "a pin beyond the header", panel: BadInput.panel("GPIO17", "pin 41"), place: "panel.toml:5:8",
      code: .unknownReference, says: ["\"pin 41\"", "1 to 40"], advises: ["line = \"pin 11\""]),
    BadInput(
      what: "an offset beyond the chip", panel: BadInput.panel("line = \"GPIO17\"", "offset = 99"),
      place: "panel.toml:5:10", code: .unknownReference, says: ["no line 99"], advises: ["from 2 to 27"]),
    BadInput(
      what: "a negative offset", panel: BadInput.panel("line = \"GPIO17\"", "offset = -1"), place: "panel.toml:5:10",
      code: .outOfRange, says: ["-1"], advises: ["0 to 1023"]),
    BadInput(
      what: "a pull-down where the board pulls up",
      panel: BadInput.panel("\"GPIO17\"", "\"GPIO3\"\nbias = \"pull-down\""), place: "panel.toml:6:8",
      code: .contradiction, says: ["pull-down on GPIO3", "1.8 kΩ"], advises: ["bias = \"pull-up\""]),
    BadInput(
      what: "an unknown bias", panel: BadInput.panel(adding: "bias = \"pullup\""), place: "panel.toml:6:8",
      code: .invalidValue, says: ["bias of button \"happy\" cannot be \"pullup\""],
      advises: ["did you mean \"pull-up\"?", "\"as-is\""]),
    BadInput(
      what: "an unknown level", panel: BadInput.panel(adding: "active = \"off\""), place: "panel.toml:6:10",
      code: .invalidValue, says: ["\"off\""], advises: ["\"low\" or \"high\""]),
    BadInput(
      what: "a boolean for a level", panel: BadInput.panel(adding: "active = true"), place: "panel.toml:6:10",
      code: .wrongType, says: ["is true, but takes text"], advises: ["active = \"low\""]),
    BadInput(
      what: "a key of two characters", panel: BadInput.panel(adding: "key = \"F1\""), place: "panel.toml:6:7",
      code: .invalidValue, says: ["\"F1\""], advises: ["key = \"1\""]),
    BadInput(
      what: "a number for a key", panel: BadInput.panel(adding: "key = 1"), place: "panel.toml:6:7", code: .wrongType,
      says: ["the number 1"], advises: ["key = \"1\" in double quotes"]),
    BadInput(
      what: "a key twice",
      panel: BadInput.panel(adding: "key = \"1\"\n[[button]]\nname = \"sad\"\nline = \"GPIO27\"\nkey = \"1\""),
      place: "panel.toml:10:7", code: .contradiction, says: ["the key \"1\"", "panel.toml:6"],
      advises: ["a key of its own"]),
    BadInput(
      what: "a chip label where the board is known", panel: BadInput.panel(adding: "[chip]\nlabel = \"x\""),
      place: "panel.toml:7:9", code: .contradiction, says: ["generic", "pinctrl-bcm2711"], advises: ["remove [chip]"]),
    BadInput(
      what: "a generic board without a chip label", panel: BadInput.panel("raspberry-pi-4", "generic"),
      place: "panel.toml", code: .missingKey, says: ["no chip"], advises: ["gpiodetect"]),
    BadInput(
      what: "debounce as a number", panel: BadInput.panel(adding: "[timing]\ndebounce = 30"), place: "panel.toml:7:12",
      code: .wrongType, says: ["the number 30"], advises: ["write debounce = \"30ms\""]),
    BadInput(
      what: "debounce out of range", panel: BadInput.panel(adding: "[timing]\ndebounce = \"2s\""),
      place: "panel.toml:7:12", code: .outOfRange, says: ["\"2s\""], advises: ["from 1ms to 500ms"]),
    BadInput(
      what: "a storm limit that is a fraction", panel: BadInput.panel(adding: "[timing]\nstorm_limit = 1e3"),
      place: "panel.toml:7:15", code: .wrongType, says: ["the number 1000.0"], advises: ["storm_limit = 200"]),
    BadInput(
      what: "a lamp that shows nothing", panel: BadInput.panel(adding: lamp.replacing("\"counted\"", with: "")),
      place: "panel.toml:9:9", code: .outOfRange, says: ["empty"], advises: ["\"counted\"", "\"out-of-service\""]),
    BadInput(
      what: "a lamp without shows", panel: BadInput.panel(adding: "[[lamp]]\nname = \"a\"\nline = \"GPIO23\""),
      place: "panel.toml:6:1", code: .missingKey, says: ["lamp \"a\" has no shows"], advises: ["shows = [\"counted\"]"]),
    BadInput(
      what: "a lamp that shows the same twice",
      panel: BadInput.panel(adding: lamp.replacing("\"counted\"", with: "\"counted\", \"counted\"")),
      place: "panel.toml:9:21", code: .duplicate, says: ["\"counted\" twice"], advises: ["once"]),
    BadInput(
      what: "a text where a list is meant",
      panel: BadInput.panel(adding: lamp.replacing("[\"counted\"]", with: "\"counted\"")), place: "panel.toml:9:9",
      code: .wrongType, says: ["the text \"counted\"", "a list"], advises: ["shows = [\"counted\"] in brackets"]),
    BadInput(
      what: "an unknown acknowledgement",
      panel: BadInput.panel(adding: lamp.replacing("\"counted\"", with: "\"couted\"")), place: "panel.toml:9:10",
      code: .invalidValue, says: ["\"couted\""], advises: ["did you mean \"counted\"?"]),
    BadInput(
      what: "a lamp beside no button", panel: BadInput.panel(adding: lamp + "\nbutton = \"hapy\""),
      place: "panel.toml:10:10", code: .unknownReference, says: ["lamp \"thanks\" names the button \"hapy\""],
      advises: ["did you mean button = \"happy\"?"]),
    BadInput(
      what: "a misspelt table", panel: BadInput.panel(adding: "[[lmap]]\nname = \"a\""), place: "panel.toml:6:3",
      code: .unknownKey, says: ["\"lmap\""], advises: ["did you mean lamp?"]),
    BadInput(
      what: "a misspelt key of a button", panel: BadInput.panel(adding: "actve = \"low\""), place: "panel.toml:6:1",
      code: .unknownKey, says: ["button \"happy\" has no key \"actve\""], advises: ["did you mean active?"]),
    BadInput(
      what: "control characters in what is quoted back",
      panel: BadInput.panel(adding: "bias = \"a\\u001B[31m\""), place: "panel.toml:6:8", code: .invalidValue,
      says: ["\"a\u{FFFD}[31m\""], advises: ["\"pull-up\""]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }

  // MARK: - Boards and lines

  @Test(arguments: [
    ("GPIO17", 17), ("gpio17", 17), ("pin 11", 17), ("PIN11", 17), ("Pin  13", 27), ("SDA1", 2), ("GPIO2", 2),
    ("SPI_MOSI", 10), ("GPIO_GCLK", 4), ("pin 40", 21),
  ])
  func `a line may be written by name, by another kernel's name or by pin`(line: String, offset: Int) throws {
    let settings = try ExampleFiles.load(panel: BadInput.panel("GPIO17", line))
    guard case .named(let names, let found) = settings.panel.buttons[0].line else {
      Issue.record("not found by name: \(settings.panel.buttons[0].line)")
      return
    }
    #expect(found == offset)
    #expect(names.first == "GPIO\(offset)")
  }

  @Test func `the names of both kernels are tried, the maker's own first`() throws {
    let settings = try ExampleFiles.load(panel: BadInput.panel("GPIO17", "pin 3"))
    #expect(settings.panel.buttons[0].line == .named(["GPIO2", "SDA1"], offset: 2))
  }

  @Test func `an offset on a known board is found by its name as well`() throws {
    let settings = try ExampleFiles.load(panel: BadInput.panel("line = \"GPIO17\"", "offset = 17"))
    #expect(settings.panel.buttons[0].line == .named(["GPIO17"], offset: 17))
  }

  @Test(arguments: [
    ("raspberry-pi-3b-plus", ["pinctrl-bcm2835"]), ("raspberry-pi-4", ["pinctrl-bcm2711", "pinctrl-bcm2835"]),
    ("raspberry-pi-5", ["pinctrl-rp1"]), ("raspberry-pi-zero-2-w", ["pinctrl-bcm2835"]),
  ])
  func `each board knows its chip and 24 lines that are free to use`(board: String, labels: [String]) throws {
    var usable = 0
    for offset in 0...70 {
      let panel = BadInput.panel("raspberry-pi-4", board).replacing("line = \"GPIO17\"", with: "offset = \(offset)")
      do throws(ConfigurationFailure) {
        let settings = try ExampleFiles.load(panel: panel)
        #expect(settings.panel.chipLabels == labels)
        usable += 1
      } catch {
        let lineCount = board == "raspberry-pi-4" ? 58 : 54
        #expect(error.concernsReservedLine == (offset < lineCount), "\(error)")
        #expect(error.problems.count == 1)
      }
    }
    #expect(usable == 24)
  }

  @Test(arguments: [
    ("raspberry-pi-4", "GPIO1", "GPIO1, which the board reads at start to find a HAT"),
    ("raspberry-pi-5", "ID_SD", "ID_SD, which the board reads at start"),
    ("raspberry-pi-5", "pin 28", "pin 28 (GPIO1), which the board reads"),
    ("raspberry-pi-3b-plus", "TXD1", "TXD1, which the serial console"),
    ("raspberry-pi-4", "GPIO15", "which the serial console listens on"),
    ("raspberry-pi-4", "pin 6", "carries ground and is no line"),
    ("raspberry-pi-5", "pin 1", "carries 3.3 V"),
    ("raspberry-pi-zero-2-w", "WL_ON", "which the Raspberry Pi Zero 2 W uses for Wi-Fi"),
    ("raspberry-pi-3b-plus", "SD_CLK_R", "uses for the SD card"),
    ("raspberry-pi-5", "FAN_PWM", "which the Raspberry Pi 5 uses for the fan"),
    ("raspberry-pi-4", "GPIO42", "uses for the activity lamp"),
    ("raspberry-pi-5", "GPIO53", "it ends inside the chip"),
  ])
  func `a line the board needs is refused with the reason`(board: String, line: String, reason: String) {
    BadInput(
      what: line, panel: BadInput.panel("raspberry-pi-4", board).replacing("GPIO17", with: line),
      place: "panel.toml:5:8", code: .reservedLine, says: ["button \"happy\"", reason],
      advises: ["another line, such as \"GPIO", "(pin "]
    ).check()
  }

  @Test func `advice proposes only lines that are free`() throws {
    var sources = try ExampleFiles.sources("raspberry-pi-five-faces")
    let panel = String(decoding: sources[1].bytes, as: UTF8.self).replacing("\"GPIO27\"", with: "\"GPIO1\"")
    sources[1] = ConfigurationSource(path: "panel.toml", text: panel)
    let failure = #expect(throws: ConfigurationFailure.self) { try KioskSettings.load(sources: sources) }
    #expect(
      failure?.problems.map(\.remedy)
        == ["wire it to another line, such as \"GPIO27\" (pin 13) or \"GPIO26\" (pin 37), and write that"])
  }

  @Test func `a generic board takes any name or offset`() throws {
    let panel = """
      board = "generic"
      survey = "loyalty"
      [chip]
      label = "gpio-sim.0-node0"
      [[button]]
      name = "happy"
      line = "button 1"
      bias = "as-is"
      active = "high"
      [[lamp]]
      name = "thanks"
      offset = 300
      active = "low"
      shows = ["counted", "staff-called"]
      button = "happy"
      """
    let settings = try ExampleFiles.load(panel: panel).panel
    #expect(settings.chipLabels == ["gpio-sim.0-node0"])
    #expect(
      settings.buttons == [
        ButtonSettings(
          name: "happy", line: .named(["button 1"], offset: nil), bias: .asIs, isActiveLow: false, key: nil)
      ])
    #expect(
      settings.lamps == [
        LampSettings(
          name: "thanks", kind: .lamp, line: .offset(300), isActiveLow: true, shows: [.counted, .staffCalled],
          button: ButtonIndex(0))
      ])
  }

  @Test func `timing is read`() throws {
    let panel = BadInput.panel(adding: "[timing]\ndebounce = \"500us\"\nheld_limit = \"2min\"\nstorm_limit = 20")
    let failure = #expect(throws: ConfigurationFailure.self) { try ExampleFiles.load(panel: panel) }
    #expect(failure?.problems.first?.remedy.contains("from 1ms") == true)
    let settings = try ExampleFiles.load(panel: panel.replacing("500us", with: "1500us"))
    #expect(
      settings.panel.timing
        == PanelTiming(debounce: .microseconds(1500), heldLimit: .seconds(120), stormLimit: 20))
  }

  @Test func `sixty-four buttons are allowed and one more is not`() throws {
    func panel(_ count: Int) -> String {
      "board = \"simulated\"\nsurvey = \"loyalty\"\n[[button]]\nname = \"happy\"\n"
        + (1..<count).map { "[[button]]\nname = \"b\($0)\"\n" }.joined()
    }
    #expect(try ExampleFiles.load(panel: panel(64)).panel.buttons.count == 64)
    let failure = #expect(throws: ConfigurationFailure.self) { try ExampleFiles.load(panel: panel(65)) }
    #expect(failure?.problems.first?.code == .outOfRange)
  }
}
