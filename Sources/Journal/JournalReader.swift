import Feedback

/// One boot of the machine, as far as the journal has seen it.
public struct Boot: Sendable, Hashable {
  /// From 1; what `Event.boot` refers to.
  public var number: Int64
  /// The kernel's random boot id.
  public var bootID: String
  /// Its first event.
  public var firstSequence: Int64

  public init(number: Int64, bootID: String, firstSequence: Int64) {
    self.number = number
    self.bootID = bootID
    self.firstSequence = firstSequence
  }
}

/// What a journal is about.
public struct JournalSummary: Sendable, Hashable {
  public var device: String
  public var epoch: String
  /// nil: the journal holds no event.
  public var firstSequence: Int64?
  public var lastSequence: Int64?
  /// Events before this one were deleted, after they had been acknowledged; 0 when none were.
  public var expiredThrough: Int64
  public var bootCount: Int64
  /// Every consumer has the events up to here.
  public var acknowledgedThrough: Int64 = 0
}

/// Reads a journal while another thread, process or user writes it. Takes no lock that the writer waits for; each call
/// sees one consistent state, and memory grows with `limit` only. Not Sendable: each thread opens its own.
///
/// The user needs read permission on the directory, the file, its `-wal` and its `-shm`.
public final class JournalReader {
  /// Most rows that one call returns.
  public static let largestLimit = 10_000

  let connection: Connection
  private let select: Statement

  private init(_ connection: Connection) throws(JournalError) {
    self.connection = connection
    select = try connection.prepare(EventRow.select)
  }

  /// Opens the journal at `path` (or one that was set aside, as far as it can be read). Throws `.damaged` when it is not
  /// a journal.
  public static func open(_ path: String) throws(JournalError) -> JournalReader {
    try open(path, vfs: nil)
  }

  package static func open(_ path: String, vfs: String?) throws(JournalError) -> JournalReader {
    let connection = try Connection(path: path, access: .readOnly, vfs: vfs, busyMilliseconds: 1_000)
    try connection.execute("PRAGMA query_only = 1")
    try connection.execute("PRAGMA cache_size = -256")
    try connection.execute("PRAGMA mmap_size = 0")
    let application = try connection.integer("PRAGMA application_id")
    guard application == Schema.applicationID else {
      throw JournalError(
        .damaged, "\(path) is not a journal of a kiosk (application_id \(application))", hint: "name another file")
    }
    let version = try connection.integer("PRAGMA user_version")
    guard version == Schema.version else {
      throw JournalError(
        .damaged, "\(path) has the schema version \(version), this software reads \(Schema.version)",
        hint: "use the version of the software that wrote it")
    }
    return try JournalReader(connection)
  }

  /// Whether the path names another file by now: the journal was set aside, and its successor has to be opened.
  public var hasMoved: Bool { connection.hasMoved }

  /// The events after a sequence number, oldest first, at most `limit` of them (1 to `largestLimit`).
  public func events(after sequence: Int64, limit: Int) throws(JournalError) -> [Event] {
    select.bind([.integer(sequence), .integer(Int64(min(max(limit, 1), Self.largestLimit)))])
    defer { select.reset() }
    var events: [Event] = []
    while try select.step() { events.append(try EventRow.event(select)) }
    return events
  }

  /// The boots after a number, oldest first, at most `limit` of them (1 to `largestLimit`).
  public func boots(after number: Int64, limit: Int) throws(JournalError) -> [Boot] {
    let rows = try connection.prepare(
      "SELECT number, boot_id, first_seq FROM boots WHERE number > ? ORDER BY number LIMIT ?")
    rows.bind([.integer(number), .integer(Int64(min(max(limit, 1), Self.largestLimit)))])
    var boots: [Boot] = []
    while try rows.step() {
      guard let number = rows.integer(0), let bootID = rows.text(1), let first = rows.integer(2) else {
        throw JournalError(.damaged, "\(connection.path): the table boots holds what no kiosk writes")
      }
      boots.append(Boot(number: number, bootID: bootID, firstSequence: first))
    }
    return boots
  }

  /// How many events there are, by kind, button and verdict, since the epoch began: deleted ones included, corrections
  /// taken into account. Agrees with the events at the moment of the call.
  public func counters() throws(JournalError) -> [Counter] {
    try connection.transaction("BEGIN") { () throws(JournalError) in
      var tally = CounterTally()
      try tally.addTable(in: connection)
      try tally.add(after: Identity(in: connection).countedThrough, in: connection)
      return try tally.counters()
    }
  }

  /// Device, epoch, first and last event, number of boots.
  public func summary() throws(JournalError) -> JournalSummary {
    try connection.transaction("BEGIN") { () throws(JournalError) in
      let identity = try Identity(in: connection)
      let ends = try connection.prepare("SELECT (SELECT min(seq) FROM events), (SELECT max(seq) FROM events)")
      _ = try ends.step()
      defer { ends.reset() }
      return JournalSummary(
        device: identity.device, epoch: identity.epoch, firstSequence: ends.integer(0), lastSequence: ends.integer(1),
        expiredThrough: try connection.integer("SELECT ifnull(max(seq), 0) FROM checkpoints"),
        bootCount: try connection.integer("SELECT count(*) FROM boots"),
        acknowledgedThrough: identity.acknowledgedThrough)
    }
  }
}
