import Feedback
import KioskConfiguration

/// Surveys written shortly, for tests about what their questions say, on a panel with as many buttons as it takes.
enum SurveyText {
  static let file = "surveys/loyalty.toml"

  /// Simulated: `b1` to `b7` answer, `back`, `skip`, `done` and `language` lead, `call` calls staff.
  static let panel =
    "board = \"simulated\"\nsurvey = \"loyalty\"\n"
    + (1...7).map { "[[button]]\nname = \"b\($0)\"\n" }.joined()
    + ["back", "skip", "done", "language"].map { "[[button]]\nname = \"\($0)\"\nrole = \"\($0)\"\n" }.joined()
    + "[[button]]\nname = \"call\"\nrole = \"call-staff\"\n"

  /// Three lines of head, then the questions, each on as many lines as it has.
  static func survey(_ questions: String, instrument: String = "questionnaire", head: String = "version = 1") -> String
  {
    "name = \"loyalty\"\n\(head)\ninstrument = \"\(instrument)\"\n\(questions)"
  }

  /// One question on two lines: `[[question]]` and a line with everything else. Answers are `button value` with what is
  /// to follow them in the braces.
  static func question(_ name: String, _ keys: String = "", answers: [String] = ["b1 = 1", "b2 = 2"]) -> String {
    let written = answers.map { answer in
      let parts = answer.split(separator: " = ", maxSplits: 1)
      let value = parts[1].hasPrefix("[") ? "values = \(parts[1])" : "value = \(parts[1])"
      return "{ button = \"\(parts[0])\", \(value) }"
    }
    let more = keys.isEmpty ? "" : keys + "\n"
    return
      "[[question]]\nname = \"\(name)\"\ntext.en = \"\(name)?\"\n\(more)answer = [\(written.joined(separator: ", "))]\n"
  }

  static func load(
    _ questions: String, instrument: String = "questionnaire", head: String = "version = 1",
    others: [String: String] = [:]
  ) throws(ConfigurationFailure) -> Survey {
    try ExampleFiles.load(
      panel: panel, survey: survey(questions, instrument: instrument, head: head), others: others
    ).activeSurvey
  }

  /// The problems of a survey, which must have some.
  static func problems(
    _ questions: String, instrument: String = "questionnaire", head: String = "version = 1"
  ) -> [ConfigurationProblem] {
    do throws(ConfigurationFailure) {
      _ = try load(questions, instrument: instrument, head: head)
      return []
    } catch {
      return error.problems
    }
  }
}

extension BadInput {
  /// A survey that is wrong in one place; its questions begin in line 4.
  static func questions(
    _ what: String, _ questions: String, instrument: String = "questionnaire", head: String = "version = 1",
    line: Int, column: Int, _ code: ConfigurationProblem.Code, says: [String], advises: [String]
  ) -> BadInput {
    BadInput(
      what: what, panel: SurveyText.panel,
      survey: SurveyText.survey(questions, instrument: instrument, head: head),
      place: "\(SurveyText.file):\(line):\(column)", code: code, says: says, advises: advises)
  }
}
