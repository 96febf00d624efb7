import Feedback
import Glibc
import Journal

/// Who has been handed what: one cursor for each consumer (the push uplink is one of them), and the events that a consumer
/// does not take. Kept in `agent.db`, apart from the journal, which the agent never writes. What a call has written is on
/// disk when it returns. Not Sendable: one thread or actor holds it.
///
/// Losing the file loses nothing but time: consumers go on from what the journal knows to be acknowledged, and get some
/// events again.
public final class CursorStore {
  public static let name = "agent"
  public static let mostConsumers = 64
  public static let longestName = 64

  /// How the file was found.
  public enum Opening: Sendable, Hashable {
    case created
    case continued
    /// There was one that could not be used. It is at `path` now.
    case replaced(path: String, finding: String)
  }

  /// An event that a consumer does not take.
  public struct Isolated: Sendable, Hashable {
    public var event: IsolatedEvent
    /// When that was found out, in milliseconds since 1970.
    public var wallMilliseconds: Int64
  }

  public let openedAs: Opening
  private let database: AgentDatabase
  /// All cursors, as they are in the file.
  private var cursors: [String: ArrivalCursor] = [:]
  /// When a consumer last confirmed events, in milliseconds since 1970.
  private var confirmations: [String: Int64] = [:]

  /// Opens `agent.db` in a directory, or makes it. A file that is damaged, or another program's, is set aside under a new
  /// name (`agent.unusable-N.db`). Throws when there can be no such file at the moment.
  public init(directory: String) throws(CursorStoreError) {
    let path = "\(directory)/\(Self.name).db"
    let isNew = try Self.createIfMissing(path)
    do throws(CursorStoreError) {
      (database, cursors, confirmations) = try Self.open(path)
      openedAs = isNew ? .created : .continued
    } catch {
      guard error.code == .damaged else { throw error }
      let aside = try Self.setAside(path, in: directory)
      _ = try Self.createIfMissing(path)
      (database, cursors, confirmations) = try Self.open(path)
      openedAs = .replaced(path: aside, finding: error.message)
    }
  }

  /// Lets go of the file.
  public func close() { database.close() }

  /// The consumers there are, in order of their names.
  public var consumers: [String] { cursors.keys.sorted() }

  /// How far a consumer has got; nil: it has not been begun.
  public func cursor(of consumer: String) -> ArrivalCursor? { cursors[consumer] }

  /// The cursor of a consumer, which is begun if it is new.
  ///
  /// - Parameter start: where a new consumer begins: at the beginning, or, when the cursors were lost, with what the
  ///   journal knows to be acknowledged (`ArrivalCursor.acknowledged`).
  public func begin(_ consumer: String, at start: ArrivalCursor = ArrivalCursor()) throws(CursorStoreError)
    -> ArrivalCursor
  {
    if let known = cursors[consumer] { return known }
    guard (1...Self.longestName).contains(consumer.utf8.count), cursors.count < Self.mostConsumers else {
      throw CursorStoreError(.unusable, "\"\(consumer.prefix(100))\" cannot be a consumer")
    }
    try check(start)
    try database.transaction { () throws(CursorStoreError) in
      try database.run("INSERT INTO consumers (name) VALUES (?)", [.text(consumer)])
      for (epoch, sequence) in start.sequences { try put(consumer, epoch, sequence) }
    }
    cursors[consumer] = start
    return start
  }

