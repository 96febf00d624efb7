import Feedback
import KioskControl
import Panel

/// What a press means, by its button's role.
extension Capture {
  /// How long a visitor is shown that the last press did not count.
  static let noticeDuration = Duration.seconds(2)

  func take(_ press: Press, reading: ClockReading, into pending: inout [PendingEvent]) {
    breakSilence(press.at, reading: reading, into: &pending)
    let circumstances = circumstances(at: reading.at(press.at))
    switch drafting.role(of: press.button) {
    case .answer:
      visits.take(press, circumstances: circumstances, into: &visitRecords)
      draftVisits(reading: reading, into: &pending)
      // The answer that ended a questionnaire is thanked in its own way.
      if visits.phase == .thanks, visits.plan.survey.questions.count > 1, pending.last?.press?.number == press.number,
        pending.last?.acknowledgement == .counted
      {
        pending[pending.count - 1].acknowledgement = .completed
      }
    case let role where role.isNavigation:
      visits.navigate(role, press, circumstances: circumstances, into: &visitRecords)
      draftVisits(reading: reading, into: &pending)
    case .service: isServiceKeyOn = true
    case let role: takeStaffPress(role, press, circumstances, reading: reading, into: &pending)
    }
  }

  /// Lights the lamps beside the buttons that mean something now.
  func offerButtons(at now: MonotonicTime) {
    guard hasOfferLamps else { return }
    var offered = ButtonMask()
    for (index, button) in drafting.settings.panel.buttons.enumerated() {
      let isOffered =
        switch button.role {
        case .answer:
          visits.answer(of: ButtonIndex(index)) != nil
            && (visits.firstStep == nil || visits.value(of: ButtonIndex(index)) != nil)
        case .back: visits.canGoBack
        case .skip: visits.canSkip
        case .done: visits.canFinishChoice
        case .language: visits.plan.survey.languages.count > 1
        case .callStaff: true
        case .staffHere: staff.requests.isAnyOpen
        case .activity, .service: false
        }
      if isOffered { offered.insert(ButtonIndex(index)) }
    }
    if offered != player.offered { player.setOffered(offered, at: now) }
    if visits.phase == .idle { player.play(.idle, at: now) } else { player.clear(.idle, at: now) }
  }

  /// What time alone does to a visit.
  func moveVisits(to time: MonotonicTime, reading: ClockReading, into pending: inout [PendingEvent]) {
    visits.advance(to: time - recognizer.settling, into: &visitRecords)
    draftVisits(reading: reading, into: &pending)
    if let until = context?.until, until <= time { context = nil }
    if let until = notice?.until, until <= time { notice = nil }
  }

  /// Puts what the visit has given into the journal's words.
  /// - Parameter ending: the survey it was given to, where another one has just taken its place.
  func draftVisits(of ending: Survey? = nil, reading: ClockReading, into pending: inout [PendingEvent]) {
    let survey = ending ?? visits.plan.survey
    for record in visitRecords {
      let said = takeContext(for: record)
      pending.append(drafting.visit(record, of: survey, context: said, at: reading.at(record.at)))
    }
    visitRecords.removeAll(keepingCapacity: true)
  }

  /// What the owner's system said about a press: about the next answer that counts. The first of two steps is none yet, and
  /// a correction takes over what was said of the press it replaces.
  private func takeContext(for record: VisitRecord) -> PressContext? {
    guard let press = record.press, record.value != nil, record.verdict == .counted else { return nil }
    var said: PressContext?
    if let taken = takenContext, taken.press == record.replaces {
      said = taken.value
    } else if let context, context.until > record.at {
      said = context.value
      self.context = nil
    }
    if let said { takenContext = (press.number, said) }
    return said
  }

  func circumstances(at reading: ClockReading) -> PressCircumstances {
    if isInService(at: reading) { return .service }
    return isOpen(at: reading) ? .open : .closed
  }
}
