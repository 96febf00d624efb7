// From edges to presses to verdicts, and from acknowledgements to lamps. Pure state machines, each usable alone:
//
//     edges ─> Debouncer ─> PressRecognizer ┬> VerdictJudge        Acknowledgement ─> OutputPlayer ─> lamp, buzzer
//              (one line)   (all lines)     │  (which press counts)
//                                           ├> StaffRequests       (who waits for staff)
//                                           ├> StaffActivity       (which seller is at work)
//                                           └> ContactCounter      (who was there; one sensor)
//
// They are plain values: time comes in as stamps, nothing here reads a clock, sleeps or does I/O, and the same input
// gives the same output however late or in however many pieces it is handed over. Each names the moment at which it
// wants to be looked at again (`nextDeadline`); nil means that nothing is pending, so an idle panel needs no wake-ups.
//
// What does not live here: reading edges and setting lines (`GPIO`), storing presses (`Journal`), what a press means as
// an answer (`Feedback`, the surveys).

import Feedback

extension MonotonicTime {
  /// Stamps are used within 0 … 73 years of uptime, so that adding a duration can never overflow, whatever a damaged
  /// history or a waveform file claims.
  var clamped: MonotonicTime {
    MonotonicTime(nanoseconds: Swift.min(Swift.max(nanoseconds, 0), .max / 4))
  }

  /// As `clamped`, but up to 73 years before this boot, for what began in an earlier one.
  var clampedBothWays: MonotonicTime {
    MonotonicTime(nanoseconds: Swift.min(Swift.max(nanoseconds, -(.max / 4)), .max / 4))
  }
}

extension Duration {
  /// Durations are used within 0 … 1 day: none of the panel's numbers makes sense beyond, and sums cannot overflow.
  var clampedToDay: Duration {
    Swift.min(Swift.max(self, .zero), .seconds(86_400))
  }
}
