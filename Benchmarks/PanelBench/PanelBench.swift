import CAllocationCount
import Feedback
import Panel

/// Allocations and time of the panel's state machines, once they are warm: edges with bounce, presses on sixteen lines, and
/// the steps of a questionnaire. Prints one line for each, with what the machines cost per edge or per press.
///
///     panel-bench          (make bench-panel)
@main
struct PanelBench {
  static let lines = 16
  static let bounces = 6

  static func main() {
    edges()
    presses()
    steps()
  }

  /// Edges that bounce and end where they began, so that no press comes of them: debounce and recogniser alone.
  private static func edges() {
    var recognizer = recognizer()
    var at: Int64 = 0
    func round() {
      for line in 0..<lines {
        for edge in 0..<bounces {
          recognizer.take(line: line, isActive: edge % 2 == 0, at: time(at))
          at += 200_000
        }
      }
      at += 40_000_000
      if !recognizer.advance(to: time(at)).isEmpty { print("a bounce became a press") }
    }
    measure("edges that bounce", per: "edge", units: lines * bounces, round)
  }

  /// Whole presses: debounce, recogniser and verdict.
  private static func presses() {
    var recognizer = recognizer()
    var judge = VerdictJudge()
    var at: Int64 = 0
    var judged = 0
    func round() {
      for line in 0..<lines {
        for level in [true, false] {
          for edge in 0..<bounces + 1 {
            recognizer.take(line: line, isActive: (edge % 2 == 0) == level, at: time(at))
            at += 200_000
          }
          at += 40_000_000
          for case .pressed(let press) in recognizer.advance(to: time(at)) {
            _ = judge.judge(press)
            judged += 1
          }
        }
      }
    }
    measure("presses with bounce, judged", per: "press", units: lines, round)
  }

  /// Answers to a questionnaire of ten questions, visit after visit.
  private static func steps() {
    let buttons = (0..<5).map { "b\($0)" }
    let questions = (0..<10).map { index in
      Question(
        name: "q\(index)", text: ["en": "?"], scale: Scale(kind: .faces, points: 5),
        answers: buttons.enumerated().map { Answer(button: $0.element, value: $0.offset + 1) },
        next: index < 9 ? .question("q\(index + 1)") : .end)
    }
    let survey = Survey(
      name: "bench", version: 1, instrument: .questionnaire, questions: questions, languages: ["en"])
    var visits = VisitMachine(plan: SurveyPlan(survey, buttons: buttons))
    var records: [VisitRecord] = []
    var number: UInt64 = 0
    var at: Int64 = 0
    func round() {
      for question in 0..<10 {
        number += 1
        let press = Press(number: PressNumber(number), button: ButtonIndex(question % 5), at: time(at))
        visits.take(press, into: &records)
        if records.last?.verdict != .counted || records.last?.question != question { print("a step went wrong") }
        records.removeAll(keepingCapacity: true)
        at += 1_000_000_000
      }
      at += 10_000_000_000
    }
    measure("steps of a questionnaire", per: "step", units: 10, round)
  }

  private static func recognizer() -> PressRecognizer {
    PressRecognizer(
      buttonCount: lines, isDebouncedByKernel: false, levels: Array(repeating: false, count: lines), at: time(0))
  }

  private static func time(_ nanoseconds: Int64) -> MonotonicTime {
    MonotonicTime(nanoseconds: nanoseconds + 1_000_000_000)
  }

  private static func measure(_ name: String, per unit: String, units: Int, _ round: () -> Void) {
    for _ in 0..<200 { round() }
    let rounds = 2_000
    let clock = ContinuousClock()
    let before = allocation_count()
    let passed = clock.measure { for _ in 0..<rounds { round() } }
    let allocations = allocation_count() - before
    let total = Int64(rounds * units)
    let nanoseconds = passed.wholeNanoseconds / total
    let hundredths = Int64(allocations) * 100 / total
    let fraction = hundredths % 100
    print(
      "\(name): \(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) allocations, \(nanoseconds) ns per \(unit)")
  }
}
