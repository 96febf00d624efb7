import Feedback
import KioskControl
import Panel

/// What the visitor is told, after the commit and never before.
extension Capture {
  /// A press that reaches the disk later than this gets no thank-you: whoever pressed has left.
  static let latestThanks = Duration.seconds(5)

  func acknowledge(_ recorded: [Recorded]) {
    for (pending, event) in recorded {
      guard let press = pending.press, let verdict = pending.draft.verdict else { continue }
      let now = clock.read().monotonic
      let name = drafting.name(of: press.button)
      noteForWaveforms(
        press,
        RecordedPress(
          button: name, verdict: verdict.name, sequence: event?.sequence, replaces: event?.content.replaces))
      guard let event else {
        tell(Activity(.waiting, at: now, button: name, verdict: verdict))
        continue
      }
      tell(
        Activity(
          .committed, at: now, button: name, verdict: verdict, sequence: event.sequence,
          replaces: event.content.replaces, commitMicroseconds: (now - takenAt).wholeNanoseconds / 1000))
      if now - press.at <= Self.latestThanks {
        player.play(verdict.acknowledgement, button: press.button, at: now)
      }
    }
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
