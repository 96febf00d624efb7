import Feedback
import KioskControl
import Panel

/// What the visitor is told, after the commit and never before.
extension Capture {
  /// A press that reaches the disk later than this gets no thank-you: whoever pressed has left.
  static let latestThanks = Duration.seconds(5)

  func acknowledge(_ recorded: [Recorded]) {
    for (pending, event) in recorded {
      let now = clock.read().monotonic
      guard let press = pending.press else {
        if pending.draft.kind != .health, pending.draft.kind != .clock, let event { tellRecorded(event, at: now) }
        continue
      }
      let draft = pending.draft
      let name = drafting.name(of: press.button)
      noteForWaveforms(
        press,
        RecordedPress(
          button: name, verdict: draft.verdict?.name ?? draft.code ?? "", sequence: event?.sequence,
          replaces: event?.content.replaces, question: draft.question, value: draft.value))
      guard let event else {
        tell(Activity(.waiting, at: now, button: name, verdict: draft.verdict))
        continue
      }
      tell(
        Activity(
          .committed, at: now, button: name, verdict: draft.verdict, sequence: event.sequence,
          replaces: event.content.replaces, commitMicroseconds: (now - takenAt).wholeNanoseconds / 1000,
          kind: draft.kind, code: draft.code, question: draft.question, value: draft.value))
      if now - press.at <= Self.latestThanks, let acknowledgement = pending.acknowledgement {
        player.play(acknowledgement, button: press.button, at: now)
        let isNotice = acknowledgement == .pleaseWait || acknowledgement == .closed
        notice = isNotice ? (acknowledgement, now + Self.noticeDuration) : nil
      }
    }
  }

  /// An event that nobody pressed for.
  private func tellRecorded(_ event: Event, at now: MonotonicTime) {
    let content = event.content
    tell(
      Activity(
        .recorded, at: now, button: content.button, verdict: content.verdict, sequence: event.sequence,
        replaces: content.replaces, kind: content.kind, code: content.code, question: content.question))
  }

  /// Switches lamps and buzzers to where their patterns are.
  func moveOutputs() {
    let now = clock.read().monotonic
    for change in player.advance(to: now) {
      let name = drafting.settings.panel.lamps[change.output].name
      do {
        try panel.outputs?.set(change.output, isOn: change.isOn)
        tell(Activity(.output, at: now, output: name, isOn: change.isOn))
        lower(.outputFailed, subject: name, at: now)
      } catch {
        raise(.outputFailed, subject: name, message: error.message, hint: error.hint, at: now)
      }
    }
  }
}
