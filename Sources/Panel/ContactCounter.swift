import Feedback

/// What one sensor saw. In the order in which it was decided.
public enum ContactEvent: Sendable, Hashable {
  /// Somebody is there, after nobody was for the hold-off. Told at once, whoever it turns out to be.
  case presenceBegan(at: MonotonicTime)
  /// It is decided what the presence that began then is: `.counted`, or `.repeated` (going out again), once it has
  /// lasted for the dwell time; `.passedBy` when it ended sooner. Once for each presence that began while we looked.
  case contact(Verdict, began: MonotonicTime, decided: MonotonicTime)
  /// Nobody has been there for the hold-off. `at` is when somebody was last seen, `present` the time from the beginning
  /// to then, breaks included.
  case presenceEnded(began: MonotonicTime, at: MonotonicTime, present: Duration)
  /// The sensor has seen somebody without a break for `ContactRules.blockedAfter`: it is covered or stuck. Once.
  case blocked(since: MonotonicTime, at: MonotonicTime)
  /// A blocked sensor sees nobody again. `blocked`: for how long it saw somebody.
  case unblocked(at: MonotonicTime, blocked: Duration)
}

/// Tells from one sensor's levels who was there long enough to be a contact.
///
/// Levels are taken as they come, debounced (`take`), then time is moved on (`advance`). As with `PressRecognizer`,
/// nothing is decided before `advance(to:)` says that every level stamped earlier has been taken, so the events depend
/// on the stamps alone; what is due at a moment is done before a level stamped with that moment, so every time of
/// `ContactRules` is over when it has been reached. A level that comes too late all the same is taken as stamped with the
/// last moment decided, and no level is ever waited for.
///
/// - A presence lasts from the first level "present" to the last, with breaks shorter than the hold-off in it.
/// - A contact is decided as soon as the presence has lasted for the dwell time and somebody is seen, not at its end.
/// - Somebody who is there at the start began unseen and may have been counted before: no contact, and no
///   `presenceBegan`.
/// - A sensor that was blocked saw nobody in particular: the next pass is not its double pass.
///
/// It cannot tell people apart: who comes within the hold-off of another is taken for the same.
public struct ContactCounter: Sendable {
  private struct Level: Sendable {
    var isPresent: Bool
    var at: MonotonicTime
  }

  private struct Presence: Sendable {
    var began: MonotonicTime
    var isDecided: Bool
    /// Is a counted contact, which a double pass may follow unless the sensor was blocked meanwhile.
    var isCounted = false
    var wasBlocked = false
  }

  public let rules: ContactRules
  private let dwell: Duration
  private let holdOff: Duration
  private let doublePass: Duration
  private let blockedAfter: Duration?
  private let settling: Duration

  /// Levels taken whose moment has not come, in order.
  private var queue: [Level] = []
  /// Stamp of the latest level taken.
  private var latest: MonotonicTime
  /// The moment up to which everything is decided.
  private var now: MonotonicTime
  /// The level now, and since when.
  private var level: Bool
  private var since: MonotonicTime
  private var presence: Presence?
  /// When the last counted contact ended that no double pass has followed.
  private var lastCountedEnd: MonotonicTime?
  /// True while the sensor is covered or stuck.
  public private(set) var isBlocked = false

  /// - Parameters:
  ///   - isPresent: the level read at the start.
  ///   - time: when it was read.
  ///   - settling: how long after its stamp a level may be told: `PressRecognizer.settling`, where the levels come from
  ///     there. Everything is decided that much later, or a level could come too late for it.
  public init(rules: ContactRules, isPresent: Bool = false, at time: MonotonicTime, settling: Duration = .zero) {
    self.rules = rules
    dwell = rules.dwell.clampedToDay
    holdOff = rules.holdOff.clampedToDay
    doublePass = rules.doublePass.clampedToDay
    blockedAfter = rules.blockedAfter > .zero ? rules.blockedAfter.clampedToDay : nil
    self.settling = settling.clampedToDay
    let start = time.clamped
    latest = start
    now = start - self.settling
    level = isPresent
    since = start
    if isPresent { presence = Presence(began: start, isDecided: true) }
  }

