import Feedback

/// How many events of a kind came from a button and ended with a verdict, since the epoch began.
public struct Counter: Sendable, Hashable {
  public var kind: EventKind
  /// nil: events without a button.
  public var button: String?
  /// nil: events that are not judged.
  public var verdict: Verdict?
  public var total: Int64

  public init(kind: EventKind, button: String?, verdict: Verdict?, total: Int64) {
    self.kind = kind
    self.button = button
    self.verdict = verdict
    self.total = total
  }
}

/// Turns events into changes of the counters. Writing counters with every press would cost as much as the press, so they
/// are written now and then; who reads them adds the events since. Both go through here.
///
/// Counted is every event about visitors and staff (kinds rating to contact), once, under its own verdict. An event with a
/// verdict that `replaces` an earlier one moves that one to `Verdict.ofReplaced`, from the verdict it had by then. An
/// earlier one that is not in the journal (any more) is left as it was counted.
struct CounterTally {
  struct Key: Hashable {
    var kind: Int64
    var button: String
    var verdict: Int64
  }

  private(set) var changes: [Key: Int64] = [:]

  private static let isCounted = "kind BETWEEN \(EventKind.rating.rawValue) AND \(EventKind.contact.rawValue)"

  /// Adds the events after `sequence`. Run it inside a transaction.
  mutating func add(after sequence: Int64, in connection: Connection) throws(JournalError) {
    let tail = try connection.prepare(
      """
      SELECT seq, kind, ifnull(button, ''), ifnull(verdict, 0), replaces, \(Self.isCounted)
      FROM events WHERE seq > ? AND (\(Self.isCounted) OR replaces IS NOT NULL) ORDER BY seq
      """)
    let original = try connection.prepare(
      "SELECT kind, ifnull(button, ''), ifnull(verdict, 0) FROM events WHERE seq = ? AND \(Self.isCounted)")
    // Between the two events only: no index is needed, and a correction follows within seconds.
    let earlier = try connection.prepare(
      "SELECT verdict FROM events WHERE seq > ? AND seq < ? AND replaces = ? AND verdict > 0 ORDER BY seq DESC LIMIT 1")
    tail.bind([.integer(sequence)])
    while try tail.step() {
      let own = Key(
        kind: tail.integer(1) ?? 0, button: tail.text(2) ?? "", verdict: tail.integer(3) ?? 0)
      if tail.integer(5) == 1 { changes[own, default: 0] += 1 }
      guard let replaced = tail.integer(4), let by = tail.integer(0), replaced < by,
        let verdict = Verdict(stored: own.verdict)
      else { continue }
      original.bind([.integer(replaced)])
      guard try original.step() else { continue }
      var key = Key(
        kind: original.integer(0) ?? 0, button: original.text(1) ?? "", verdict: original.integer(2) ?? 0)
      original.reset()
      earlier.bind([.integer(replaced), .integer(by), .integer(replaced)])
      if try earlier.step() {
        if let last = earlier.integer(0).flatMap(Verdict.init(stored:)) {
          key.verdict = Int64(last.ofReplaced.rawValue)
        }
        earlier.reset()
      }
      changes[key, default: 0] -= 1
      key.verdict = Int64(verdict.ofReplaced.rawValue)
      changes[key, default: 0] += 1
    }
  }

  /// Adds what the table holds.
  mutating func addTable(in connection: Connection) throws(JournalError) {
    let table = try connection.prepare("SELECT kind, button, verdict, total FROM counters")
    while try table.step() {
      let key = Key(kind: table.integer(0) ?? 0, button: table.text(1) ?? "", verdict: table.integer(2) ?? 0)
      changes[key, default: 0] += table.integer(3) ?? 0
    }
  }

  /// Brings the table up to `last`. Run it inside a transaction.
  static func fold(
    after counted: Int64, through last: Int64, chain: [UInt8], in connection: Connection
  ) throws(JournalError) {
    var tally = CounterTally()
    try tally.add(after: counted, in: connection)
    let write = try connection.prepare(
      """
      INSERT INTO counters (kind, button, verdict, total) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET total = total + excluded.total
      """)
    for (key, change) in tally.changes where change != 0 {
      try write.run(.integer(key.kind), .text(key.button), .integer(key.verdict), .integer(change))
    }
    try connection.prepare("UPDATE journal SET counted_through = ?, counted_chain = ?")
      .run(.integer(last), .blob(chain))
  }

  /// For readers: without the empty ones, in a fixed order.
  func counters() throws(JournalError) -> [Counter] {
    var result: [Counter] = []
    for (key, total) in changes where total != 0 {
      guard let kind = Int(exactly: key.kind).flatMap(EventKind.init(rawValue:)) else {
        throw JournalError(.damaged, "counters: kind \(key.kind) is unknown")
      }
      let verdict = Verdict(stored: key.verdict)
      if verdict == nil, key.verdict != 0 {
        throw JournalError(.damaged, "counters: verdict \(key.verdict) is unknown")
      }
      result.append(
        Counter(kind: kind, button: key.button.isEmpty ? nil : key.button, verdict: verdict, total: total))
    }
    return result.sorted {
      ($0.kind.rawValue, $0.button ?? "", $0.verdict?.rawValue ?? 0)
        < ($1.kind.rawValue, $1.button ?? "", $1.verdict?.rawValue ?? 0)
    }
  }
}

extension Verdict {
  /// The verdict with the stored number; nil for 0 and for numbers that mean nothing.
  fileprivate init?(stored number: Int64) {
    guard let raw = Int(exactly: number), let verdict = Verdict(rawValue: raw) else { return nil }
    self = verdict
  }
}
