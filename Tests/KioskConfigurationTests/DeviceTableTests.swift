import Feedback
import KioskConfiguration
import Testing

/// The tables of `kiosk.toml` beside `[device]`, `[filter]` and `[journal]`: hours, context, calls, activity, health.
@Suite struct DeviceTableTests {
  private static func device(_ lines: String, timeZoneDatabase: String = "/usr/share/zoneinfo") throws -> DeviceSettings
  {
    try ExampleFiles.load(kiosk: BadInput.kiosk(adding: lines), timeZoneDatabase: timeZoneDatabase).device
  }

  @Test func `what is not written has its default`() throws {
    let device = try Self.device("")
    #expect(
      device
        == DeviceSettings(name: "kiosk-1", touchpoint: "checkout-1", timeZone: "UTC", rules: VerdictRules()))
    #expect(device.openingHours.isAlwaysOpen)
    #expect(device.quietHours.weekly.isEmpty)
    #expect(device.context == ContextSettings(isAccepted: false, longest: .seconds(60)))
    #expect(device.context.references == ["employee", "transaction", "service_point"])
    #expect(device.requestLapse == .seconds(15 * 60))
    #expect(device.longestActivity == .seconds(10 * 3600))
    #expect(device.closesActivityAtClosingTime)
    #expect(device.silentAfter == .seconds(4 * 3600))
    #expect(device.temperatureLimit == 80)
    #expect(device.diskReserveMebibytes == 64)
  }

  @Test func `every number can be said`() throws {
    let device = try Self.device(
      """
      [context]
      accept = true
      longest = "45s"
      only = ["transaction", "service_point"]
      [requests]
      lapse = "0s"
      [activity]
      longest = "8.5h"
      close_at_closing_time = false
      [health]
      silent_after = "0s"
      temperature_limit = 75
      disk_reserve_mib = 0
      """)
    #expect(
      device.context
        == ContextSettings(isAccepted: true, longest: .seconds(45), references: ["transaction", "service_point"]))
    #expect(device.requestLapse == .zero)
    #expect(device.longestActivity == .seconds(30_600))
    #expect(!device.closesActivityAtClosingTime)
    #expect(device.silentAfter == .zero)
    #expect(device.temperatureLimit == 75)
    #expect(device.diskReserveMebibytes == 0)
  }

  // MARK: - Hours

  static let hours = """
    time_zone = "Europe/Berlin"
    [opening_hours]
    mon_to_fri = ["09:00-18:00"]
    [[holiday]]
    date = 2026-12-24
    hours = ["09:00-12:00"]
    [quiet_hours]
    hours = ["22:00-07:00"]
    """

  @Test func `hours go by the clocks of the place`() throws {
    let device = try Self.device(Self.hours)
    /// Milliseconds since 1970 of a time on a day of December 2026 in Berlin, an hour ahead of UTC.
    func time(day: Int64, hour: Int64) -> LocalTime {
      device.zone.local(at: 1_796_083_200_000 + ((day - 1) * 24 + hour - 1) * 3_600_000)
    }
    #expect(device.openingHours.isOpen(at: time(day: 23, hour: 17)))
    #expect(!device.openingHours.isOpen(at: time(day: 23, hour: 18)))
    #expect(device.openingHours.isOpen(at: time(day: 24, hour: 11)))
    #expect(!device.openingHours.isOpen(at: time(day: 24, hour: 13)))
    #expect(device.quietHours.isQuiet(at: time(day: 24, hour: 6)))
    #expect(!device.quietHours.isQuiet(at: time(day: 24, hour: 7)))
  }

  @Test func `hours need the time zone database, and nothing else does`() throws {
    let failure = #expect(throws: ConfigurationFailure.self) {
      try Self.device(Self.hours, timeZoneDatabase: "/nonexistent/zoneinfo")
    }
    #expect(failure?.problems.map(\.line) == [4])
    #expect(failure?.problems.first?.message.contains("[opening_hours] needs the rules of the time zone") == true)
    #expect(failure?.problems.first?.remedy.contains("tzdata") == true)
    let quiet = #expect(throws: ConfigurationFailure.self) {
      try Self.device(
        "time_zone = \"Europe/Berlin\"\n[quiet_hours]\nhours = [\"22:00-07:00\"]",
        timeZoneDatabase: "/nonexistent/zoneinfo")
    }
    #expect(quiet?.problems.first?.message.contains("[quiet_hours] needs") == true)
    let without = try Self.device("time_zone = \"Europe/Berlin\"", timeZoneDatabase: "/nonexistent/zoneinfo")
    #expect(without.timeZone == "Europe/Berlin")
    #expect(without.zone == .utc)
    let universal = try Self.device(
      "[opening_hours]\nevery_day = [\"09:00-18:00\"]", timeZoneDatabase: "/nonexistent/zoneinfo")
    #expect(!universal.openingHours.isAlwaysOpen)
  }

  @Test func `a drop-in adds holidays`() throws {
    let settings = try ExampleFiles.load(
      kiosk: BadInput.kiosk(adding: Self.hours),
      others: ["kiosk.d/2027.toml": "[[holiday]]\ndate = 2027-01-01\nname = \"New Year\""])
    #expect(settings.device.openingHours.holidays.map(\.name) == ["", "New Year"])
  }

  @Test func `all that is wrong with the tables is told at once, also without a device`() {
    let failure = #expect(throws: ConfigurationFailure.self) {
      try ExampleFiles.load(
        kiosk: """
          [opening_hours]
          mon = ["9-18"]
          [quiet_hours]
          hours = []
          [context]
          accept = 1
          [requests]
          lapse = 15
          [health]
          temperature_limit = 300
          """)
    }
    #expect(failure?.problems.map(\.line) == [0, 2, 4, 6, 8, 10])
  }

  static let bad: [(line: String, column: Int, code: ConfigurationProblem.Code, words: String)] = [
    ("[filter]\nanswer_interval = \"6s\"", 19, .outOfRange, "from 0s to 5s"),
    ("[context]\naccept = \"yes\"", 10, .wrongType, "but takes true or false — write accept = false"),
    ("[context]\naccept = \"true\"", 10, .wrongType, "write accept = true without quotes"),
    ("[context]\naccept = 1", 10, .wrongType, "the number 1"),
    ("[context]\nlongest = \"11min\"", 11, .outOfRange, "from 1s to 10min"),
    ("[context]\nonly = []", 8, .outOfRange, "no context could be accepted"),
    ("[context]\nonly = [\"employe\"]", 9, .invalidValue, "did you mean \"employee\"?"),
    ("[context]\nonly = [\"employee\", \"employee\"]", 21, .duplicate, "holds \"employee\" twice"),
    ("[context]\nonly = \"employee\"", 8, .wrongType, "only = [\"employee\"] in brackets"),
    ("[context]\nacept = true", 1, .unknownKey, "did you mean accept?"),
    ("[requests]\nlapse = 15", 9, .wrongType, "\"15min\""),
    ("[requests]\nlapse = \"25h\"", 9, .outOfRange, "from 0s to 24h"),
    ("[activity]\nlongest = \"25h\"", 11, .outOfRange, "from 60s to 24h"),
    ("[activity]\nlongest = \"0s\"", 11, .outOfRange, "from 60s to 24h"),
    ("[activity]\nclose_at_closing_time = \"no\"", 25, .wrongType, "close_at_closing_time = true"),
    ("[health]\nsilent_after = \"200h\"", 16, .outOfRange, "from 0s to 168h"),
    ("[health]\ntemperature_limit = 39", 21, .outOfRange, "from 40 to 110"),
    ("[health]\ntemperature_limit = \"80\"", 21, .wrongType, "temperature_limit = 80 without quotes"),
    ("[health]\ntemperature_limit = 80.5", 21, .wrongType, "the number 80.5"),
    ("[health]\ndisk_reserve_mib = -1", 20, .outOfRange, "from 0 to 65536"),
    ("[health]\nsilent = \"4h\"", 1, .unknownKey, "silent_after"),
    ("[opening_hours]\nmon_to_fri = [\"18:00-09:60\"]", 15, .outOfRange, "09:60"),
    ("[quiet_hours]\nhours = [\"22-7\"]", 10, .invalidValue, "did you mean \"22:00-07:00\"?"),
  ]

  @Test(arguments: bad)
  func `says what is wrong and what to write`(
    input: (line: String, column: Int, code: ConfigurationProblem.Code, words: String)
  ) throws {
    let failure = try #require(#expect(throws: ConfigurationFailure.self) { try Self.device(input.line) })
    #expect(failure.problems.count == 1, "\(failure)")
    let problem = try #require(failure.problems.first)
    #expect("\(problem.file):\(problem.line):\(problem.column)" == "kiosk.toml:5:\(input.column)")
    #expect(problem.code == input.code)
    #expect(problem.description.contains(input.words), "\(problem)")
  }
}
