import Feedback
import KioskTestKit
import Panel
import Testing

/// Hundreds of random scripts through the product and through the models beside it. What fails is told as its seed and
/// the shortest script that still fails.
@Suite("Against a slow and plain reference model")
struct ReferenceModelTests {
  static let seeds = Array(UInt64(1)...300)

  @Test("a press recogniser says the same of every random waveform, batch by batch", arguments: seeds)
  func recognizer(seed: UInt64) {
    let script = RandomPanelScript.script(seed: seed)
    #expect(ReferenceModel.events(of: script) != nil, "seed \(seed): no reader could give such a script")
    for followsDeadlines in [false, true] {
      func differs(_ script: PanelScript) -> Bool {
        guard let expected = ReferenceModel.events(of: script, tellsMoments: followsDeadlines) else { return false }
        return script.run(followsDeadlines: followsDeadlines) != expected
      }
      guard differs(script) else { continue }
      let shortest = script.minimised(while: differs)
      Issue.record(
        """
        seed \(seed)\(followsDeadlines ? ", moving on from deadline to deadline" : "")
        \(shortest)
        expected, batch by batch:
        \((ReferenceModel.events(of: shortest, tellsMoments: followsDeadlines) ?? []).told)
        but was:
        \(shortest.run(followsDeadlines: followsDeadlines).told)
        """)
      return
    }
  }

  @Test("the random waveforms bring up everything there is")
  func coverage() {
    var seen: [String: Int] = [:]
    for seed in Self.seeds {
      let script = RandomPanelScript.script(seed: seed)
      for told in script.run().joined() {
        seen["\(told.event)".prefix { $0 != "(" } + (script.isDebouncedByKernel ? " kernel" : ""), default: 0] += 1
      }
    }
    for name in ["pressed", "released", "stuck", "unstuck", "storm", "stormOver", "edgesLost"] {
      for source in ["", " kernel"] { #expect(seen[name + source, default: 0] > 500, "\(name)\(source)") }
    }
  }

  // MARK: - Verdicts

  @Test("a judge says the same of every random sequence of presses", arguments: seeds)
  func judge(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let rules = Self.anyRules(using: &random)
    check(Self.anySteps(200, using: &random), rules, "seed \(seed)")
  }

  @Test("a judge says the same of the presses of every random waveform", arguments: seeds)
  func judgeOfWaveforms(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let steps = RandomPanelScript.script(seed: seed).run().joined().compactMap { Self.step($0.event) }
    check(steps, Self.anyRules(using: &random), "seed \(seed), presses of a waveform")
  }

  private func check(_ steps: [ReferenceJudge.Step], _ rules: VerdictRules, _ name: String) {
    func differs(_ steps: [ReferenceJudge.Step]) -> Bool {
      Self.answers(to: steps, rules: rules) != ReferenceJudge.answers(to: steps, rules: rules)
    }
    guard differs(steps) else { return }
    // The shortest beginning that fails, and of that what is needed.
    var shortest = steps
    while differs(Array(shortest.dropLast())) { shortest.removeLast() }
    for index in shortest.indices.reversed() {
      var candidate = shortest
      candidate.remove(at: index)
      if differs(candidate) { shortest = candidate }
    }
    let expected = ReferenceJudge.answers(to: shortest, rules: rules)
    let actual = Self.answers(to: shortest, rules: rules)
    let lines = shortest.indices.map { index in
      let difference = expected[index] == actual[index] ? "" : ", but was \(actual[index].told)"
      return "  \(shortest[index].told): \(expected[index].told)\(difference)"
    }
    Issue.record("\(name), \(rules)\n\(lines.joined(separator: "\n"))")
  }

  /// What the product makes of it.
  private static func answers(to steps: [ReferenceJudge.Step], rules: VerdictRules) -> [ReferenceJudge.Answer] {
    var judge = VerdictJudge(rules: rules)
    return steps.map { step in
      switch step {
      case .press(let press, let subject, let circumstances):
        return .judgement(judge.judge(press, about: subject, circumstances: circumstances))
      case .control(let press, let circumstances):
        let (verdict, replaces) = judge.judgeControl(press, circumstances: circumstances)
        return .control(verdict, replaces: replaces)
      case .held(let number): return .withdrawn(judge.withdraw(held: number))
      case .forget(let number): judge.forget(choice: number)
      case .reopen: judge.reopen()
      }
      return .nothing
    }
  }

  /// What the daemon hands on of what the panel did.
  private static func step(_ event: PanelEvent) -> ReferenceJudge.Step? {
    switch event {
    case .pressed(let press): .press(press)
    case .stuck(_, let press?, _, _): .held(press)
    default: nil
    }
  }

  /// Numbers from a coarse grid, so that presses fall on the very end of a window.
  private static func anyRules(using random: inout SeededGenerator) -> VerdictRules {
    if Int.random(in: 0..<5, using: &random) == 0 { return VerdictRules() }
    func window(_ steps: ClosedRange<Int>, _ random: inout SeededGenerator) -> Duration {
      .milliseconds(50 * Int.random(in: steps, using: &random))
    }
    return VerdictRules(
      responseInterval: window(0...60, &random), burstLimit: Int.random(in: 0...6, using: &random),
      burstWindow: window(0...200, &random), burstQuiet: window(0...60, &random),
      chordWindow: window(0...6, &random), correctionWindow: window(0...40, &random))
  }

  private static func anySteps(_ count: Int, using random: inout SeededGenerator) -> [ReferenceJudge.Step] {
    var time = 0
    var number: UInt64 = 0
    var latest: [Int: PressNumber] = [:]
    let hasSubjects = Bool.random(using: &random)
    // The visit under way, and the question it is at.
    var visit: UInt64 = 1_000
    var question = 0
    return (0..<count).map { _ in
      let button = Int.random(in: 0..<4, using: &random)
      let longest = [2, 10, 40, 120].randomElement(using: &random) ?? 10
      // Now and then a stamp goes back.
      time += 50 * Int.random(in: -1...longest, using: &random)
      let kind = Int.random(in: 0..<40, using: &random)
      if let press = latest[button], kind < 4 { return kind == 0 && hasSubjects ? .forget(press) : .held(press) }
      if kind == 4, hasSubjects { return .reopen }
      number += 1
      latest[button] = PressNumber(number)
      let press = Press(number: PressNumber(number), button: ButtonIndex(button), at: ms(max(0, time)))
      let circumstances: PressCircumstances = kind == 5 ? .service : (5...9).contains(kind) ? .closed : .open
      if kind >= 37, hasSubjects { return .control(press, circumstances) }
      guard hasSubjects else { return .press(press, circumstances) }
      // On with the visit, the same question again, back to another, or somebody else's visit.
      switch Int.random(in: 0..<8, using: &random) {
      case 0, 1: question += 1
      case 2: question = Int.random(in: 0...question, using: &random)
      case 3: (visit, question) = (visit + 1, 0)
      default: break
      }
      let isChoice = question % 3 == 2
      let part = isChoice ? 1 + button : Int.random(in: 0..<6, using: &random) / 5
      let subject = PressSubject(visit: VisitNumber(visit), question: question, part: part, isChoice: isChoice)
      return .press(press, about: subject, circumstances)
    }
  }
}
