import Feedback
import Foundation
import KioskConfiguration
import Testing

/// The example configurations under docs/examples, and small complete files for tests to spoil.
enum ExampleFiles {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/examples")

  static let names = ["simulated-five-faces", "raspberry-pi-five-faces", "simulated-showroom", "raspberry-pi-reasons"]
  /// A panel on which any survey of docs/examples/surveys can be asked.
  static let allSurveys = "simulated-all-surveys"

  static func directory(_ name: String) -> String { root.appendingPathComponent(name).path }

  /// All files of an example: `kiosk.toml`, `panel.toml`, then the surveys by name.
  static func sources(_ name: String) throws -> [ConfigurationSource] {
    let folder = root.appendingPathComponent(name)
    let surveys = try FileManager.default.contentsOfDirectory(
      at: folder.appendingPathComponent("surveys").resolvingSymlinksInPath(), includingPropertiesForKeys: nil)
    let paths = ["kiosk.toml", "panel.toml"] + surveys.map { "surveys/" + $0.lastPathComponent }.sorted()
    return try paths.map { path in
      ConfigurationSource(path: path, bytes: Array(try Data(contentsOf: folder.appendingPathComponent(path))))
    }
  }

  static let kiosk = """
    [device]
    name = "kiosk-1"
    touchpoint = "checkout-1"
    """

  static let panel = """
    board = "raspberry-pi-4"
    survey = "loyalty"
    [[button]]
    name = "happy"
    line = "GPIO17"
    """

  static let survey = """
    name = "loyalty"
    version = 1
    instrument = "feedback"
    [[question]]
    name = "overall"
    # Topics, so that one button is enough.
    [question.text]
    en = "How was it?"
    [[question.answer]]
    button = "happy"
    value = 5
    """

  /// Loads the small configuration with some of its files put in place of the usual ones, or added.
  static func load(
    kiosk: String = kiosk, panel: String = panel, survey: String = survey, others: [String: String] = [:],
    timeZoneDatabase: String = "/usr/share/zoneinfo"
  ) throws(ConfigurationFailure) -> KioskSettings {
    var files = ["kiosk.toml": kiosk, "panel.toml": panel, "surveys/loyalty.toml": survey]
    files.merge(others) { _, other in other }
    return try KioskSettings.load(
      sources: files.map { ConfigurationSource(path: $0.key, text: $0.value) }, timeZoneDatabase: timeZoneDatabase)
  }
}
