import Feedback

/// What is known of one button: its line's level, how long it has been down, whether its line runs wild.
struct ButtonState: Sendable {
  /// A button found down at the start is reported stuck after this long, unless it comes up first or is never reported.
  static let startGrace = Duration.seconds(1)

  /// A time during which the button is down.
  private struct Down: Sendable {
    var since: MonotonicTime
    /// nil: down since the start, which is no press.
    var press: PressNumber?
    /// nil: never reported as stuck, or reported already.
    var stuckAfter: Duration?
    var isStuck = false
  }

  let button: ButtonIndex
  private let heldLimit: Duration?
  private let isDebouncedByKernel: Bool
  private var debouncer: Debouncer
  private var storm: StormDetector
  private var down: Down?

  init(button: ButtonIndex, timing: PanelTiming, isDebouncedByKernel: Bool, level: Bool, at time: MonotonicTime) {
    self.button = button
    let limit = timing.heldLimit.clampedToDay
    heldLimit = limit > .zero ? limit : nil
    self.isDebouncedByKernel = isDebouncedByKernel
    debouncer = Debouncer(
      period: timing.debounce, isDebouncedByKernel: isDebouncedByKernel, level: level, at: time)
    storm = StormDetector(limit: timing.stormLimit)
    if level {
      down = Down(since: time, press: nil, stuckAfter: heldLimit.map { min($0, Self.startGrace) })
    }
  }

  var isSettling: Bool { debouncer.isPending }
  /// How long after its stamp a press or release is decided.
  var settling: Duration { debouncer.period }
  var isDown: Bool { down != nil }

  /// When the button is stuck if it stays as it is. While a release is settling that is open: if the release holds, the
  /// button was up in time; if not, it is looked at again from the edge that took the release back.
  private var stuckDeadline: MonotonicTime? {
    guard let down, let stuckAfter = down.stuckAfter, !debouncer.isPending else { return nil }
    return max(down.since + stuckAfter, debouncer.unchangedSince)
  }

  /// When something happens here if no edge comes; nil: nothing will.
  var deadline: MonotonicTime? {
    var earliest = debouncer.deadline
    for other in [storm.deadline, stuckDeadline] {
      if let other { earliest = min(earliest ?? other, other) }
    }
    return earliest
  }

  /// Does what is due at `deadline`.
  mutating func settle(by time: MonotonicTime, nextNumber: inout UInt64, into events: inout [PanelEvent]) {
    if let change = debouncer.settle(by: time) {
      apply(change, nextNumber: &nextNumber, into: &events)
    }
    if let over = storm.deadline, let edges = storm.settle(by: time) {
      events.append(.stormOver(button: button, edges: edges, at: over))
    }
    if let due = stuckDeadline, due <= time, let stuck = down {
      down?.isStuck = true
      down?.stuckAfter = nil
      events.append(.stuck(button: button, press: stuck.press, since: stuck.since, at: due))
    }
  }

  /// Takes an edge once everything due by its stamp is settled.
  mutating func take(_ edge: QueuedEdge, nextNumber: inout UInt64, into events: inout [PanelEvent]) {
    if edge.isFromLine, let edges = storm.take(at: edge.at) {
      events.append(.storm(button: button, edges: edges, at: edge.at))
    }
    // Where each edge is stable, two presses in a row prove that the release between them was among the lost edges: the
    // button did come up, and this press counts. (A press stamped no later than the first is that one told twice.)
    if edge.isNearLoss, isDebouncedByKernel, edge.isActive, debouncer.isActive, edge.at > debouncer.unchangedSince,
      let release = debouncer.take(isActive: false, at: edge.at)
    {
      apply(release, nextNumber: &nextNumber, into: &events)
    }
    if let change = debouncer.take(isActive: edge.isActive, at: edge.at) {
      apply(change, nextNumber: &nextNumber, into: &events)
    }
  }

  private mutating func apply(
    _ change: Debouncer.Change, nextNumber: inout UInt64, into events: inout [PanelEvent]
  ) {
    if change.isActive {
      let press = Press(number: PressNumber(nextNumber), button: button, at: change.at)
      nextNumber += 1
      down = Down(since: press.at, press: press.number, stuckAfter: heldLimit)
      events.append(.pressed(press))
    } else if let ended = down {
      down = nil
      let duration = change.at - ended.since
      events.append(.released(button: button, press: ended.press, at: change.at, down: duration))
      if ended.isStuck { events.append(.unstuck(button: button, at: change.at, down: duration)) }
    }
  }
}

/// An edge that waits for its moment.
struct QueuedEdge: Sendable {
  var line: Int
  var isActive: Bool
  var at: MonotonicTime
  /// Counts up as edges are taken, so that edges of one line keep their order where stamps are equal.
  var order: UInt64
  /// False for a level that was read back.
  var isFromLine: Bool
  /// Edges of this line were lost near this one.
  var isNearLoss: Bool

  func comes(before other: QueuedEdge) -> Bool {
    if at != other.at { return at < other.at }
    if line != other.line { return line < other.line }
    return order < other.order
  }
}
