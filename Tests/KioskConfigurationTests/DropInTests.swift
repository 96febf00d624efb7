import Feedback
import KioskConfiguration
import Testing

@Suite struct DropInTests {
  @Test func `later files win key by key, in the order of their names`() throws {
    let settings = try ExampleFiles.load(
      kiosk: BadInput.kiosk(adding: "[filter]\nburst_limit = 7\nburst_quiet = \"20s\""),
      others: [
        "kiosk.d/10-a.toml": "[device]\ntouchpoint = \"a\"\n[filter]\nburst_limit = 8",
        "kiosk.d/9-b.toml": "[device]\ntouchpoint = \"b\"",
        "kiosk.d/empty.toml": "# switched off",
      ])
    #expect(settings.device.touchpoint == "b")
    #expect(settings.device.name == "kiosk-1")
    #expect(settings.device.rules.burstLimit == 8)
    #expect(settings.device.rules.burstQuiet == .seconds(20))
  }

  @Test func `a button with a known name is changed in its place, another is added`() throws {
    let panel = """
      board = "raspberry-pi-4"
      survey = "loyalty"
      [[button]]
      name = "sad"
      line = "GPIO22"
      [[button]]
      name = "happy"
      line = "GPIO17"
      """
    let settings = try ExampleFiles.load(
      panel: panel,
      others: [
        "panel.d/shop.toml": """
        [[button]]
        name = "sad"
        offset = 27
        key = "1"
        [[button]]
        name = "neutral"
        line = "GPIO5"
        [[lamp]]
        name = "thanks"
        line = "GPIO6"
        shows = ["counted"]
        button = "neutral"
        """
      ])
    #expect(settings.panel.buttons.map(\.name) == ["sad", "happy", "neutral"])
    #expect(settings.panel.buttons[0].line == .named(["GPIO27"], offset: 27))
    #expect(settings.panel.buttons[0].key == "1")
    #expect(settings.panel.lamps[0].button == ButtonIndex(2))
  }

  @Test func `lists that hold no tables are replaced`() throws {
    let settings = try ExampleFiles.load(
      panel: BadInput.panel(
        adding: "[[lamp]]\nname = \"a\"\nline = \"GPIO23\"\nshows = [\"counted\", \"please-wait\"]"),
      others: ["panel.d/a.toml": "[[lamp]]\nname = \"a\"\nshows = [\"out-of-service\"]"])
    #expect(settings.panel.lamps.map(\.shows) == [[.outOfService]])
  }

  @Test func `a contradiction names the files it is between`() {
    BadInput(
      what: "line twice",
      others: ["panel.d/a.toml": "[[button]]\nname = \"sad\"\nline = \"GPIO17\""], place: "panel.d/a.toml:3:8",
      code: .contradiction, says: ["button \"happy\" in panel.toml:5"], advises: ["another line"]
    ).check()
  }

  @Test func `a name twice within one drop-in is a mistake as in the main file`() {
    BadInput(
      what: "name twice",
      others: [
        "panel.d/a.toml":
          "[[button]]\nname = \"sad\"\nline = \"GPIO5\"\n[[button]]\nname = \"sad\"\nline = \"GPIO6\""
      ], place: "panel.d/a.toml:5:8", code: .duplicate, says: ["panel.d/a.toml:2"], advises: ["\"sad-2\""]
    ).check()
  }

  @Test func `a name twice within one drop-in is a mistake also where an earlier file has it`() {
    BadInput(
      what: "known name twice",
      others: [
        "panel.d/a.toml":
          "[[button]]\nname = \"happy\"\nkey = \"1\"\n[[button]]\nname = \"happy\"\nline = \"GPIO6\""
      ], place: "panel.d/a.toml:5:8", code: .duplicate, says: ["panel.d/a.toml:2"], advises: ["\"happy-2\""]
    ).check()
  }

  @Test func `a drop-in of another type than the main file's value is told where it stands`() {
    BadInput(
      what: "table replaced", others: ["kiosk.d/a.toml": "device = 7"], place: "kiosk.d/a.toml:1:10",
      code: .wrongType, says: ["the number 7"], advises: ["[device]"]
    ).check()
  }
}
