import KioskConfiguration
import KioskTestKit
import Testing

@Suite("Surveys offered in the place of those in the directory")
struct OfferedSurveysTests {
  private static func survey(_ name: String, schedule: String = "") -> ConfigurationSource {
    var text = SimulatedPanelFiles.survey().replacing("\"loyalty\"\nversion", with: "\"\(name)\"\nversion")
    if !schedule.isEmpty { text += "[schedule]\n\(schedule)\n" }
    return ConfigurationSource(path: "surveys/\(name).toml", text: text)
  }

  private static func load(
    _ offered: OfferedSurveys?, files: [String: String] = SimulatedPanelFiles.standard
  ) throws -> KioskSettings {
    let directory = try TemporaryDirectory()
    try directory.write(files)
    return try KioskSettings.load(from: directory.path, offered: offered)
  }

  private static func problems(
    _ offered: OfferedSurveys, files: [String: String] = SimulatedPanelFiles.standard
  ) throws -> [ConfigurationProblem] {
    do {
      _ = try load(offered, files: files)
      return []
    } catch let error as ConfigurationFailure {
      return error.problems
    }
  }

  @Test("they and their choice are in force, the rest is the directory's")
  func inForce() throws {
    let advent = Self.survey("advent", schedule: "from = 2026-12-01\nto = 2026-12-25")
    let offered = OfferedSurveys(survey: "faces", scheduled: ["advent"], files: [Self.survey("faces"), advent])
    let local = try Self.load(nil)
    let settings = try Self.load(offered)
    #expect(settings.activeSurvey.name == "faces")
    #expect(settings.asked.map(\.survey.name) == ["advent", "faces"])
    #expect(settings.surveys.map(\.name) == ["advent", "faces"], "the directory's own are gone")
    #expect(settings.panel == local.panel)
    #expect(settings.device == local.device)
  }

  @Test("the directory's own surveys and choice are not looked at, whatever they are")
  func localSurveysDoNotMatter() throws {
    var files = SimulatedPanelFiles.standard
    files["surveys/loyalty.toml"] = "name = "
    #expect(throws: ConfigurationFailure.self) { try Self.load(nil, files: files) }
    let offered = OfferedSurveys(survey: "faces", scheduled: [], files: [Self.survey("faces")])
    #expect(try Self.load(offered, files: files).activeSurvey.name == "faces")
  }

  @Test("the fingerprint tells offers apart, also those that differ in the choice alone")
  func fingerprint() throws {
    let files = [Self.survey("a"), Self.survey("b")]
    let prints = [
      try Self.load(nil).fingerprint,
      try Self.load(OfferedSurveys(survey: "a", scheduled: [], files: files)).fingerprint,
      try Self.load(OfferedSurveys(survey: "b", scheduled: [], files: files)).fingerprint,
      try Self.load(OfferedSurveys(survey: "a", scheduled: [], files: Array(files.prefix(1)))).fingerprint,
    ]
    #expect(Set(prints).count == 4)
    #expect(prints.allSatisfy { $0.count == 16 })
  }

  @Test("mistakes name the offer's file and line; those of the choice name no file of the kiosk")
  func mistakes() throws {
    let faces = Self.survey("faces")
    let value = try #require(String(decoding: faces.bytes, as: UTF8.self).range(of: "value = 5")).lowerBound
    let line = String(decoding: faces.bytes, as: UTF8.self)[..<value].count { $0 == "\n" } + 1
    var spoilt = faces
    spoilt.bytes = Array(String(decoding: faces.bytes, as: UTF8.self).replacing("value = 5", with: "value = 6").utf8)
    let places = try Self.problems(OfferedSurveys(survey: "faces", scheduled: [], files: [spoilt]))
    #expect(places.contains { $0.file == "surveys/faces.toml" && $0.line == line && $0.column > 0 })

    let missing = try Self.problems(OfferedSurveys(survey: "gone", scheduled: [], files: [faces]))
    #expect(missing.map(\.file) == [OfferedSurveys.place])
    #expect(missing.first?.line == 0 && missing.first?.message.contains("\"gone\"") == true)

    let button = Self.survey("faces")
    var files = SimulatedPanelFiles.standard
    files["panel.toml"] = SimulatedPanelFiles.panel(buttons: ["yes", "no"])
    let other = try Self.problems(OfferedSurveys(survey: "faces", scheduled: [], files: [button]), files: files)
    #expect(other.count == 5 && other.allSatisfy { $0.file == "surveys/faces.toml" && $0.line > 0 })
  }

  @Test("the choice is held to the same rules as the panel's")
  func choice() throws {
    let faces = Self.survey("faces")
    let advent = Self.survey("advent", schedule: "from = 2026-12-01\nto = 2026-12-25")
    func codes(_ survey: String, _ scheduled: [String]) throws -> [ConfigurationProblem.Code] {
      try Self.problems(OfferedSurveys(survey: survey, scheduled: scheduled, files: [faces, advent])).map(\.code)
    }
    #expect(try codes("faces", ["advent", "advent"]) == [.duplicate])
    #expect(try codes("faces", ["faces"]) == [.duplicate])
    #expect(try codes("advent", []) == [.contradiction])
    #expect(try codes("faces", (0..<33).map { "s\($0)" }) == [.outOfRange])
    #expect(try codes("faces", ["advent"]).isEmpty)
  }
}