  /// Notes that a consumer is done with an epoch up to and including `sequence`, and which events it does not take. A
  /// smaller number than before changes nothing.
  public func keep(
    _ effects: [PushMachine.Effect], for consumer: String, wallMilliseconds: Int64
  ) throws(CursorStoreError) {
    guard !effects.isEmpty else { return }
    guard var cursor = cursors[consumer] else {
      throw CursorStoreError(.unusable, "there is no consumer \"\(consumer.prefix(100))\"")
    }
    let before = cursor
    try database.transaction { () throws(CursorStoreError) in
      for effect in effects {
        switch effect {
        case .advance(let epoch, let sequence):
          guard sequence > before.sequences[epoch] ?? 0 else { continue }
          cursor.sequences[epoch] = max(sequence, cursor.sequences[epoch] ?? 0)
          try check(cursor)
          try put(consumer, epoch, sequence)
        case .isolate(let event):
          try database.run(
            """
            INSERT OR REPLACE INTO isolated (consumer, epoch, seq, status, words, wall_ms) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
              .text(consumer), .text(event.epoch), .integer(event.sequence), .integer(Int64(event.refusal.status)),
              .text(event.refusal.words), .integer(wallMilliseconds),
            ])
        }
      }
    }
    cursors[consumer] = cursor
  }

  /// Notes that a consumer has confirmed everything up to a cursor, epoch by epoch. It only goes forward: where it is
  /// further already, it stays. `confirmedAt` becomes this moment when it moves.
  public func confirm(
    _ consumer: String, _ cursor: ArrivalCursor, wallMilliseconds: Int64
  ) throws(CursorStoreError) {
    guard var kept = cursors[consumer] else {
      throw CursorStoreError(.unusable, "there is no consumer \"\(consumer.prefix(100))\"")
    }
    try check(cursor)
    let further = cursor.sequences.filter { $0.value > kept.sequences[$0.key] ?? 0 }
    guard !further.isEmpty || confirmations[consumer] == nil else { return }
    try database.transaction { () throws(CursorStoreError) in
      for (epoch, sequence) in further { try put(consumer, epoch, sequence) }
      try database.run(
        "UPDATE consumers SET confirmed_ms = ? WHERE name = ?", [.integer(wallMilliseconds), .text(consumer)])
    }
    for (epoch, sequence) in further { kept.sequences[epoch] = sequence }
    cursors[consumer] = kept
    confirmations[consumer] = wallMilliseconds
  }

  /// When a consumer last confirmed events, in milliseconds since 1970; nil: never.
  public func confirmedAt(_ consumer: String) -> Int64? { confirmations[consumer] }

  /// Puts a consumer's cursor anywhere, also back: what it has had already it may ask for again.
  public func set(_ consumer: String, to cursor: ArrivalCursor) throws(CursorStoreError) {
    guard cursors[consumer] != nil else {
      throw CursorStoreError(.unusable, "there is no consumer \"\(consumer.prefix(100))\"")
    }
    try check(cursor)
    try database.transaction { () throws(CursorStoreError) in
      try database.run("DELETE FROM cursors WHERE consumer = ?", [.text(consumer)])
      for (epoch, sequence) in cursor.sequences { try put(consumer, epoch, sequence) }
    }
    cursors[consumer] = cursor
  }

  /// Forgets a consumer that is no longer configured, with its isolated events: the journal no longer waits for it.
  public func end(_ consumer: String) throws(CursorStoreError) {
    guard cursors[consumer] != nil else { return }
    try database.transaction { () throws(CursorStoreError) in
      for table in ["cursors", "isolated"] {
        try database.run("DELETE FROM \(table) WHERE consumer = ?", [.text(consumer)])
      }
      try database.run("DELETE FROM consumers WHERE name = ?", [.text(consumer)])
    }
    cursors[consumer] = nil
    confirmations[consumer] = nil
  }

  /// The last event of an epoch that every consumer is done with: what the journal may be told. 0 when one of them has
  /// not begun the epoch, or when there are none.
  public func acknowledgedByAll(epoch: String) -> Int64 {
    cursors.values.map { $0.sequences[epoch] ?? 0 }.min() ?? 0
  }

  /// How many events a consumer does not take.
  public func isolatedCount(of consumer: String) throws(CursorStoreError) -> Int64 {
    var count: Int64 = 0
    try database.run("SELECT count(*) FROM isolated WHERE consumer = ?", [.text(consumer)]) {
      (row) throws(CursorStoreError) in count = row.integer(0) ?? 0
    }
    return count
  }

  /// The events that a consumer does not take, at most `limit` of them.
  public func isolated(of consumer: String, limit: Int = 100) throws(CursorStoreError) -> [Isolated] {
    var events: [Isolated] = []
    try database.run(
      "SELECT epoch, seq, status, words, wall_ms FROM isolated WHERE consumer = ? ORDER BY wall_ms, epoch, seq LIMIT ?",
      [.text(consumer), .integer(Int64(max(0, limit)))]
    ) { (row) throws(CursorStoreError) in
      guard let epoch = row.text(0), let sequence = row.integer(1), let status = row.integer(2),
        let words = row.text(3), let wall = row.integer(4)
      else { throw CursorStoreError(.damaged, "\(database.path): the table isolated holds what no agent writes") }
      let refusal = PushReply.Refusal(status: Int(clamping: status), words: words)
      events.append(
        Isolated(event: IsolatedEvent(epoch: epoch, sequence: sequence, refusal: refusal), wallMilliseconds: wall))
    }
    return events
  }

  // MARK: - Within

  private func put(_ consumer: String, _ epoch: String, _ sequence: Int64) throws(CursorStoreError) {
    try database.run(
      "INSERT OR REPLACE INTO cursors (consumer, epoch, seq) VALUES (?, ?, ?)",
      [.text(consumer), .text(epoch), .integer(sequence)])
  }

  private func check(_ cursor: ArrivalCursor) throws(CursorStoreError) {
    for (epoch, sequence) in cursor.sequences where !Self.isSound(epoch, sequence) {
      throw CursorStoreError(.unusable, "event \(sequence) of epoch \"\(epoch.prefix(100))\" cannot be")
    }
  }

  private static func isSound(_ epoch: String, _ sequence: Int64) -> Bool {
    sequence >= 0 && epoch.utf8.count == 32
      && epoch.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private static func open(
    _ path: String
  ) throws(CursorStoreError) -> (AgentDatabase, [String: ArrivalCursor], [String: Int64]) {
    let database = try AgentDatabase(path: path)
    let damaged = CursorStoreError(.damaged, "\(path): the cursors make no sense")
    var cursors: [String: ArrivalCursor] = [:]
    var confirmations: [String: Int64] = [:]
    try database.run("SELECT name, confirmed_ms FROM consumers") { (row) throws(CursorStoreError) in
      guard let name = row.text(0), (1...longestName).contains(name.utf8.count), cursors.count < mostConsumers else {
        throw damaged
      }
      cursors[name] = ArrivalCursor()
      confirmations[name] = row.integer(1)
    }
    try database.run("SELECT consumer, epoch, seq FROM cursors") { (row) throws(CursorStoreError) in
      guard let consumer = row.text(0), let epoch = row.text(1), let sequence = row.integer(2),
        cursors[consumer] != nil,
        isSound(epoch, sequence)
      else { throw damaged }
      cursors[consumer]?.sequences[epoch] = sequence
    }
    return (database, cursors, confirmations)
  }

  /// True when there was none.
  private static func createIfMissing(_ path: String) throws(CursorStoreError) -> Bool {
    let file = Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o640)
    if file >= 0 {
      Glibc.close(file)
      return true
    }
    let number = errno
    if number == EEXIST { return false }
    throw error(number, "cannot create \(path)")
  }

  private static func setAside(_ path: String, in directory: String) throws(CursorStoreError) -> String {
    for number in 1...9_999 {
      let target = "\(directory)/\(name).unusable-\(number).db"
      var status = stat()
      if ["", "-wal", "-shm"].contains(where: { lstat(target + $0, &status) == 0 }) { continue }
      // The file first: without it, its log is never taken for that of its successor.
      guard rename(path, target) == 0 else { throw error(errno, "cannot set \(path) aside as \(target)") }
      for companion in ["-wal", "-shm"] where lstat(path + companion, &status) == 0 {
        guard rename(path + companion, target + companion) == 0 else {
          throw error(errno, "cannot set \(path + companion) aside")
        }
      }
      return target
    }
    throw CursorStoreError(.system, "\(directory) holds 9,999 files that were set aside")
  }

  private static func error(_ number: Int32, _ what: String) -> CursorStoreError {
    let code: CursorStoreError.Code =
      switch number {
      case ENOSPC, EDQUOT: .diskFull
      case EACCES, EPERM, EROFS: .notPermitted
      default: .system
      }
    return CursorStoreError(code, "\(what): \(String(cString: strerror(number)))")
  }
}
