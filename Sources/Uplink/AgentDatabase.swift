import CSQLite

/// The SQLite connection to `agent.db`. Small on purpose: the journal has its own, which gives the kiosk's presses more
/// care than a file needs that can be made anew.
final class AgentDatabase {
  /// "KAGT" in ASCII, at offset 68 of the file.
  static let applicationID: Int64 = 0x4B41_4754
  static let version: Int64 = 1

  /// - `consumers`: who is handed events, and when those who fetch last confirmed some, in milliseconds since 1970.
  /// - `cursors`: the last event of an epoch that a consumer is done with.
  /// - `isolated`: events that a consumer does not take.
  private static let schema = [
    """
    CREATE TABLE consumers (
      name TEXT PRIMARY KEY,
      confirmed_ms INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE cursors (
      consumer TEXT NOT NULL,
      epoch TEXT NOT NULL,
      seq INTEGER NOT NULL,
      PRIMARY KEY (consumer, epoch)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE isolated (
      consumer TEXT NOT NULL,
      epoch TEXT NOT NULL,
      seq INTEGER NOT NULL,
      status INTEGER NOT NULL,
      words TEXT NOT NULL,
      wall_ms INTEGER NOT NULL,
      PRIMARY KEY (consumer, epoch, seq)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  enum Value {
    case integer(Int64)
    case text(String)
  }

  /// A row of what was asked for; nil where a column holds something else than expected.
  struct Row {
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int64? {
      sqlite3_column_type(statement, column) == SQLITE_INTEGER ? sqlite3_column_int64(statement, column) : nil
    }

    func text(_ column: Int32) -> String? {
      guard sqlite3_column_type(statement, column) == SQLITE_TEXT, let start = sqlite3_column_text(statement, column)
      else { return nil }
      let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
      return String(validating: bytes, as: UTF8.self)
    }
  }

  let path: String
  private var handle: OpaquePointer?

  /// Opens the file, made before, and puts an empty one in order. Throws `.damaged` when it is not such a file.
  init(path: String) throws(CursorStoreError) {
    self.path = path
    var opened: OpaquePointer?
    let result = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
    handle = opened
    do throws(CursorStoreError) {
      guard result == SQLITE_OK else { throw failure(result) }
      sqlite3_extended_result_codes(opened, 1)
      sqlite3_busy_timeout(opened, 1_000)
      _ = kiosk_sqlite_set(opened, Int32(SQLITE_DBCONFIG_TRUSTED_SCHEMA), 0)
      try prepareFile()
    } catch {
      close()
      throw error
    }
  }

  deinit { close() }

  func close() {
    sqlite3_close_v2(handle)
    handle = nil
  }

  private func prepareFile() throws(CursorStoreError) {
    // One agent at a time, and no shared index beside the file.
    try run("PRAGMA locking_mode = EXCLUSIVE")
    let application = try number("PRAGMA application_id")
    let found = try number("PRAGMA user_version")
    let tables = try number("SELECT count(*) FROM sqlite_schema")
    let isEmpty = application == 0 && found == 0 && tables == 0
    guard isEmpty || (application == Self.applicationID && found == Self.version) else {
      throw CursorStoreError(
        .damaged, "\(path) is not a file of this agent (application_id \(application), user_version \(found))")
    }
    if !isEmpty {
      let finding = try text("PRAGMA quick_check(1)")
      guard finding == "ok" else { throw CursorStoreError(.damaged, "\(path): \(finding)") }
    }
    let mode = try text("PRAGMA journal_mode = WAL")
    guard mode == "wal" else {
      throw CursorStoreError(.system, "\(path): SQLite keeps the journal mode \(mode) and does not take WAL")
    }
    for setting in [
      "synchronous = FULL", "cache_size = -256", "mmap_size = 0", "wal_autocheckpoint = 64",
      "journal_size_limit = 262144", "cell_size_check = 1", "temp_store = 2",
    ] {
      try run("PRAGMA \(setting)")
    }
    guard try number("PRAGMA synchronous") == 2 else {
      throw CursorStoreError(.system, "\(path): SQLite does not take synchronous = FULL")
    }
    guard isEmpty else { return }
    try transaction { () throws(CursorStoreError) in
      for statement in Self.schema { try run(statement) }
      try run("PRAGMA application_id = \(Self.applicationID)")
      try run("PRAGMA user_version = \(Self.version)")
    }
  }

  /// All or nothing.
  func transaction(_ body: () throws(CursorStoreError) -> Void) throws(CursorStoreError) {
    try run("BEGIN IMMEDIATE")
    do throws(CursorStoreError) {
      try body()
      try run("COMMIT")
    } catch {
      if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
      throw error
    }
  }

  /// Runs a statement with these parameters; `body` sees each row.
  func run(
    _ sql: String, _ parameters: [Value] = [], _ body: (Row) throws(CursorStoreError) -> Void = { _ in }
  ) throws(CursorStoreError) {
    var prepared: OpaquePointer?
    let result = sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
    guard result == SQLITE_OK, let statement = prepared else { throw failure(result) }
    defer { sqlite3_finalize(statement) }
    for (place, value) in parameters.enumerated() {
      let index = Int32(place + 1)
      switch value {
      case .integer(let number): sqlite3_bind_int64(statement, index, number)
      case .text(let text): sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), Self.copied)
      }
    }
    while true {
      let step = sqlite3_step(statement)
      if step == SQLITE_DONE { return }
      guard step == SQLITE_ROW else { throw failure(step) }
      try body(Row(statement: statement))
    }
  }

  /// The first column of the last row; 0 when there is none.
  func number(_ sql: String) throws(CursorStoreError) -> Int64 {
    var number: Int64 = 0
    try run(sql) { (row) throws(CursorStoreError) in number = row.integer(0) ?? 0 }
    return number
  }

  private func text(_ sql: String) throws(CursorStoreError) -> String {
    var text = ""
    try run(sql) { (row) throws(CursorStoreError) in text = row.text(0) ?? "" }
    return text
  }

  /// SQLITE_TRANSIENT: SQLite makes a copy of its own.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  private func failure(_ result: Int32) -> CursorStoreError {
    let words = handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? ""
    let code: CursorStoreError.Code =
      switch result & 0xFF {
      case SQLITE_FULL: .diskFull
      case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .notPermitted
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      // Our statements are sound, so with an error the tables are not what they should be.
      case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_MISMATCH, SQLITE_CONSTRAINT: .damaged
      default: .system
      }
    return CursorStoreError(code, "\(path): \(words) [SQLite \(result)]")
  }
}
