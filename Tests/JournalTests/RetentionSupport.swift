import Feedback
import Testing

@testable import Journal

let dayMilliseconds: Int64 = 86_400_000
/// 2026-06-01 08:00 UTC.
let retentionStart: Int64 = 1_780_300_800_000

extension ClockReading {
  /// The clocks some milliseconds after `retentionStart`.
  static func after(_ milliseconds: Int64, _ state: ClockState = .synchronised) -> ClockReading {
    ClockReading(
      monotonic: MonotonicTime(nanoseconds: milliseconds * 1_000_000),
      bootTimeNanoseconds: milliseconds * 1_000_000, wallMilliseconds: retentionStart + milliseconds, state: state)
  }
}

func retainedEvent(_ kind: EventKind, at reading: ClockReading, code: String? = nil) -> EventDraft {
  EventDraft(
    kind: kind, at: reading, button: kind == .rating ? "happy" : nil, code: code,
    verdict: kind == .rating ? .counted : nil)
}

/// A journal over some days: each begins with a trusted clock event, followed by presses.
func fillDays(_ directory: JournalDirectory, days: Int64, presses: Int, tuning: JournalTuning) throws -> Journal {
  let journal = try directory.open(tuning: tuning)
  for number in 0..<days {
    _ = try journal.append(
      [retainedEvent(.clock, at: .after(number * dayMilliseconds), code: "anchor")]
        + (0..<presses).map { retainedEvent(.rating, at: .after(number * dayMilliseconds + Int64($0) * 1_000)) })
  }
  return journal
}

extension JournalTuning {
  /// Small numbers, so that few events show every step.
  static var small: JournalTuning {
    var tuning = JournalTuning()
    tuning.rowsPerStep = 16
    tuning.newestKept = 8
    tuning.countersEvery = 1_000_000
    tuning.reserveBytes = 64 << 10
    return tuning
  }
}

extension Journal {
  /// Steps until there is nothing left to do; gives up when it does not end.
  func maintainFully(_ policy: RetentionPolicy, at reading: ClockReading) throws -> [RetentionStep] {
    var steps: [RetentionStep] = []
    repeat {
      steps.append(try maintain(policy, at: reading))
    } while steps.last?.hasMore == true && steps.count < 2_000
    #expect(steps.count < 2_000)
    return steps
  }
}

/// A policy whose room no test fills, or nearly none.
let roomyPolicy = RetentionPolicy(days: 30)
