import Feedback
import Foundation
import KioskConfiguration
import Testing

/// The example configurations under docs/examples, and small complete files for tests to spoil.
enum ExampleFiles {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/examples")

  static let names = ["simulated-five-faces", "raspberry-pi-five-faces"]

  static func directory(_ name: String) -> String { root.appendingPathComponent(name).path }

  static func sources(_ name: String) throws -> [ConfigurationSource] {
    try ["kiosk.toml", "panel.toml", "surveys/loyalty.toml"].map { path in
      let data = try Data(contentsOf: root.appendingPathComponent(name).appendingPathComponent(path))
      return ConfigurationSource(path: path, bytes: Array(data))
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
    instrument = "loyalty"
    [[question]]
    name = "overall"
    scale = "faces-5"
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
