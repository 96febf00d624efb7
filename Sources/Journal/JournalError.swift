/// What SQLite and the system said when something failed.
public struct SQLiteFailure: Sendable, Hashable {
  /// Primary result code (https://www.sqlite.org/rescode.html).
  public var result: Int32
  /// Extended result code.
  public var extended: Int32
  /// errno of the system call that failed; 0 when none did.
  public var systemError: Int32
  /// The statement that failed; nil when opening.
  public var sql: String?

  public init(result: Int32, extended: Int32, systemError: Int32, sql: String?) {
    self.result = result
    self.extended = extended
    self.systemError = systemError
    self.sql = sql
  }
}

/// Why the journal could not do what was asked, in words for the technician.
public struct JournalError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// No room on the disk, or a quota is used up.
    case diskFull
    /// The file system is mounted read-only.
    case readOnly
    /// The directory or the file may not be used by this user.
    case notPermitted
    /// The disk failed.
    case inputOutput
    /// Another program holds the journal.
    case busy
    /// What is in the file makes no sense. Opening the journal again sets the file aside.
    case damaged
    /// Something handed in is longer than the journal takes.
    case tooLarge
    /// An event was named that does not exist.
    case unknownEvent
    /// The journal is closed, or must be opened again.
    case closed
    /// The system refused or failed otherwise.
    case system
  }

  public var code: Code
  /// What is wrong and where.
  public var message: String
  /// What SQLite said; nil where SQLite was not involved.
  public var cause: SQLiteFailure?
  /// What to do about it.
  public var hint: String
  /// Opening only: the old file had been set aside before the new one could not be made. The next attempt will not find
  /// it any more, so it is for the caller to remember.
  public var setAside: SetAside?

  public init(_ code: Code, _ message: String, cause: SQLiteFailure? = nil, hint: String? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
    self.hint = hint ?? code.usualHint
  }

  public var description: String { "\(message) (\(hint))" }
}

extension JournalError.Code {
  /// What helps in most cases of this code.
  var usualHint: String {
    switch self {
    case .diskFull: "free some space on the file system that holds the journal"
    case .readOnly: "mount the file system read-write; if the kernel made it read-only, look for disk errors in its log"
    case .notPermitted: "give the journal's directory and files to the user the kiosk runs as"
    case .inputOutput: "look for disk errors in the kernel's log and replace the card or disk"
    case .busy: "stop the other program that uses the journal"
    case .damaged: "restart the kiosk: it sets the damaged file aside and starts a new one"
    case .tooLarge: "shorten the text"
    case .unknownEvent: "name an event of this journal's epoch"
    case .closed: "open the journal again"
    case .system: "look into the kernel's log and the service's limits"
    }
  }
}
