import Feedback

/// Turns the edges of all buttons into presses, releases and what the technician should know.
///
/// Edges are taken as they come (`take`), then time is moved on (`advance`). Nothing is decided before `advance(to:)`
/// says that every edge stamped earlier has been taken, so the events depend on the stamps alone: the same edges, cut
/// into batches anywhere, give the same events. What is due at a moment is done before an edge stamped with that
/// moment.
///
/// No edge is ever waited for. After lost edges the levels read back decide (`resynchronise`): a button found up ends
/// its press; a button found down that was thought to be up is a press, stamped with the time of reading, for somebody
/// is pressing it; a press that began and ended unseen stays unknown, and `edgesLost` says so.
///
/// A button that is down at the start is no press. It is reported stuck after a second at most (unless its held limit is
/// zero), and its release makes it live again.
public struct PressRecognizer: Sendable {
  /// Edges held at most for moments that have not come. More than the reading thread ever holds back; past it stamps
  /// are nonsense (another clock), and edges are taken as stamped now.
  static let queueLimit = 65_536
  /// An edge stamped later than this after the moment advanced to was stamped by another clock: it is taken as stamped
  /// at that moment, or its line would be deaf until the stamp comes true.
  static let farthestAhead = Duration.seconds(3600)

  private var buttons: [ButtonState]
  private var queue: [QueuedEdge] = []
  private var isQueueSorted = true
  private var order: UInt64 = 0
  /// For each line the latest edge taken, processed or not.
  private var latest: [(isActive: Bool, at: MonotonicTime)]
  private var losses: [(lines: [Int], at: MonotonicTime)] = []
  /// Lines on which a loss was told since the last `advance`.
  private var linesNearLoss: Set<Int> = []
  private var nextNumber: UInt64
  private var now: MonotonicTime

  /// - Parameters:
  ///   - buttonCount: one line for each button, numbered from 0.
  ///   - timing: debounce period, held limit and storm limit. A held limit or storm limit of zero switches that off.
  ///   - isDebouncedByKernel: true when each edge is a stable level already.
  ///   - levels: the levels read at the start, true for pressed; a missing one counts as up.
  ///   - time: when they were read.
  ///   - firstPressNumber: number of the first press, counting up from there.
  public init(
    buttonCount: Int, timing: PanelTiming = PanelTiming(), isDebouncedByKernel: Bool, levels: [Bool],
    at time: MonotonicTime, firstPressNumber: PressNumber = PressNumber(1)
  ) {
    self.init(
      timings: Array(repeating: timing, count: max(0, buttonCount)), isDebouncedByKernel: isDebouncedByKernel,
      levels: levels, at: time, firstPressNumber: firstPressNumber)
  }

  /// For lines that differ, such as sensors beside buttons: a "press" of a sensor's line says that somebody is there.
  /// Give such a line a held limit of zero, for somebody may be there for long.
  /// - Parameters:
  ///   - timings: one for each line, numbered from 0: the buttons first, so that a line's number is its `ButtonIndex`.
  ///   - isDebouncedByKernel: true when each edge of every line is a stable level already.
  ///   - levels: the levels read at the start, true for pressed; a missing one counts as up.
  ///   - time: when they were read.
  ///   - firstPressNumber: number of the first press, counting up from there, whichever line it is on.
  public init(
    timings: [PanelTiming], isDebouncedByKernel: Bool, levels: [Bool], at time: MonotonicTime,
    firstPressNumber: PressNumber = PressNumber(1)
  ) {
    let start = time.clamped
    let levels = timings.indices.map { levels.indices.contains($0) && levels[$0] }
    buttons = zip(timings, levels).enumerated().map { index, line in
      ButtonState(
        button: ButtonIndex(index), timing: line.0, isDebouncedByKernel: isDebouncedByKernel, level: line.1, at: start)
    }
    latest = levels.map { ($0, start) }
    nextNumber = firstPressNumber.value
    now = start
  }

  /// The number the next press will have; hand it to the recogniser that replaces this one after a reload.
  public var nextPressNumber: PressNumber { PressNumber(nextNumber) }

  /// How long after its stamp a press or release is told at the latest: the longest debounce period; zero where the
  /// kernel debounces. What is decided from presses by their stamps must wait that long.
  public var settling: Duration { buttons.reduce(.zero) { max($0, $1.settling) } }

  /// True while an edge that was taken is not decided yet: a press may be in hand.
  public var isSettling: Bool { !queue.isEmpty || buttons.contains { $0.isSettling } }

  /// Whether a button is believed to be down; false for one that does not exist.
  public func isDown(_ button: ButtonIndex) -> Bool {
    buttons.indices.contains(button.value) && buttons[button.value].isDown
  }

  /// True while no button is down and nothing is being decided.
  public var isAtRest: Bool { !isSettling && !buttons.contains { $0.isDown } }

