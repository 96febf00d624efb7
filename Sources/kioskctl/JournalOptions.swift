import ArgumentParser
import Glibc
import Journal
import KioskControl

/// What every subcommand that reads the journal understands.
struct JournalOptions: ParsableArguments {
  @OptionGroup var control: ControlOptions

  @Option(
    help: ArgumentHelp(
      "The journal's file.",
      discussion: "Default: the one a running kioskd names, else \(JournalOptions.installed).", valueName: "path"))
  var journal: String?

  @Option(help: ArgumentHelp("Refuse a journal that is not of this device.", valueName: "name"))
  var device: String?

  static let installed = "/var/lib/kiosk/ratings.db"

  var json: Bool { control.json }

  /// Where the journal is.
  func path() -> String {
    if let journal { return journal }
    // No answer is no trouble here: the journal can be read without kioskd.
    let status = try? ControlClient(path: control.socketPath).ask(.status, within: 2_000).status
    return status?.journal.path ?? Self.installed
  }

  /// Opens the journal; ends the program with what is wrong and what to do when that cannot be.
  func open(_ path: String) throws -> JournalReader {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let number = errno
      throw failure(
        number == EACCES
          ? JournalProblem(
            .noPermission, "not-permitted", "\(path) may not be looked at by this user", Self.permissionHint)
          : JournalProblem(
            .noInput, "missing", "there is no journal at \(path): \(String(cString: strerror(number)))",
            "name the file with --journal; kioskctl status tells where a running kiosk keeps it"))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw failure(
        JournalProblem(.noInput, "missing", "\(path) is not a file", "name the file itself, such as ratings.db"))
    }
    return try reporting {
      let reader = try JournalReader.open(path)
      if let device, Array(try reader.summary().device.utf8) != Array(device.utf8) {
        throw failure(
          JournalProblem(
            .wrongData, "other-device", "\(path) is the journal of \(try reader.summary().device), not of \(device)",
            "name the journal of \(device) with --journal"))
      }
      return reader
    }
  }

  static let permissionHint = "run it as root or as a user in the group that owns the journal"

  /// Runs `body`; what the journal reports ends the program with its message and exit code.
  func reporting<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as JournalError {
      throw failure(JournalProblem(error))
    } catch let problem as JournalProblem {
      throw failure(problem)
    }
  }

  func failure(_ problem: JournalProblem) -> ExitCode {
    if json { print(JournalProblem.Report(error: problem)) }
    Output.error("kioskctl: \(problem.message)\n  → \(problem.hint)\n")
    return problem.exitCode
  }

  /// One line of JSON.
  func print(_ value: some Encodable) {
    if let line = try? ControlCodec.line(value) { Output.write(line) }
  }
}

/// What went wrong with a journal or a file, in words for the technician.
struct JournalProblem: Error, Encodable {
  var exitCode: ExitCode
  var code: String
  var message: String
  var hint: String

  enum CodingKeys: String, CodingKey { case code, message, hint }

  /// The form that errors from the daemon have too.
  struct Report: Encodable {
    var error: JournalProblem
  }

  init(_ exitCode: ExitCode, _ code: String, _ message: String, _ hint: String) {
    (self.exitCode, self.code, self.message, self.hint) = (exitCode, code, message, hint)
  }

  init(_ error: JournalError) {
    var hint = error.hint
    switch error.code {
    case .notPermitted: (exitCode, hint) = (.noPermission, JournalOptions.permissionHint)
    case .readOnly:
      // A reader too has to make the index beside the file where it is not there.
      exitCode = .noPermission
      hint = "\(JournalOptions.permissionHint), or read a copy made with journal backup: it needs no files beside it"
    case .damaged:
      exitCode = .wrongData
      if error.cause != nil {
        hint = "it is not a journal, or it is damaged; kioskd sets such a file aside by itself and starts a new one"
      }
    case .busy: (exitCode, hint) = (.tryAgain, "try again in a moment")
    case .diskFull, .inputOutput: exitCode = .inputOutput
    case .unknownEvent, .tooLarge, .closed, .system: exitCode = .noInput
    }
    (code, message, self.hint) = (Self.name(error.code), error.message, hint)
  }

  /// In the spelling of the codes that the daemon sends.
  private static func name(_ code: JournalError.Code) -> String {
    switch code {
    case .diskFull: "disk-full"
    case .readOnly: "read-only"
    case .notPermitted: "not-permitted"
    case .inputOutput: "input-output"
    case .tooLarge: "too-large"
    case .unknownEvent: "unknown-event"
    case .busy, .damaged, .closed, .system: code.rawValue
    }
  }

  /// A system call on a file that failed.
  init(_ number: Int32, _ what: String) {
    message = "\(what): \(String(cString: strerror(number)))"
    switch number {
    case EACCES, EPERM:
      (exitCode, code, hint) = (.noPermission, "not-permitted", "choose a directory that this user may write to")
    case ENOSPC, EDQUOT, EFBIG:
      (exitCode, code, hint) = (.inputOutput, "disk-full", "free some space or choose another disk")
    case EROFS: (exitCode, code, hint) = (.cannotCreate, "read-only", "choose a directory that can be written to")
    case ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP:
      (exitCode, code, hint) = (.cannotCreate, "missing", "check the path; the directory must exist")
    default: (exitCode, code, hint) = (.inputOutput, "input-output", "check the disk and the path")
    }
  }
}

extension ExitCode {
  /// A link of the chain does not hold.
  static let brokenChain = ExitCode(3)
  // The numbers of sysexits(3).
  static let wrongData = ExitCode(65)
  static let noInput = ExitCode(66)
  static let cannotCreate = ExitCode(73)
  static let inputOutput = ExitCode(74)
  static let tryAgain = ExitCode(75)
  static let noPermission = ExitCode(77)
}
