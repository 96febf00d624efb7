import CSQLite
import Glibc

/// One SQLite connection. Every failure comes out as a `JournalError` that carries SQLite's codes.
final class Connection {
  enum Access {
    /// Reads and writes an existing file.
    case readWrite
    case readOnly
  }

  let path: String
  private(set) var handle: OpaquePointer?

  /// Opens an existing file. Nothing is read yet, and until `checkpointsOnClose` is set, closing leaves file and log as
  /// they are: a file that turns out not to be ours must not be changed by looking at it.
  init(path: String, access: Access, vfs: String?, busyMilliseconds: Int32) throws(JournalError) {
    self.path = path
    // The connection is used by one thread at a time, so SQLite need not lock it.
    let flags = (access == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX
    var opened: OpaquePointer?
    let result = sqlite3_open_v2(path, &opened, flags, vfs)
    handle = opened
    guard result == SQLITE_OK else {
      let error = failure(result, sql: nil)
      close()
      throw error
    }
    sqlite3_extended_result_codes(opened, 1)
    sqlite3_busy_timeout(opened, busyMilliseconds)
    for (setting, on) in [
      (SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_DQS_DML, 0),
      (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
    ] {
      _ = kiosk_sqlite_set(opened, Int32(setting), Int32(on))
    }
    // Readers under another user cannot create the write-ahead log, so closing must leave it in place.
    var persist: Int32 = 1
    sqlite3_file_control(opened, "main", SQLITE_FCNTL_PERSIST_WAL, &persist)
  }

  deinit { close() }

  /// Whether closing copies the write-ahead log into the file.
  var checkpointsOnClose = false {
    didSet { _ = kiosk_sqlite_set(handle, Int32(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE), checkpointsOnClose ? 0 : 1) }
  }

  func close() {
    // The second form puts the end off until the last statement is gone instead of refusing.
    sqlite3_close_v2(handle)
    handle = nil
  }

  /// Whether the connection is outside a transaction.
  var isIdle: Bool { sqlite3_get_autocommit(handle) != 0 }

  /// Whether the path names another file by now, or none.
  var hasMoved: Bool {
    var moved: Int32 = 0
    return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0
  }

  func prepare(_ sql: String) throws(JournalError) -> Statement {
    var statement: OpaquePointer?
    let result = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard result == SQLITE_OK, let statement else { throw failure(result, sql: sql) }
    return Statement(statement, of: self, sql: sql)
  }

  /// Runs one statement to its end.
  func execute(_ sql: String) throws(JournalError) {
    let statement = try prepare(sql)
    while try statement.step() {}
  }

  /// The first column of the first row, 0 when there is none.
  func integer(_ sql: String) throws(JournalError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) ?? 0 : 0
  }

  /// The first column of the first row as text, empty when there is none.
  func text(_ sql: String) throws(JournalError) -> String {
    let statement = try prepare(sql)
    guard try statement.step() else { return "" }
    return statement.anyText(0)
  }

  /// All or nothing: what `body` wrote is undone when it or the commit fails.
  func transaction<Result>(
    _ begin: String = "BEGIN IMMEDIATE", _ body: () throws(JournalError) -> Result
  ) throws(JournalError) -> Result {
    try execute(begin)
    do throws(JournalError) {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      rollBack()
      throw error
    }
  }

  /// Ends the transaction, if SQLite has not done so already because of the failure.
  func rollBack() {
    guard !isIdle else { return }
    try? execute("ROLLBACK")
  }

  /// The error for a result code of the last call on this connection.
  func failure(_ result: Int32, sql: String?) -> JournalError {
    let extended = handle == nil ? result : sqlite3_extended_errcode(handle)
    let cause = SQLiteFailure(
      result: result & 0xff, extended: extended & 0xff == result & 0xff ? extended : result,
      systemError: handle == nil ? 0 : sqlite3_system_errno(handle), sql: sql)
    let words =
      handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? String(cString: sqlite3_errstr(result))
    let number = cause.systemError == 0 ? "" : ", errno \(cause.systemError)"
    return JournalError(Self.code(of: cause), "\(path): \(words) [SQLite \(cause.extended)\(number)]", cause: cause)
  }

  /// What a failure means for whoever has to act on it. errno is only looked at for results that come from a system call:
  /// SQLite does not clear it.
  static func code(of cause: SQLiteFailure) -> JournalError.Code {
    switch cause.result {
    case SQLITE_FULL: return .diskFull
    case SQLITE_READONLY: return .readOnly
    case SQLITE_PERM, SQLITE_AUTH: return .notPermitted
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy
    case SQLITE_CORRUPT, SQLITE_NOTADB: return .damaged
    case SQLITE_IOERR, SQLITE_CANTOPEN:
      return JournalError.Code(systemError: cause.systemError)
        ?? (cause.result == SQLITE_IOERR ? .inputOutput : .system)
    default: return .system
    }
  }
}

extension JournalError.Code {
  /// What an errno means for the journal; nil where it says nothing by itself.
  init?(systemError: Int32) {
    switch systemError {
    case ENOSPC, EDQUOT: self = .diskFull
    case EROFS: self = .readOnly
    case EACCES, EPERM: self = .notPermitted
    case EIO: self = .inputOutput
    default: return nil
    }
  }
}