  /// When `advance` should be called next if no edge comes; nil when nothing is pending.
  public var nextDeadline: MonotonicTime? {
    var earliest: MonotonicTime?
    func consider(_ time: MonotonicTime?) {
      if let time { earliest = min(earliest ?? time, time) }
    }
    for button in buttons { consider(button.deadline) }
    if isQueueSorted { consider(queue.first?.at) } else { for edge in queue { consider(edge.at) } }
    for loss in losses { consider(loss.at) }
    return earliest
  }

  /// Takes one edge; a line that no button has is ignored.
  public mutating func take(line: Int, isActive: Bool, at stamp: MonotonicTime) {
    enqueue(line: line, isActive: isActive, at: stamp, isFromLine: true)
  }

  /// Notes that edges of these lines were lost. Edges of the lines taken since the last `advance` or before the next
  /// one are then known to have gaps. Call it when levels were read back as edges of their own; with the levels at hand
  /// call `resynchronise`, which includes this.
  public mutating func noteLostEdges(lines: [Int], at time: MonotonicTime) {
    let lines = Set(lines).intersection(buttons.indices)
    guard !lines.isEmpty else { return }
    linesNearLoss.formUnion(lines)
    // A level that was read back is certain, whatever else is lost.
    for index in queue.indices where queue[index].isFromLine && lines.contains(queue[index].line) {
      queue[index].isNearLoss = true
    }
    let at = max(time.clamped, losses.last?.at ?? now)
    if let last = losses.last, last.at == at {
      losses[losses.count - 1].lines = Set(last.lines).union(lines).sorted()
    } else {
      losses.append((lines.sorted(), at))
    }
  }

  /// Puts right what is believed of the lines after edges were lost.
  /// - Parameters:
  ///   - levels: the levels of all lines, read back after the loss.
  ///   - lost: the lines on which edges were lost. Where such a line has the level it had, its stability still starts
  ///     anew at `time`, for nobody knows what it did meanwhile.
  ///   - time: when the levels were read.
  public mutating func resynchronise(levels: [Bool], lost: [Int], at time: MonotonicTime) {
    noteLostEdges(lines: lost, at: time)
    for (line, level) in zip(buttons.indices, levels) where level != latest[line].isActive || lost.contains(line) {
      enqueue(line: line, isActive: level, at: time, isFromLine: false)
    }
  }

  /// Moves time on and returns what happened up to and including `time`. A time before the last one changes nothing.
  public mutating func advance(to time: MonotonicTime) -> [PanelEvent] {
    var events: [PanelEvent] = []
    advance(to: time, into: &events)
    return events
  }

  /// Moves time on and adds what happened up to and including `time`.
  public mutating func advance(to time: MonotonicTime, into events: inout [PanelEvent]) {
    now = max(now, time.clamped)
    linesNearLoss.removeAll()
    bringBackStampsFarAhead()
    if !isQueueSorted {
      queue.sort { $0.comes(before: $1) }
      isQueueSorted = true
    }
    var taken = 0
    while true {
      let edge = taken < queue.count && queue[taken].at <= now ? queue[taken] : nil
      let limit = edge?.at ?? now
      let loss = losses.first.flatMap { $0.at <= limit ? $0 : nil }
      if let due = earliestDue(by: loss?.at ?? limit) {
        buttons[due.index].settle(by: due.at, nextNumber: &nextNumber, into: &events)
      } else if let loss {
        losses.removeFirst()
        events.append(.edgesLost(buttons: loss.lines.map(ButtonIndex.init), at: loss.at))
      } else if let edge {
        taken += 1
        buttons[edge.line].take(edge, nextNumber: &nextNumber, into: &events)
      } else {
        break
      }
    }
    if taken > 0 { queue.removeFirst(taken) }
  }

  /// The button with the earliest deadline not after `limit`, the lowest index where several are equal.
  private func earliestDue(by limit: MonotonicTime) -> (index: Int, at: MonotonicTime)? {
    var earliest: (index: Int, at: MonotonicTime)?
    for index in buttons.indices {
      guard let deadline = buttons[index].deadline, deadline <= limit else { continue }
      if let known = earliest, known.at <= deadline { continue }
      earliest = (index, deadline)
    }
    return earliest
  }

  private mutating func bringBackStampsFarAhead() {
    let farthest = now + Self.farthestAhead
    for line in latest.indices where latest[line].at > farthest {
      latest[line].at = now
      for index in queue.indices where queue[index].line == line && queue[index].at > farthest {
        queue[index].at = now
        isQueueSorted = false
      }
    }
  }

  private mutating func enqueue(line: Int, isActive: Bool, at stamp: MonotonicTime, isFromLine: Bool) {
    guard buttons.indices.contains(line) else { return }
    let stamp = queue.count < Self.queueLimit ? stamp.clamped : now
    // A line's edges are in order as they come; a stamp that goes back is one of a level read back before
    // (`Debouncer`).
    let edge = QueuedEdge(
      line: line, isActive: isActive, at: max(stamp, latest[line].at), order: order, isFromLine: isFromLine,
      isNearLoss: linesNearLoss.contains(line) && isFromLine)
    order += 1
    latest[line] = (isActive, edge.at)
    if let last = queue.last, edge.comes(before: last) { isQueueSorted = false }
    queue.append(edge)
  }
}
