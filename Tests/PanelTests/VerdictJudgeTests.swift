import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("A verdict judge")
struct VerdictJudgeTests {
  /// Presses written as `A0 B150`: a button and milliseconds.
  static func presses(_ script: String) -> [Press] {
    script.split(separator: " ").enumerated().map { index, word in
      let button = Int(word.first?.asciiValue ?? 65) - 65
      return Press(
        number: PressNumber(UInt64(index) + 1), button: ButtonIndex(button), at: ms(Int(word.dropFirst()) ?? 0))
    }
  }

  /// Judgements written as `counted`, `chord-1`: a verdict and the press it withdraws.
  static func words(_ judgements: [Judgement]) -> String {
    judgements.map { $0.verdict.name + ($0.replaces.map { "-\($0.value)" } ?? "") }.joined(separator: " ")
  }

  @Test(
    "judges by the table",
    arguments: [
      // One rule at a time, and the ends of its window.
      ("A0", "counted"),
      ("A0 A5000", "counted counted"),
      ("A0 A4999", "counted repeat"),
      ("A0 A4000 A5000", "counted repeat counted"),
      ("A0 B4999", "counted repeat"),
      ("A0 B5000", "counted counted"),
      ("A0 B149", "counted chord-1"),
      ("A0 B150", "counted counted-1"),
      ("A0 B2999", "counted counted-1"),
      ("A0 B3000", "counted repeat"),
      ("A0 B0", "counted chord-1"),
      // A third button in the chord; the same button again in the chord; two chords.
      ("A0 B50 C100", "counted chord-1 chord"),
      ("A0 B50 B100", "counted chord-1 chord"),
      ("A0 B50 A100", "counted chord-1 chord"),
      ("A0 B50 A190 A330", "counted chord-1 chord counted"),
      // After a chord nothing stands: the visitor can try again at once.
      ("A0 B50 A1000", "counted chord-1 counted"),
      ("A0 B50 A1000 B1500", "counted chord-1 counted counted-3"),
      // Chord before correction, and what a correction had superseded stays so.
      ("A0 B1000 A1100", "counted counted-1 chord-2"),
      ("A0 B1000 A1100 C2000", "counted counted-1 chord-2 counted"),
      // A chord with a press that did not count withdraws nothing; the older vote stands.
      ("A0 A1000 B1100", "counted repeat chord"),
      ("A0 A1000 B1100 B2000", "counted repeat chord counted-1"),
      // The last press wins, each correction measured from the one before.
      ("A0 B2000 C4000 A6000", "counted counted-1 counted-2 counted-3"),
      ("A0 B2000 B4000", "counted counted-1 repeat"),
      ("A0 A1000 B2000", "counted repeat counted-1"),
      ("A0 A2000 B3500", "counted repeat repeat"),
      // The response interval is measured from the counted press, not from the repeats.
      ("A0 A3000 A6000 A9000", "counted repeat counted repeat"),
      // Burst: the sixth in 30 s, and all after it until 10 s of quiet.
      ("A0 A1000 A2000 A3000 A4000 A4500", "counted repeat repeat repeat repeat burst"),
      ("A0 A6000 A12000 A18000 A24000 A29999", "counted counted counted counted counted burst"),
      ("A0 A6000 A12000 A18000 A24000 A30000", "counted counted counted counted counted counted"),
      (
        "A0 A1000 A2000 A3000 A4000 A4500 A14499 A24499",
        "counted repeat repeat repeat repeat burst burst counted"
      ),
      // A burst press corrects nothing; after the quiet the count starts anew.
      ("A0 A100 A200 A300 A400 B1000", "counted repeat repeat repeat repeat burst"),
      (
        "A0 A1000 A2000 A3000 A4000 A4500 A14500 A15000 A15500 A16000 A16500 A17000",
        "counted repeat repeat repeat repeat burst counted repeat repeat repeat repeat burst"
      ),
      // Chord before burst.
      ("A0 A1000 A2000 A3000 A4000 A5000 B5100", "counted repeat repeat repeat repeat burst chord"),
      // Stamps that go back are taken as equal to the one before.
      ("A1000 B900", "counted chord-1"),
      ("A1000 A0 A5999 A6000", "counted repeat repeat counted"),
    ])
  func table(script: String, expected: String) {
    #expect(Self.words(VerdictJudge.rejudge(Self.presses(script), rules: VerdictRules())) == expected)
  }

