import Feedback
import KioskConfiguration
import Testing

/// What lamps and buzzers show, and how.
@Suite struct LampPatternTests {
  /// A panel with a lamp on lines 6 to 9, and its patterns from line 11 on.
  private static func panel(
    _ patterns: String, shows: String = "\"counted\", \"staff-wanted\"", kind: String = "lamp", keys: String = ""
  ) -> String {
    let parts = BadInput.panel(
      adding: "[[\(kind)]]\nname = \"a\"\nline = \"GPIO27\"\nshows = [\(shows)]\n\(keys)")
    return parts + (keys.isEmpty ? "" : "\n") + (patterns.isEmpty ? "" : "[\(kind).pattern]\n" + patterns)
  }

  private static func lamp(_ patterns: String, kind: String = "lamp") throws -> LampSettings {
    try #require(try ExampleFiles.load(panel: panel(patterns, kind: kind)).panel.lamps.first)
  }

  @Test func `without patterns the standard ones hold`() throws {
    #expect(try Self.lamp("").patterns.isEmpty)
  }

  @Test func `a pattern for each thing it shows`() throws {
    let patterns = try Self.lamp("counted = \"on 400ms off 600ms x3\"\nstaff-wanted = \"on\"").patterns
    #expect(patterns.count == 2)
    #expect(
      patterns[.counted]
        == OutputPattern(
          [.init(isOn: true, for: .milliseconds(400)), .init(isOn: false, for: .milliseconds(600))], repetitions: 3))
    #expect(patterns[.staffWanted] == .steady)
  }

  @Test func `patterns can be written in one line, and off means nothing at all`() throws {
    let panel = Self.panel("", keys: "pattern = { counted = \"off\", staff-wanted = \"on 200ms off 800ms forever\" }")
    let patterns = try ExampleFiles.load(panel: panel).panel.lamps[0].patterns
    #expect(patterns[.counted] == .off)
    #expect(patterns[.staffWanted]?.repetitions == nil)
  }

  @Test func `sounds may be quick`() throws {
    #expect(try Self.lamp("counted = \"on 50ms off 50ms x3\"", kind: "buzzer").patterns.count == 1)
  }

  @Test(arguments: Acknowledgement.allCases) func `a lamp can show each of them`(word: Acknowledgement) throws {
    let panel = Self.panel("", shows: "\"\(word.rawValue)\"", keys: "button = \"happy\"")
    #expect(try ExampleFiles.load(panel: panel).panel.lamps[0].shows == [word])
  }

  private static func bad(
    _ what: String, _ pattern: String, column: Int = 11, _ code: ConfigurationProblem.Code, says: [String],
    advises: [String]
  ) -> BadInput {
    BadInput(
      what: what, panel: panel(pattern), place: "panel.toml:11:\(column)", code: code, says: says, advises: advises)
  }

  static let bad: [BadInput] = [
    bad(
      "a pattern that flashes", "counted = \"on 100ms off 100ms x5\"", .outOfRange,
      says: ["the pattern \"counted\" of lamp \"a\"", "every 334 ms", "seizures"], advises: ["on 400ms off 400ms x2"]),
    bad(
      "a pattern that flashes where it begins again",
      "staff-wanted = \"on 400ms off 100ms on 200ms off 100ms forever\"",
      column: 16, .outOfRange, says: ["every 334 ms"], advises: ["longer steps"]),
    bad(
      "a pattern that never ends for a press", "counted = \"on\"", .contradiction, says: ["never ends"],
      advises: ["\"on 1500ms\""]),
    bad(
      "a pattern for what it does not show", "completed = \"on 1s\"", column: 1, .contradiction,
      says: ["a pattern for \"completed\", which it does not show"], advises: ["add \"completed\" to shows"]),
    bad(
      "a pattern for nothing there is", "conted = \"on 1s\"", column: 1, .unknownKey,
      says: ["pattern of lamp \"a\" has no key \"conted\""], advises: ["did you mean counted?"]),
    bad(
      "a pattern without a duration", "counted = \"on off 400ms\"", .invalidValue,
      says: ["the pattern \"counted\" of lamp \"a\" does not say how long"], advises: ["on 400ms"]),
    bad(
      "a pattern in no unit", "counted = \"on 400\"", .invalidValue, says: ["without \"ms\" or \"s\""],
      advises: ["\"400ms\""]),
    bad(
      "an empty pattern", "counted = \"\"", .invalidValue, says: ["is empty"], advises: ["\"off\" for nothing"]),
    bad(
      "control characters in a pattern", "counted = \"on 1s \\u001B[31m\"", .invalidValue, says: ["\u{FFFD}[31m"],
      advises: ["\"x2\""]),
    bad(
      "a number for a pattern", "counted = 400", .wrongType, says: ["the number 400"],
      advises: ["counted = \"on 400ms off 400ms x2\""]),
    BadInput(
      what: "a text for all patterns", panel: panel("", keys: "pattern = \"on 1s\""), place: "panel.toml:10:11",
      code: .wrongType, says: ["the text \"on 1s\"", "a table"], advises: ["[lamp.pattern] with counted"]),
    BadInput(
      what: "offered beside no button", panel: panel("", shows: "\"offered\""), place: "panel.toml:9:10",
      code: .contradiction, says: ["shows \"offered\"", "stands beside no button"], advises: ["button = "]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }
}
