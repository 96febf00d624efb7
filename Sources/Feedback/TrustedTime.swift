/// The time, as far as somebody vouches for it.
///
/// The kernel takes its word "synchronised" back nine hours after the network is gone (it lets the greatest possible error
/// grow by 500 ppm up to 16 s), although the clock is still right to some seconds. So the last moment at which that word was
/// given is kept, and the time since is counted by CLOCK_BOOTTIME, which nobody can set.
///
/// What follows from it:
/// - Opening hours judge a press closed only when `wallMilliseconds(at:)` knows the time. A clock nobody vouches for never
///   costs a vote.
/// - Which scheduled survey is asked, and quiet hours, go by `plausibleMilliseconds(at:)`. When that does not know either,
///   the survey without a schedule is asked, and the sound is on.
public struct TrustedTime: Sendable, Hashable {
  /// How far the time may have gone wrong until it is known no more, in milliseconds: doors are opened and closed by hand to
  /// some minutes. At 100 ppm (`ClockHistory.driftPartsPerMillion`) that is 34 days without a network.
  public static let mostErrorMilliseconds: Int64 = 300_000

  /// The last moment at which the clock was trusted.
  private var anchor: ClockAnchor?
  /// CLOCK_BOOTTIME of the last reading.
  private var newest: Int64?

  public init() {}

  /// Looks at the clocks. Readings are to be shown as they were taken, in order; for a moment before, such as that of an
  /// edge, `wallMilliseconds(at:)` is asked with `ClockReading.at(_:)`. A boot time that goes backwards is that of another
  /// boot, of which nothing is known yet.
  public mutating func note(_ reading: ClockReading) {
    if let newest, reading.bootTimeNanoseconds < newest { anchor = nil }
    newest = reading.bootTimeNanoseconds
    if reading.state == .synchronised {
      anchor = ClockAnchor(
        bootTimeNanoseconds: reading.bootTimeNanoseconds, wallMilliseconds: reading.wallMilliseconds)
    }
  }

  /// The time of a reading in milliseconds since 1970: what its clock says when that is synchronised, else worked out from
  /// the last reading of this boot that was; nil: nobody vouches for any, or it has been too long.
  public func wallMilliseconds(at reading: ClockReading) -> Int64? {
    if reading.state == .synchronised { return reading.wallMilliseconds }
    guard let anchor, let passed = passed(since: anchor, at: reading) else { return nil }
    let (wall, overflow) = anchor.wallMilliseconds.addingReportingOverflow(passed)
    return overflow ? nil : wall
  }

  /// How far that time may be off either way, in milliseconds, by the limits of `ClockHistory`; nil where that time is nil.
  public func errorMilliseconds(at reading: ClockReading) -> Int64? {
    if reading.state == .synchronised { return ClockHistory.trustedErrorMilliseconds }
    guard let anchor, let passed = passed(since: anchor, at: reading) else { return nil }
    return Self.error(after: passed)
  }

  /// The trusted time where there is one, else the wall clock if it is plausible at all; nil: the time is not known.
  public func plausibleMilliseconds(at reading: ClockReading) -> Int64? {
    wallMilliseconds(at: reading) ?? (reading.state == .implausible ? nil : reading.wallMilliseconds)
  }

  /// Milliseconds from the trusted moment to the reading, a little below nought for an edge before it; nil: too many.
  private func passed(since anchor: ClockAnchor, at reading: ClockReading) -> Int64? {
    let (difference, overflow) = reading.bootTimeNanoseconds.subtractingReportingOverflow(anchor.bootTimeNanoseconds)
    guard !overflow else { return nil }
    let passed = difference.dividedDown(by: 1_000_000).quotient
    return Self.error(after: passed) <= Self.mostErrorMilliseconds ? passed : nil
  }

  /// Rounded up, as `ClockHistory` does. The argument is at most 2^63 ns in milliseconds, so nothing overflows.
  private static func error(after milliseconds: Int64) -> Int64 {
    ClockHistory.trustedErrorMilliseconds + abs(milliseconds) * ClockHistory.driftPartsPerMillion / 1_000_000 + 1
  }
}
