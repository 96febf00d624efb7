import Feedback
import Panel

/// What other rules change, in numbers.
struct RejudgementReport: Encodable {
  struct Change: Encodable {
    var from: String
    var to: String
    var presses: Int
  }

  /// Answers of one button or one value.
  struct Answers: Encodable {
    var button: String?
    var survey: String?
    var question: String?
    var scale: String?
    var value: Int?
    var counted = 0
    var wouldCount = 0

    enum CodingKeys: String, CodingKey {
      case button, survey, question, scale, value, counted
      case wouldCount = "would_count"
    }
  }

  var rules: String
  var openingHours: String
  var epochs: Int
  var presses = 0
  var unchanged = 0
  /// The most presses first.
  var changes: [Change] = []
  var counted = 0
  var wouldCount = 0
  var buttons: [Answers] = []
  var values: [Answers] = []

  enum CodingKeys: String, CodingKey {
    case rules
    case openingHours = "opening_hours"
    case epochs, presses, unchanged, changes, counted
    case wouldCount = "would_count"
    case buttons, values
  }
}

/// Counts findings.
struct RejudgementTally {
  private struct Value: Hashable {
    var survey: String
    var question: String
    var scale: String
    var value: Int
  }

  private var changes: [[Verdict]: Int] = [:]
  private var buttons: [String: (counted: Int, wouldCount: Int)] = [:]
  private var values: [Value: (counted: Int, wouldCount: Int)] = [:]
  private var presses = 0
  private var unchanged = 0

  mutating func add(_ finding: Rejudgement.Finding) {
    presses += 1
    if finding.old == finding.new { unchanged += 1 } else { changes[[finding.old, finding.new], default: 0] += 1 }
    guard finding.isAnswer else { return }
    let content = finding.event.content
    let (counted, wouldCount) = (finding.old == .counted ? 1 : 0, finding.new == .counted ? 1 : 0)
    let button = content.button ?? ""
    buttons[button, default: (0, 0)].counted += counted
    buttons[button, default: (0, 0)].wouldCount += wouldCount
    guard let number = content.value else { return }
    let value = Value(
      survey: content.survey ?? "", question: content.question ?? "", scale: content.scale ?? "", value: number)
    values[value, default: (0, 0)].counted += counted
    values[value, default: (0, 0)].wouldCount += wouldCount
  }

  func report(rules: String, openingHours: String, epochs: Int) -> RejudgementReport {
    var report = RejudgementReport(rules: rules, openingHours: openingHours, epochs: epochs)
    report.presses = presses
    report.unchanged = unchanged
    report.changes = changes.map { .init(from: $0.key[0].name, to: $0.key[1].name, presses: $0.value) }
      .sorted { ($1.presses, $0.from, $0.to) < ($0.presses, $1.from, $1.to) }
    report.counted = buttons.values.reduce(0) { $0 + $1.counted }
    report.wouldCount = buttons.values.reduce(0) { $0 + $1.wouldCount }
    report.buttons = buttons.sorted { $0.key < $1.key }.map {
      .init(button: $0.key, counted: $0.value.counted, wouldCount: $0.value.wouldCount)
    }
    let sorted = values.sorted {
      ($0.key.survey, $0.key.question, $0.key.scale, $0.key.value)
        < ($1.key.survey, $1.key.question, $1.key.scale, $1.key.value)
    }
    report.values = sorted.map { key, count in
      .init(
        survey: key.survey, question: key.question, scale: key.scale.isEmpty ? nil : key.scale, value: key.value,
        counted: count.counted, wouldCount: count.wouldCount)
    }
    return report
  }
}

extension RejudgementReport {
  /// For a person.
  var text: String {
    let hours = openingHours == "applied" ? "its opening hours applied" : "closed as recorded"
    let places = epochs == 1 ? "" : " in \(epochs) epochs"
    var lines = [
      "\(presses) presses\(places) judged by \(TerminalText.harmless(rules)), \(hours): \(presses - unchanged) would count as something else"
    ]
    if !changes.isEmpty {
      lines += ["", "  \(Output.padded("counted as", 14))\(Output.padded("would be", 14))presses"]
      for change in changes {
        lines.append("  \(Output.padded(change.from, 14))\(Output.padded(change.to, 14))\(change.presses)")
      }
    }
    lines += Self.table("button", buttons.map { ($0.button ?? "", $0) })
    lines += Self.table(
      "value",
      values.map { value in
        let scale = value.scale.map { " on \($0)" } ?? ""
        return ("\(value.survey ?? "") \(value.question ?? "") = \(value.value ?? 0)\(scale)", value)
      })
    lines += [
      "", "  answers that count: \(counted), by these rules \(wouldCount) (\(Self.signed(wouldCount - counted)))",
    ]
    return lines.joined(separator: "\n")
  }

  private static func table(_ title: String, _ rows: [(name: String, answers: Answers)]) -> [String] {
    guard !rows.isEmpty else { return [] }
    let names = rows.map { TerminalText.harmless($0.name) }
    let width = max(title.count, names.map { TerminalText.columns($0) }.max() ?? 0) + 2
    func row(_ name: String, _ cells: [String]) -> String {
      "  " + TerminalText.padded(name, to: width) + cells.map { Self.right($0, 10) }.joined()
    }
    var lines = ["", row(title, ["counted", "would", "change"])]
    for (name, (_, answers)) in zip(names, rows) {
      let change = answers.wouldCount - answers.counted
      lines.append(row(name, ["\(answers.counted)", "\(answers.wouldCount)", change == 0 ? "" : signed(change)]))
    }
    return lines.map { line in
      var line = line
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func signed(_ number: Int) -> String { number > 0 ? "+\(number)" : "\(number)" }
}
