import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("Other rules over history")
struct RejudgementTests {
  static func findings(
    _ events: [Event], _ rules: VerdictRules, _ opening: (Event) -> Rejudgement.Opening = { _ in .asRecorded }
  ) -> [Rejudgement.Finding] {
    var choices = ChoiceQuestions()
    for event in events { choices.note(event) }
    var rejudgement = Rejudgement(rules: rules, choices: choices)
    var findings: [Rejudgement.Finding] = []
    for event in events { findings += rejudgement.take(event, opening(event)) }
    return findings + rejudgement.finish()
  }

  private static func words(_ event: Event) -> String {
    let content = event.content
    return [
      "\(event.sequence)", "v\(content.visit ?? 0)", "\(content.bootTimeNanoseconds / 1_000_000) ms", content.button,
      content.question, content.value.map { "=\($0)" }, content.code, content.verdict?.name,
      content.replaces.map { "-\($0)" },
    ].compactMap { $0 }.joined(separator: " ")
  }

  private static func words(_ findings: [Rejudgement.Finding]) -> String {
    findings.map { $0.old == $0.new ? $0.old.name : "\($0.old.name)>\($0.new.name)" }.joined(separator: " ")
  }

  static let surveys = [
    ScriptedSurvey.faces, ScriptedSurvey.reasons, ScriptedSurvey.branching, ScriptedSurvey.twoStep, twoStepThenChoice,
  ]
  /// Somebody gives two answers where that is possible: no event says by itself that a question takes several.
  static let prologues = ["", "A0 D9000 E11000", "A0 B2000 A4000 B6000", "", "A0 B9000 D11000 E13000"]

  /// 0 to 10 on four buttons in two steps, then up to two topics on others, and one more question.
  static let twoStepThenChoice: Survey = {
    var survey = ScriptedSurvey.twoStep
    survey.questions[0].next = .question("why")
    survey.questions.append(
      ScriptedSurvey.question("why", values: [1, 2, 3], from: 3, most: 2, next: .question("once")))
    survey.questions.append(ScriptedSurvey.question("once", values: [1, 2], from: 6))
    return survey
  }()

  private static func script(_ random: inout SeededGenerator, presses: Int) -> String {
    var time = 100_000
    return (0..<presses).map { _ in
      let pause = [80, 400, 2_000, 4_500, 6_000, 40_000].randomElement(using: &random) ?? 400
      time += Int.random(in: 1...pause, using: &random)
      let sign = ["A", "B", "C", "D", "E", "F", "G", "H", "A", "B", "C", "<", "/", ".", "~", "!", "_", "s", "h"]
        .randomElement(using: &random)
      return "\(sign ?? "A")\(time)"
    }.joined(separator: " ")
  }

  private static func rules(_ random: inout SeededGenerator) -> VerdictRules {
    let response = Int.random(in: 0...8_000, using: &random)
    return VerdictRules(
      responseInterval: .milliseconds(response), burstLimit: Int.random(in: 0...8, using: &random),
      burstWindow: .milliseconds(Int.random(in: 1_000...30_000, using: &random)),
      burstQuiet: .milliseconds(Int.random(in: 1_000...10_000, using: &random)),
      chordWindow: .milliseconds(Int.random(in: 0...300, using: &random)),
      correctionWindow: .milliseconds(Int.random(in: 0...max(response, 1), using: &random)),
      answerInterval: .milliseconds(Int.random(in: 0...1_000, using: &random)))
  }

  @Test(
    "judges by other rules what was recorded",
    arguments: [
      // A repeat that is none by a shorter interval, and the other way round.
      ("A0 A3000 A6500", "counted repeat>counted counted", ["response": 2_000]),
      ("A0 A6000", "counted counted>repeat", ["response": 7_000]),
      // A correction that would have been a repeat; then the first press stands.
      ("A0 B2000", "superseded>counted counted>repeat", ["correction": 1_000]),
      ("A0 B4000", "counted>superseded repeat>counted", ["correction": 5_000]),
      ("A0 B100", "chord>superseded chord>counted", ["chord": 50]),
      ("A0 A6000 A12000 A18000", "counted counted counted>burst counted>burst", ["burst": 2]),
      // A held button: it is as it was, whatever the rules.
      ("A0 h9000", "held", ["response": 2_000]),
      ("A0 A2000 h9000", "counted repeat>held", ["response": 1_000]),
      // Technicians at work stay technicians.
      ("s5 A1000 A1100 s2000 A9000", "service service counted", ["response": 50]),
    ] as [(String, String, [String: Int])])
  func otherRules(script: String, expected: String, change: [String: Int]) {
    var history = RecordedHistory(ScriptedSurvey.faces, rules: VerdictRules())
    history.play(script)
    var rules = VerdictRules()
    for (rule, value) in change {
      switch rule {
      case "response": rules.responseInterval = .milliseconds(value)
      case "correction": rules.correctionWindow = .milliseconds(value)
      case "chord": rules.chordWindow = .milliseconds(value)
      default: rules.burstLimit = value
      }
    }
    #expect(Self.words(Self.findings(history.events, rules)) == expected)
  }

