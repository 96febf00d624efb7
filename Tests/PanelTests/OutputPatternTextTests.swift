import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("The text form of an output pattern")
struct OutputPatternTextTests {
  private static func steps(_ milliseconds: [Int], _ repetitions: Int? = 1) -> OutputPattern? {
    let steps = milliseconds.map { OutputPattern.Step(isOn: $0 > 0, for: .milliseconds(abs($0))) }
    return OutputPattern(steps, repetitions: repetitions)
  }

  /// A text, the steps it means (negative: off) and the text that is written for it.
  static let examples: [(text: String, steps: [Int], repetitions: Int?, written: String)] = [
    ("on 1500ms", [1500], 1, "on 1500ms"),
    ("on 400ms off 400ms x2", [400, -400], 2, "on 400ms off 400ms x2"),
    ("on 200ms off 1800ms forever", [200, -1800], nil, "on 200ms off 1800ms forever"),
    ("on", [1000], nil, "on"),
    ("off", [-1000], 1, "off"),
    ("  on\t1.5s  off 2s x1 ", [1500, -2000], 1, "on 1500ms off 2s"),
    ("on 0.25s on 1ms", [250, 1], 1, "on 250ms on 1ms"),
    ("off 300ms on 1s x1000000", [-300, 1000], 1_000_000, "off 300ms on 1s x1000000"),
    ("on 86400s", [86_400_000], 1, "on 86400s"),
    ("on 86400000ms forever", [86_400_000], nil, "on 86400s forever"),
  ]

  @Test("is read, and written so that it is read again", arguments: examples)
  func readAndWritten(_ example: (text: String, steps: [Int], repetitions: Int?, written: String)) throws {
    let pattern = try OutputPattern.parse(example.text)
    #expect(pattern == Self.steps(example.steps, example.repetitions))
    #expect(pattern.description == example.written)
    #expect(try OutputPattern.parse(example.written) == pattern)
  }

  @Test("says steady and nothing in one word")
  func oneWord() throws {
    #expect(try OutputPattern.parse("on").isAlwaysOn)
    #expect(try OutputPattern.parse("on").repetitions == nil)
    #expect(try !OutputPattern.parse("off").isEverOn)
  }

  static let mistakes: [(text: String, code: OutputPatternError.Code, says: String, advises: String)] = [
    ("", .empty, "is empty", "\"off\""),
    (" \t ", .empty, "is empty", "\"off\""),
    ("blink", .unknownWord, "begins with \"blink\"", "\"on\" or \"off\""),
    ("ON 400ms", .unknownWord, "begins with \"ON\"", "\"on\" or \"off\""),
    ("400ms on", .unknownWord, "begins with \"400ms\"", "\"on\" or \"off\""),
    ("x2", .unknownWord, "begins with \"x2\"", "\"on\" or \"off\""),
    ("on 400ms of 400ms", .unknownWord, "has \"of\" where", "\"forever\""),
    ("on 400ms 2x", .unknownWord, "has \"2x\" where", "\"x2\""),
    ("on 400ms off", .missingDuration, "step 2, \"off\"", "\"off 400ms\""),
    ("on off 400ms", .missingDuration, "step 1, \"on\"", "\"on 400ms\""),
    ("on forever", .missingDuration, "step 1, \"on\"", "\"on 400ms\""),
    ("on -5ms", .missingDuration, "step 1, \"on\"", "\"on 400ms\""),
    ("on 400", .badDuration, "\"400\" without \"ms\" or \"s\"", "\"400ms\""),
    ("on 2min", .badDuration, "\"2min\" without", "\"1.5s\""),
    ("on 400 ms", .badDuration, "\"400\" without", "\"400ms\""),
    ("on 0ms", .badDuration, "\"0ms\"", "\"1ms\" to \"86400s\""),
    ("on 0.5ms", .badDuration, "\"0.5ms\"", "\"1ms\" to \"86400s\""),
    ("on 86401s", .badDuration, "\"86401s\"", "\"1ms\" to \"86400s\""),
    ("on 99999999999999999999s", .badDuration, "\"99999999999999999999s\"", "\"1ms\""),
    ("on 1.s", .badDuration, "\"1.s\"", "\"1ms\""),
    ("on 1.0000000001s", .badDuration, "\"1.0000000001s\"", "\"1ms\""),
    ("on 400ms x0", .badCount, "\"x0\"", "from x1 to x1000000"),
    ("on 400ms x", .badCount, "\"x\"", "from x1"),
    ("on 400ms x-1", .badCount, "\"x-1\"", "from x1"),
    ("on 400ms x+1", .badCount, "\"x+1\"", "from x1"),
    ("on 400ms x1000001", .badCount, "\"x1000001\"", "from x1"),
    ("on 400ms x2 off 400ms", .badCount, "goes on after \"x2\"", "how often last"),
    ("on 400ms forever forever", .badCount, "goes on after \"forever\"", "how often last"),
    (
      String(repeating: "on 1ms off 1ms ", count: 33), .tooManySteps, "more than 64 steps", "x10"
    ),
    (String(repeating: "a", count: 3000), .unknownWord, "begins with \"aaaaaaaaaaaaaaaaaaaaaaaa…\"", "\"on\""),
  ]

