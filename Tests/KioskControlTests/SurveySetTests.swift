import Foundation
import KioskControl
import Testing

@Suite("A configuration from upstream on the wire")
struct SurveySetTests {
  private static func set(
    version: String = "1", survey: String = "faces", scheduled: [String] = [], names: [String] = ["faces"],
    toml: String = "x"
  ) -> SurveySet {
    SurveySet(
      version: version, survey: survey, scheduled: scheduled,
      surveys: names.map { SurveySet.File(name: $0, toml: toml) })
  }

  private static func request(_ text: String) throws -> ControlRequest {
    try ControlCodec.value(ControlRequest.self, from: Array(text.utf8))
  }

  @Test("is read as the contract writes it; scheduled may be left out")
  func forms() throws {
    let whole = try Self.request(
      #"{"request":"configuration","version":"2026-12-advent","survey":"faces","scheduled":["advent"],"#
        + #""surveys":[{"name":"faces","toml":"a = \"b\"\n"},{"name":"advent","toml":""}]}"#)
    let expected = SurveySet(
      version: "2026-12-advent", survey: "faces", scheduled: ["advent"],
      surveys: [SurveySet.File(name: "faces", toml: "a = \"b\"\n"), SurveySet.File(name: "advent", toml: "")])
    #expect(whole == .configuration(expected))
    let short = #"{"request":"configuration","version":"1","survey":"faces","surveys":[{"name":"faces","toml":"x"}]}"#
    #expect(try Self.request(short) == .configuration(Self.set()))
    #expect(try Self.request(#"{"request":"configuration-reset"}"#) == .resetConfiguration)
  }

  @Test(
    "is no request when something is missing or of another kind",
    arguments: [
      #"{"request":"configuration"}"#, #"{"request":"configuration","version":1,"survey":"a","surveys":[]}"#,
      #"{"request":"configuration","version":"1","survey":"a"}"#,
      #"{"request":"configuration","version":"1","survey":"a","surveys":{}}"#,
      #"{"request":"configuration","version":"1","survey":"a","surveys":["a"]}"#,
      #"{"request":"configuration","version":"1","survey":"a","surveys":[{"name":"a"}]}"#,
      #"{"request":"configuration","version":"1","survey":"a","scheduled":"a","surveys":[]}"#,
      #"{"request":"configuration","version":null,"survey":"a","surveys":[]}"#,
    ])
  func nonsense(text: String) {
    let error = #expect(throws: ControlError.self) { try Self.request(text) }
    #expect(error?.code == .badRequest)
  }

  @Test("the contract's limits hold, each to the last")
  func limits() throws {
    let many = (0..<64).map { "s\($0)" }
    let quarter = String(repeating: "x", count: SurveySet.mostBytes)
    for good in [
      Self.set(), Self.set(version: String(repeating: "V", count: 64)), Self.set(version: "0.-_Z"),
      Self.set(survey: String(repeating: "s", count: 32)), Self.set(scheduled: many, names: many),
      Self.set(names: ["a", "b", "c", "d"], toml: quarter),
    ] {
      #expect(throws: Never.self) { try good.check() }
    }
    for bad in [
      Self.set(version: ""), Self.set(version: String(repeating: "V", count: 65)), Self.set(version: ".1"),
      Self.set(version: "-"), Self.set(version: "1 "), Self.set(version: "1\n"), Self.set(version: "ü"),
      Self.set(survey: ""), Self.set(survey: "Faces"), Self.set(survey: "-a"), Self.set(survey: "a/b"),
      Self.set(survey: ".."), Self.set(survey: String(repeating: "s", count: 33)), Self.set(scheduled: ["a", ""]),
      Self.set(scheduled: many + ["t"]), Self.set(names: []), Self.set(names: many + ["t"]),
      Self.set(names: ["a", "a"]),
      Self.set(names: ["../../etc/passwd"]), Self.set(names: ["e\u{301}"]),
      Self.set(names: ["a"], toml: quarter + "x"), Self.set(names: ["a", "b", "c", "d", "e"], toml: quarter),
    ] {
      let error = #expect(throws: ControlError.self) { try bad.check() }
      #expect(error?.code == .badRequest)
      #expect(error?.message.isEmpty == false && error?.hint.isEmpty == false)
    }
  }

  @Test("the largest fits into a request, whatever its texts are made of", arguments: ["\n", "\"", "\\", "ü", "☹"])
  func largest(sign: String) throws {
    let text = String(repeating: sign, count: SurveySet.mostTotalBytes / 64 / sign.utf8.count)
    let names = (0..<64).map { "s\($0)-" + String(repeating: "n", count: 28) }.map { String($0.prefix(32)) }
    let set = Self.set(
      version: String(repeating: "V", count: 64), survey: names[0], scheduled: names, names: names, toml: text)
    try set.check()
    #expect(try ControlCodec.line(ControlRequest.configuration(set)).count <= ControlCodec.longestRequest)
  }

  @Test("what became of it has the form of the report to the server, within its limits")
  func outcome() throws {
    func json(_ outcome: ConfigurationOutcome) throws -> NSDictionary {
      let line = try ControlCodec.line(outcome)
      #expect(try ControlCodec.value(ConfigurationOutcome.self, from: line) == outcome)
      return try #require(try JSONSerialization.jsonObject(with: Data(line)) as? NSDictionary)
    }
    let applied = try json(ConfigurationOutcome(applied: "1", fingerprint: "0123456789abcdef"))
    #expect(
      applied == ["version": "1", "outcome": "applied", "fingerprint": "0123456789abcdef", "problems": [String]()])
    let long = String(repeating: "☹", count: 1_000)
    let problem = ConfigurationOutcome.Problem(file: long, line: 12, column: 9, message: long, hint: nil)
    let refused = ConfigurationOutcome(
      refused: "1", problems: Array(repeating: problem, count: 200), omitted: 7)
    #expect(refused.problems.count == ConfigurationOutcome.mostProblems)
    #expect(refused.problems.last?.message == "and 158 more")
    #expect(problem.message.hasPrefix("☹☹") && problem.message.hasSuffix("☹…"))
    #expect((1_990...2_000).contains(problem.message.utf8.count))
    #expect((190...200).contains(problem.file?.utf8.count ?? 0))
    let told = try #require(try json(refused)["problems"] as? [NSDictionary])
    #expect(Set(told[0].allKeys.compactMap { $0 as? String }) == ["file", "line", "column", "message"])
    let exact = ConfigurationOutcome(refused: "1", problems: Array(repeating: problem, count: 50))
    #expect(exact.problems == Array(repeating: problem, count: 50))
  }
}
