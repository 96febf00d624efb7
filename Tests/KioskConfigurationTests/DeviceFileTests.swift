import Feedback
import KioskConfiguration
import Testing

@Suite struct DeviceFileTests {
  static let bad: [BadInput] = [
    BadInput(
      what: "a number where a duration is meant",
      kiosk: BadInput.kiosk(adding: "[filter]\nresponse_interval = 30"), place: "kiosk.toml:5:21", code: .wrongType,
      says: ["response_interval of [filter]", "the number 30", "a duration with its unit"],
      advises: ["response_interval = \"30ms\" or \"30s\""]),
    BadInput(
      what: "a fraction where a duration is meant",
      kiosk: BadInput.kiosk(adding: "[filter]\nchord_window = 0.15"), place: "kiosk.toml:5:16", code: .wrongType,
      says: ["the number 0.15"], advises: ["chord_window = \"0.15ms\" or \"0.15s\""]),
    BadInput(
      what: "a duration without a unit",
      kiosk: BadInput.kiosk(adding: "[filter]\nburst_window = \"30\""), place: "kiosk.toml:5:16", code: .invalidValue,
      says: ["\"30\"", "not a duration"], advises: ["us, ms, s, min or h", "burst_window = \"30s\""]),
    BadInput(
      what: "a negative duration",
      kiosk: BadInput.kiosk(adding: "[filter]\nburst_quiet = \"-5s\""), place: "kiosk.toml:5:15", code: .invalidValue,
      says: ["not a duration"], advises: ["burst_quiet = \"10s\""]),
    BadInput(
      what: "a duration out of range",
      kiosk: BadInput.kiosk(adding: "[filter]\nresponse_interval = \"2min\""), place: "kiosk.toml:5:21",
      code: .outOfRange,
      says: ["\"2min\"", "out of range"], advises: ["from 0s to 60s"]),
    BadInput(
      what: "a number out of range",
      kiosk: BadInput.kiosk(adding: "[filter]\nburst_limit = -1"), place: "kiosk.toml:5:15", code: .outOfRange,
      says: ["burst_limit of [filter] is -1"], advises: ["from 0 to 1000", "burst_limit = 5"]),
    BadInput(
      what: "a number in quotes",
      kiosk: BadInput.kiosk(adding: "[filter]\nburst_limit = \"7\""), place: "kiosk.toml:5:15", code: .wrongType,
      says: ["the text \"7\""], advises: ["burst_limit = 7 without quotes"]),
    BadInput(
      what: "a misspelt key",
      kiosk: BadInput.kiosk("touchpoint", "toucpoint") + "\ntouchpoint = \"a\"", place: "kiosk.toml:3:1",
      code: .unknownKey,
      says: ["[device] has no key \"toucpoint\""],
      advises: ["did you mean touchpoint?", "name, touchpoint and time_zone"]),
    BadInput(
      what: "a key nobody reads",
      kiosk: BadInput.kiosk(adding: "colour = \"red\""), place: "kiosk.toml:4:1", code: .unknownKey,
      says: ["no key \"colour\""], advises: ["remove it", "name, touchpoint and time_zone"]),
    BadInput(
      what: "a misspelt table",
      kiosk: BadInput.kiosk(adding: "[fliter]\nburst_limit = 3"), place: "kiosk.toml:4:2", code: .unknownKey,
      says: ["no key \"fliter\""], advises: ["did you mean filter?"]),
    BadInput(
      what: "a missing key",
      kiosk: "[device]\nname = \"kiosk-1\"", place: "kiosk.toml:1:1", code: .missingKey,
      says: ["[device] has no touchpoint"], advises: ["add touchpoint = \"checkout-3\""]),
    BadInput(
      what: "no device at all",
      kiosk: "[filter]\nburst_limit = 3", place: "kiosk.toml", code: .missingKey, says: ["no device"],
      advises: ["add [device]"]),
    BadInput(
      what: "text where a table is meant",
      kiosk: "device = \"kiosk-1\"", place: "kiosk.toml:1:10", code: .wrongType,
      says: ["the text \"kiosk-1\"", "a table"], advises: ["[device] with name"]),
    BadInput(
      what: "a number as a name",
      kiosk: BadInput.kiosk("\"kiosk-1\"", "42"), place: "kiosk.toml:2:8", code: .wrongType,
      says: ["the number 42", "takes text"], advises: ["name = \"42\" in double quotes"]),
    BadInput(
      what: "a device name that breaks addresses",
      kiosk: BadInput.kiosk("kiosk-1", "kiosk/1"), place: "kiosk.toml:2:8", code: .invalidValue,
      says: ["\"kiosk/1\"", "letters, digits"], advises: ["name = \"kiosk-0042\""]),
    BadInput(
      what: "a number too large for any computer",
      kiosk: BadInput.kiosk(adding: "[filter]\nburst_limit = 99999999999999999999"), place: "kiosk.toml:5:35",
      code: .syntax, says: ["not valid TOML"], advises: ["smaller number"]),
    BadInput(
      what: "an empty touchpoint",
      kiosk: BadInput.kiosk("checkout-1", ""), place: "kiosk.toml:3:14", code: .invalidValue, says: ["\"\""],
      advises: ["touchpoint = \"checkout-3\""]),
    BadInput(
      what: "a chord window longer than the correction window",
      kiosk: BadInput.kiosk(adding: "[filter]\nchord_window = \"500ms\"\ncorrection_window = \"200ms\""),
      place: "kiosk.toml:5:16", code: .contradiction,
      says: ["chord_window (500ms)", "correction_window (200ms)"], advises: ["chord_window = \"150ms\""]),
    BadInput(
      what: "a response interval shorter than the default correction window",
      kiosk: BadInput.kiosk(adding: "[filter]\nresponse_interval = \"2s\""), place: "kiosk.toml:5:21",
      code: .contradiction, says: ["correction_window (3s, the default)", "response_interval (2s)"],
      advises: ["correction_window = \"2s\" or less"]),
    BadInput(
      what: "an unfinished text",
      kiosk: "[device]\nname = \"kiosk-1\ntouchpoint = \"checkout-1\"", place: "kiosk.toml:2:16", code: .syntax,
      says: ["not valid TOML"], advises: ["close the text", "name = \"…\""]),
    BadInput(
      what: "text without quotes",
      kiosk: "[device]\nname = kiosk-1", place: "kiosk.toml:2:8", code: .syntax, says: ["not valid TOML"],
      advises: ["in double quotes: name = \"kiosk-1\""]),
    BadInput(
      what: "a duration without quotes",
      kiosk: BadInput.kiosk(adding: "[filter]\nburst_window = 30s"), place: "kiosk.toml:5:18", code: .syntax,
      says: ["not valid TOML"], advises: ["in double quotes: burst_window = \"30s\""]),
    BadInput(
      what: "curly quotes",
      kiosk: "[device]\nname = “kiosk-1”", place: "kiosk.toml:2:8", code: .syntax, says: ["not valid TOML"],
      advises: ["straight quotes"]),
    BadInput(
      what: "a key twice",
      kiosk: "[device]\nname = \"a\"\nname = \"b\"", place: "kiosk.toml:3:8", code: .syntax, says: ["redefine"],
      advises: ["each key", "once"]),
    BadInput(
      what: "a line that is no TOML",
      kiosk: "[device]\nhello world", place: "kiosk.toml:2:7", code: .syntax, says: ["not valid TOML"],
      advises: ["key = value"]),
    BadInput(
      what: "an unclosed table name",
      kiosk: "[device\nname = \"a\"", place: "kiosk.toml:1:8", code: .syntax, says: ["not valid TOML"],
      advises: ["bracket"]),
    BadInput(
      what: "an empty file", kiosk: "", place: "kiosk.toml", code: .missingKey, says: ["empty"],
      advises: ["docs/examples"]),
    BadInput(
      what: "a file of comments", kiosk: "# soon\n\n", place: "kiosk.toml", code: .missingKey, says: ["empty"],
      advises: ["docs/examples"]),
    BadInput(
      what: "a drop-in with a mistake",
      others: ["kiosk.d/50-shop.toml": "\n[filter]\nburst_limit = 5000"], place: "kiosk.d/50-shop.toml:3:15",
      code: .outOfRange, says: ["5000"], advises: ["0 to 1000"]),
    BadInput(
      what: "a drop-in with an unknown key",
      others: ["kiosk.d/50-shop.toml": "device.tochpoint = \"a\""], place: "kiosk.d/50-shop.toml:1:8",
      code: .unknownKey, says: ["tochpoint"], advises: ["did you mean touchpoint?"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }

  @Test func `leaves the agent's table alone`() throws {
    let kiosk = BadInput.kiosk(adding: "[sync]\npush = 17\n[sync.deep]\nx = [1]")
    #expect(try ExampleFiles.load(kiosk: kiosk).device.name == "kiosk-1")
  }

  @Test func `what is not written has the field's defaults`() throws {
    let device = try ExampleFiles.load().device
    #expect(device.rules == VerdictRules())
    #expect(device.timeZone == "UTC")
  }

  @Test func `reads every number of the filter`() throws {
    let kiosk = BadInput.kiosk(
      adding: """
        [filter]
        response_interval = "0s"
        burst_limit = 0
        burst_window = "1min"
        burst_quiet = "1.5s"
        chord_window = "100ms"
        correction_window = "2.25 s"
        answer_interval = "0.8s"
        """)
    #expect(
      try ExampleFiles.load(kiosk: kiosk).device.rules
        == VerdictRules(
          responseInterval: .zero, burstLimit: 0, burstWindow: .seconds(60), burstQuiet: .milliseconds(1500),
          chordWindow: .milliseconds(100), correctionWindow: .milliseconds(2250),
          answerInterval: .milliseconds(800)))
  }

  @Test(arguments: [
    "5", "s", "", "5 S", ".5s", "5.s", "1e3s", "+5s", "10 000ms", "5s 3ms", "1:30", "99999999999s", "5sec", "٣s",
    "5\\ts\\n5",
  ])
  func `what is no duration is refused`(text: String) {
    BadInput(
      what: text, kiosk: BadInput.kiosk(adding: "[filter]\nburst_window = \"\(text)\""), place: "kiosk.toml:5:16",
      code: .invalidValue, says: ["not a duration"], advises: ["burst_window = \"30s\""]
    ).check()
  }

  @Test(arguments: [
    ("30s", 30_000_000), ("0.5min", 30_000_000), ("1.5 s", 1_500_000), ("90000ms", 90_000_000),
    ("1000000us", 1_000_000), ("1.000001s", 1_000_001), ("10min", 600_000_000), ("0.1h", 360_000_000),
  ])
  func `durations are read exactly`(text: String, microseconds: Int) throws {
    let settings = try ExampleFiles.load(kiosk: BadInput.kiosk(adding: "[filter]\nburst_window = \"\(text)\""))
    #expect(settings.device.rules.burstWindow == .microseconds(microseconds))
  }

  @Test func `how long events are kept has defaults and can be said`() throws {
    #expect(try ExampleFiles.load(kiosk: BadInput.kiosk(adding: "")).device.journal == JournalSettings())
    let settings = try ExampleFiles.load(
      kiosk: BadInput.kiosk(adding: "[journal]\nretention_days = 3650\nbudget_mib = 16"))
    #expect(settings.device.journal == JournalSettings(retentionDays: 3_650, budgetMebibytes: 16))
  }

  @Test(arguments: [
    ("retention_days = 0", 18, "from 1 to 3650"), ("retention_days = 3651", 18, "from 1 to 3650"),
    ("retention_days = -9223372036854775808", 18, "from 1 to 3650"), ("budget_mib = 15", 14, "from 16 to 65536"),
    ("budget_mib = 65537", 14, "from 16 to 65536"),
  ])
  func `refuses retention it cannot keep`(line: String, column: Int, advice: String) {
    BadInput(
      what: line, kiosk: BadInput.kiosk(adding: "[journal]\n" + line), place: "kiosk.toml:5:\(column)",
      code: .outOfRange, says: ["[journal]"], advises: [advice]
    ).check()
  }

  @Test(arguments: [
    ("retention_days = \"30d\"", 18, ConfigurationProblem.Code.wrongType, "retention_days = 30"),
    ("retention_days = \"7\"", 18, .wrongType, "retention_days = 7 without quotes"),
    ("retention_day = 30", 1, .unknownKey, "did you mean retention_days?"),
  ])
  func `refuses retention written wrongly`(
    line: String, column: Int, code: ConfigurationProblem.Code, advice: String
  ) {
    BadInput(
      what: line, kiosk: BadInput.kiosk(adding: "[journal]\n" + line), place: "kiosk.toml:5:\(column)",
      code: code, says: ["[journal]"], advises: [advice]
    ).check()
  }

  @Test func `reports everything that is wrong, file by file and line by line`() throws {
    let failure = #expect(throws: ConfigurationFailure.self) {
      try ExampleFiles.load(
        kiosk: "[device]\nname = 1\ntouchpoint = 2", panel: BadInput.panel("GPIO17", "GPIO1"),
        survey: BadInput.survey("value = 5", "value = 65"))
    }
    #expect(
      failure?.problems.map { "\($0.file):\($0.line)" }
        == ["kiosk.toml:2", "kiosk.toml:3", "panel.toml:5", "surveys/loyalty.toml:11"])
    #expect(failure?.concernsReservedLine == true)
    #expect(failure?.description.split(separator: "\n").count == 4)
  }

  @Test func `tells two hundred problems and counts the rest`() throws {
    let buttons = (1...60).map { "[[button]]\nname = \"b\($0)\"\nline = \"pin 1\"\nbias = 1\nkey = 2\nactve = 3" }
    let failure = #expect(throws: ConfigurationFailure.self) {
      try ExampleFiles.load(panel: BadInput.panel(adding: buttons.joined(separator: "\n")))
    }
    #expect(failure?.problems.count == 200)
    #expect(failure?.omitted == 40)
    #expect(failure?.description.contains("and 40 more") == true)
  }

  @Test func `keys by the hundred are told in one line`() throws {
    let keys = (1...101).map { "wrong\($0) = 1" }.joined(separator: "\n")
    let failure = #expect(throws: ConfigurationFailure.self) {
      try ExampleFiles.load(kiosk: BadInput.kiosk(adding: keys))
    }
    #expect(failure?.problems.map(\.line) == [4])
    #expect(failure?.problems.first?.message.contains("101 keys that it does not take, from \"wrong1\" on") == true)
  }

  // MARK: - Time zones

  @Test(arguments: ["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+5"])
  func `knows time zones`(name: String) throws {
    #expect(try ExampleFiles.load(kiosk: BadInput.kiosk(adding: "time_zone = \"\(name)\"")).device.timeZone == name)
  }

  @Test(arguments: [
    ("Europe/Berln", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("Berlin", "Europe/Berlin"),
    ("Europ/Berlin", "Europe/Berlin"), ("Mars/Olympus", "time_zone = \"Europe/Berlin\""), ("Europe", "timedatectl"),
    ("../../../etc/passwd", "region and city"), ("/etc/localtime", "region and city"), ("", "region and city"),
    ("Europe/../UTC", "region and city"), ("Europe//Berlin", "region and city"), ("CET-1CEST,M3", "region and city"),
  ])
  func `refuses what is no time zone`(name: String, advice: String) throws {
    BadInput(
      what: name, kiosk: BadInput.kiosk(adding: "time_zone = \"\(name)\""), place: "kiosk.toml:4:13",
      code: .invalidValue, says: ["\"\(name)\""], advises: [advice]
    ).check()
  }

  @Test func `without a time zone database only the form is checked`() throws {
    let kiosk = BadInput.kiosk(adding: "time_zone = \"Mars/Olympus\"")
    let settings = try ExampleFiles.load(kiosk: kiosk, timeZoneDatabase: "/nonexistent/zoneinfo")
    #expect(settings.device.timeZone == "Mars/Olympus")
    #expect(throws: ConfigurationFailure.self) {
      try ExampleFiles.load(
        kiosk: BadInput.kiosk(adding: "time_zone = \"../Mars\""), timeZoneDatabase: "/nonexistent/zoneinfo")
    }
  }
}
