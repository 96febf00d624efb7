import Feedback
import KioskConfiguration
import Testing

@Suite("A file with rules alone")
struct RulesFileTests {
  private func rules(_ text: String) throws -> RulesFile {
    try RulesFile(ConfigurationSource(path: "rules.toml", text: text))
  }

  @Test("may be a whole kiosk.toml or a part of one")
  func parts() throws {
    let filter = "[filter]\nresponse_interval = \"8s\"\nburst_limit = 0\n"
    let whole = try rules("[device]\nname = \"k\"\ntouchpoint = \"t\"\ntime_zone = \"Europe/Berlin\"\n" + filter)
    let part = try rules(filter)
    #expect(whole.rules == part.rules)
    #expect(part.rules.responseInterval == .seconds(8) && part.rules.burstLimit == 0)
    #expect(part.openingHours == nil && part.zone == .utc)
    #expect(whole.zone != .utc)
    #expect(try rules("").rules == VerdictRules())
    #expect(try rules("[device]\ntime_zone = \"UTC\"\n[sync]\nurl = \"https://hub\"\n").rules == VerdictRules())
  }

  @Test("has opening hours where it says so, holidays alone included")
  func hours() throws {
    let file = try rules("[opening_hours]\nevery_day = [\"09:00-18:00\"]\n")
    let hours = try #require(file.openingHours)
    let date = try #require(LocalDate(year: 2026, month: 3, day: 2))
    let (early, noon) = (LocalDateTime(date, hour: 8), LocalDateTime(date, hour: 12))
    #expect(try !hours.isOpen(at: LocalTime(#require(early))) && hours.isOpen(at: LocalTime(#require(noon))))
    let holiday = try #require(try rules("[[holiday]]\ndate = 2026-03-02\n").openingHours)
    #expect(try !holiday.isOpen(at: LocalTime(#require(noon))))
  }

  @Test("tells every mistake with its place, and refuses what is no file of rules")
  func mistakes() throws {
    let failure = #expect(throws: ConfigurationFailure.self) {
      try rules("[filter]\nresponse_interval = 5\nburst_limit = \"x\"\n[opening_hours]\nmon = \"9-18\"\n")
    }
    #expect(failure?.problems.map(\.line) == [2, 3, 5], "\(failure?.description ?? "")")
    #expect(failure?.description.contains("rules.toml:2:21: ") == true)
    for text in ["board = \"simulated\"\n", "[filter", "[device]\nname = 5\n", "device = 1\n"] {
      #expect(throws: ConfigurationFailure.self, "\(text)") { try rules(text) }
    }
  }
}