  @Test("two quick answers to two questions are no repeat by any interval")
  func questions() {
    var history = RecordedHistory(ScriptedSurvey.reasons, rules: VerdictRules())
    history.play("A0 D1000 E2000")
    var rules = VerdictRules()
    rules.responseInterval = .seconds(60)
    #expect(Self.words(Self.findings(history.events, rules)) == "counted counted counted")
    rules.answerInterval = .seconds(2)
    #expect(Self.words(Self.findings(history.events, rules)) == "counted counted counted", "another button each")
  }

  @Test("opening hours: what comes while it is closed does not count, what goes on with a visit does")
  func openingHours() {
    var history = RecordedHistory(ScriptedSurvey.reasons, rules: VerdictRules())
    history.play("A0 D1000 A60000")
    let words = Self.words(
      Self.findings(history.events, VerdictRules()) {
        $0.content.bootTimeNanoseconds > ms(500).nanoseconds ? .closed : .open
      })
    #expect(words == "counted counted counted>closed")
    // What was closed stays closed unless somebody knows better.
    var closed = history.events
    closed[0].content.verdict = .closed
    #expect(Self.words(Self.findings(Array(closed.prefix(1)), VerdictRules())) == "closed")
    #expect(Self.words(Self.findings(Array(closed.prefix(1)), VerdictRules()) { _ in .open }) == "closed>counted")
  }

  @Test("each start of the daemon begins anew, and no number in a damaged file can trap")
  func starts() {
    var history = RecordedHistory(ScriptedSurvey.faces, rules: VerdictRules())
    history.play("A0 A1000")
    var events = history.events
    let start = EventDraft(kind: .clock, at: RecordedHistory.reading(ms(500)), visit: 9, code: "start")
    events.insert(Event(sequence: 3, boot: 1, content: start, chain: []), at: 1)
    events[2].sequence = 4
    #expect(Self.words(Self.findings(events, VerdictRules())) == "counted repeat>counted")

    var random = SeededGenerator(seed: 7)
    let numbers: [Int64] = [.min, -1, 0, 1, 2, 3, 4_611_686_018_427_387_904, .max]
    for _ in 0..<2_000 {
      for index in events.indices {
        func any() -> Int64 { numbers.randomElement(using: &random) ?? 0 }
        events[index].sequence = any()
        events[index].boot = any()
        events[index].content.visit = any()
        events[index].content.replaces = any()
        events[index].content.value = Int(any())
        events[index].content.bootTimeNanoseconds = any()
        events[index].content.verdict = Verdict.allCases.randomElement(using: &random)
        events[index].content.code =
          ["back", "skip", "done", "first-step", "choice", nil].randomElement(using: &random) ?? nil
        events[index].content.kind = EventKind.allCases.randomElement(using: &random) ?? .rating
      }
      _ = Self.findings(events, VerdictRules())
    }
  }

  @Test("a long history comes out whole and in order, though little of it is held at a time")
  func longHistory() {
    var history = RecordedHistory(ScriptedSurvey.faces, rules: VerdictRules())
    history.play((0..<20_000).map { "A\($0 * 2_000)" }.joined(separator: " "))
    var rejudgement = Rejudgement(rules: VerdictRules(responseInterval: .zero, burstLimit: 0))
    var sequences: [Int64] = []
    var mostHeld = 0
    for event in history.events {
      sequences += rejudgement.take(event).map(\.event.sequence)
      mostHeld = max(mostHeld, Int(event.sequence - (sequences.last ?? 1)))
    }
    sequences += rejudgement.finish().map(\.event.sequence)
    #expect(sequences == history.answers && sequences.count == 20_000)
    #expect(mostHeld < 5_000)
  }

  @Test("with the rules that were in force every press keeps its verdict", arguments: UInt64(1)...600)
  func sameRules(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let rules = seed.isMultiple(of: 3) ? VerdictRules() : Self.rules(&random)
    let survey = Int(seed % UInt64(Self.surveys.count))
    var history = RecordedHistory(Self.surveys[survey], rules: rules)
    history.play("\(Self.prologues[survey]) _60000 \(Self.script(&random, presses: 150))")
    let findings = Self.findings(history.events, rules)
    if let wrong = findings.first(where: { $0.old != $0.new }) {
      let near = history.events.filter { abs($0.sequence - wrong.event.sequence) < 12 }.map(Self.words)
      Issue.record("event \(wrong.event.sequence): \(wrong.old) > \(wrong.new)\n\(near.joined(separator: "\n"))")
    }
    #expect(findings.map(\.event.sequence) == history.answers)
  }
}

