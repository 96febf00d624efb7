import Feedback

/// Turns what a source gives into batches that keep `EdgeBatch`'s promises: in order of time, complete up to `asOf`, and
/// the level of every line right even where edges were lost.
struct EdgeCollector {
  private var buffer: EdgeBuffer
  /// By line: the level after the last edge collected.
  private var levels: [Bool]
  /// By line: when its level was first seen to differ from the last edge.
  private var differsSince: [MonotonicTime?]
  /// No edge may be stamped before this any more.
  private var floor: MonotonicTime

  /// - Parameter levels: the logical levels read after the lines were requested.
  init(levels: [Bool], now: MonotonicTime) {
    buffer = EdgeBuffer(lineCount: levels.count)
    self.levels = levels
    differsSince = Array(repeating: nil, count: levels.count)
    floor = MonotonicTime(nanoseconds: .min)
  }

  /// True when a level has to be looked at again shortly, whether or not an edge comes.
  var isUnsettled: Bool { buffer.mustCheck.contains(true) }

  /// Takes everything that waits in the source.
  mutating func collect(from source: some EdgeSource, now: () -> MonotonicTime) -> EdgeBatch {
    // Read first: whatever is stamped before this moment is in the source already, or nearly (see `order`).
    let asOf = now()
    buffer.edges.removeAll(keepingCapacity: true)
    var failure: GPIOError?
    do throws(GPIOError) {
      try drain(source)
      if isUnsettled { try checkLevels(source, now: now) }
    } catch {
      failure = error
    }
    order(upTo: now())
    floor = max(floor, asOf)
    var batch = EdgeBatch(edges: buffer.edges, asOf: floor, failure: failure)
    for line in buffer.isLost.indices where buffer.isLost[line] {
      batch.lostLines.append(line)
      buffer.isLost[line] = false
    }
    return batch
  }

  /// Drains once; the levels follow the edges.
  private mutating func drain(_ source: some EdgeSource) throws(GPIOError) {
    let before = buffer.edges.count
    defer {
      for edge in buffer.edges[before...] {
        levels[edge.line] = edge.isActive
        differsSince[edge.line] = nil
      }
    }
    try source.drain(into: &buffer)
  }

  /// Compares levels with the last edges where the source asks for it. A level that differs with no edge to come is an
  /// edge that was lost. Lines whose edges keep coming stay to be checked in a later round.
  private mutating func checkLevels(_ source: some EdgeSource, now: () -> MonotonicTime) throws(GPIOError) {
    for _ in 0..<3 {
      let readAt = now()
      let actual = try source.levels()
      // An edge between the last drain and the reading would look like a lost one.
      let before = buffer.edges.count
      try drain(source)
      // Edges still wait in the source: nothing can be said before they are read.
      guard buffer.edges.count < EdgeBuffer.roundLimit else { return }
      let isMoving = buffer.edges.count > before
      for line in levels.indices where buffer.mustCheck[line] {
        if buffer.edges[before...].contains(where: { $0.line == line }) { continue }
        if actual[line] == levels[line] {
          buffer.mustCheck[line] = false
          differsSince[line] = nil
        } else if readAt - (differsSince[line] ?? readAt) >= source.settling {
          buffer.edges.append(Edge(line: line, isActive: actual[line], at: readAt, origin: .readBack))
          levels[line] = actual[line]
          differsSince[line] = nil
          buffer.mustCheck[line] = false
          buffer.isLost[line] = true
        } else if differsSince[line] == nil {
          differsSince[line] = readAt
        }
      }
      if !isMoving { break }
    }
  }

  /// Sorts by stamp, keeping the order of equal ones, and holds stamps between the promise of the batch before and now.
  /// The kernel's stamps lie there but for one case: a stamp is taken in the interrupt and queued by a thread, so the
  /// edge of one line may come tens of microseconds after a later one of another.
  private mutating func order(upTo now: MonotonicTime) {
    let isSorted = zip(buffer.edges, buffer.edges.dropFirst()).allSatisfy { $0.at <= $1.at }
    if !isSorted {
      buffer.edges = buffer.edges.enumerated()
        .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        .map(\.element)
    }
    for place in buffer.edges.indices {
      floor = max(floor, min(buffer.edges[place].at, now))
      buffer.edges[place].at = floor
    }
  }
}
