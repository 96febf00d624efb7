import CSQLite

/// A prepared statement, reused as long as the connection lives. Keeps its connection alive.
final class Statement {
  private let handle: OpaquePointer
  private let connection: Connection
  private let sql: String

  init(_ handle: OpaquePointer, of connection: Connection, sql: String) {
    self.handle = handle
    self.connection = connection
    self.sql = sql
  }

  deinit { sqlite3_finalize(handle) }

  /// True: there is a row. False: the statement is done and may be run again. Throws when SQLite fails; the statement
  /// may be run again then, too.
  func step() throws(JournalError) -> Bool {
    let result = sqlite3_step(handle)
    if result == SQLITE_ROW { return true }
    guard result == SQLITE_DONE else {
      let error = connection.failure(result, sql: sql)
      sqlite3_reset(handle)
      throw error
    }
    sqlite3_reset(handle)
    return false
  }

  /// Makes the statement ready to run again before it came to its end.
  func reset() { sqlite3_reset(handle) }

  /// Runs a statement that returns no rows, with these parameters.
  func run(_ parameters: Value...) throws(JournalError) {
    bind(parameters)
    while try step() {}
  }

  /// A value in one of SQLite's storage classes.
  enum Value {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    init(_ number: Int64?) { self = number.map { .integer($0) } ?? .null }
    init(_ text: String?) { self = text.map { .text($0) } ?? .null }
  }

  /// Sets all parameters, the first to ?1. Lengths are checked by the callers, so binding can fail for want of memory
  /// only, which `step` then reports as a broken NOT NULL or is impossible at these sizes.
  func bind(_ parameters: [Value]) {
    sqlite3_reset(handle)
    for (place, value) in parameters.enumerated() {
      let index = Int32(place + 1)
      switch value {
      case .null: sqlite3_bind_null(handle, index)
      case .integer(let number): sqlite3_bind_int64(handle, index, number)
      case .text(var text):
        // With its length, not its end: a text may hold NUL characters. A null pointer would bind NULL.
        text.withUTF8 { bytes in
          bytes.withMemoryRebound(to: CChar.self) { characters in
            if let start = characters.baseAddress, !characters.isEmpty {
              _ = sqlite3_bind_text(handle, index, start, Int32(characters.count), Self.copied)
            } else {
              _ = sqlite3_bind_text(handle, index, "", 0, nil)
            }
          }
        }
      case .blob(let bytes): sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count), Self.copied)
      }
    }
  }

  /// SQLITE_TRANSIENT: SQLite makes a copy of its own.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  // MARK: Columns of the current row

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// nil when the column holds anything but an integer.
  func integer(_ column: Int32) -> Int64? {
    sqlite3_column_type(handle, column) == SQLITE_INTEGER ? sqlite3_column_int64(handle, column) : nil
  }

  /// nil when the column holds anything but text in valid UTF-8.
  func text(_ column: Int32) -> String? {
    guard sqlite3_column_type(handle, column) == SQLITE_TEXT, let start = sqlite3_column_text(handle, column) else {
      return nil
    }
    let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    return String(validating: bytes, as: UTF8.self)
  }

  /// Whatever the column holds, as SQLite tells it in text.
  func anyText(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    return String(cString: start)
  }

  /// nil when the column holds anything but a blob.
  func blob(_ column: Int32) -> [UInt8]? {
    guard sqlite3_column_type(handle, column) == SQLITE_BLOB else { return nil }
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }
}
