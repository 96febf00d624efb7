import Feedback
import Glibc

/// What came of reading a damaged journal.
public struct SalvageReport: Sendable, Hashable {
  /// The damaged file, which stays as it is.
  public var source: String
  /// The file with what could be read; nil: nothing could, not even whose journal it was.
  public var path: String?
  public var epoch: String?
  /// Events recovered, under their old numbers.
  public var salvaged: Int64 = 0
  /// Events that are known to have been there and cannot be read, or are not what was written. The newest ones may be
  /// missing beyond what the file remembers.
  public var lost: Int64 = 0

  /// For the journal and the log.
  public var inWords: String {
    guard let epoch else { return "nothing could be read" }
    return "\(salvaged) events of epoch \(epoch) salvaged, \(lost) lost"
  }
}

/// Recovers the readable events of a file that was set aside as damaged (`ratings.corrupt-N.db`) into one of their own
/// (`ratings.salvaged-N.db`), under their old names: epoch and sequence stay. Works in small steps on connections of its
/// own, so that it can be done between presses; the damaged file is not changed. A salvage that was interrupted starts
/// anew.
///
/// What can be read and what not is decided row by row: through a damaged part of the tree each number is asked for by
/// itself. An event is taken if its chain value follows from the one before it, or if that one is gone and nobody can
/// tell; an event that is not what was written is not taken.
public final class Salvage {
  /// Rows read or asked for at most by one step.
  static let rowsPerStep = 1_024
  public let source: String
  private let target: String
  private let rows: SalvagedRows

  /// The oldest file in `directory` that was set aside as damaged and has not been salvaged; nil when there is none. A
  /// file that cannot be read at all is marked, so that it is not tried again at each start, and reported.
  public static func next(in directory: String) -> (salvage: Salvage?, unreadable: SalvageReport?) {
    for number in SetAsideNames.numbers(of: "corrupt", in: directory) {
      let source = SetAsideNames.path("corrupt", number, in: directory)
      let target = SetAsideNames.path("salvaged", number, in: directory)
      let mark = "\(directory)/\(JournalFiles.name).corrupt-\(number).unreadable"
      if access(target, F_OK) == 0 || access(mark, F_OK) == 0 { continue }
      do throws(JournalError) {
        return (try Salvage(source: source, target: target), nil)
      } catch {
        guard error.code == .damaged || error.code == .system else { return (nil, nil) }
        let file = open(mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0o640)
        if file >= 0 { close(file) }
        return (nil, SalvageReport(source: source))
      }
    }
    return (nil, nil)
  }

  private init(source: String, target: String) throws(JournalError) {
    self.source = source
    self.target = target
    rows = try SalvagedRows(source: source, target: target + ".part")
  }

  /// One bounded step; the report once all is done. Throws when the new file cannot be written: try again later.
  public func step() throws(JournalError) -> SalvageReport? {
    guard try rows.step(Self.rowsPerStep) else { return nil }
    try rows.finish(as: target)
    return SalvageReport(
      source: source, path: target, epoch: rows.identity.epoch, salvaged: rows.salvaged, lost: rows.lost)
  }
}

/// The two files of a salvage and how far it has got.
private final class SalvagedRows {
  let identity: Identity
  private(set) var salvaged: Int64 = 0
  private(set) var lost: Int64 = 0

  /// The file remembers how far it had got at least every 512 events; one append may add so many more.
  private static let mostBeyond = Int64(Journal.mostDrafts) * 2

  private let damaged: Connection
  private let made: Connection
  private let scan: Statement
  private let single: Statement
  private let insert: Statement
  /// All numbers up to here have been dealt with.
  private var through: Int64 = 0
  /// The chain value of event `through`, and whether it is beyond doubt; nil: that event is gone.
  private var chain: (value: [UInt8], isSure: Bool)?
  /// No number beyond this is looked for.
  private let end: Int64
  /// The last number the file says there was.
  private let known: Int64
  /// Numbers up to here are asked for one by one.
  private var probingTo: Int64 = 0
  /// Deleted on purpose: first and last number, and the chain value of the last.
  private var runs: [Int64: (last: Int64, chain: [UInt8])] = [:]

