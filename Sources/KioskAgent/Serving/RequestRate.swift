import Feedback
import Synchronization

/// How often each caller has come lately: a bucket for each, which fills again with time.
final class RequestRate: Sendable {
  /// Callers remembered. Who has not come for as long as a bucket takes to fill is forgotten first; beyond that, all
  /// newcomers share a bucket.
  static let mostCallers = 1_024

  private struct Bucket {
    /// Thousandths of a request that may come.
    var level: Int64
    var filled: MonotonicTime
  }

  private struct State {
    var buckets: [String: Bucket] = [:]
  }

  private let state = Mutex(State())
  private let perSecond: Int64
  private let most: Int64

  /// - Parameter burst: how many may come at once.
  init(perSecond: Int, burst: Int) {
    self.perSecond = Int64(max(1, perSecond))
    most = Int64(max(1, burst)) * 1_000
  }

  /// Whether this caller may come now; it is counted when it may.
  func take(_ caller: String, at now: MonotonicTime) -> Bool {
    state.withLock { state in
      var key = caller
      if state.buckets[key] == nil, state.buckets.count >= Self.mostCallers {
        state.buckets = state.buckets.filter { level(of: $0.value, at: now) < most }
        if state.buckets.count >= Self.mostCallers { key = "" }
      }
      var bucket = state.buckets[key] ?? Bucket(level: most, filled: now)
      bucket = Bucket(level: level(of: bucket, at: now), filled: now)
      let isAllowed = bucket.level >= 1_000
      if isAllowed { bucket.level -= 1_000 }
      state.buckets[key] = bucket
      return isAllowed
    }
  }

  private func level(of bucket: Bucket, at now: MonotonicTime) -> Int64 {
    let milliseconds = max(0, (now - bucket.filled).wholeMilliseconds)
    let (gained, overflow) = milliseconds.multipliedReportingOverflow(by: perSecond)
    return overflow ? most : min(most, bucket.level + min(gained, most))
  }
}
