import ArgumentParser
import Glibc
import Journal
import Wire

struct JournalBackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the journal while the kiosk goes on capturing, and check the copy.",
    discussion: """
      The copy is one file, readable by this user only (0600), of the journal as it was when the copying began. It is
      checked in whole, structure and chain, before it gets its name. A file that is there already is kept, unless --force
      says to replace it. Ends with 3 when the copy is true but what was copied is damaged or its chain is broken: such a
      copy is kept under a new name, but never replaces an older one.

      EXAMPLE:
        kioskctl journal backup /media/stick/ratings-2026-03-29.db
      """)

  @OptionGroup var options: JournalOptions

  @Argument(help: "The new file.")
  var file: String

  @Flag(help: "Replace a file that is there already.")
  var force = false

  func run() throws {
    let path = options.path()
    let reader = try options.open(path)
    let report = try options.reporting { try backup(reader, of: path) }
    report.show(json: options.json, options)
    if !report.isWhole { throw ExitCode.brokenChain }
  }

  private func backup(_ reader: JournalReader, of path: String) throws -> ChainReport {
    // SQLite could take a relative path for something else.
    let target = file.hasPrefix("/") ? file : "./\(file)"
    let reservation = try Reservation(target, mayExist: force)
    let copy = try PartialFile(for: target, keeping: path)
    try reader.backup(to: copy.path)
    let report = try check(copy.path)
    guard report.isWhole || !reservation.replaces else {
      throw JournalProblem(
        .brokenChain, "damaged",
        "\(file) is kept as it was: the journal is damaged at event \(report.broken?.sequence ?? 0), and so is its copy",
        "back up to a new name to keep the damaged journal as well")
    }
    try copy.finish()
    reservation.keep()
    return report
  }

  private func check(_ path: String) throws -> ChainReport {
    let copy = try JournalReader.open(path)
    let summary = try copy.summary()
    var report = ChainReport(file, device: summary.device, epoch: summary.epoch, try copy.verify())
    if report.isWhole, let damage = try copy.structuralDamage() {
      report.isWhole = false
      report.broken = .init(sequence: 0, fault: "damaged", finding: "all events hold, but: \(damage)")
    }
    return report
  }
}

/// The backup's final name, taken before the work begins, so that two backups to one name cannot both go on, on file
/// systems without hard links too. Given back unless it was used.
private final class Reservation {
  /// Whether there was a file before.
  let replaces: Bool
  private let path: String
  private var isKept = false

  init(_ path: String, mayExist: Bool) throws(JournalProblem) {
    self.path = path
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if descriptor >= 0 {
      close(descriptor)
      replaces = false
      return
    }
    let number = errno
    guard number == EEXIST else {
      (replaces, isKept) = (true, true)
      throw JournalProblem(number, "\(path) cannot be made")
    }
    replaces = true
    guard mayExist else {
      throw JournalProblem(
        .cannotCreate, "exists", "\(path) is there already", "choose a new name, or replace it with --force")
    }
  }

  func keep() { isKept = true }

  deinit { if !isKept, !replaces { unlink(path) } }
}
