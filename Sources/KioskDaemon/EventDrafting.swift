import Feedback
import KioskConfiguration
import Panel

/// Puts presses and what happens to the kiosk into the journal's words. Pure.
struct EventDrafting: Sendable {
  var settings: KioskSettings

  /// The event of a press. What the button means is looked up in the survey's first question; a button without a meaning
  /// there is kept all the same.
  func press(_ judgement: Judgement, at reading: ClockReading) -> PendingEvent {
    let survey = settings.activeSurvey
    let question = survey.questions.first
    let button = name(of: judgement.press.button)
    let answer = question?.answers.first { $0.button == button }
    let kind: EventKind =
      switch survey.instrument {
      case .loyalty: .rating
      case .feedback: .reason
      case .questionnaire: .answer
      }
    let draft = EventDraft(
      kind: kind, at: reading, button: button, survey: survey.name, surveyVersion: survey.version,
      question: question?.name, scale: question?.scale?.name, value: answer?.value, verdict: judgement.verdict,
      rulesVersion: VerdictRules.version)
    return PendingEvent(draft: draft, press: judgement.press, replaces: judgement.replaces)
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

  func name(of button: ButtonIndex) -> String {
    settings.panel.buttons.indices.contains(button.value)
      ? settings.panel.buttons[button.value].name : "button-\(button.value)"
  }
}

/// An event on its way to the journal. References to earlier presses become sequence numbers when it is committed, for
/// until then nobody knows them.
struct PendingEvent: Sendable {
  var draft: EventDraft
  /// The press it records.
  var press: Press?
  /// The press it withdraws or corrects.
  var replaces: PressNumber?

  init(draft: EventDraft, press: Press? = nil, replaces: PressNumber? = nil) {
    self.draft = draft
    self.press = press
    self.replaces = replaces
  }
}
