import Glibc

/// Why a file could not go on being the journal.
public struct SetAside: Sendable, Hashable {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// Not a database, or a damaged one.
    case corrupt
    /// Another program's database, or another device's journal.
    case foreign
    /// Written by a newer version of this software.
    case newer
    /// Written by an older version, and could not be brought up to date (no room for the backup, for one).
    case older
  }

  public var reason: Reason
  /// Where the file is now.
  public var path: String
  /// What was found.
  public var finding: String

  public init(reason: Reason, path: String, finding: String) {
    self.reason = reason
    self.path = path
    self.finding = finding
  }
}

/// The journal's directory, held by one process at a time, and the files in it by name.
final class JournalFiles {
  static let name = "ratings"

  /// What SQLite keeps beside a database, by what is added to its name.
  private static let companions = ["-wal", "-shm", "-journal"]

  let directory: String
  private var descriptor: Int32

  /// Takes the directory: `.busy` when another kioskd has it. The lock is the kernel's and goes with the process, so a
  /// crash leaves nothing to clean up; and it is on the directory itself, so that a full disk cannot prevent it.
  init(directory: String) throws(JournalError) {
    self.directory = directory
    descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let number = errno
      throw JournalFiles.error(
        number, "cannot open the journal's directory \(directory)",
        hint: number == ENOENT || number == ENOTDIR
          ? "create the directory for the user the kiosk runs as (systemd: StateDirectory=)" : nil)
    }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let number = errno
      if number == EINTR { continue }
      close(descriptor)
      guard number == EWOULDBLOCK else { throw JournalFiles.error(number, "cannot lock \(directory)") }
      throw JournalError(
        .busy, "another kioskd holds the journal in \(directory)",
        hint: "stop the other kioskd; `fuser \(directory)` names it")
    }
  }

  deinit { release() }

  func release() {
    if descriptor >= 0 {
      // Not by closing alone: a child that has just been forked and has not executed yet holds a copy of the descriptor.
      flock(descriptor, LOCK_UN)
      close(descriptor)
    }
    descriptor = -1
  }

  var path: String { "\(directory)/\(Self.name).db" }

  /// Left behind when SQLite found damage while the journal was in use, so that the next opening does not trust the file
  /// even if it looks well.
  private var damageMark: String { "\(directory)/\(Self.name).damaged" }

  func markDamaged() {
    let mark = open(damageMark, O_CREAT | O_WRONLY | O_CLOEXEC, 0o640)
    if mark >= 0 { close(mark) }
    synchronise()
  }

  /// Trouble that shows without reading the database; nil when there is none.
  func obviousTrouble() -> String? {
    if Self.exists(damageMark) { return "SQLite had found it damaged while it was in use" }
    for file in [path] + Self.companions.map({ path + $0 }) {
      var status = stat()
      if lstat(file, &status) == 0, status.st_mode & S_IFMT != S_IFREG { return "\(file) is not a regular file" }
    }
    // SQLite would throw such a log away, and whatever it holds with it.
    if Self.size(path) ?? 0 == 0, Self.size(path + "-wal") ?? 0 > 0 {
      return "there is a write-ahead log without the database it belongs to"
    }
    return nil
  }

  /// Whether the database itself may not be used although files may be made and moved in the directory.
  var isOnlyTheFileRefused: Bool {
    guard faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 else { return false }
    return ([path] + Self.companions.map { path + $0 }).contains {
      faccessat(AT_FDCWD, $0, R_OK | W_OK, AT_EACCESS) != 0 && errno == EACCES
    }
  }

  /// Whether the file could be written, if only SQLite wanted to.
  var isWritable: Bool {
    faccessat(descriptor, ".", W_OK, AT_EACCESS) == 0 && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0
  }

  var databaseBytes: Int64 { Self.size(path) ?? 0 }

  /// Makes an empty database file, with the mode that log and index will take over from it, unless there is one.
  func createIfMissing() throws(JournalError) {
    let created = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o640)
    if created < 0 {
      let number = errno
      if number == EEXIST { return }
      throw Self.error(number, "cannot create \(path)")
    }
    // Whatever the process's umask: the group reads.
    fchmod(created, 0o640)
    close(created)
    synchronise()
  }

  /// Moves the database and what belongs to it to the first free name. The database goes first: without it, the log is
  /// never taken for that of its successor.
  func setAside(_ reason: SetAside.Reason, finding: String) throws(JournalError) -> SetAside {
    for number in 1...9_999 {
      let target = "\(directory)/\(Self.name).\(reason.rawValue)-\(number).db"
      if ([target] + Self.companions.map { target + $0 }).contains(where: Self.exists) { continue }
      for companion in [""] + Self.companions where Self.exists(path + companion) {
        guard rename(path + companion, target + companion) == 0 else {
          throw Self.error(errno, "cannot set \(path + companion) aside as \(target + companion)")
        }
      }
      unlink(damageMark)
      synchronise()
      return SetAside(reason: reason, path: target, finding: finding)
    }
    throw JournalError(
      .system, "\(directory) holds 9,999 journals that were set aside", hint: "move them to another place")
  }

  /// Makes creations and renames last.
  func synchronise() { fsync(descriptor) }

  private static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  private static func size(_ path: String) -> Int64? {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }

  static func error(_ number: Int32, _ what: String, hint: String? = nil) -> JournalError {
    JournalError(
      JournalError.Code(systemError: number) ?? .system,
      "\(what): \(String(cString: strerror(number)))",
      cause: SQLiteFailure(result: 0, extended: 0, systemError: number, sql: nil), hint: hint)
  }
}
