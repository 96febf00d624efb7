import Feedback
import KioskControl
import Panel

/// What the panel asks now, for displays and other watchers. Nothing is built while nobody watches.
extension Capture {
  /// Tells watchers what is shown, if it has changed since they were told.
  func publishDisplay(at reading: ClockReading) {
    let phase = phase(at: reading)
    if phase != publishedPhase {
      publishedPhase = phase
      figures.update { $0.phase = phase }
    }
    guard outbox.isWatched else {
      publishedDisplay = nil
      return
    }
    let display = display(at: reading)
    guard display != publishedDisplay else { return }
    publishedDisplay = display
    tell(Activity(.display, at: clock.read().monotonic, display: display))
  }

  private func display(at reading: ClockReading) -> DisplayState {
    let survey = visits.plan.survey
    let language =
      survey.languages.indices.contains(visits.languagePlace) ? survey.languages[visits.languagePlace] : nil
    let question = visits.question.map { survey.questions[$0] }
    let progress = visits.progress
    return DisplayState(
      phase: phase(at: reading), survey: survey.name, surveyVersion: survey.version, question: question?.name,
      text: Self.wording(question?.text ?? survey.thanks, language, survey) ?? "", scale: question?.scale?.name,
      language: language, languages: survey.languages, number: progress.number, of: progress.of,
      mostChoices: question?.mostChoices ?? 0, buttons: buttons(question, language, survey),
      notice: notice?.acknowledgement, isStaffCalled: staff.requests.isAnyOpen)
  }

  func phase(at reading: ClockReading) -> DisplayState.Phase {
    if keeper.nextAttempt != nil { return .outOfService }
    switch circumstances(at: reading) {
    case .service: return .service
    case .closed where visits.phase == .idle: return .closed
    case .closed, .open: break
    }
    switch visits.phase {
    case .idle: return .idle
    case .asking: return .asking
    case .thanks: return .thanks
    }
  }

  private func buttons(_ question: Question?, _ language: String?, _ survey: Survey) -> [DisplayState.Button] {
    drafting.settings.panel.buttons.enumerated().compactMap { index, button in
      switch button.role {
      case .answer:
        guard let question, let place = visits.answer(of: ButtonIndex(index)) else { return nil }
        let answer = question.answers[place]
        let value = visits.value(of: ButtonIndex(index))
        if visits.firstStep != nil {
          // The wording of the first step does not fit its values; the value is its own name.
          return value.map { DisplayState.Button(name: button.name, text: String($0), value: $0) }
        }
        let isRange = answer.values.count > 1
        return DisplayState.Button(
          name: button.name, text: Self.wording(answer.text, language, survey), value: value,
          from: isRange ? answer.values.lowerBound : nil, through: isRange ? answer.values.upperBound : nil,
          isChosen: question.mostChoices > 1 ? visits.isChosen(place) : nil)
      case .back: return visits.canGoBack ? DisplayState.Button(name: button.name, role: "back") : nil
      case .skip: return visits.canSkip ? DisplayState.Button(name: button.name, role: "skip") : nil
      case .done: return visits.canFinishChoice ? DisplayState.Button(name: button.name, role: "done") : nil
      case .language:
        return survey.languages.count > 1 ? DisplayState.Button(name: button.name, role: "language") : nil
      case .callStaff: return DisplayState.Button(name: button.name, role: "call-staff")
      case .staffHere, .activity, .service: return nil
      }
    }
  }

  /// In the language chosen, else in the survey's first, else in any.
  private static func wording(_ texts: [String: String], _ language: String?, _ survey: Survey) -> String? {
    if let language, let text = texts[language] { return text }
    if let first = survey.languages.first, let text = texts[first] { return text }
    return texts.min { $0.key < $1.key }?.value
  }
}
