import Feedback

/// What sellers told about their time at work. Sellers are numbered by whoever knows their names.
public enum StaffActivityEvent: Sendable, Hashable {
  /// Why somebody's activity ended.
  public enum Cause: String, Sendable, Hashable, Codable, CaseIterable {
    /// The seller pressed.
    case button
    /// It had lasted for the longest shift: the seller forgot.
    case longest
    /// The shop closed.
    case closing
    /// The machine was started anew.
    case restart
    /// The panel has no button of the seller's any more.
    case removed
  }

  case started(seller: Int, at: MonotonicTime)
  /// `after` is how long it lasted.
  case stopped(seller: Int, at: MonotonicTime, after: Duration, because: Cause)
  /// A start while active, or the second tap of a double tap on a toggling button: changes nothing.
  case repeatedStart(seller: Int, startedAt: MonotonicTime, at: MonotonicTime)
  /// A stop while not active: changes nothing.
  case repeatedStop(seller: Int, at: MonotonicTime)
}

/// Keeps which seller is at work, by their start, stop or toggling buttons and by rules for the stop that was forgotten.
///
/// As with `StaffRequests`, a press is acted on as it is taken, and what time alone ends is decided by stamps. It allocates
/// nothing once made.
public struct StaffActivity: Sendable {
  /// No shift is longer: whoever has been at work for so long forgot to press. Many working time laws draw the line there
  /// (Germany's ArbZG, § 3: ten hours at most).
  public static let standardLongest = Duration.seconds(36_000)
  /// A toggling button pressed again less than this after it changed something was tapped twice.
  public static let doubleTap = Duration.seconds(1)

  private struct Seller: Sendable {
    var active: (since: MonotonicTime, endsAt: MonotonicTime)?
    /// When a press last started or stopped the activity.
    var changedAt: MonotonicTime?
  }

  private var sellers: [Seller]
  private let longest: Duration
  private let settling: Duration
  private var now = MonotonicTime(nanoseconds: 0)

  /// - Parameters:
  ///   - sellerCount: sellers are numbered from 0.
  ///   - longest: after this long a forgotten stop is put in; at most a day, which zero stands for too.
  ///   - settling: how long after its stamp a press may be told (`PressRecognizer.settling`).
  public init(sellerCount: Int, longest: Duration = standardLongest, settling: Duration = .zero) {
    sellers = Array(repeating: Seller(), count: max(0, sellerCount))
    self.longest = longest > .zero ? longest.clampedToDay : .seconds(86_400)
    self.settling = settling.clampedToDay
  }

  /// Since when a seller is active; nil when not, or when there is no such seller.
  public func activeSince(_ seller: Int) -> MonotonicTime? {
    sellers.indices.contains(seller) ? sellers[seller].active?.since : nil
  }

  /// How many sellers are active.
  public var activeCount: Int { sellers.reduce(0) { $0 + ($1.active == nil ? 0 : 1) } }

  /// When `advance` should be called next if nobody presses; nil when nobody is active.
  public var nextDeadline: MonotonicTime? {
    earliestEnd.map { $0.at + settling }
  }

  /// A seller pressed a button; a seller that does not exist is ignored.
  public mutating func press(
    _ action: ButtonRole.ActivityChange, seller: Int, at stamp: MonotonicTime, into events: inout [StaffActivityEvent]
  ) {
    guard sellers.indices.contains(seller) else { return }
    let at = settle(by: max(stamp.clamped, now), into: &events)
    let active = sellers[seller].active
    if action == .toggle, let changed = sellers[seller].changedAt, at - changed < Self.doubleTap {
      events.append(
        active.map { .repeatedStart(seller: seller, startedAt: $0.since, at: at) }
          ?? .repeatedStop(seller: seller, at: at))
      return
    }
    switch (action, active) {
    case (.start, nil), (.toggle, nil):
      sellers[seller] = Seller(active: (at, at + longest), changedAt: at)
      events.append(.started(seller: seller, at: at))
    case (.stop, .some), (.toggle, .some):
      stop(seller, at: at, because: .button, into: &events)
      sellers[seller].changedAt = at
    case (.start, .some(let active)):
      events.append(.repeatedStart(seller: seller, startedAt: active.since, at: at))
    case (.stop, nil):
      events.append(.repeatedStop(seller: seller, at: at))
    }
  }

  /// Stops everybody: the shop closes, or the machine was started anew and nobody knows who went meanwhile. Whose longest
  /// shift was over before is stopped by that.
  /// - Parameter time: when that was. For a restart the last moment at which the kiosk is known to have run, which lies
  ///   before this boot (negative). Nobody is stopped before they started.
  public mutating func closeAll(
    at time: MonotonicTime, because cause: StaffActivityEvent.Cause, into events: inout [StaffActivityEvent]
  ) {
    let moment = time.clampedBothWays
    settle(by: moment, into: &events)
    for seller in sellers.indices { stop(seller, at: moment, because: cause, into: &events) }
  }

  /// Makes a seller active again who was when the daemon ended. Silent: the start has been recorded. Where the machine was
  /// started anew, `closeAll` follows.
  /// - Parameters:
  ///   - startedAt: told on this boot's clock, so negative where that was before the boot.
  ///   - time: now. Who should have been stopped before is stopped by the next `advance`, as of when that was due.
  public mutating func restore(seller: Int, startedAt: MonotonicTime, at time: MonotonicTime) {
    guard sellers.indices.contains(seller), sellers[seller].active == nil else { return }
    now = max(now, time.clamped)
    let started = min(startedAt.clampedBothWays, now)
    sellers[seller].active = (started, started + longest)
  }

  /// Moves time on and adds who is stopped by the longest shift up to and including `time`. A time before the last one
  /// changes nothing.
  public mutating func advance(to time: MonotonicTime, into events: inout [StaffActivityEvent]) {
    settle(by: max(time.clamped - settling, now), into: &events)
  }

  @discardableResult
  private mutating func settle(by moment: MonotonicTime, into events: inout [StaffActivityEvent]) -> MonotonicTime {
    now = max(now, moment)
    while let end = earliestEnd, end.at <= moment {
      stop(end.seller, at: end.at, because: .longest, into: &events)
    }
    return moment
  }

  private mutating func stop(
    _ seller: Int, at time: MonotonicTime, because cause: StaffActivityEvent.Cause,
    into events: inout [StaffActivityEvent]
  ) {
    guard let since = sellers[seller].active?.since else { return }
    let at = max(time, since)
    sellers[seller].active = nil
    events.append(.stopped(seller: seller, at: at, after: at - since, because: cause))
  }

  private var earliestEnd: (seller: Int, at: MonotonicTime)? {
    var earliest: (seller: Int, at: MonotonicTime)?
    for seller in sellers.indices {
      guard let endsAt = sellers[seller].active?.endsAt else { continue }
      if let known = earliest, known.at <= endsAt { continue }
      earliest = (seller, endsAt)
    }
    return earliest
  }
}
