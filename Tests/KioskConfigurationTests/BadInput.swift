import KioskConfiguration
import Testing

/// One way to get a configuration wrong, and what the technician must then be told.
struct BadInput: Sendable, CustomTestStringConvertible {
  var what: String
  var kiosk = ExampleFiles.kiosk
  var panel = ExampleFiles.panel
  var survey = ExampleFiles.survey
  var others: [String: String] = [:]
  /// `file:line:column`, or the file alone.
  var place: String
  var code: ConfigurationProblem.Code
  /// Parts of what is wrong.
  var says: [String]
  /// Parts of what to write instead.
  var advises: [String]

  var testDescription: String { what }

  /// Loads it and finds the problem expected; one only.
  func check(sourceLocation: SourceLocation = #_sourceLocation) {
    let failure = #expect(throws: ConfigurationFailure.self, sourceLocation: sourceLocation) {
      try ExampleFiles.load(kiosk: kiosk, panel: panel, survey: survey, others: others)
    }
    guard let failure else { return }
    #expect(failure.problems.count == 1, "\(failure)", sourceLocation: sourceLocation)
    guard let problem = failure.problems.first else { return }
    let found = problem.line > 0 ? "\(problem.file):\(problem.line):\(problem.column)" : problem.file
    #expect(found == place, "\(problem)", sourceLocation: sourceLocation)
    #expect(problem.code == code, "\(problem)", sourceLocation: sourceLocation)
    for part in says { #expect(problem.message.contains(part), "\(problem)", sourceLocation: sourceLocation) }
    for part in advises { #expect(problem.remedy.contains(part), "\(problem)", sourceLocation: sourceLocation) }
    #expect(problem.description == "\(found): \(problem.message) — \(problem.remedy)", sourceLocation: sourceLocation)
  }

  /// A `kiosk.toml` with lines added below the usual ones.
  static func kiosk(adding lines: String) -> String { ExampleFiles.kiosk + "\n" + lines }

  /// A `panel.toml` with lines added below the usual ones, which end in the button's table.
  static func panel(adding lines: String) -> String { ExampleFiles.panel + "\n" + lines }

  static func panel(_ old: String, _ new: String) -> String { ExampleFiles.panel.replacing(old, with: new) }

  static func kiosk(_ old: String, _ new: String) -> String { ExampleFiles.kiosk.replacing(old, with: new) }

  static func survey(_ old: String, _ new: String) -> String { ExampleFiles.survey.replacing(old, with: new) }
}
