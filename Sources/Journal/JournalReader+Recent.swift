import Feedback

extension JournalReader {
  /// The events of some kinds among the newest of all, oldest first; and for each boot that has one, the last moment
  /// (CLOCK_BOOTTIME, nanoseconds) of any event among them. At most `largestLimit` events, the newest.
  /// - Parameter count: how many of the newest events are looked at. There is no index on kinds, for it would cost a write
  ///   with every press; reading 20,000 rows takes some milliseconds.
  public func recent(
    kinds: [EventKind], within count: Int64
  ) throws(JournalError) -> (events: [Event], lastBootTime: [Int64: Int64]) {
    let list = kinds.map { "\($0.rawValue)" }.joined(separator: ", ")
    let first = try connection.integer("SELECT ifnull(max(seq), 0) FROM events") - max(count, 0)
    let statement = try connection.prepare(
      """
      SELECT \(EventRow.columns.joined(separator: ", ")) FROM events
      WHERE seq > ? AND kind IN (\(list)) ORDER BY seq DESC LIMIT ?
      """)
    statement.bind([.integer(first), .integer(Int64(Self.largestLimit))])
    var events: [Event] = []
    while try statement.step() { events.append(try EventRow.event(statement)) }
    var lastBootTime: [Int64: Int64] = [:]
    let last = try connection.prepare("SELECT boot, max(boottime_ns) FROM events WHERE seq > ? GROUP BY boot")
    last.bind([.integer(first)])
    while try last.step() {
      if let boot = last.integer(0), let time = last.integer(1) { lastBootTime[boot] = time }
    }
    return (events.reversed(), lastBootTime)
  }
}
