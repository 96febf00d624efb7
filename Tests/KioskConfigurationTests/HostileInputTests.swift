import KioskConfiguration
import Testing

/// A small generator with a seed, so that a failure can be run again.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    // SplitMix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct HostileInputTests {
  /// What a mutation likes to put in: everything TOML gives a meaning, and the edges of UTF-8.
  private static let pieces: [[UInt8]] =
    [
      "\"", "'", "\"\"\"", "'''", "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "#", "\n", "\r\n", "\\", "\\u0000",
      "\\U0010FFFF", "0x", "1e400", "-nan", "+inf", "9223372036854775808", "1979-05-27T07:32:00Z", "07:32:00", "true",
      "name", "line", "offset", "button", "[[button]]", "[[lamp]]", "\u{FEFF}", "\u{2028}", "ü", "😀",
    ].map { Array($0.utf8) } + [[0], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x7F]]

  private static func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let at = Int.random(in: 0...bytes.count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &generator)
      case 1 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...40, using: &generator)))
      case 3:
        let end = min(bytes.count, at + Int.random(in: 0...60, using: &generator))
        let copy = Array(bytes[at..<end])
        bytes.insert(contentsOf: copy, at: Int.random(in: 0...bytes.count, using: &generator))
      default:
        if let piece = pieces.randomElement(using: &generator) { bytes.insert(contentsOf: piece, at: at) }
      }
    }
  }

  @Test(arguments: ExampleFiles.names, [1, 2, 3])
  func `mutated files give settings or problems, each with a place, a cause and a remedy`(
    example: String, seed: Int
  ) throws {
    let sources = try ExampleFiles.sources(example)
    var generator = SeededGenerator(state: UInt64(seed))
    var loaded = 0
    var refused = 0
    for round in 0..<200 {
      var mutated = sources
      let index = Int.random(in: 0..<mutated.count, using: &generator)
      Self.mutate(&mutated[index].bytes, using: &generator)
      let file = mutated[index].path
      do throws(ConfigurationFailure) {
        let settings = try KioskSettings.load(sources: mutated)
        loaded += 1
        #expect((1...64).contains(settings.panel.buttons.count))
        #expect(settings.surveys.contains(settings.activeSurvey))
      } catch {
        refused += 1
        #expect((1...200).contains(error.problems.count))
        for problem in error.problems {
          #expect(!problem.message.isEmpty && !problem.remedy.isEmpty, "round \(round): \(problem)")
          #expect(problem.line >= 0 && problem.description.utf8.count < 1200, "round \(round): \(problem)")
          #expect(problem.description.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "round \(round): \(problem)")
          if problem.code == .syntax || problem.code == .encoding {
            #expect(problem.file == file && problem.line > 0, "round \(round): \(problem)")
          }
        }
      }
    }
    // Both must come up, or the mutations try nothing.
    #expect(loaded > 10)
    #expect(refused > 60)
  }

  /// By name, for the texts themselves are no thing to print.
  private static let hostile: [String: String] = [
    "brackets": String(repeating: "[", count: 200_000),
    "nested lists": "a = " + String(repeating: "[", count: 200_000),
    "nested tables": "a = " + String(repeating: "{a=", count: 80_000),
    "a deep header": "[" + String(repeating: "a.", count: 100_000) + "a]",
    "a deep key": String(repeating: "a.", count: 100_000) + "a = 1",
    "deep keys in nested tables": String(repeating: "a={" + String(repeating: "a.", count: 14), count: 4000),
    "an endless text": "a = \"" + String(repeating: "x", count: 250_000),
    "quotes": "a = \"\"\"" + String(repeating: "\"\\\"", count: 80_000),
    "many tables": String(repeating: "[[button]]\n", count: 20_000),
    "many lines": String(repeating: "\n", count: 262_000) + "x",
    "many digits": "a = " + String(repeating: "9", count: 200_000),
    "a long list": "a = [" + String(repeating: "1,", count: 120_000) + "]",
    "a zero byte": "\0",
    "only a byte order mark": "\u{FEFF}",
    "many keys": (0..<20_000).map { "k\($0)=1" }.joined(separator: "\n"),
  ]

  @Test(arguments: hostile.keys.sorted()) func `deep, long and wide files are refused`(name: String) throws {
    let text = try #require(Self.hostile[name])
    #expect(throws: ConfigurationFailure.self) { try ExampleFiles.load(panel: text) }
  }

  /// What is below the head of a survey, and the one thing that is said about it; by name, as above.
  private static let crowds: [String: (questions: String, message: String)] = [
    "questions": (
      (0..<10_000).map { "[[question]]\nname=\"q\($0)\"\n" }.joined(),
      "the survey has 10000 questions, each item of one counted"
    ),
    "empty questions": (
      "question = [" + String(repeating: "{},", count: 60_000) + "]",
      "the survey has 60000 questions, each item of one counted"
    ),
    "items": (
      SurveyText.question("q") + "item = [" + String(repeating: "{name=\"a\"},", count: 10_000) + "]",
      "the survey has 10000 questions, each item of one counted"
    ),
    "answers": (
      "[[question]]\nname = \"q\"\ntext.en = \"?\"\n" + String(repeating: "[[question.answer]]\n", count: 10_000),
      "question \"q\" has 10000 answers"
    ),
    "keys": (
      SurveyText.question("q") + (0..<20_000).map { "k\($0)=1\n" }.joined(),
      "question \"q\" has 20000 keys that it does not take, from \"k0\" on"
    ),
    "languages": (
      "[[question]]\nname=\"q\"\nanswer = [{ button = \"b1\", value = 1 }]\n[question.text]\n"
        + (0..<15_000).map { "k\($0)=\"?\"\n" }.joined(), "text of question \"q\" has 15000 languages"
    ),
  ]

  @Test(.timeLimit(.minutes(2)), arguments: crowds.keys.sorted())
  func `thousands of anything are refused in one clear line`(name: String) throws {
    let crowd = try #require(Self.crowds[name])
    #expect(SurveyText.problems(crowd.questions).map(\.message) == [crowd.message])
  }

  @Test(.timeLimit(.minutes(2))) func `thousands of different mistakes are counted in bounded time`() throws {
    // As many as fit: each answer names a button and a question that do not exist.
    let questions = (0..<100).map { question in
      "[[question]]\nname=\"q\(question)\"\ntext.en=\"?\"\nanswer=["
        + (0..<64).map { "{button=\"x\(question)-\($0)\",value=\($0),next=\"y\($0)\"}," }.joined() + "]\n"
    }
    do throws(ConfigurationFailure) {
      _ = try SurveyText.load(questions.joined())
      Issue.record("it was taken")
    } catch {
      #expect(error.problems.count == ConfigurationFailure.mostProblems)
      #expect(error.omitted > 12_000)
    }
  }

  @Test(.timeLimit(.minutes(2))) func `large drop-ins over large files are laid in bounded time`() throws {
    let keys = (0..<15_000).map { "k\($0)=1\n" }.joined()
    let buttons = (0..<8_000).map { "[[button]]\nname=\"b\($0)\"\n" }.joined()
    var others = ["kiosk.d/a.toml": keys, "kiosk.d/b.toml": keys]
    for name in ["a", "b", "c"] { others["panel.d/\(name).toml"] = buttons }
    let failure = #expect(throws: ConfigurationFailure.self) {
      try ExampleFiles.load(
        kiosk: keys + ExampleFiles.kiosk, panel: "board=\"simulated\"\nsurvey=\"loyalty\"\n" + buttons, others: others)
    }
    #expect(failure?.problems.map(\.code) == [.unknownKey, .outOfRange])
  }

  @Test func `nesting is refused at its limit with a place`() throws {
    let dots = String(repeating: "a.", count: 20) + "a = 1"
    let failure = #expect(throws: ConfigurationFailure.self) {
      try ExampleFiles.load(kiosk: BadInput.kiosk(adding: dots))
    }
    #expect(failure?.problems.first?.line == 4)
    #expect(failure?.problems.first?.column == 32)
    #expect(failure?.problems.first?.message.contains("too many names") == true)
    let lists = "a = " + String(repeating: "[", count: 30) + String(repeating: "]", count: 30)
    let other = #expect(throws: ConfigurationFailure.self) {
      try ExampleFiles.load(kiosk: BadInput.kiosk(adding: lists))
    }
    #expect(other?.problems.first?.code == .syntax)
    #expect(other?.problems.first?.line == 4)
  }

  @Test(arguments: ["[=]", "[[{a]]", "a = [\u{2028}", "[ ,b]", "[.]"])
  func `signs the parser does not reckon with are refused in their line`(line: String) {
    let failure = #expect(throws: ConfigurationFailure.self) {
      try ExampleFiles.load(kiosk: BadInput.kiosk(adding: line + "\n[filter]\nburst_limit = 3\n"))
    }
    #expect(failure?.problems.map(\.line) == [4])
    #expect(failure?.problems.map(\.code) == [.syntax])
  }

  @Test func `signs that disturb a terminal are not repeated, wherever they stand`() {
    let keys = ["\\u0000", "\\u001b[31m", "\\u202E", "\\n", String(repeating: "k", count: 20_000)]
    let values = ["1", "\"\\u001b\"", "[]", "\"\"", "1.5"]
    for key in keys {
      for value in values {
        let line = "\"\(key)\" = \(value)"
        for survey in [
          BadInput.survey("en = \"How", "\(line)\nen = \"How"), BadInput.survey("version", "\(line)\nversion"),
        ] {
          let failure = #expect(throws: ConfigurationFailure.self) { try ExampleFiles.load(survey: survey) }
          for problem in failure?.problems ?? [] {
            #expect(!problem.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
            #expect(!problem.description.unicodeScalars.contains { $0.properties.generalCategory == .format })
            #expect(problem.description.utf8.count < 2_500)
          }
        }
      }
    }
  }

  @Test func `points in texts and comments are no nesting`() throws {
    let points = String(repeating: ".", count: 60)
    let survey = BadInput.survey("How was it?", "\(points)\\\"\(points)")
      .replacing("version = 1", with: "version = 1 # \(points) ' \" \(points)\nthanks.en = \"\"\"\(points)\"\"\"")
      .replacing("value = 5", with: "value = 5\ntext.en = '''\(points)'''")
    let active = try ExampleFiles.load(survey: survey).activeSurvey
    #expect(active.questions[0].answers[0].text["en"] == points)
    #expect(active.thanks["en"] == points)
  }
}
