import Feedback
import Journal
import KioskControl
import Panel

/// Calls for staff, and sellers at work.
extension Capture {
  /// How many of the newest events are searched at the start for calls and shifts that were open when the kiosk was switched
  /// off: more than a busy day has.
  static let historySearched: Int64 = 20_000

  /// Takes a press on a button of staff or one that calls them.
  func takeStaffPress(
    _ role: ButtonRole, _ press: Press, _ circumstances: PressCircumstances, reading: ClockReading,
    into pending: inout [PendingEvent]
  ) {
    switch role {
    case .callStaff:
      let judged = visits.judgeControl(press, circumstances: circumstances)
      if judged.verdict == .chord {
        pending.append(drafting.call(press, code: "chord", verdict: .chord, at: reading, replaces: judged.replaces))
      } else {
        staff.requests.call(press.button, at: press.at, into: &requestEvents)
        draftRequests(press, verdict: judged.verdict, reading: reading, into: &pending)
      }
    case .staffHere(let call):
      staff.requests.answer(staff.scope(of: call), by: press.button, at: press.at, into: &requestEvents)
      draftRequests(press, verdict: nil, reading: reading, into: &pending)
    case .activity(let change, let seller):
      guard let place = staff.seller(seller) else { return }
      staff.activity.press(change, seller: place, at: press.at, into: &activityEvents)
      draftActivity(press, reading: reading, into: &pending)
    default: break
    }
  }

  /// What time alone ends.
  func moveStaff(to time: MonotonicTime, reading: ClockReading, into pending: inout [PendingEvent]) {
    staff.requests.advance(to: time, into: &requestEvents)
    staff.activity.advance(to: time, into: &activityEvents)
    draftRequests(nil, verdict: nil, reading: reading, into: &pending)
    draftActivity(nil, reading: reading, into: &pending)
  }

  private func draftRequests(
    _ press: Press?, verdict: Verdict?, reading: ClockReading, into pending: inout [PendingEvent]
  ) {
    for event in requestEvents {
      switch event {
      case .opened(let request):
        let visit = visits.numberForRequest()
        staff.visits[request.button] = visit
        pending.append(
          drafting.request(
            "open", button: request.button, at: reading.at(request.openedAt), visit: visit, press: press,
            verdict: verdict, acknowledgement: .staffCalled))
        // At once: the lamp says that somebody waits, not that a vote is safe.
        player.play(.staffWanted, at: request.openedAt)
      case .repeated(let request, let button, let at):
        pending.append(
          drafting.request(
            "again", button: button, at: reading.at(at), visit: staff.visits[request.button], press: press,
            verdict: .repeated, acknowledgement: .staffCalled))
      case .closed(let request, let by, let at, let after):
        pending.append(
          drafting.request(
            "closed", button: by, at: reading.at(at), visit: staff.visits.removeValue(forKey: request.button),
            press: press, milliseconds: after.wholeMilliseconds, detail: drafting.name(of: request.button),
            acknowledgement: .counted))
      case .lapsed(let request, let at):
        pending.append(
          drafting.request(
            "lapsed", button: request.button, at: reading.at(at),
            visit: staff.visits.removeValue(forKey: request.button)))
      case .nothingOpen(let by, let at):
        pending.append(
          drafting.request("nothing-open", button: by, at: reading.at(at), press: press, acknowledgement: .pleaseWait))
      }
    }
    guard !requestEvents.isEmpty else { return }
    requestEvents.removeAll(keepingCapacity: true)
    if !staff.requests.isAnyOpen { player.clear(.staffWanted, at: reading.monotonic) }
    showStaff()
  }

  private func draftActivity(_ press: Press?, reading: ClockReading, into pending: inout [PendingEvent]) {
    for event in activityEvents {
      switch event {
      case .started(let seller, let at):
        pending.append(
          drafting.activity("start", seller: staff.sellers[seller], at: reading.at(at), press: press))
      case .stopped(let seller, let at, let after, let cause):
        pending.append(
          drafting.activity(
            "stop", seller: staff.sellers[seller], at: reading.at(at), press: cause == .button ? press : nil,
            milliseconds: after.wholeMilliseconds, detail: cause == .button ? nil : cause.rawValue))
      case .repeatedStart(let seller, _, let at):
        pending.append(
          drafting.activity(
            "start", seller: staff.sellers[seller], at: reading.at(at), press: press, verdict: .repeated))
      case .repeatedStop(let seller, let at):
        pending.append(
          drafting.activity(
            "stop", seller: staff.sellers[seller], at: reading.at(at), press: press, verdict: .repeated))
      }
    }
    guard !activityEvents.isEmpty else { return }
    activityEvents.removeAll(keepingCapacity: true)
    showStaff()
  }

  /// The shop has closed: whoever forgot to stop has stopped.
  func closeActivity(at time: MonotonicTime, reading: ClockReading, into pending: inout [PendingEvent]) {
    staff.activity.closeAll(at: time, because: .closing, into: &activityEvents)
    draftActivity(nil, reading: reading, into: &pending)
  }

