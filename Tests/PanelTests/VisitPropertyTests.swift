import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("For random presses, a visit")
struct VisitPropertyTests {
  static let seeds = Array(UInt64(1)...200)

  private struct Step {
    var sign: Character
    var at: Int
  }

  private static func steps(using random: inout SeededGenerator) -> [Step] {
    let signs = Array("AAABBBCCCDDEEFG<</..~!")
    var at = 0
    return (0..<120).map { _ in
      let pauses = [30, 120, 200, 400, 800, 1500, 2500, 4000, 6000, 16_000]
      at += pauses[Int.random(in: 0..<pauses.count, using: &random)]
      return Step(sign: signs[Int.random(in: 0..<signs.count, using: &random)], at: at)
    }
  }

  private static func survey(_ seed: UInt64) -> Survey {
    let all = [ScriptedSurvey.branching, ScriptedSurvey.reasons, ScriptedSurvey.twoStep, ScriptedSurvey.faces]
    return all[Int(seed % 4)]
  }

  private static func play(_ survey: Survey, _ steps: [Step], lookingAlso extra: Set<Int> = []) -> VisitScript {
    var script = VisitScript(survey)
    for (index, step) in steps.enumerated() {
      if extra.contains(index) { script.play("_\(step.at)") }
      script.play("\(step.sign)\(step.at)")
    }
    script.play("_\((steps.last?.at ?? 0) + 100_000)")
    return script
  }

  @Test("records every press once, and withdraws only what counted", arguments: seeds)
  func onePerPress(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let steps = Self.steps(using: &random)
    let script = Self.play(Self.survey(seed), steps)
    let presses = script.records.compactMap(\.press?.number.value)
    let expected = steps.filter { $0.sign != "!" }.count
    #expect(presses == (0..<expected).map { UInt64($0) + 1 })
    var verdicts: [PressNumber: Verdict?] = [:]
    for record in script.records {
      if let replaced = record.replaces {
        #expect(verdicts[replaced] == .some(.counted))
        verdicts[replaced] = record.verdict?.ofReplaced
      }
      if let press = record.press { verdicts[press.number] = record.verdict }
    }
    #expect(script.visits.phase == .idle)
    #expect(script.visits.nextDeadline == nil)
  }

  @Test("has one standing answer to a question, in a visit that was begun by one", arguments: seeds)
  func standingAnswers(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let survey = Self.survey(seed)
    let script = Self.play(survey, Self.steps(using: &random))
    let withdrawn = Set(script.records.compactMap(\.replaces))
    var standing: [String: Int] = [:]
    for record in script.records {
      guard let press = record.press, let question = record.question, record.verdict == .counted, record.value != nil,
        !withdrawn.contains(press.number)
      else { continue }
      standing["\(record.visit.value) \(question)", default: 0] += 1
      let most = survey.questions[question].mostChoices
      #expect(standing["\(record.visit.value) \(question)", default: 0] <= most)
    }
    #expect(!standing.isEmpty)
  }

  @Test("is the same however often it is looked at", arguments: seeds)
  func looks(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let steps = Self.steps(using: &random)
    let extra = Set((0..<steps.count).filter { _ in Bool.random(using: &random) })
    #expect(Self.play(Self.survey(seed), steps, lookingAlso: extra).words == Self.play(Self.survey(seed), steps).words)
  }
}
