import CSQLite
import Glibc

extension JournalReader {
  /// Pages copied in one step of a backup: 128 KiB with the journal's pages of 512 bytes.
  private static let pagesPerStep: Int32 = 256

  /// Copies the journal as it is at this moment into the empty file at `path`, which the caller has made. The copy is a
  /// single file without a write-ahead log, so it can be read from read-only media too; a kiosk that finds it as its
  /// journal goes on with it.
  ///
  /// The writer never waits: the copy reads one state from the beginning to the end, beside which new events go into the
  /// log. Memory does not grow with the journal. The copy is on disk when this returns; checking it is up to the caller.
  ///
  /// - Parameter progress: pages still to copy, and all of them.
  public func backup(
    to path: String, progress: (_ remaining: Int, _ pages: Int) -> Void = { _, _ in }
  ) throws(JournalError) {
    try connection.transaction("BEGIN") { () throws(JournalError) in
      // The transaction starts with its first read; from then on the copy sees nothing else, and need never start over.
      _ = try connection.integer("SELECT count(*) FROM journal")
      try copy(to: path, progress)
    }
    try Self.makeStandAlone(path)
    let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw JournalFiles.error(errno, "cannot open \(path)") }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw JournalFiles.error(errno, "cannot write \(path)") }
  }

  private func copy(to path: String, _ progress: (Int, Int) -> Void) throws(JournalError) {
    let target = try Connection(path: path, access: .readWrite, vfs: nil, busyMilliseconds: 0)
    // Nobody uses the copy before it is whole, and it is synced once at the end.
    try target.execute("PRAGMA journal_mode = OFF")
    try target.execute("PRAGMA synchronous = OFF")
    try target.execute("PRAGMA cache_size = -256")
    guard let backup = sqlite3_backup_init(target.handle, "main", connection.handle, "main") else {
      throw target.failure(sqlite3_errcode(target.handle), sql: nil)
    }
    var result = SQLITE_OK
    while result == SQLITE_OK {
      result = sqlite3_backup_step(backup, Self.pagesPerStep)
      progress(Int(sqlite3_backup_remaining(backup)), Int(sqlite3_backup_pagecount(backup)))
    }
    let finished = sqlite3_backup_finish(backup)
    guard result == SQLITE_DONE, finished == SQLITE_OK else {
      throw target.failure(result == SQLITE_DONE ? finished : result, sql: nil)
    }
    target.close()
  }

  /// Takes the copy out of WAL mode, which it has from the original's first page.
  private static func makeStandAlone(_ path: String) throws(JournalError) {
    let copy = try Connection(path: path, access: .readWrite, vfs: nil, busyMilliseconds: 0)
    var persist: Int32 = 0
    sqlite3_file_control(copy.handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist)
    let mode = try copy.text("PRAGMA journal_mode = DELETE")
    copy.close()
    guard mode == "delete" else {
      throw JournalError(.system, "\(path): SQLite keeps the journal mode \(mode)", hint: "use another file system")
    }
  }
}
