import Feedback

/// A visitor's call for staff.
public struct StaffRequest: Sendable, Hashable {
  /// The call button that opened it.
  public var button: ButtonIndex
  /// When that was pressed. Before the start of this boot (negative) for one that was restored.
  public var openedAt: MonotonicTime

  public init(button: ButtonIndex, openedAt: MonotonicTime) {
    self.button = button
    self.openedAt = openedAt
  }
}

/// What became of calls for staff.
public enum StaffRequestEvent: Sendable, Hashable {
  /// A visitor wants staff.
  case opened(StaffRequest)
  /// A call button was pressed while its request was open: the same request again.
  case repeated(StaffRequest, button: ButtonIndex, at: MonotonicTime)
  /// Staff answered. `after` is the response time.
  case closed(StaffRequest, by: ButtonIndex, at: MonotonicTime, after: Duration)
  /// Nobody came for so long that the visitor has gone.
  case lapsed(StaffRequest, at: MonotonicTime)
  /// A staff button was pressed, but none of its requests was open.
  case nothingOpen(by: ButtonIndex, at: MonotonicTime)
}

/// Keeps the visitors' calls for staff: opened by a call button, closed by a staff button, or lapsed.
///
/// A press is acted on as it is taken; the order of presses is theirs to keep. What lapses is decided by stamps: `advance`
/// says that every press stamped earlier has been taken, and a press settles first what has lapsed by its stamp. So the
/// events do not depend on how presses are cut into batches. A stamp before the last one is taken as equal to it.
///
/// It allocates nothing once made.
public struct StaffRequests: Sendable {
  /// Which requests a staff button closes.
  public enum Scope: Sendable, Hashable {
    case all
    /// The request of that call button.
    case of(ButtonIndex)
  }

  /// After this long without an answer the visitor has gone, and the lamp shall not burn all night.
  public static let standardLapse = Duration.seconds(900)

  /// What one call button, or all of them together, can have open.
  private struct Slot: Sendable {
    let button: ButtonIndex
    var open: (request: StaffRequest, lapsesAt: MonotonicTime?)?
  }

  private var slots: [Slot]
  private let isShared: Bool
  private let lapsesAfter: Duration?
  private let settling: Duration
  private var now = MonotonicTime(nanoseconds: 0)

  /// - Parameters:
  ///   - callButtons: the buttons that call staff.
  ///   - isShared: true when they all open the same one request; else each has a request of its own.
  ///   - lapsesAfter: how long a request stays open without an answer; zero: until it is answered.
  ///   - settling: how long after its stamp a press may be told (`PressRecognizer.settling`).
  public init(
    callButtons: [ButtonIndex], isShared: Bool = false, lapsesAfter: Duration = standardLapse,
    settling: Duration = .zero
  ) {
    slots = callButtons.map { Slot(button: $0) }
    self.isShared = isShared
    self.lapsesAfter = lapsesAfter > .zero ? lapsesAfter.clampedToDay : nil
    self.settling = settling.clampedToDay
  }

  /// Whether staff are wanted anywhere: for the lamp.
  public var isAnyOpen: Bool { slots.contains { $0.open != nil } }

  /// The request that a call button has open.
  public func request(of button: ButtonIndex) -> StaffRequest? {
    place(of: button).flatMap { slots[$0].open?.request }
  }

  /// When `advance` should be called next if nobody presses; nil when nothing is open that lapses.
  public var nextDeadline: MonotonicTime? {
    earliestLapse.map { $0.at + settling }
  }

  /// A visitor pressed a call button; any other button is ignored.
  public mutating func call(_ button: ButtonIndex, at stamp: MonotonicTime, into events: inout [StaffRequestEvent]) {
    guard let place = place(of: button) else { return }
    let at = settle(by: max(stamp.clamped, now), into: &events)
    if let open = slots[place].open {
      events.append(.repeated(open.request, button: button, at: at))
    } else {
      let request = StaffRequest(button: button, openedAt: at)
      slots[place].open = (request, lapsesAfter.map { at + $0 })
      events.append(.opened(request))
    }
  }

  /// A staff button was pressed.
  public mutating func answer(
    _ scope: Scope, by button: ButtonIndex, at stamp: MonotonicTime, into events: inout [StaffRequestEvent]
  ) {
    let at = settle(by: max(stamp.clamped, now), into: &events)
    var isClosed = false
    for place in slots.indices where covers(scope, place) {
      guard let open = slots[place].open else { continue }
      slots[place].open = nil
      isClosed = true
      events.append(.closed(open.request, by: button, at: at, after: at - open.request.openedAt))
    }
    if !isClosed { events.append(.nothingOpen(by: button, at: at)) }
  }

  /// Opens a request again that was open when the daemon ended. Silent: it has been recorded.
  /// - Parameters:
  ///   - openedAt: when it was opened, told on this boot's clock, so negative where that was before the boot.
  ///   - time: now. A request that should have lapsed before is told to have lapsed at this moment.
  public mutating func restore(_ button: ButtonIndex, openedAt: MonotonicTime, at time: MonotonicTime) {
    guard let place = place(of: button), slots[place].open == nil else { return }
    now = max(now, time.clamped)
    let opened = min(openedAt.clampedBothWays, now)
    slots[place].open = (
      StaffRequest(button: button, openedAt: opened), lapsesAfter.map { max(opened + $0, now) }
    )
  }

  /// Moves time on and adds what has lapsed up to and including `time`. A time before the last one changes nothing.
  public mutating func advance(to time: MonotonicTime, into events: inout [StaffRequestEvent]) {
    settle(by: max(time.clamped - settling, now), into: &events)
  }

  @discardableResult
  private mutating func settle(by moment: MonotonicTime, into events: inout [StaffRequestEvent]) -> MonotonicTime {
    now = moment
    while let lapse = earliestLapse, lapse.at <= moment {
      if let open = slots[lapse.place].open { events.append(.lapsed(open.request, at: lapse.at)) }
      slots[lapse.place].open = nil
    }
    return moment
  }

  private var earliestLapse: (place: Int, at: MonotonicTime)? {
    var earliest: (place: Int, at: MonotonicTime)?
    for place in slots.indices {
      guard let lapsesAt = slots[place].open?.lapsesAt else { continue }
      if let known = earliest, known.at <= lapsesAt { continue }
      earliest = (place, lapsesAt)
    }
    return earliest
  }

  private func place(of button: ButtonIndex) -> Int? {
    guard let place = slots.firstIndex(where: { $0.button == button }) else { return nil }
    return isShared ? 0 : place
  }

  private func covers(_ scope: Scope, _ place: Int) -> Bool {
    switch scope {
    case .all: true
    case .of(let button): self.place(of: button) == place
    }
  }
}
