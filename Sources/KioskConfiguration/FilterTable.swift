import Feedback

/// Checks `[filter]` of `kiosk.toml`: each number by itself, then against the others.
struct FilterTable {
  let problems: ProblemList

  /// The defaults where the file says nothing; nil when something is wrong, which has been reported.
  func rules(in file: TableReader) -> VerdictRules? {
    var rules = VerdictRules()
    guard let table = file.table("filter", write: "[filter] on a line of its own") else { return rules }
    let before = problems.problems.count
    let reader = TableReader(
      table, place: "[filter]",
      keys: [
        "response_interval", "burst_limit", "burst_window", "burst_quiet", "chord_window", "correction_window",
        "answer_interval",
      ], problems: problems)
    func read(_ key: String, _ range: ClosedRange<Duration>, into path: WritableKeyPath<VerdictRules, Duration>) {
      if let found = reader.duration(key, in: range, example: VerdictRules()[keyPath: path]) {
        rules[keyPath: path] = found.value
      }
    }
    read("response_interval", .zero ... .seconds(60), into: \.responseInterval)
    read("burst_window", .seconds(1) ... .seconds(600), into: \.burstWindow)
    read("burst_quiet", .seconds(1) ... .seconds(600), into: \.burstQuiet)
    read("chord_window", .zero ... .seconds(1), into: \.chordWindow)
    read("correction_window", .zero ... .seconds(30), into: \.correctionWindow)
    read("answer_interval", .zero ... .seconds(5), into: \.answerInterval)
    if let limit = reader.integer("burst_limit", in: 0...1000, example: rules.burstLimit) {
      rules.burstLimit = limit.value
    }
    guard problems.problems.count == before else { return nil }
    checkContradictions(rules, reader)
    return problems.problems.count == before ? rules : nil
  }

  private func checkContradictions(_ rules: VerdictRules, _ reader: TableReader) {
    func value(_ key: String, _ duration: Duration) -> String {
      "\(key) (\(duration.configured)\(reader.has(key) ? "" : ", the default"))"
    }
    func report(_ key: String, _ other: String, _ message: String, write remedy: String) {
      problems.add(.contradiction, at: reader.has(key) ? reader.at(key) : reader.at(other), message, write: remedy)
    }
    if rules.correctionWindow > .zero, rules.chordWindow > rules.correctionWindow {
      report(
        "chord_window", "correction_window",
        "\(value("chord_window", rules.chordWindow)) is longer than "
          + "\(value("correction_window", rules.correctionWindow)), so no press could ever be corrected",
        write: "write chord_window = \"150ms\", or a longer correction_window, or \"0s\" to do without corrections")
    }
    if rules.responseInterval > .zero, rules.correctionWindow > rules.responseInterval {
      report(
        "correction_window", "response_interval",
        "\(value("correction_window", rules.correctionWindow)) is longer than "
          + "\(value("response_interval", rules.responseInterval)), so the next visitor's press would replace the last one's",
        write:
          "write correction_window = \"\(rules.responseInterval.configured)\" or less, or a longer response_interval")
    }
  }
}
