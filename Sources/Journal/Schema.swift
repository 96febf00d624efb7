/// Tables and settings of the journal's file. Version 1 of the schema is final: what comes later is added by a migration.
enum Schema {
  /// "KIOS" in ASCII, at offset 68 of the file.
  static let applicationID: Int64 = 0x4B49_4F53
  static let version = version(after: migrations)
  /// From version 1 to 2, from 2 to 3, and so on: none yet.
  static let migrations: [Migration] = []

  static func version(after migrations: [Migration]) -> Int64 { Int64(1 + migrations.count) }

  /// No secondary index anywhere: each index page would be written to the card with every press.
  ///
  /// - `journal`: one row about the file. `counted_*` is the event up to which `counters` has been brought up to date,
  ///   `removed_*` the newest event ever deleted; with their chain values, so that numbering and chain go on correctly
  ///   even when the newest rows are gone.
  /// - `boots`: never expires; boot N of the events.
  /// - `counters`: how many events of a kind came from a button and ended with a verdict (0: not judged; button '': none).
  ///   Current up to `journal.counted_through`; a reader adds the events after it.
  /// - `checkpoints`: where deletion stopped, so that the chain still proves itself from there on.
  /// - `sacrifices`: runs of events deleted from the middle, with the value the chain goes on with.
  /// - `anchors`: the clock events whose wall clock was trusted. They outlive these events, as long as the time of another
  ///   one depends on them; one more page about once an hour.
  static let statements = [
    """
    CREATE TABLE journal (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      device TEXT NOT NULL,
      epoch TEXT NOT NULL,
      genesis BLOB NOT NULL,
      created_wall_ms INTEGER NOT NULL,
      created_clock_state INTEGER NOT NULL,
      counted_through INTEGER NOT NULL,
      counted_chain BLOB NOT NULL,
      removed_through INTEGER NOT NULL,
      removed_chain BLOB NOT NULL,
      acknowledged_through INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE boots (
      number INTEGER PRIMARY KEY,
      boot_id TEXT NOT NULL,
      first_seq INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE counters (
      kind INTEGER NOT NULL,
      button TEXT NOT NULL,
      verdict INTEGER NOT NULL,
      total INTEGER NOT NULL,
      PRIMARY KEY (kind, button, verdict)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE checkpoints (
      seq INTEGER PRIMARY KEY,
      chain BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE sacrifices (
      first_seq INTEGER PRIMARY KEY,
      last_seq INTEGER NOT NULL,
      chain BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE anchors (
      seq INTEGER PRIMARY KEY,
      boot INTEGER NOT NULL,
      boottime_ns INTEGER NOT NULL,
      wall_ms INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE events (
      seq INTEGER PRIMARY KEY,
      kind INTEGER NOT NULL,
      boot INTEGER NOT NULL,
      visit INTEGER NOT NULL,
      button TEXT,
      survey TEXT,
      survey_version INTEGER,
      question TEXT,
      scale TEXT,
      value INTEGER,
      code TEXT,
      language TEXT,
      verdict INTEGER,
      rules_version INTEGER,
      replaces INTEGER,
      boottime_ns INTEGER NOT NULL,
      wall_ms INTEGER NOT NULL,
      clock_state INTEGER NOT NULL,
      context TEXT,
      detail TEXT,
      chain BLOB NOT NULL
    ) STRICT
    """,
    // Costs an insert nothing, and keeps a number from being given twice whoever deletes the newest rows.
    """
    CREATE TRIGGER events_removed AFTER DELETE ON events BEGIN
      UPDATE journal SET removed_through = OLD.seq, removed_chain = OLD.chain WHERE removed_through < OLD.seq;
    END
    """,
  ]

  /// What each connection of the writer is set to, with the value that must be read back.
  static func settings(_ tuning: JournalTuning) -> [(pragma: String, value: String)] {
    [
      ("synchronous", tuning.synchronous == .full ? "2" : "1"),
      ("wal_autocheckpoint", "\(tuning.checkpointPages)"),
      ("journal_size_limit", "\(tuning.logBytes)"),
      ("cache_size", "-\(tuning.cacheKibibytes)"),
      ("mmap_size", "0"),
      ("trusted_schema", "0"),
      ("cell_size_check", "1"),
      ("secure_delete", "1"),
      ("temp_store", "2"),
    ]
  }
}

/// What tests and measurements vary; the product uses the defaults.
package struct JournalTuning: Sendable {
  package enum Synchronous: Sendable {
    case full
    /// Loses acknowledged events in a power cut: exists as the control of the power-cut tests.
    case normal
  }

  /// Name of the SQLite VFS; nil: the system's own.
  package var vfs: String?
  package var synchronous = Synchronous.full
  /// Bytes. With 512 a commit seldom touches more than one 4 KiB block of the write-ahead log.
  package var pageSize = 512
  /// Pages in the write-ahead log after which it is copied into the file. Two more fsyncs each time.
  package var checkpointPages = 2_000
  /// Bytes the write-ahead log is cut back to after it had to grow.
  package var logBytes = 4 << 20
  package var cacheKibibytes = 256
  /// Events after which the counters are brought up to date.
  package var countersEvery: Int64 = 512
  /// Bytes up to which the whole file is checked when it is opened.
  package var checkLimit: Int64 = 16 << 20
  /// How long a program that holds a lock is waited for.
  package var busyMilliseconds: Int32 = 1_000
  /// Bytes of the file that is given up when the disk is full: the presses of some hours.
  package var reserveBytes: Int64 = 1 << 20
  /// What brings older files up to date.
  package var migrations = Schema.migrations
  /// Events deleted at most by one step of retention, and looked at: a step must be over before a visitor notices.
  package var rowsPerStep: Int64 = 256
  /// The newest events are never deleted: corrections refer to them.
  package var newestKept: Int64 = 512

  package init() {}
}
