import Synchronization

/// Batches of edges as an asynchronous sequence for one consumer.
///
/// Between two calls of `next()` everything that arrives is gathered, so a consumer that was busy with the disk gets all
/// that happened meanwhile in one batch. The buffer is bounded (`capacity` edges): past that, edges are dropped and their
/// lines named in `lostLines`, and the reading thread is told to read levels back.
public final class EdgeStream: AsyncSequence, Sendable {
  public typealias Element = EdgeBatch

  /// Edges held at most for a consumer that is late. 4,096 edges are 20 s of a line that chatters at 200 edges a second.
  public static let capacity = 4096

  private struct State {
    var waiting: EdgeBatch?
    var consumer: CheckedContinuation<EdgeBatch?, Never>?
    var isFinished = false
  }

  private let state = Mutex(State())

  public init() {}

  /// Hands a batch over; called by the reading thread, never blocks on the consumer.
  /// - Returns: the lines whose edges had to be dropped; the caller must read their levels back.
  public func yield(_ batch: EdgeBatch) -> [Int] {
    let (consumer, ready, dropped) = state.withLock {
      state -> (CheckedContinuation<EdgeBatch?, Never>?, EdgeBatch?, [Int]) in
      guard !state.isFinished else { return (nil, nil, []) }
      var merged = state.waiting ?? EdgeBatch(asOf: batch.asOf)
      let room = Swift.max(0, Self.capacity - merged.edges.count)
      var dropped: [Int] = []
      merged.edges.append(contentsOf: batch.edges.prefix(room))
      for edge in batch.edges.dropFirst(room) where !dropped.contains(edge.line) { dropped.append(edge.line) }
      merged.asOf = batch.asOf
      for line in batch.lostLines + dropped where !merged.lostLines.contains(line) { merged.lostLines.append(line) }
      merged.failure = merged.failure ?? batch.failure
      if let consumer = state.consumer {
        state.consumer = nil
        state.waiting = nil
        return (consumer, merged, dropped)
      }
      state.waiting = merged
      return (nil, nil, dropped)
    }
    consumer?.resume(returning: ready)
    return dropped
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

  public struct Iterator: AsyncIteratorProtocol {
    let stream: EdgeStream

    public mutating func next() async -> EdgeBatch? {
      await next(isolation: nil)
    }

    public mutating func next(isolation actor: isolated (any Actor)?) async -> EdgeBatch? {
      await withCheckedContinuation(isolation: actor) { continuation in
        let (ready, isNow) = stream.state.withLock { state -> (EdgeBatch?, Bool) in
          if let batch = state.waiting {
            state.waiting = nil
            return (batch, true)
          }
          if state.isFinished { return (nil, true) }
          precondition(state.consumer == nil, "an EdgeStream has one consumer")
          state.consumer = continuation
          return (nil, false)
        }
        if isNow { continuation.resume(returning: ready) }
      }
    }
  }

  public func makeAsyncIterator() -> Iterator {
    Iterator(stream: self)
  }
}