  init(source: String, target: String) throws(JournalError) {
    damaged = try Connection(path: source, access: .readOnly, vfs: nil, busyMilliseconds: 100)
    // Lets SQLite open a file that is shorter than its header says.
    try damaged.execute("PRAGMA writable_schema = 1")
    try damaged.execute("PRAGMA cell_size_check = 1")
    try damaged.execute("PRAGMA cache_size = -256")
    guard try damaged.integer("PRAGMA application_id") == Schema.applicationID else {
      throw JournalError(.damaged, "\(source) is not a journal of a kiosk")
    }
    identity = try Identity(in: damaged)
    let columns = EventRow.columns.joined(separator: ", ")
    scan = try damaged.prepare(EventRow.select)
    single = try damaged.prepare("SELECT \(columns) FROM events WHERE seq = ?")

    for suffix in ["", "-journal", "-wal", "-shm"] { unlink(target + suffix) }
    let file = open(target, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o640)
    guard file >= 0 else { throw JournalFiles.error(errno, "cannot create \(target)") }
    fchmod(file, 0o640)
    close(file)
    made = try Connection(path: target, access: .readWrite, vfs: nil, busyMilliseconds: 100)
    // Until it has its name the file is thrown away after a crash, so nothing of it needs to be safe before that.
    for pragma in [
      "page_size = 4096", "journal_mode = MEMORY", "synchronous = OFF", "cache_size = -256",
      "application_id = \(Schema.applicationID)", "user_version = \(Schema.version)",
    ] {
      try made.execute("PRAGMA \(pragma)")
    }
    for statement in Schema.statements { try made.execute(statement) }
    insert = try made.prepare(EventRow.insert)

    let remembered = max(identity.countedThrough, identity.removedThrough)
    let newest = (try? damaged.integer("SELECT max(seq) FROM events")) ?? 0
    // A number that a flipped bit has made absurd must not keep us asking for ever.
    known = newest <= remembered + Self.mostBeyond ? max(newest, remembered) : remembered
    end = known + Self.mostBeyond
    chain = (identity.genesis, true)
    try copySmallTables()
  }

  /// Each as far as it can be read: events are worth having without any of them.
  private func copySmallTables() throws(JournalError) {
    try made.execute("BEGIN")
    var kept = identity
    for (table, columns) in [
      ("boots", "number, boot_id, first_seq"), ("anchors", "seq, boot, boottime_ns, wall_ms"),
      ("checkpoints", "seq, chain"), ("sacrifices", "first_seq, last_seq, chain"),
      ("counters", "kind, button, verdict, total"),
    ] {
      let isWhole = copy(table, columns)
      // Without its table the counters start from the events that are left.
      if table == "counters", !isWhole {
        try made.execute("DELETE FROM counters")
        (kept.countedThrough, kept.countedChain) = (0, identity.genesis)
      }
    }
    let unknown = ClockReading(
      monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: 0, wallMilliseconds: 0, state: .implausible)
    try kept.insert(created: unknown, in: made)
    try made.execute("COMMIT")
    let checkpoint = try made.prepare("SELECT seq, chain FROM checkpoints ORDER BY seq DESC LIMIT 1")
    if try checkpoint.step(), let sequence = checkpoint.integer(0), let value = checkpoint.blob(1), sequence <= known {
      (through, chain) = (sequence, (value, true))
    }
    checkpoint.reset()
    let sacrifices = try made.prepare("SELECT first_seq, last_seq, chain FROM sacrifices")
    while try sacrifices.step() {
      if let first = sacrifices.integer(0), let last = sacrifices.integer(1), let value = sacrifices.blob(2) {
        runs[first] = (last, value)
      }
    }
  }

