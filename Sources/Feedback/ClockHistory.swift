/// What is known of the machine's clocks over its boots, from which the time of any event can be worked out: also that of
/// a press made before the clock was right, in a boot that never had a trusted clock, or in one that a new boot ended.
///
/// Only CLOCK_BOOTTIME is believed within a boot, and only a wall clock that a time service kept ties it to the calendar.
/// A wall clock that nobody vouches for, or one in 1970 or fifty years ahead, never moves a limit.
public struct ClockHistory: Sendable {
  /// How far CLOCK_BOOTTIME runs wrong at most, in parts per million of the time passed. Crystals of boards of this class
  /// are specified at ±20 to ±50 ppm over temperature and age by some more; a running time service corrects most of it.
  public static let driftPartsPerMillion: Int64 = 100
  /// How far a trusted clock may be off, in milliseconds. Over the internet a time service is right to some ten
  /// milliseconds; the rest is for slow links and for the moment between the reading of two clocks. A service that is
  /// itself told a wrong time cannot be seen from here.
  public static let trustedErrorMilliseconds: Int64 = 250
  /// 2026-01-01: no press can have been made before this software existed.
  public static let earliestMilliseconds: Int64 = 1_767_225_600_000

  private struct BootRecord: Sendable {
    /// In the order of their boot times.
    var anchors: [ClockAnchor] = []
    /// The latest moment of the boot that is known, in nanoseconds: it lasted at least so long.
    var lastNanoseconds: Int64 = 0
  }

  private var boots: [BootRecord] = []
  private var places: [String: Int] = [:]

  public init() {}

  /// Number of boots known.
  public var bootCount: Int { boots.count }

  /// Notes that a boot took place, after all those noted before it. A boot that is known already keeps its place.
  public mutating func addBoot(_ bootID: String) {
    guard places[bootID] == nil else { return }
    places[bootID] = boots.count
    boots.append(BootRecord())
  }

  /// Notes that the boot lasted at least until this moment.
  public mutating func note(bootID: String, bootTimeNanoseconds: Int64) {
    addBoot(bootID)
    guard let place = places[bootID] else { return }
    boots[place].lastNanoseconds = max(boots[place].lastNanoseconds, bootTimeNanoseconds)
  }

  /// Notes a moment at which the clock was trusted.
  public mutating func add(_ anchor: ClockAnchor, bootID: String) {
    note(bootID: bootID, bootTimeNanoseconds: anchor.bootTimeNanoseconds)
    guard let place = places[bootID] else { return }
    var anchor = anchor
    anchor.bootTimeNanoseconds = max(0, anchor.bootTimeNanoseconds)
    anchor.wallMilliseconds = Self.sensible(anchor.wallMilliseconds)
    // They come in order but for those told again: the same one twice changes nothing.
    let after = firstAnchor(after: anchor.bootTimeNanoseconds, in: boots[place])
    if after > 0, boots[place].anchors[after - 1] == anchor { return }
    boots[place].anchors.insert(anchor, at: after)
  }

  /// When something happened.
  ///
  /// - Parameters:
  ///   - bootID: the kernel's boot id at that moment.
  ///   - bootTimeNanoseconds: CLOCK_BOOTTIME at that moment.
  ///   - wallMilliseconds: what the wall clock said.
  ///   - state: how far that was to be believed.
  public func time(
    bootID: String, bootTimeNanoseconds: Int64, wallMilliseconds: Int64, state: ClockState
  ) -> EventTime {
    let wall = Self.sensible(wallMilliseconds)
    if state == .synchronised {
      return EventTime(
        milliseconds: wall, earliestMilliseconds: wall - Self.trustedErrorMilliseconds,
        latestMilliseconds: wall + Self.trustedErrorMilliseconds, basis: .trusted)
    }
    let moment = max(0, bootTimeNanoseconds)
    let place = places[bootID]
    if let place, let range = range(at: moment, in: boots[place]) {
      return EventTime(
        milliseconds: range.earliest + (range.latest - range.earliest) / 2, earliestMilliseconds: range.earliest,
        latestMilliseconds: range.latest, basis: .anchored)
    }

    var earliest = earliestStart(of: place) + Self.atLeast(moment)
    var latest = place.flatMap { latestTime(of: moment, in: $0) }
    if let limit = latest, limit < earliest { (earliest, latest) = (limit, earliest) }
    // A clock that nobody vouches for is still the best guess, as long as nothing contradicts it.
    let isPossible = state == .unsynchronised && wall >= earliest && wall <= latest ?? .max
    let middle = earliest + ((latest ?? earliest) - earliest) / 2
    let estimate = isPossible ? wall : middle
    return EventTime(
      milliseconds: estimate, earliestMilliseconds: earliest, latestMilliseconds: latest, basis: .bounded)
  }

