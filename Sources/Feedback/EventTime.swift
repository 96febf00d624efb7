/// When an event happened, as far as it can be known.
public struct EventTime: Sendable, Hashable {
  /// What the time rests on.
  public enum Basis: String, Sendable, Hashable, CaseIterable {
    /// The clock was trusted when the event was stamped.
    case trusted
    /// Worked out from moments of the same boot at which the clock was trusted.
    case anchored
    /// No clock was trusted in that boot: only what is known of the boots before and after limits it.
    case bounded
  }

  /// The best estimate, in milliseconds since 1970.
  public var milliseconds: Int64
  /// It was not earlier than this.
  public var earliestMilliseconds: Int64
  /// It was not later than this; nil: nothing known limits it, because no trusted time has come since.
  public var latestMilliseconds: Int64?
  public var basis: Basis

  public init(milliseconds: Int64, earliestMilliseconds: Int64, latestMilliseconds: Int64?, basis: Basis) {
    self.milliseconds = milliseconds
    self.earliestMilliseconds = earliestMilliseconds
    self.latestMilliseconds = latestMilliseconds
    self.basis = basis
  }

  /// How far the estimate may be off, in milliseconds; nil: without limit.
  public var uncertaintyMilliseconds: Int64? {
    latestMilliseconds.map { max($0 - milliseconds, milliseconds - earliestMilliseconds) }
  }
}

/// A moment at which the clock was trusted.
public struct ClockAnchor: Sendable, Hashable {
  /// CLOCK_BOOTTIME in nanoseconds.
  public var bootTimeNanoseconds: Int64
  /// CLOCK_REALTIME in milliseconds since 1970.
  public var wallMilliseconds: Int64

  public init(bootTimeNanoseconds: Int64, wallMilliseconds: Int64) {
    self.bootTimeNanoseconds = bootTimeNanoseconds
    self.wallMilliseconds = wallMilliseconds
  }
}