/// What the daemon's journal holds of visits, in its words and numbers.
struct RecordedHistory {
  private(set) var events: [Event] = []
  /// The events of presses that answered something, or began to.
  private(set) var answers: [Int64] = []
  private var visits: VisitMachine
  private var number: UInt64 = 0
  private var isInService = false
  private var places: [PressNumber: (sequence: Int64, visit: Int64)] = [:]
  private var opened: [VisitNumber: Int64] = [:]
  private var latest: Press?

  init(_ survey: Survey, rules: VerdictRules) {
    visits = VisitMachine(plan: SurveyPlan(survey, buttons: VisitScript.buttons), rules: rules)
  }

  /// The words of `VisitScript`, and `s`: technicians begin or end their work; `h`: the button pressed last is held.
  mutating func play(_ script: String) {
    for step in script.split(separator: " ") {
      let at = ms(Int(step.dropFirst()) ?? 0)
      let circumstances = isInService ? PressCircumstances.service : .open
      var records: [VisitRecord] = []
      switch step.first ?? "_" {
      case "_": visits.advance(to: at, into: &records)
      case "!":
        let visit = visits.presence(since: at, decidedAt: at, into: &records)
        record(records)
        records = []
        append(EventDraft(kind: .contact, at: Self.reading(at), button: "door"), visit: visit, replacing: nil)
      case "<": visits.navigate(.back, press(20, at), circumstances: circumstances, into: &records)
      case "/": visits.navigate(.skip, press(21, at), circumstances: circumstances, into: &records)
      case ".": visits.navigate(.done, press(22, at), circumstances: circumstances, into: &records)
      case "~": visits.navigate(.language, press(23, at), circumstances: circumstances, into: &records)
      case "s": isInService = Int(step.dropFirst())?.isMultiple(of: 5) == true && !isInService
      case "h": hold(at: at)
      case let sign:
        visits.take(press(Int(sign.asciiValue ?? 65) - 65, at), circumstances: circumstances, into: &records)
      }
      record(records)
    }
  }

  private mutating func press(_ button: Int, _ at: MonotonicTime) -> Press {
    number += 1
    let press = Press(number: PressNumber(number), button: ButtonIndex(button), at: at)
    latest = press
    return press
  }

  private mutating func hold(at: MonotonicTime) {
    guard let press = latest else { return }
    latest = nil
    let withdrawn = visits.withdraw(held: press.number)
    append(
      EventDraft(
        kind: .health, at: Self.reading(at), button: "b\(press.button.value)", code: "button-stuck",
        verdict: withdrawn == nil ? nil : .held), visit: nil, replacing: withdrawn)
  }

  private mutating func record(_ records: [VisitRecord]) {
    let survey = visits.plan.survey
    for record in records {
      let isAnswer = record.press != nil && (record.kind != .skip || record.code == .firstStep)
      let sequence = append(
        EventDraft(
          kind: record.kind, at: Self.reading(record.at), button: record.press.map { "b\($0.button.value)" },
          survey: survey.name, surveyVersion: survey.version,
          question: record.question.map { survey.questions[$0].name }, value: record.value,
          code: record.code?.rawValue, verdict: record.verdict,
          detail: record.range.map { "\($0.lowerBound)-\($0.upperBound)" }),
        visit: record.visit, replacing: record.replaces)
      if isAnswer { answers.append(sequence) }
      if let press = record.press { places[press.number] = (sequence, events.last?.content.visit ?? sequence) }
    }
  }

  /// As `JournalKeeper` numbers visits: an event that withdraws another belongs to that one's.
  @discardableResult
  private mutating func append(
    _ draft: EventDraft, visit: VisitNumber?, replacing replaced: PressNumber?
  ) -> Int64 {
    var draft = draft
    let sequence = Int64(events.count + 2)
    let place = replaced.flatMap { places[$0] }
    draft.replaces = place?.sequence
    draft.visit = place?.visit ?? visit.flatMap { opened[$0] } ?? sequence
    if let visit, opened[visit] == nil { opened[visit] = draft.visit }
    events.append(Event(sequence: sequence, boot: 1, content: draft, chain: []))
    return sequence
  }

  static func reading(_ at: MonotonicTime) -> ClockReading {
    ClockReading(
      monotonic: at, bootTimeNanoseconds: at.nanoseconds,
      wallMilliseconds: 1_790_000_000_000 + at.nanoseconds / 1_000_000,
      state: .synchronised)
  }
}
