import Feedback
import Testing

/// Corrections that go on: what the journal says of them, and that the questions after them are answered.
@Suite("A visitor who corrects an answer")
struct VisitCorrectionTests {
  private static func words(_ survey: Survey, _ script: String) -> String {
    var visits = VisitScript(survey)
    visits.play(script)
    return visits.words
  }

  @Test("answers the next question as quickly as anybody")
  func nextQuestion() {
    // Three seconds are the correction window, five the response interval.
    let words = Self.words(ScriptedSurvey.reasons, "B0 A1500 E3000")
    #expect(words == "v1 q0=2 counted, v1 q0=1 counted-1, v1 q1=2 counted")
  }

  @Test("after a chord has withdrawn the answer after it leaves one answer standing")
  func afterChord() {
    // G and H together answer nothing; then another value in the second step takes the place of the one before.
    var survey = ScriptedSurvey.twoStep
    survey.questions[0].next = .question("why")
    survey.questions.append(ScriptedSurvey.question("why", values: [1, 2, 3], from: 3, most: 2))
    let words = Self.words(survey, "A0 A2000 E4000 H4010 B4500")
    #expect(words.hasSuffix("v1 q0=1 counted-2"), "\(words)")
  }

  @Test("with the first of two steps withdraws the value that had a button of its own")
  func firstStepOverValue() {
    var survey = ScriptedSurvey.twoStep
    survey.questions[0].answers.append(Answer(button: "E", value: 10))
    survey.questions[0].next = .question("why")
    survey.questions.append(ScriptedSurvey.question("why", values: [1, 2], from: 5))
    let words = Self.words(survey, "E0 A1500 B3000 F4000")
    #expect(words == "v1 q0=10 counted, v1 q0=0..2 first-step counted-1, v1 q0=1 counted, v1 q1=1 counted", "\(words)")
  }
}
