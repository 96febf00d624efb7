import Feedback
import Panel

/// Calls for staff, shifts and contacts in the journal's words.
extension EventDrafting {
  /// How a seller is named in an event's context.
  static func stored(seller: String) -> String { "seller=\(seller)" }

  /// - Parameter milliseconds: how long the request was open.
  func request(
    _ code: String, button: ButtonIndex, at reading: ClockReading, visit: VisitNumber? = nil, press: Press? = nil,
    verdict: Verdict? = nil, milliseconds: Int64? = nil, detail: String? = nil,
    acknowledgement: Acknowledgement? = nil
  ) -> PendingEvent {
    let draft = EventDraft(
      kind: .request, at: reading, button: name(of: button), value: milliseconds.map(Int.init), code: code,
      verdict: verdict, rulesVersion: verdict == nil ? nil : VerdictRules.version, detail: detail)
    return PendingEvent(draft: draft, press: press, visit: visit, acknowledgement: press == nil ? nil : acknowledgement)
  }

  /// A call button that was pressed together with another one.
  func call(
    _ press: Press, code: String, verdict: Verdict, at reading: ClockReading, replaces: PressNumber?
  ) -> PendingEvent {
    var pending = request(
      code, button: press.button, at: reading.at(press.at), press: press, verdict: verdict, acknowledgement: .pleaseWait
    )
    pending.replaces = replaces
    return pending
  }

  /// - Parameter milliseconds: how long the seller was at work.
  func activity(
    _ code: String, seller: String, at reading: ClockReading, press: Press? = nil, verdict: Verdict? = nil,
    milliseconds: Int64? = nil, detail: String? = nil
  ) -> PendingEvent {
    let draft = EventDraft(
      kind: .activity, at: reading, button: press.map { name(of: $0.button) }, value: milliseconds.map(Int.init),
      code: code, verdict: verdict, rulesVersion: verdict == nil ? nil : VerdictRules.version,
      context: Self.stored(seller: seller), detail: detail)
    return PendingEvent(
      draft: draft, press: press,
      acknowledgement: press == nil ? nil : verdict == .repeated ? .pleaseWait : .counted)
  }

  /// Somebody in front of a sensor.
  func contact(_ sensor: String, verdict: Verdict, at reading: ClockReading, visit: VisitNumber?) -> PendingEvent {
    PendingEvent(
      draft: EventDraft(
        kind: .contact, at: reading, button: sensor, verdict: verdict, rulesVersion: VerdictRules.version),
      visit: visit)
  }
}
