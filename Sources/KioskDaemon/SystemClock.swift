import CKioskPlatform
import Feedback

/// Where time comes from, so that tests can bring their own.
public protocol ClockSource: Sendable {
  func read() -> ClockReading
}

/// The machine's clocks.
public struct SystemClock: ClockSource {
  /// 2026-01-01: no press can have been made before this software existed, so an earlier wall clock is certainly wrong.
  static let earliestPlausibleMilliseconds: Int64 = 1_767_225_600_000

  public init() {}

  public func read() -> ClockReading {
    let wall = kiosk_clock_realtime() / 1_000_000
    let state: ClockState =
      wall < Self.earliestPlausibleMilliseconds
      ? .implausible : kiosk_clock_synchronised() ? .synchronised : .unsynchronised
    return ClockReading(
      monotonic: MonotonicTime(nanoseconds: kiosk_clock_monotonic()),
      bootTimeNanoseconds: kiosk_clock_boottime(), wallMilliseconds: wall, state: state)
  }
}

extension ClockState {
  /// The word shown in `kioskctl status`.
  var name: String {
    switch self {
    case .implausible: "implausible"
    case .unsynchronised: "unsynchronised"
    case .synchronised: "synchronised"
    }
  }
}
