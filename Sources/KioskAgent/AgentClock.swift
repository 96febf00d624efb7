import CKioskPlatform
import Feedback
import Wire

/// The system's clocks, for the parts of the agent.
public struct AgentClock: Sendable {
  public init() {}

  /// CLOCK_MONOTONIC.
  public var monotonic: MonotonicTime { MonotonicTime(nanoseconds: kiosk_clock_monotonic()) }

  /// CLOCK_REALTIME, in milliseconds since 1970.
  public var wallMilliseconds: Int64 { kiosk_clock_realtime() / 1_000_000 }

  /// Whether a time service keeps the wall clock.
  public var isSynchronised: Bool { kiosk_clock_synchronised() }

  /// A moment as RFC 3339 has it; the beginning of 1970 for one that has no such form.
  public func text(milliseconds: Int64) -> String {
    Timestamp.text(milliseconds: milliseconds) ?? "1970-01-01T00:00:00.000Z"
  }
}