  /// Whether somebody is there, or has been within the hold-off.
  public var isPresent: Bool { presence != nil }

  /// When `advance` should be called next if no level comes; nil when nothing is pending.
  public var nextDeadline: MonotonicTime? {
    var earliest = due
    if let first = queue.first?.at { earliest = min(earliest ?? first, first) }
    return earliest.map { $0 + settling }
  }

  /// Takes a debounced level.
  public mutating func take(isPresent level: Bool, at stamp: MonotonicTime) {
    latest = max(stamp.clamped, latest, now)
    queue.append(Level(isPresent: level, at: latest))
  }

  /// Moves time on and returns what was decided up to and including `time`. A time before the last one changes nothing.
  public mutating func advance(to time: MonotonicTime) -> [ContactEvent] {
    var events: [ContactEvent] = []
    advance(to: time, into: &events)
    return events
  }

  /// Moves time on and adds what was decided up to and including `time`.
  public mutating func advance(to time: MonotonicTime, into events: inout [ContactEvent]) {
    now = max(now, time.clamped - settling)
    bringBackStampsFarAhead()
    var taken = 0
    while true {
      let next = taken < queue.count && queue[taken].at <= now ? queue[taken] : nil
      if let due, due <= next?.at ?? now {
        decide(at: due, into: &events)
      } else if let next {
        taken += 1
        apply(next, into: &events)
      } else {
        break
      }
    }
    if taken == queue.count { queue.removeAll(keepingCapacity: true) } else { queue.removeFirst(taken) }
  }

  /// When something is decided if the level stays as it is.
  private var due: MonotonicTime? {
    guard level else { return presence == nil ? nil : since + holdOff }
    var earliest: MonotonicTime?
    if let presence, !presence.isDecided { earliest = max(presence.began + dwell, since) }
    if let blockedAfter, !isBlocked {
      let blocked = since + blockedAfter
      earliest = min(earliest ?? blocked, blocked)
    }
    return earliest
  }

  /// Does what is due at `moment`.
  private mutating func decide(at moment: MonotonicTime, into events: inout [ContactEvent]) {
    guard level else {
      if let ended = presence { end(ended, at: moment, into: &events) }
      return
    }
    if let undecided = presence, !undecided.isDecided, max(undecided.began + dwell, since) <= moment {
      let isDouble = lastCountedEnd.map { undecided.began - $0 < doublePass } ?? false
      lastCountedEnd = nil
      presence?.isDecided = true
      presence?.isCounted = !isDouble
      events.append(.contact(isDouble ? .repeated : .counted, began: undecided.began, decided: moment))
    }
    if let blockedAfter, !isBlocked, since + blockedAfter <= moment {
      isBlocked = true
      presence?.wasBlocked = true
      events.append(.blocked(since: since, at: moment))
    }
  }

  private mutating func end(_ ended: Presence, at moment: MonotonicTime, into events: inout [ContactEvent]) {
    presence = nil
    if !ended.isDecided { events.append(.contact(.passedBy, began: ended.began, decided: moment)) }
    if ended.isCounted, !ended.wasBlocked { lastCountedEnd = since }
    events.append(.presenceEnded(began: ended.began, at: since, present: since - ended.began))
  }

  /// Takes a level once everything due by its stamp is decided.
  private mutating func apply(_ next: Level, into events: inout [ContactEvent]) {
    guard next.isPresent != level else { return }
    if isBlocked {
      isBlocked = false
      events.append(.unblocked(at: next.at, blocked: next.at - since))
    }
    level = next.isPresent
    since = next.at
    if level, presence == nil {
      presence = Presence(began: next.at, isDecided: false)
      events.append(.presenceBegan(at: next.at))
    }
  }

  /// A level stamped far ahead was stamped by another clock; waiting for it would leave the sensor blind.
  private mutating func bringBackStampsFarAhead() {
    let farthest = now + settling + PressRecognizer.farthestAhead
    guard latest > farthest else { return }
    latest = now
    for index in queue.indices {
      if queue[index].at > farthest { queue[index].at = latest }
      latest = queue[index].at
    }
  }
}