  private func copy(_ table: String, _ columns: String) -> Bool {
    let places = columns.split(separator: ",").map { _ in "?" }.joined(separator: ", ")
    do throws(JournalError) {
      // Bounded: a table of these holds one row a boot, an hour or a loss.
      let from = try damaged.prepare("SELECT \(columns) FROM \(table) LIMIT 200000")
      let into = try made.prepare("INSERT OR IGNORE INTO \(table) (\(columns)) VALUES (\(places))")
      let count = Int32(columns.split(separator: ",").count)
      while try from.step() {
        into.bind(
          (0..<count).map { column in
            if let number = from.integer(column) { return .integer(number) }
            if let text = from.text(column) { return .text(text) }
            return from.blob(column).map { .blob($0) } ?? .null
          })
        while try into.step() {}
      }
      return true
    } catch {
      return false
    }
  }

  /// True when everything has been looked at.
  func step(_ limit: Int) throws(JournalError) -> Bool {
    let before = (salvaged, lost, through, chain, probingTo)
    do throws(JournalError) {
      try made.execute("BEGIN")
      var left = limit
      while left > 0, through < end {
        if through < probingTo { try probe(&left) } else if try scanOn(&left) { break }
      }
      try made.execute("COMMIT")
      return through >= end
    } catch {
      made.rollBack()
      (salvaged, lost, through, chain, probingTo) = before
      throw error
    }
  }

  /// Reads on in order. True when the tree has no further rows.
  private func scanOn(_ left: inout Int) throws(JournalError) -> Bool {
    scan.bind([.integer(through), .integer(Int64(left))])
    defer { scan.reset() }
    while left > 0 {
      let event: Event?
      do throws(JournalError) {
        event = try scan.step() ? EventRow.event(scan) : nil
      } catch {
        // This page or row cannot be read: feel the way past it.
        probingTo = min(end, through + 64)
        return false
      }
      guard let event else {
        // The end, or a tree that has lost its further branches: what is known to have been there is asked for.
        guard through < known else {
          through = end
          return true
        }
        probingTo = known
        return false
      }
      left -= 1
      guard event.sequence == through + 1 else {
        // A hole, or a number that is not true.
        probingTo = min(end, max(event.sequence - 1, through + 1))
        return false
      }
      try take(event)
    }
    return false
  }

  /// Asks for the next number by itself.
  private func probe(_ left: inout Int) throws(JournalError) {
    let sequence = through + 1
    if let run = runs[sequence], run.last >= sequence {
      (through, chain) = (run.last, (run.chain, true))
      return
    }
    left -= 1
    single.bind([.integer(sequence)])
    defer { single.reset() }
    var event: Event?
    do throws(JournalError) {
      event = try single.step() ? EventRow.event(single) : nil
    } catch {
      event = nil
    }
    if let event, event.sequence == sequence { return try take(event) }
    if sequence <= known { lost += 1 }
    (through, chain) = (sequence, nil)
  }

  private func take(_ event: Event) throws(JournalError) {
    var isSure = false
    if let chain {
      isSure = Chain.link(after: chain.value, event) == event.chain
      if !isSure, chain.isSure {
        // Not what was written. Its own chain value may still be, which the next one will show.
        lost += 1
        (through, self.chain) = (event.sequence, (event.chain, false))
        return
      }
    }
    insert.bind(EventRow.values(of: event))
    while try insert.step() {}
    salvaged += 1
    (through, chain) = (event.sequence, (event.chain, isSure))
  }

  /// Puts the file on disk and gives it its name.
  func finish(as target: String) throws(JournalError) {
    made.close()
    damaged.close()
    let part = made.path
    let file = open(part, O_RDONLY | O_CLOEXEC)
    guard file >= 0, fsync(file) == 0, rename(part, target) == 0 else {
      let number = errno
      if file >= 0 { close(file) }
      throw JournalFiles.error(number, "cannot keep what was salvaged as \(target)")
    }
    close(file)
  }
}