  // MARK: - Within a boot

  private typealias Range = (earliest: Int64, latest: Int64)

  /// What the anchors before and after say; nil when the boot has none. Where the two contradict each other (a time
  /// service that changed its mind), the truth is somewhere between.
  private func range(at moment: Int64, in boot: BootRecord) -> Range? {
    let after = firstAnchor(after: moment, in: boot)
    let before = after > 0 ? Self.range(at: moment, by: boot.anchors[after - 1]) : nil
    let later = after < boot.anchors.count ? Self.range(at: moment, by: boot.anchors[after]) : nil
    guard let before else { return later }
    guard let later else { return before }
    let common = (earliest: max(before.earliest, later.earliest), latest: min(before.latest, later.latest))
    if common.earliest <= common.latest { return common }
    return (min(before.earliest, later.earliest), max(before.latest, later.latest))
  }

  private static func range(at moment: Int64, by anchor: ClockAnchor) -> Range {
    let difference = (moment - anchor.bootTimeNanoseconds) / 1_000_000
    let error = trustedErrorMilliseconds + drift(abs(difference))
    return (anchor.wallMilliseconds + difference - error, anchor.wallMilliseconds + difference + error)
  }

  /// Index of the first anchor after a moment.
  private func firstAnchor(after moment: Int64, in boot: BootRecord) -> Int {
    var (low, high) = (0, boot.anchors.count)
    while low < high {
      let middle = (low + high) / 2
      if boot.anchors[middle].bootTimeNanoseconds <= moment { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: - Across boots

  /// A boot begins after the last known moment of every boot before it.
  private func earliestStart(of place: Int?) -> Int64 {
    var passed: Int64 = 0
    for boot in boots.prefix(place ?? 0).reversed() {
      if let end = range(at: boot.lastNanoseconds, in: boot) { return end.earliest + passed }
      passed += Self.atLeast(boot.lastNanoseconds)
    }
    return Self.earliestMilliseconds + passed
  }

  /// And it ended, with all that is known to have followed in it, before the next one began.
  private func latestTime(of moment: Int64, in place: Int) -> Int64? {
    var passed = Self.atLeast(max(0, boots[place].lastNanoseconds - moment))
    for boot in boots.dropFirst(place + 1) {
      if let start = range(at: 0, in: boot) { return start.latest - passed }
      passed += Self.atLeast(boot.lastNanoseconds)
    }
    return nil
  }

  // MARK: - Numbers

  /// Milliseconds that passed at least when the clock says so many nanoseconds passed.
  private static func atLeast(_ nanoseconds: Int64) -> Int64 {
    let milliseconds = nanoseconds / 1_000_000
    return milliseconds - drift(milliseconds)
  }

  /// Rounded up. The argument is at most 2^63 ns in milliseconds, so nothing overflows.
  private static func drift(_ milliseconds: Int64) -> Int64 { milliseconds * driftPartsPerMillion / 1_000_000 + 1 }

  /// A damaged file may hold any number; beyond ±30,000 years no sum here must overflow.
  private static func sensible(_ wall: Int64) -> Int64 { min(max(wall, -1_000_000_000_000_000), 1_000_000_000_000_000) }
}
