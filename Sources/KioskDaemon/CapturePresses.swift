import Feedback
import KioskControl
import Panel

/// What a press means, by its button's role.
extension Capture {
  /// How long a visitor is shown that the last press did not count.
  static let noticeDuration = Duration.seconds(2)

  func take(_ press: Press, reading: ClockReading, into pending: inout [PendingEvent]) {
    let at = reading.at(press.at)
    let circumstances = circumstances(at: at)
    switch drafting.role(of: press.button) {
    case .answer, .callStaff, .staffHere, .activity, .service:
      visits.take(press, circumstances: circumstances, into: &visitRecords)
    case let role where role.isNavigation:
      visits.navigate(role, press, circumstances: circumstances, into: &visitRecords)
    default: break
    }
    draftVisits(reading: reading, into: &pending)
  }

  /// What time alone does to a visit.
  func moveVisits(to time: MonotonicTime, reading: ClockReading, into pending: inout [PendingEvent]) {
    visits.advance(to: time - settlingTime, into: &visitRecords)
    draftVisits(reading: reading, into: &pending)
    if let until = serviceUntil, until <= time { serviceUntil = nil }
    if let until = context?.until, until <= time { context = nil }
    if let until = notice?.until, until <= time { notice = nil }
  }

  /// Puts what the visit has given into the journal's words.
  func draftVisits(reading: ClockReading, into pending: inout [PendingEvent]) {
    for record in visitRecords {
      var said: PressContext?
      if record.press != nil, record.value != nil || record.range != nil, record.verdict == .counted,
        let context, context.until > record.at
      {
        said = context.value
        self.context = nil
      }
      pending.append(drafting.visit(record, of: visits.plan.survey, context: said, at: reading.at(record.at)))
    }
    visitRecords.removeAll(keepingCapacity: true)
  }

  func circumstances(at reading: ClockReading) -> PressCircumstances {
    if let serviceUntil, reading.monotonic < serviceUntil { return .service }
    return .open
  }
}