  @Test("says what is wrong and what to write", arguments: mistakes)
  func refused(_ mistake: (text: String, code: OutputPatternError.Code, says: String, advises: String)) {
    let error = #expect(throws: OutputPatternError.self) { try OutputPattern.parse(mistake.text) }
    #expect(error?.code == mistake.code)
    #expect(error?.message.contains(mistake.says) == true, "\(error?.message ?? "")")
    #expect(error?.hint.contains(mistake.advises) == true, "\(error?.hint ?? "")")
  }

  @Test("of any pattern is read as that pattern", arguments: UInt64(1)...100)
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let steps: [OutputPattern.Step] = (0..<Int.random(in: 1...64, using: &random)).map { _ in
      let nanoseconds = [1_000_000, 1_234_567, 400_000_000, 86_400_000_000_000].randomElement(using: &random) ?? 1
      let longer = Int64.random(in: 0...1, using: &random) * Int64.random(in: 0...86_000_000_000_000, using: &random)
      return .init(
        isOn: Bool.random(using: &random), for: .nanoseconds(min(Int64(nanoseconds) + longer, 86_400_000_000_000)))
    }
    let repetitions = [nil, 1, 2, 1_000_000].randomElement(using: &random) ?? nil
    let pattern = try #require(OutputPattern(steps, repetitions: repetitions))
    #expect(try OutputPattern.parse(pattern.description) == pattern)
  }

  @Test("of garbage is refused or read, and what is read can be written", arguments: UInt64(1)...100)
  func garbage(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let pieces = ["on", "off", " ", " ", "\t", "x", "2", "0", "ms", "s", ".", "forever", "é", "\n", "\u{0}", "-", "9"]
    for _ in 0..<300 {
      let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
      guard let pattern = try? OutputPattern.parse(text) else { continue }
      #expect(try OutputPattern.parse(pattern.description) == pattern)
    }
  }

  @Test("knows what flashes faster than a lamp may")
  func tooFast() throws {
    for text in ["on 100ms off 100ms x2", "on 100ms off 200ms forever", "on 100ms off 400ms on 50ms off 50ms x2"] {
      #expect(try OutputPattern.parse(text).isTooFastForLamps, "\(text)")
    }
    for text in [
      "on", "off", "on 100ms off 100ms", "on 167ms off 167ms forever", "on 100ms on 100ms forever",
      "on 100ms off 400ms on 100ms x2",
    ] {
      #expect(try !OutputPattern.parse(text).isTooFastForLamps, "\(text)")
    }
    for acknowledgement in Acknowledgement.allCases {
      let pattern = OutputPattern.standard(for: acknowledgement, on: .lamp, isShared: true)
      #expect(pattern?.isTooFastForLamps == false)
    }
  }
}
