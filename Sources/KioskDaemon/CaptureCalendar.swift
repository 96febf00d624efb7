import Feedback
import KioskConfiguration
import Panel

/// What depends on the time of day: opening hours, the survey asked, quiet hours.
///
/// Looked at when one of them is about to change, when the clock has become known or was stepped, and after a reload; an
/// idle kiosk is woken for it a few times a day.
extension Capture {
  /// Whether the place is open at a moment. A clock that nobody vouches for closes nothing.
  func isOpen(at reading: ClockReading) -> Bool {
    let device = drafting.settings.device
    guard !device.openingHours.isAlwaysOpen, let wall = trustedTime.wallMilliseconds(at: reading) else { return true }
    return device.openingHours.isOpen(at: device.zone.local(at: wall))
  }

  /// Looks at the calendar if that is due.
  func lookAtCalendar(_ reading: ClockReading, into pending: inout [PendingEvent]) {
    if calendar.due.map({ $0 > reading.monotonic }) ?? true, calendar.knows == trust(at: reading) { return }
    let device = drafting.settings.device
    let wall = trustedTime.plausibleMilliseconds(at: reading)
    let wasOpen = calendar.isOpen
    calendar.isOpen = isOpen(at: reading)
    calendar.knows = trust(at: reading)
    if wasOpen, !calendar.isOpen, device.closesActivityAtClosingTime {
      closeActivity(at: reading.monotonic, reading: reading, into: &pending)
    }
    player.isMuted = wall.map { device.quietHours.isQuiet(at: device.zone.local(at: $0)) } ?? false
    askSurvey(due: wall, reading: reading, into: &pending)
    calendar.due = nextCalendarLook(from: wall).map { reading.monotonic + $0 }
  }

  /// Asks the survey whose time it is. Not in the middle of a visit: then it is looked at again soon.
  private func askSurvey(due wall: Int64?, reading: ClockReading, into pending: inout [PendingEvent]) {
    let settings = drafting.settings
    let wanted =
      settings.asked.first { asked in
        guard let schedule = asked.schedule else { return true }
        return wall.map { schedule.isActive(at: $0, in: settings.device.zone) } ?? false
      }?.survey ?? settings.activeSurvey
    guard wanted.name != visits.plan.survey.name || wanted.version != visits.plan.survey.version else { return }
    guard visits.phase != .asking else {
      calendar.isSurveyWaiting = true
      return
    }
    calendar.isSurveyWaiting = false
    let ending = visits.plan.survey
    visits.change(
      to: SurveyPlan(wanted, buttons: settings.panel.buttons.map(\.name)), at: reading.monotonic, into: &visitRecords)
    draftVisits(of: ending, reading: reading, into: &pending)
    pending.append(drafting.surveyAsked(wanted, at: reading))
    figures.update { $0.survey = (wanted.name, wanted.version) }
  }

  /// How long until something changes, a day at most, for clocks drift; nil: nothing will.
  private func nextCalendarLook(from wall: Int64?) -> Duration? {
    if calendar.isSurveyWaiting { return .seconds(1) }
    guard let wall else { return nil }
    let device = drafting.settings.device
    var next: [Int64] = []
    if let change = device.openingHours.nextChange(after: wall, in: device.zone) { next.append(change) }
    if let change = device.quietHours.nextChange(after: wall, in: device.zone) { next.append(change) }
    for asked in drafting.settings.asked {
      if let change = asked.schedule?.nextChange(after: wall, in: device.zone) { next.append(change) }
    }
    return next.min().map { .milliseconds(min(max($0 - wall, 1), 86_400_000)) }
  }

  private func trust(at reading: ClockReading) -> CalendarState.Trust {
    if trustedTime.wallMilliseconds(at: reading) != nil { return .trusted }
    return trustedTime.plausibleMilliseconds(at: reading) != nil ? .plausible : .unknown
  }
}

/// What the calendar said when it was last looked at.
struct CalendarState: Sendable {
  enum Trust: Sendable {
    case trusted
    case plausible
    case unknown
  }

  var isOpen = true
  /// What was known of the time; nil: it is to be looked at again.
  var knows: Trust?
  /// When something changes by itself; nil: nothing will.
  var due: MonotonicTime?
  /// Another survey's time has come, and a visitor is being asked.
  var isSurveyWaiting = false
}
