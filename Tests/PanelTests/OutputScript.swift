import Feedback
import Panel
import Testing

func lamp(_ shows: Acknowledgement..., button: Int? = nil) -> OutputDescription {
  OutputDescription(kind: .lamp, shows: Set(shows), button: button.map { ButtonIndex($0) })
}

func buzzer(_ shows: Acknowledgement...) -> OutputDescription {
  OutputDescription(kind: .buzzer, shows: Set(shows))
}

/// On and off for so many milliseconds, without end.
func blink(_ on: Int, _ off: Int) -> OutputPattern {
  let steps = [
    OutputPattern.Step(isOn: true, for: .milliseconds(on)), OutputPattern.Step(isOn: false, for: .milliseconds(off)),
  ]
  return OutputPattern(steps, repetitions: nil) ?? .off
}

extension OutputPlayer {
  /// Follows its deadlines up to `end`; returns the switches of all outputs as "milliseconds output on/off".
  mutating func switches(until end: Int) -> [String] {
    var log: [String] = []
    var changes: [OutputChange] = []
    for _ in 0..<10_000 {
      let time = min(nextDeadline ?? ms(end), ms(end))
      changes.removeAll(keepingCapacity: true)
      advance(to: time, into: &changes)
      for change in changes { log.append("\(time.story) \(change.output) \(change.isOn ? "on" : "off")") }
      if time == ms(end), nextDeadline.map({ $0 > time }) ?? true { return log }
    }
    Issue.record("the deadline does not move on")
    return log
  }
}
