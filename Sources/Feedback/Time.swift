/// A point on the kernel's CLOCK_MONOTONIC, which is what GPIO edges are stamped with: it never jumps, whatever happens
/// to the wall clock. All state machines of the product run on this timeline.
public struct MonotonicTime: Sendable, Hashable, Comparable, Codable {
  /// Nanoseconds since an arbitrary point near boot.
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
    MonotonicTime(nanoseconds: time.nanoseconds + duration.wholeNanoseconds)
  }

  public static func - (time: MonotonicTime, duration: Duration) -> MonotonicTime {
    MonotonicTime(nanoseconds: time.nanoseconds - duration.wholeNanoseconds)
  }

  public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
    .nanoseconds(left.nanoseconds - right.nanoseconds)
  }
}

extension Duration {
  /// The duration in whole nanoseconds, cut toward zero and clamped to ±292 years.
  public var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, sumOverflow) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return sumOverflow ? (seconds < 0 ? .min : .max) : sum
  }

  /// The duration in whole milliseconds, cut toward zero.
  public var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}

/// How far the wall clock could be believed when an event was stamped. Stored with each event, so that a press made
/// before the clock was right says so (raw values are stored: never change one).
public enum ClockState: Int, Sendable, Hashable, Codable, CaseIterable {
  /// Before this software was built: certainly wrong (a board without a battery-backed clock starts in the past).
  case implausible = 0
  /// Plausible, but no time service vouches for it.
  case unsynchronised = 1
  /// The kernel says a time service keeps it.
  case synchronised = 2
}

/// All clocks of the machine, read at (nearly) one moment, so that a monotonic stamp can be told in the others.
public struct ClockReading: Sendable, Hashable {
  /// CLOCK_MONOTONIC.
  public var monotonic: MonotonicTime
  /// CLOCK_BOOTTIME in nanoseconds: like the monotonic clock, but it counts the time asleep too.
  public var bootTimeNanoseconds: Int64
  /// CLOCK_REALTIME in milliseconds since 1970.
  public var wallMilliseconds: Int64
  /// Whether the wall clock may be believed.
  public var state: ClockState

  public init(monotonic: MonotonicTime, bootTimeNanoseconds: Int64, wallMilliseconds: Int64, state: ClockState) {
    self.monotonic = monotonic
    self.bootTimeNanoseconds = bootTimeNanoseconds
    self.wallMilliseconds = wallMilliseconds
    self.state = state
  }

  /// The same reading told for another moment of the monotonic clock (an edge's stamp, usually a little earlier).
  public func at(_ moment: MonotonicTime) -> ClockReading {
    let difference = moment.nanoseconds - monotonic.nanoseconds
    return ClockReading(
      monotonic: moment,
      bootTimeNanoseconds: bootTimeNanoseconds + difference,
      wallMilliseconds: wallMilliseconds + difference / 1_000_000,
      state: state)
  }
}
