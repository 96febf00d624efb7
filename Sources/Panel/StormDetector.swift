import Feedback

/// Notices when one line changes faster than a person can press: a loose wire, a wet contact, a missing pull-up.
struct StormDetector: Sendable {
  /// The window in which edges are counted, and the calm that ends a storm.
  static let window = Duration.seconds(1)
  /// Limits above this are taken as this: 8 bytes are kept for each.
  static let highestLimit = 10_000

  private let limit: Int
  /// Stamps of the last `limit` edges, as a ring: `oldest` is the next to be overwritten.
  private var stamps: [MonotonicTime] = []
  private var oldest = 0
  private var storm: (edges: Int, lastEdge: MonotonicTime)?

  /// - Parameter limit: more edges than this within a second are a storm; zero or less: never.
  init(limit: Int) {
    self.limit = min(limit, Self.highestLimit)
  }

  /// When the storm is over if no edge comes; nil when there is none.
  var deadline: MonotonicTime? {
    storm.map { $0.lastEdge + Self.window }
  }

  /// Counts an edge. Returns the number of edges when it makes a storm.
  mutating func take(at stamp: MonotonicTime) -> Int? {
    guard limit > 0 else { return nil }
    if let current = storm {
      storm = (current.edges + 1, stamp)
      return nil
    }
    guard stamps.count == limit else {
      stamps.append(stamp)
      return nil
    }
    let first = stamps[oldest]
    stamps[oldest] = stamp
    oldest = (oldest + 1) % limit
    guard stamp - first < Self.window else { return nil }
    storm = (limit + 1, stamp)
    return limit + 1
  }

  /// Ends the storm if it has been calm for long enough at `time`. Returns the number of edges the storm had.
  mutating func settle(by time: MonotonicTime) -> Int? {
    guard let deadline, deadline <= time, let edges = storm?.edges else { return nil }
    storm = nil
    stamps.removeAll(keepingCapacity: true)
    oldest = 0
    return edges
  }
}