  /// After a reload that changed the buttons: what is open goes on under the buttons of the same names, by what is known here
  /// and not by the journal, which may be full. What has lost its button ends.
  func takeStaffAnew(reading: ClockReading, into pending: inout [PendingEvent]) {
    let now = reading.monotonic
    player.clear(.staffWanted, at: now)
    let old = staff
    staff = StaffDesk(
      panel: drafting.settings.panel, device: drafting.settings.device, settling: recognizer.settling)
    for (name, request) in old.openRequests {
      let visit = old.visits[request.button]
      if let button = staff.callButton(name) {
        staff.requests.restore(button, openedAt: request.openedAt, at: now)
        staff.visits[button] = visit
      } else {
        let draft = EventDraft(
          kind: .request, at: reading, button: name, code: "lapsed",
          detail: StaffActivityEvent.Cause.removed.rawValue)
        pending.append(PendingEvent(draft: draft, visit: visit))
      }
    }
    for seller in old.activeSellers {
      guard let since = old.seller(seller).flatMap(old.activity.activeSince) else { continue }
      if let place = staff.seller(seller) {
        staff.activity.restore(seller: place, startedAt: since, at: now)
      } else {
        pending.append(
          drafting.activity(
            "stop", seller: seller, at: reading, milliseconds: (now - since).wholeMilliseconds,
            detail: StaffActivityEvent.Cause.removed.rawValue))
      }
    }
    if staff.requests.isAnyOpen { player.play(.staffWanted, at: now) }
    showStaff()
  }

  func showStaff() {
    let (sellers, isCalled) = (staff.activeSellers, staff.requests.isAnyOpen)
    figures.update {
      $0.activeSellers = sellers
      $0.isStaffCalled = isCalled
    }
  }

  // MARK: - After a restart

  /// Takes up again what was open when the daemon ended. In the same boot calls and shifts go on; after a new start of the
  /// machine nobody knows who went meanwhile, so they end with the last moment that is on record.
  func restoreStaff(reading: ClockReading) {
    guard !staff.sellers.isEmpty || drafting.settings.panel.buttons.contains(where: { $0.role == .callStaff }),
      let history = keeper.history(kinds: [.request, .activity], within: Self.historySearched)
    else { return }
    var open: [String: Event] = [:]
    for event in history.events {
      let content = event.content
      let subject =
        content.kind == .activity ? content.context : content.code == "closed" ? content.detail : content.button
      guard let subject, content.verdict != .repeated, content.verdict != .chord else { continue }
      let key = "\(content.kind.name) \(subject)"
      switch content.code {
      case "open", "start": open[key] = event
      case "closed", "lapsed", "stop": open[key] = nil
      default: break
      }
    }
    var pending: [PendingEvent] = []
    for event in open.values.sorted(by: { $0.sequence < $1.sequence }) {
      restore(event, history: history, reading: reading, into: &pending)
    }
    if staff.requests.isAnyOpen { player.play(.staffWanted, at: reading.monotonic) }
    showStaff()
    if !pending.isEmpty { acknowledge(commit(pending, reading: reading)) }
  }

  private func restore(
    _ event: Event, history: JournalKeeper.History, reading: ClockReading, into pending: inout [PendingEvent]
  ) {
    let content = event.content
    let isSameBoot = event.boot == history.boot
    let startedAt = MonotonicTime(
      nanoseconds: reading.monotonic.nanoseconds
        &- (reading.bootTimeNanoseconds &- content.bootTimeNanoseconds))
    if content.kind == .request, let name = content.button {
      guard isSameBoot, let button = staff.button(name) else {
        var lapsed = EventDraft(kind: .request, at: reading, button: name, code: "lapsed", detail: "restart")
        lapsed.visit = content.visit
        return pending.append(PendingEvent(draft: lapsed))
      }
      staff.requests.restore(button, openedAt: startedAt, at: reading.monotonic)
      staff.visits[button] = visits.numberForRequest()
      keeper.take(visit: staff.visits[button], openedBy: content.visit ?? event.sequence)
    } else if let seller = content.context {
      if isSameBoot, let place = staff.sellers.firstIndex(where: { EventDrafting.stored(seller: $0) == seller }) {
        return staff.activity.restore(seller: place, startedAt: startedAt, at: reading.monotonic)
      }
      // Where the machine was started anew, the boot's last event is the last moment at which the seller is known to have
      // been at work.
      let last =
        isSameBoot ? reading.bootTimeNanoseconds : history.lastBootTime[event.boot] ?? content.bootTimeNanoseconds
      let cause: StaffActivityEvent.Cause = isSameBoot ? .removed : .restart
      var stop = EventDraft(
        kind: .activity, at: reading, button: content.button,
        value: Int((last &- content.bootTimeNanoseconds) / 1_000_000),
        code: "stop", context: seller, detail: cause.rawValue)
      stop.value = max(0, stop.value ?? 0)
      pending.append(PendingEvent(draft: stop))
    }
  }
}
