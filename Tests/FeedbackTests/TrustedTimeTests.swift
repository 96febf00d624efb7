import Feedback
import Testing

/// 2026-06-01 08:00 UTC.
private let truth: Int64 = 1_780_300_800_000
private let hour: Int64 = 3_600_000

private func reading(boot milliseconds: Int64, wall: Int64, _ state: ClockState) -> ClockReading {
  ClockReading(
    monotonic: MonotonicTime(nanoseconds: milliseconds * 1_000_000), bootTimeNanoseconds: milliseconds * 1_000_000,
    wallMilliseconds: wall, state: state)
}

@Suite("The trusted time")
struct TrustedTimeTests {
  @Test("is known while a time service keeps the clock")
  func synchronised() {
    let time = TrustedTime()
    let now = reading(boot: hour, wall: truth, .synchronised)
    #expect(time.wallMilliseconds(at: now) == truth)
    #expect(time.errorMilliseconds(at: now) == ClockHistory.trustedErrorMilliseconds)
    #expect(time.plausibleMilliseconds(at: now) == truth)
  }

  @Test("is not known before, but a plausible clock is used where no vote depends on it")
  func never() {
    var time = TrustedTime()
    for state in [ClockState.implausible, .unsynchronised] {
      let now = reading(boot: hour, wall: truth, state)
      time.note(now)
      #expect(time.wallMilliseconds(at: now) == nil)
      #expect(time.errorMilliseconds(at: now) == nil)
      #expect(time.plausibleMilliseconds(at: now) == (state == .unsynchronised ? truth : nil))
    }
  }

  @Test(
    "outlives the network, whatever the clock says meanwhile",
    arguments: [ClockState.unsynchronised, .implausible], [truth + 5 * hour, 0, .min, .max])
  func offline(state: ClockState, wall: Int64) {
    var time = TrustedTime()
    time.note(reading(boot: hour, wall: truth, .synchronised))
    let later = reading(boot: 6 * hour, wall: wall, state)
    time.note(later)
    #expect(time.wallMilliseconds(at: later) == truth + 5 * hour)
    #expect(time.plausibleMilliseconds(at: later) == truth + 5 * hour)
    // 100 ppm of five hours beside the error of the service, rounded up.
    let error: Int64 = 250 + 1_800 + 1
    #expect(time.errorMilliseconds(at: later) == error)
  }

  @Test("goes by the last trusted moment")
  func renewed() {
    var time = TrustedTime()
    time.note(reading(boot: hour, wall: truth, .synchronised))
    // The service put the clock right by three seconds.
    time.note(reading(boot: 2 * hour, wall: truth + hour + 3_000, .synchronised))
    let later = reading(boot: 3 * hour, wall: 0, .implausible)
    #expect(time.wallMilliseconds(at: later) == truth + 2 * hour + 3_000)
    // An edge that was made before the clocks were read.
    #expect(time.wallMilliseconds(at: reading(boot: 2 * hour - 20, wall: 0, .implausible)) == truth + hour + 2_980)
  }

  @Test("is forgotten after 34 days, when it may be five minutes wrong")
  func tooLong() {
    var time = TrustedTime()
    time.note(reading(boot: 0, wall: truth, .synchronised))
    let limit: Int64 = (300_000 - 251) * 10_000 + 9_999
    #expect(limit / (24 * hour) == 34)
    let last = reading(boot: limit, wall: truth + 7, .unsynchronised)
    #expect(time.wallMilliseconds(at: last) == truth + limit)
    #expect(time.errorMilliseconds(at: last) == TrustedTime.mostErrorMilliseconds)
    let after = reading(boot: limit + 1, wall: truth + 7, .unsynchronised)
    #expect(time.wallMilliseconds(at: after) == nil)
    #expect(time.errorMilliseconds(at: after) == nil)
    #expect(time.plausibleMilliseconds(at: after) == truth + 7)
  }

  @Test("is forgotten when another boot begins")
  func otherBoot() {
    var time = TrustedTime()
    time.note(reading(boot: 5 * hour, wall: truth, .synchronised))
    time.note(reading(boot: 5 * hour, wall: truth, .unsynchronised))
    #expect(time.wallMilliseconds(at: reading(boot: 5 * hour, wall: 0, .implausible)) == truth)
    time.note(reading(boot: 7 * hour, wall: truth, .unsynchronised))
    // Later than the trusted moment, yet earlier than the last one.
    time.note(reading(boot: 7 * hour - 1, wall: truth, .unsynchronised))
    #expect(time.wallMilliseconds(at: reading(boot: 7 * hour, wall: truth, .unsynchronised)) == nil)
    time.note(reading(boot: hour, wall: truth + hour, .synchronised))
    #expect(time.wallMilliseconds(at: reading(boot: 2 * hour, wall: 0, .implausible)) == truth + 2 * hour)
  }

  @Test("takes any numbers")
  func extremes() {
    for boot in [Int64.min, -1, 0, .max] {
      for wall in [Int64.min, 0, .max] {
        var time = TrustedTime()
        func any(_ boot: Int64, _ state: ClockState) -> ClockReading {
          ClockReading(
            monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: boot, wallMilliseconds: wall, state: state)
        }
        time.note(any(boot, .synchronised))
        for other in [Int64.min, -1, 0, .max] {
          let found = time.wallMilliseconds(at: any(other, .implausible))
          // A nanosecond apart at most: everything else is ages away, or beyond what the numbers can tell.
          #expect(found == nil || boot == other || abs(boot) + abs(other) == 1)
          time.note(any(other, .unsynchronised))
        }
      }
    }
  }
}
