import Feedback
import KioskConfiguration
import Panel

/// Puts presses and what happens to the kiosk into the journal's words. Pure.
struct EventDrafting: Sendable {
  var settings: KioskSettings

  /// The event of what happened in a visit.
  /// - Parameter context: what the owner's system said about the press.
  func visit(_ record: VisitRecord, of survey: Survey, context: PressContext?, at reading: ClockReading) -> PendingEvent
  {
    let question = record.question.flatMap { survey.questions.indices.contains($0) ? survey.questions[$0] : nil }
    let language = record.language.flatMap { survey.languages.indices.contains($0) ? survey.languages[$0] : nil }
    let draft = EventDraft(
      kind: record.kind, at: reading, button: record.press.map { name(of: $0.button) }, survey: survey.name,
      surveyVersion: survey.version, question: question?.name,
      scale: record.value == nil ? nil : question?.scale?.name, value: record.value, code: record.code?.rawValue,
      language: survey.languages.count > 1 ? language : nil, verdict: record.verdict,
      rulesVersion: record.verdict == nil ? nil : VerdictRules.version, context: context?.stored,
      detail: record.range.map { "\($0.lowerBound)-\($0.upperBound)" })
    return PendingEvent(
      draft: draft, press: record.press, replaces: record.replaces, visit: record.visit,
      acknowledgement: record.acknowledgement)
  }

  /// A health event. `withdrawing` names a press that turned out to be no vote.
  func health(
    _ code: HealthCode, button: String? = nil, detail: String?, withdrawing press: PressNumber? = nil,
    at reading: ClockReading
  ) -> PendingEvent {
    var draft = EventDraft(kind: .health, at: reading, button: button, code: code.rawValue, detail: detail)
    if press != nil {
      draft.verdict = .held
      draft.rulesVersion = VerdictRules.version
    }
    return PendingEvent(draft: draft, replaces: press)
  }

  /// The event that says which configuration took effect.
  func configuration(at reading: ClockReading) -> PendingEvent {
    PendingEvent(
      draft: EventDraft(
        kind: .config, at: reading, survey: settings.activeSurvey.name,
        surveyVersion: settings.activeSurvey.version, code: "loaded", detail: settings.fingerprint))
  }

  func role(of button: ButtonIndex) -> ButtonRole {
    settings.panel.buttons.indices.contains(button.value) ? settings.panel.buttons[button.value].role : .answer
  }

  /// The name of a button, or of the sensor whose line follows the buttons'.
  func name(of line: ButtonIndex) -> String {
    let panel = settings.panel
    if panel.buttons.indices.contains(line.value) { return panel.buttons[line.value].name }
    let sensor = line.value - panel.buttons.count
    return panel.sensors.indices.contains(sensor) ? panel.sensors[sensor].name : "line-\(line.value)"
  }

  /// The event that says which survey is asked from now on, where its schedule has begun or another's ended.
  func surveyAsked(_ survey: Survey, at reading: ClockReading) -> PendingEvent {
    PendingEvent(
      draft: EventDraft(
        kind: .config, at: reading, survey: survey.name, surveyVersion: survey.version, code: "survey"))
  }
}

/// An event on its way to the journal. References to earlier presses and to visits become sequence numbers when it is
/// committed, for until then nobody knows them.
struct PendingEvent: Sendable {
  var draft: EventDraft
  /// The press it records.
  var press: Press?
  /// The press it withdraws or corrects.
  var replaces: PressNumber?
  /// The visit it belongs to; nil: none.
  var visit: VisitNumber?
  /// What the visitor is told once it is on disk.
  var acknowledgement: Acknowledgement?

  init(
    draft: EventDraft, press: Press? = nil, replaces: PressNumber? = nil, visit: VisitNumber? = nil,
    acknowledgement: Acknowledgement? = nil
  ) {
    self.draft = draft
    self.press = press
    self.replaces = replaces
    self.visit = visit
    self.acknowledgement = acknowledgement
  }
}
