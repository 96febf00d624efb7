import Synchronization

/// Batches of edges as an asynchronous sequence for one consumer.
///
/// Between two calls of `next()` everything that arrives is gathered, so a consumer that was busy with the disk gets all
/// that happened meanwhile in one batch. The buffer is bounded (`capacity` edges): past that, only the newest edge of each
/// line is kept and the line is named in `lostLines`, so that the consumer knows the level of every line all the same.
///
/// A consumer whose task is cancelled gets nil; what was gathered stays for the next one.
public final class EdgeStream: AsyncSequence, Sendable {
  public typealias Element = EdgeBatch

  /// Edges held at most for a consumer that is late. 4,096 edges are 20 s of a line that chatters at 200 edges a second.
  public static let capacity = 4096

  private struct State {
    var waiting: EdgeBatch?
    /// Past the capacity: the newest edge of each line, in no order.
    var newest: [Edge] = []
    var consumer: CheckedContinuation<EdgeBatch?, Never>?
    var isFinished = false

    /// What has been gathered, in order.
    mutating func take() -> EdgeBatch? {
      guard var batch = waiting else { return nil }
      waiting = nil
      if !newest.isEmpty {
        newest.sort { $0.at < $1.at }
        batch.edges.append(contentsOf: newest)
        newest.removeAll()
      }
      return batch
    }

    mutating func gather(_ batch: EdgeBatch) {
      if waiting == nil {
        waiting = EdgeBatch(asOf: batch.asOf)
      }
      waiting?.asOf = batch.asOf
      for line in batch.lostLines { markLost(line) }
      if let failure = batch.failure, waiting?.failure == nil { waiting?.failure = failure }
      let held = waiting?.edges.count ?? 0
      // Once edges have been dropped, later ones may not be put before them, even if there were room.
      let room = newest.isEmpty ? Swift.max(0, EdgeStream.capacity - held) : 0
      waiting?.edges.append(contentsOf: batch.edges.prefix(room))
      for edge in batch.edges.dropFirst(room) {
        if let place = newest.firstIndex(where: { $0.line == edge.line }) {
          newest[place] = edge
          markLost(edge.line)
        } else {
          newest.append(edge)
        }
      }
    }

    private mutating func markLost(_ line: Int) {
      if waiting?.lostLines.contains(line) == false { waiting?.lostLines.append(line) }
    }
  }

  private let state = Mutex(State())

  public init() {}

  /// Hands a batch over; called by the reading thread, never blocks on the consumer. Nothing is taken after `finish()`.
  public func yield(_ batch: EdgeBatch) {
    let (consumer, ready) = state.withLock { state -> (CheckedContinuation<EdgeBatch?, Never>?, EdgeBatch?) in
      guard !state.isFinished else { return (nil, nil) }
      state.gather(batch)
      guard let consumer = state.consumer else { return (nil, nil) }
      state.consumer = nil
      return (consumer, state.take())
    }
    consumer?.resume(returning: ready)
  }

  /// Ends the stream; what was gathered is still delivered.
  public func finish() {
    let consumer = state.withLock { state -> CheckedContinuation<EdgeBatch?, Never>? in
      state.isFinished = true
      defer { state.consumer = nil }
      return state.consumer
    }
    consumer?.resume(returning: nil)
  }

  /// What has been gathered and not yet been delivered; nil: nothing. For the consumer, once it has closed the lines: the
  /// last round brings what came until they were let go.
  public func takeGathered() -> EdgeBatch? {
    state.withLock { $0.take() }
  }

  private func wait(with continuation: CheckedContinuation<EdgeBatch?, Never>) {
    let (ready, isNow) = state.withLock { state -> (EdgeBatch?, Bool) in
      // Asked under the lock: a cancellation that comes later finds the continuation there.
      if Task.isCancelled { return (nil, true) }
      if let batch = state.take() { return (batch, true) }
      if state.isFinished { return (nil, true) }
      precondition(state.consumer == nil, "an EdgeStream has one consumer")
      state.consumer = continuation
      return (nil, false)
    }
    if isNow { continuation.resume(returning: ready) }
  }

  private func cancelWait() {
    let consumer = state.withLock { state -> CheckedContinuation<EdgeBatch?, Never>? in
      defer { state.consumer = nil }
      return state.consumer
    }
    consumer?.resume(returning: nil)
  }

  public struct Iterator: AsyncIteratorProtocol {
    let stream: EdgeStream

    public mutating func next() async -> EdgeBatch? {
      await next(isolation: nil)
    }

    public mutating func next(isolation actor: isolated (any Actor)?) async -> EdgeBatch? {
      let stream = stream
      return await withTaskCancellationHandler(
        operation: {
          await withCheckedContinuation(isolation: actor) { stream.wait(with: $0) }
        },
        onCancel: { stream.cancelWait() },
        isolation: actor)
    }
  }

  public func makeAsyncIterator() -> Iterator {
    Iterator(stream: self)
  }
}
