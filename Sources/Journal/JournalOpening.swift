import Feedback

extension Journal {
  /// Opens the journal `ratings.db` in `directory`, or starts a new one, and notes the start in it: an event of kind clock
  /// with the code `boot` the first time this boot is seen, `start` after that. Takes the directory for as long as the
  /// journal is open.
  ///
  /// A file that cannot be the journal is set aside under a new name with its log, and a new epoch starts at once
  /// (`openedAs`). Throws only when no journal can be had at the moment; try again later.
  ///
  /// - Parameters:
  ///   - directory: must exist.
  ///   - device: the device's name, 1 to 255 bytes. A journal of another device is set aside.
  ///   - boot: the present boot.
  ///   - reading: the clocks, now.
  public static func open(
    directory: String, device: String, boot: BootIdentity, reading: ClockReading
  ) throws(JournalError) -> Journal {
    try open(directory: directory, device: device, boot: boot, reading: reading, tuning: JournalTuning())
  }

  /// With everything that tests vary. `random` mints the epoch's name; the default is the kernel's generator.
  package static func open(
    directory: String, device: String, boot: BootIdentity, reading: ClockReading, tuning: JournalTuning,
    random: any RandomNumberGenerator = SystemRandomNumberGenerator()
  ) throws(JournalError) -> Journal {
    guard (1...255).contains(device.utf8.count) else {
      throw JournalError(
        .tooLarge, "the device's name has \(device.utf8.count) bytes", hint: "use 1 to 255 bytes")
    }
    guard (1...64).contains(boot.bootID.utf8.count) else {
      throw JournalError(.tooLarge, "the boot id has \(boot.bootID.utf8.count) bytes", hint: "use 1 to 64 bytes")
    }
    var random = random
    let epoch = (0..<2).map { _ in hexadecimal(random.next()) }.joined()
    let files = try JournalFiles(directory: directory)
    let opener = Opener(
      files: files, device: device, boot: boot, reading: reading, tuning: tuning, mintedEpoch: epoch)
    do throws(JournalError) {
      return try opener.open()
    } catch {
      guard error.code == .diskFull, error.setAside == nil, files.releaseReserve() else { throw error }
      return try opener.open()
    }
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// One attempt to open the journal, from looking at what is there to the first event.
private struct Opener {
  let files: JournalFiles
  let device: String
  let boot: BootIdentity
  let reading: ClockReading
  let tuning: JournalTuning
  let mintedEpoch: String

  /// SQLITE_ERROR.
  private let sqliteError: Int32 = 1

  private enum Outcome {
    case journal(Journal)
    case unusable(SetAside.Reason, String)
  }

  /// At most two attempts: on what is there, and on a new file after setting that aside. So it ends, whatever is there.
  func open() throws(JournalError) -> Journal {
    let reason: SetAside.Reason
    let finding: String
    if let trouble = files.obviousTrouble() {
      (reason, finding) = (.corrupt, trouble)
    } else {
      switch try attempt(after: nil) {
      case .journal(let journal): return journal
      case .unusable(let why, let what): (reason, finding) = (why, what)
      }
    }
    let setAside = try files.setAside(reason, finding: finding)
    do throws(JournalError) {
      switch try attempt(after: setAside) {
      case .journal(let journal): return journal
      case .unusable(_, let what):
        throw JournalError(.inputOutput, "a new journal in \(files.directory) is damaged at once: \(what)")
      }
    } catch {
      var error = error
      error.setAside = setAside
      throw error
    }
  }

  private func attempt(after setAside: SetAside?) throws(JournalError) -> Outcome {
    do throws(JournalError) {
      try files.createIfMissing()
      let connection = try Connection(
        path: files.path, access: .readWrite, vfs: tuning.vfs, busyMilliseconds: tuning.busyMilliseconds)
      return try use(connection, after: setAside)
    } catch {
      switch error.code {
      case .damaged:
        return .unusable(.corrupt, error.message)
      case .system where error.cause?.result == sqliteError:
        // Our statements are sound, so tables or format of the file are not what they say.
        return .unusable(.corrupt, error.message)
      case .readOnly where files.isWritable:
        // SQLite also says so of a file whose header asks for a version of the format it only reads.
        return .unusable(.corrupt, error.message)
      case .notPermitted where files.isOnlyTheFileRefused, .readOnly where files.isOnlyTheFileRefused,
        .system where files.isOnlyTheFileRefused:
        return .unusable(.foreign, "it belongs to another user: \(error.message)")
      default:
        throw error
      }
    }
  }

  private func use(_ connection: Connection, after setAside: SetAside?) throws(JournalError) -> Outcome {
    let found = try inspect(connection)
    if case .notOurs(let reason, let finding) = found {
      connection.close()
      return .unusable(reason, finding)
    }
    let isNew = if case .empty = found { true } else { false }
    try configure(connection, isNew: isNew)

    if case .older(let version) = found, let trouble = try migrate(connection, from: version) {
      connection.close()
      return .unusable(.older, trouble)
    }
    var identity = Identity(device: device, epoch: mintedEpoch)
    if !isNew {
      identity = try Identity(in: connection)
      guard Array(identity.device.utf8) == Array(device.utf8) else {
        connection.close()
        return .unusable(.foreign, "it is the journal of the device \(identity.device)")
      }
      try check(connection)
    }
    let opening: Journal.Opening = setAside.map { .replaced($0) } ?? (isNew ? .created : .continued)
    // Schema, identity and the first event are one transaction: there is no half-made journal.
    let journal = try connection.transaction { () throws(JournalError) in
      if isNew { try create(identity, in: connection) }
      let journal = try Journal(
        openedAs: opening, identity: identity, connection: connection, files: files, tuning: tuning)
      try journal.start(boot, reading)
      return journal
    }
    files.synchronise()
    return .journal(journal)
  }

  // MARK: - Steps

  private enum Found {
    case empty
    case ours
    case older(Int64)
    case notOurs(SetAside.Reason, String)
  }

  /// Whose file it is. Changes nothing.
  private func inspect(_ connection: Connection) throws(JournalError) -> Found {
    let objects = try connection.integer("SELECT count(*) FROM sqlite_schema")
    let application = try connection.integer("PRAGMA application_id")
    let version = try connection.integer("PRAGMA user_version")
    if application == 0, version == 0, objects == 0 { return .empty }
    guard application == Schema.applicationID else {
      return .notOurs(.foreign, "it is another program's database (application_id \(application))")
    }
    let newest = Schema.version(after: tuning.migrations)
    if version > newest {
      return .notOurs(.newer, "its schema has version \(version), this software knows \(newest)")
    }
    if (1..<newest).contains(version) { return .older(version) }
    guard version == newest else {
      return .notOurs(.corrupt, "its schema has version \(version), which no kiosk ever wrote")
    }
    return .ours
  }

  /// Sets what has to be set and reads it back: a setting that silently does not take would cost presses much later.
  private func configure(_ connection: Connection, isNew: Bool) throws(JournalError) {
    if isNew { try connection.execute("PRAGMA page_size = \(tuning.pageSize)") }
    let mode = try connection.text("PRAGMA journal_mode = WAL")
    guard mode == "wal" else {
      throw JournalError(
        .system, "\(files.path): SQLite keeps the journal mode \(mode) and does not take WAL",
        hint: "put the journal on a local file system (ext4, f2fs, btrfs), not on a network share")
    }
    for (pragma, value) in Schema.settings(tuning) {
      try connection.execute("PRAGMA \(pragma) = \(value)")
      let actual = try connection.text("PRAGMA \(pragma)")
      guard actual == value else {
        throw JournalError(
          .system, "\(files.path): SQLite keeps \(pragma) = \(actual) and does not take \(value)",
          hint: "use the SQLite library of the distribution")
      }
    }
  }

  /// Brings an older file up to date; says why if that cannot be done. Another device's is left as it is, and found to be
  /// that later.
  private func migrate(_ connection: Connection, from version: Int64) throws(JournalError) -> String? {
    guard try connection.text("SELECT device FROM journal WHERE one = 1") == device else { return nil }
    do throws(JournalError) {
      try connection.migrate(from: version, by: tuning.migrations, files: files)
      return nil
    } catch {
      guard error.code != .damaged, error.code != .busy else { throw error }
      return "its schema has version \(version) and could not be brought up to date: \(error.message)"
    }
  }

  private func create(_ identity: Identity, in connection: Connection) throws(JournalError) {
    try connection.execute("PRAGMA application_id = \(Schema.applicationID)")
    try connection.execute("PRAGMA user_version = \(Schema.version(after: tuning.migrations))")
    for statement in Schema.statements + tuning.migrations.flatMap(\.statements) { try connection.execute(statement) }
    try identity.insert(created: reading, in: connection)
  }

  /// Looks for damage in bounded time. A small file is checked in whole. A large one would take a slow card longer than a
  /// visitor waits; there the structure is checked as far as the next event needs it (the newest row is read here, the
  /// way down to it is walked by writing the first event), and damage found later sets the file aside then.
  private func check(_ connection: Connection) throws(JournalError) {
    if files.databaseBytes <= tuning.checkLimit {
      var finding = try connection.text("PRAGMA quick_check(1)")
      // A page that could not be read comes out as a finding, not as an error. What can be read at the second attempt
      // was the disk's fault and not the file's; a sector that stays unreadable is damage.
      if finding != "ok" { finding = try connection.text("PRAGMA quick_check(1)") }
      guard finding == "ok" else { throw JournalError(.damaged, "\(files.path): \(finding)") }
    }
    let columns = EventRow.columns.joined(separator: ", ")
    for table in ["boots", "checkpoints", "sacrifices", "anchors"] {
      _ = try connection.integer("SELECT count(*) FROM \(table)")
    }
    _ = try connection.integer("SELECT count(*), sum(total) FROM counters")
    let newest = try connection.prepare("SELECT \(columns) FROM events ORDER BY seq DESC LIMIT 1")
    if try newest.step() { _ = try EventRow.event(newest) }
    newest.reset()
  }
}
