import Feedback
import Panel

/// Visits as words. A step is a button (`A` to `P`) and milliseconds: `A0 C4000`. `<`, `/`, `.` and `~` are the buttons for
/// back, skip, done and language; `_` lets time pass; `!` is somebody seen by the sensor.
struct VisitScript {
  var visits: VisitMachine
  private var number: UInt64 = 0
  private(set) var records: [VisitRecord] = []

  static let buttons = (0..<16).map { String(UnicodeScalar(UInt8(65 + $0))) }

  init(_ survey: Survey, rules: VerdictRules = VerdictRules()) {
    visits = VisitMachine(plan: SurveyPlan(survey, buttons: Self.buttons), rules: rules)
  }

  mutating func play(_ script: String, circumstances: PressCircumstances = .open) {
    for step in script.split(separator: " ") {
      let sign = step.first ?? "_"
      let at = ms(Int(step.dropFirst()) ?? 0)
      switch sign {
      case "_": visits.advance(to: at, into: &records)
      case "!": _ = visits.presence(since: at, decidedAt: at, into: &records)
      case "<": visits.navigate(.back, press(20, at), circumstances: circumstances, into: &records)
      case "/": visits.navigate(.skip, press(21, at), circumstances: circumstances, into: &records)
      case ".": visits.navigate(.done, press(22, at), circumstances: circumstances, into: &records)
      case "~": visits.navigate(.language, press(23, at), circumstances: circumstances, into: &records)
      default:
        let button = Int(sign.asciiValue ?? 65) - 65
        visits.take(press(button, at), circumstances: circumstances, into: &records)
      }
    }
  }

  private mutating func press(_ button: Int, _ at: MonotonicTime) -> Press {
    number += 1
    return Press(number: PressNumber(number), button: ButtonIndex(button), at: at)
  }

  /// `v1 q0=5 counted`, `v1 q1 timeout`, `v1 q0=2 counted-1`: visit, question, value or code, verdict, what it replaces.
  /// Visits are numbered from 1 in the order in which they appear.
  var words: String {
    var visits: [VisitNumber] = []
    return records.map { record in
      if !visits.contains(record.visit) { visits.append(record.visit) }
      var word = "v\((visits.firstIndex(of: record.visit) ?? 0) + 1)"
      if let question = record.question { word += " q\(question)" }
      if let value = record.value { word += "=\(value)" }
      if let range = record.range { word += "=\(range.lowerBound)..\(range.upperBound)" }
      if let code = record.code { word += " \(code.rawValue)" }
      if let verdict = record.verdict { word += " \(verdict.name)" }
      if let replaced = record.replaces { word += "-\(replaced.value)" }
      return word
    }.joined(separator: ", ")
  }
}

/// Surveys for scripts; answers go to the buttons A, B, C … in order.
enum ScriptedSurvey {
  static func question(
    _ name: String, values: [Int], from first: Int = 0, most: Int = 1, next: NextStep = .end,
    branches: [Int: NextStep] = [:], record: Question.Record = .answer
  ) -> Question {
    Question(
      name: name, text: ["en": name], scale: nil,
      answers: values.enumerated().map {
        Answer(button: VisitScript.buttons[first + $0.offset], value: $0.element, next: branches[$0.element])
      }, record: record, mostChoices: most, next: next)
  }

  static func survey(_ questions: [Question], instrument: Instrument = .questionnaire) -> Survey {
    Survey(
      name: "script", version: 1, instrument: instrument, questions: questions, languages: ["en", "de", "fr"],
      timeout: .seconds(15), thanksDuration: .seconds(3))
  }

  /// Five faces, nothing else.
  static let faces = survey([question("overall", values: [1, 2, 3, 4, 5], record: .rating)], instrument: .loyalty)

  /// Three faces on A–C; after a bad one up to three reasons on D–G.
  static let reasons = survey(
    [
      question(
        "overall", values: [1, 2, 3], branches: [1: .question("why")], record: .rating),
      question("why", values: [1, 2, 3, 4], from: 3, most: 3, record: .reason),
    ], instrument: .loyalty)

  /// Four questions on A–C, the second of which is asked only after a 1.
  static let branching = survey([
    question("first", values: [1, 2, 3], next: .question("third"), branches: [1: .question("second")]),
    question("second", values: [1, 2, 3], next: .question("third")),
    question("third", values: [1, 2, 3], most: 2, next: .question("fourth")),
    question("fourth", values: [1, 2, 3]),
  ])

  /// 0 to 10 on four buttons in two steps.
  static let twoStep = survey(
    [
      Question(
        name: "recommend", text: ["en": "?"], scale: Scale(kind: .nps, points: 11),
        answers: [
          Answer(button: "A", values: 0...2), Answer(button: "B", values: 3...6), Answer(button: "C", values: 7...8),
          Answer(button: "D", values: 9...10),
        ], record: .rating)
    ], instrument: .loyalty)
}
