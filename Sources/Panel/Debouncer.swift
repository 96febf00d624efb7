import Feedback

/// Decides when the level of one line is to be believed: once it has not changed for `period`.
///
/// The decision depends on the stamps of the edges only, never on when they are handed over: taking an edge first
/// settles what had become stable by its stamp, so edges read late by seconds give the same changes.
///
/// - Every edge restarts the wait, also one that reports the level known already: the kernel saw the line change, only
///   the level was read later (libgpiod 1.6 computes the kind of an edge from the level at interrupt time).
/// - A missing edge cannot wedge it: nothing waits for a particular edge, only for time to pass.
/// - A stamp earlier than the one before it is taken as equal to that one. It happens after lost edges, when a level
///   read back and stamped with the time of reading is followed by a real edge that was still queued.
/// - A line that chatters without end settles when it calms, and then gives one change at most.
/// - Where the kernel debounces (or `period` is zero) each edge is stable already and believed at once; a repeated
///   level is dropped.
public struct Debouncer: Sendable, Hashable {
  /// A level that is believed now and was not before.
  public struct Change: Sendable, Hashable {
    /// The new level: true is pressed.
    public var isActive: Bool
    /// Stamp of the edge after which the level no longer changed: the kernel's own stamp, and certainly within the
    /// physical press, which the first bounce of a contact need not be.
    public var at: MonotonicTime
    /// When the level had been unchanged for long enough.
    public var settledAt: MonotonicTime

    public init(isActive: Bool, at: MonotonicTime, settledAt: MonotonicTime) {
      self.isActive = isActive
      self.at = at
      self.settledAt = settledAt
    }
  }

  /// How long a level must stay unchanged; zero: each edge is believed at once.
  public let period: Duration
  /// The level that is believed.
  public private(set) var isActive: Bool
  /// The level after the latest edge, believed or not.
  public private(set) var latestLevel: Bool
  /// Stamp of the latest edge: since then the line is known not to have changed.
  public private(set) var unchangedSince: MonotonicTime

  /// - Parameters:
  ///   - period: how long a level must stay unchanged.
  ///   - isDebouncedByKernel: true when each edge is a stable level already; `period` is then ignored.
  ///   - level: the level read at the start, which is believed at once.
  ///   - time: when it was read.
  public init(period: Duration, isDebouncedByKernel: Bool, level: Bool, at time: MonotonicTime) {
    self.period = isDebouncedByKernel ? .zero : period.clampedToDay
    self.isActive = level
    self.latestLevel = level
    self.unchangedSince = time.clamped
  }

  /// True while the latest level is not believed yet.
  public var isPending: Bool { latestLevel != isActive }

  /// When the latest level will be believed if no edge comes; nil when it is believed already.
  public var deadline: MonotonicTime? {
    isPending ? unchangedSince + period : nil
  }

  /// Believes the latest level if it has been unchanged for long enough at `time`.
  public mutating func settle(by time: MonotonicTime) -> Change? {
    guard let deadline, deadline <= time else { return nil }
    isActive = latestLevel
    return Change(isActive: isActive, at: unchangedSince, settledAt: deadline)
  }

  /// Takes an edge. Returns the change it proves: that of an earlier edge which had settled by this one's stamp, or its
  /// own where edges are believed at once.
  public mutating func take(isActive level: Bool, at stamp: MonotonicTime) -> Change? {
    let moment = max(stamp.clamped, unchangedSince)
    let settled = settle(by: moment)
    latestLevel = level
    unchangedSince = moment
    guard period == .zero else { return settled }
    return settle(by: moment)
  }
}
