import Glibc

/// How a file of one version of the schema becomes one of the next.
package struct Migration: Sendable {
  /// What changes tables and rows; run in one transaction with the new version's number.
  package var statements: [String]

  package init(_ statements: [String]) {
    self.statements = statements
  }
}

extension Connection {
  /// Brings a file from `version` to the newest one, step by step, each in a transaction of its own and each after a
  /// backup: `ratings.backup-1.db` is the file as it was with version 1. Throws, and the file is as it was before the
  /// step that failed.
  func migrate(from version: Int64, by migrations: [Migration], files: JournalFiles) throws(JournalError) {
    for (step, migration) in migrations.enumerated().dropFirst(Int(version) - 1) {
      let old = step + 1
      try backUp(to: files.backupPath(version: old))
      files.synchronise()
      try transaction { () throws(JournalError) in
        for statement in migration.statements { try execute(statement) }
        try execute("PRAGMA user_version = \(old + 1)")
      }
    }
  }

  /// Copies what is committed into a new file, which is complete and on disk before it gets its name.
  private func backUp(to target: String) throws(JournalError) {
    let unfinished = target + ".part"
    unlink(unfinished)
    do throws(JournalError) {
      try prepare("VACUUM INTO ?").run(.text(unfinished))
    } catch {
      unlink(unfinished)
      throw error
    }
    let file = open(unfinished, O_RDONLY | O_CLOEXEC)
    guard file >= 0, fsync(file) == 0, rename(unfinished, target) == 0 else {
      let number = errno
      if file >= 0 { Glibc.close(file) }
      unlink(unfinished)
      throw JournalFiles.error(number, "cannot keep a backup as \(target)")
    }
    Glibc.close(file)
  }
}

extension JournalFiles {
  func backupPath(version: Int) -> String { "\(directory)/\(Self.name).backup-\(version).db" }
}
