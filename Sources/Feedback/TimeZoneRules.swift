/// The rules of one time zone: what the clocks of a place show at any moment, past or to come.
///
/// Made from the bytes of a compiled zone of the time zone database (RFC 8536), and nothing else, so that it works offline
/// and gives the same answer on every thread. This is code of our own because there is nothing to build on: glibc has one
/// zone for the whole process, chosen through the environment, which must not be changed while other threads run; and
/// FoundationEssentials has no named zones (full Foundation brings 48 MB of them).
public struct TimeZoneRules: Sendable, Hashable {
  /// Coordinated universal time, which needs no database.
  public static let utc = TimeZoneRules(transitions: [], offsets: [0], rule: nil)

  /// Seconds since 1970 at which clocks were changed, or will be; ascending, less than 2^59 either way.
  let transitions: [Int64]
  /// What local clocks are ahead of UTC, in seconds: before the first transition, then after each. At most 26 hours.
  let offsets: [Int64]
  /// What holds from the last transition on; nil: the last offset for ever.
  let rule: YearlyClockRule?

  init(transitions: [Int64], offsets: [Int64], rule: YearlyClockRule?) {
    self.transitions = transitions
    self.offsets = offsets
    self.rule = rule
  }

  /// Reads a compiled zone, as /usr/share/zoneinfo has them.
  /// - Parameter tzif: the bytes of the file, of version 1 to 4. Any bytes may be handed in.
  /// - Throws: `TimeZoneRulesError` when they are no zone, or one that cannot be trusted.
  public init(tzif: [UInt8]) throws(TimeZoneRulesError) {
    self = try TZifFile(tzif).rules()
  }

  /// What clocks of the place show.
  /// - Parameter wallMilliseconds: milliseconds since 1970; any number may be handed in.
  public func local(at wallMilliseconds: Int64) -> LocalTime {
    let seconds = wallMilliseconds.dividedDown(by: 1_000).quotient
    let offset = period(at: seconds).offset
    return LocalTime(LocalDateTime(localSeconds: seconds + offset), utcOffsetSeconds: Int(offset))
  }

  /// When clocks of the place show this, in milliseconds since 1970, clamped to what they can tell.
  ///
  /// Where they show it twice because they are put back: the first time. Where they never show it because they are put
  /// forward past it: the moment at which that is done.
  public func instant(of local: LocalDateTime) -> Int64 { second(ofLocal: local.localSeconds).secondsInMilliseconds }

  /// The same in seconds.
  func second(ofLocal local: Int64) -> Int64 {
    // No clock is further from UTC than that, so what is sought lies in between.
    var second = local - Self.mostOffset
    let last = local + Self.mostOffset
    var jump: Int64?
    while true {
      let period = period(at: second)
      let candidate = local - period.offset
      guard let end = period.end else { return candidate >= second ? candidate : jump ?? second }
      if candidate >= second, candidate < end { return candidate }
      if jump == nil, candidate >= end, local - self.period(at: end).offset < end { jump = end }
      guard end <= last else { return jump ?? last }
      second = end
    }
  }

  /// What clocks are ahead of UTC at a moment, and when they are changed next; nil: never. An end may also be where
  /// nothing but the clock's name changes.
  func period(at second: Int64) -> (offset: Int64, end: Int64?) {
    var (low, high) = (0, transitions.count)
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= second { low = middle + 1 } else { high = middle }
    }
    if low < transitions.count { return (offsets[low], transitions[low]) }
    return rule?.period(at: second) ?? (offsets[low], nil)
  }

  /// Clocks are 25 hours behind to 26 hours ahead of UTC (RFC 8536, section 3.2); in seconds.
  static let mostOffset: Int64 = 93_600
}