  @Test("a rule with a zero is off")
  func zeros() {
    func judged(_ script: String, _ change: (inout VerdictRules) -> Void) -> String {
      var rules = VerdictRules()
      change(&rules)
      return Self.words(VerdictJudge.rejudge(Self.presses(script), rules: rules))
    }
    #expect(judged("A0 B0 B10") { $0.chordWindow = .zero } == "counted counted-1 repeat")
    #expect(judged("A0 B1000") { $0.correctionWindow = .zero } == "counted repeat")
    #expect(judged("A0 A0 A1") { $0.responseInterval = .zero } == "counted counted counted")
    let pounding = (0..<20).map { "A\($0 * 200)" }.joined(separator: " ")
    #expect(!judged(pounding) { $0.burstLimit = 0 }.contains("burst"))
    #expect(!judged(pounding) { $0.burstWindow = .zero }.contains("burst"))
    #expect(judged(pounding) { _ in }.contains("burst"))
  }

  @Test("withdraws a held press that stood, and only such a one")
  func held() {
    var judge = VerdictJudge()
    // Button A stays down; B votes meanwhile, is corrected by C, and A is known to be held at last.
    let script = Self.presses("A0 B6000 C7000 A20000")
    for press in script.prefix(3) { _ = judge.judge(press) }
    #expect(judge.withdraw(held: PressNumber(1)) == PressNumber(1))
    #expect(judge.withdraw(held: PressNumber(1)) == nil)
    #expect(judge.withdraw(held: PressNumber(2)) == nil, "superseded already")
    #expect(judge.withdraw(held: PressNumber(99)) == nil)
    #expect(judge.judge(script[3]).verdict == .counted)
  }

  @Test("a held press no longer makes repeats of those after it, in a new run over history too")
  func heldMakesNoRepeats() {
    var rules = VerdictRules()
    rules.responseInterval = .seconds(60)
    let script = Self.presses("A0 B11000")
    #expect(Self.words(VerdictJudge.rejudge(script, rules: rules)) == "counted repeat")
    #expect(Self.words(VerdictJudge.rejudge(script, held: [PressNumber(1)], rules: rules)) == "counted held-1 counted")
  }

  @Test("agrees with the rules read out plainly over the whole history", arguments: UInt64(1)...60)
  func model(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let rules = VerdictRules(
      responseInterval: .milliseconds(Int.random(in: 0...6000, using: &random)),
      burstLimit: Int.random(in: 0...6, using: &random),
      burstWindow: .milliseconds(Int.random(in: 0...20_000, using: &random)),
      burstQuiet: .milliseconds(Int.random(in: 0...4000, using: &random)),
      chordWindow: .milliseconds(Int.random(in: 0...300, using: &random)),
      correctionWindow: .milliseconds(Int.random(in: 0...4000, using: &random)))
    var time = 0
    let history = (1...300).map { number in
      time += Int.random(in: 0...([100, 1000, 5000].randomElement(using: &random) ?? 100), using: &random)
      return Press(
        number: PressNumber(UInt64(number)), button: ButtonIndex(Int.random(in: 0..<3, using: &random)), at: ms(time))
    }
    let judged = VerdictJudge.rejudge(history, rules: rules)
    #expect(judged == PlainRules(rules: rules).judge(history))
    // Nothing is withdrawn twice, and only what was counted.
    let withdrawn = judged.compactMap(\.replaces)
    #expect(Set(withdrawn).count == withdrawn.count)
    let counted = Set(judged.filter { $0.verdict == .counted }.map(\.press.number))
    #expect(counted.isSuperset(of: withdrawn))
  }
}

/// The rules as the table of `VerdictJudge` has them, with the whole history at hand and no thought of speed.
private struct PlainRules {
  let rules: VerdictRules

  func judge(_ history: [Press]) -> [Judgement] {
    var done: [Judgement] = []
    var withdrawn: Set<PressNumber> = []
    // Index of the first press since the last quiet, and whether a burst has begun since.
    var first = 0
    var isBurst = false
    for (index, press) in history.enumerated() {
      if isBurst, press.at - history[index - 1].at >= rules.burstQuiet { (first, isBurst) = (index, false) }
      let recent = history[first...index].filter { press.at - $0.at < rules.burstWindow }
      if rules.burstLimit > 0, recent.count > rules.burstLimit { isBurst = true }

      let last = done.last { $0.verdict == .counted }?.press
      let standing = last.flatMap { withdrawn.contains($0.number) ? nil : $0 }
      let isOther = standing.map { $0.button != press.button } ?? false
      let age = standing.map { press.at - $0.at }
      let isChord = done.contains { $0.press.button != press.button && press.at - $0.press.at < rules.chordWindow }
      var verdict = Verdict.counted
      var replaces: PressNumber?
      if isChord {
        verdict = .chord
        if let age, isOther, age < rules.chordWindow { replaces = standing?.number }
      } else if isBurst {
        verdict = .burst
      } else if let age, isOther, age < rules.correctionWindow {
        replaces = standing?.number
      } else if let age, age < rules.responseInterval {
        verdict = .repeated
      }
      if let replaces { withdrawn.insert(replaces) }
      done.append(Judgement(press: press, verdict: verdict, replaces: replaces))
    }
    return done
  }
}
