import GPIO
import KioskControl

/// How kioskd ends, for the service manager and for scripts. Listed in `kioskd --help`; never renumber one.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// Stopped as asked, all presses committed.
  case success = 0
  /// The command line is not understood (EX_USAGE).
  case usage = 64
  /// A defect in kioskd itself (EX_SOFTWARE).
  case software = 70
  /// The configuration cannot be used (EX_CONFIG).
  case configuration = 78
  /// The configuration uses a line that the board needs for itself.
  case reservedLine = 79
  /// No GPIO chip with the wanted label.
  case noChip = 80
  /// The chip has no such line.
  case noLine = 81
  /// Another program holds a line.
  case lineInUse = 82
  /// The chip may not be opened by this user.
  case gpioNotPermitted = 83
  /// The kernel refused or failed, at start or later.
  case gpioFailed = 84
  /// Another kioskd serves the control socket.
  case alreadyRunning = 85
  /// The control socket cannot be made.
  case runtimeDirectory = 86

  /// One line for `--help`.
  public var meaning: String {
    switch self {
    case .success: "stopped as asked, every acknowledged press is on disk"
    case .usage: "the command line is not understood"
    case .software: "a defect in kioskd itself"
    case .configuration: "the configuration cannot be used"
    case .reservedLine: "the configuration uses a line that the board needs for itself"
    case .noChip: "no GPIO chip with the wanted label"
    case .noLine: "the chip has no such line"
    case .lineInUse: "another program holds a line"
    case .gpioNotPermitted: "this user may not open the GPIO chip"
    case .gpioFailed: "the kernel refused a line or lost it"
    case .alreadyRunning: "another kioskd serves the control socket"
    case .runtimeDirectory: "the control socket cannot be made"
    }
  }

  init(_ error: GPIOError) {
    switch error.code {
    case .noChip: self = .noChip
    case .noLine: self = .noLine
    case .lineInUse: self = .lineInUse
    case .notPermitted: self = .gpioNotPermitted
    case .system: self = .gpioFailed
    }
  }

  init(_ error: ControlError) {
    self = error.code == .alreadyRunning ? .alreadyRunning : .runtimeDirectory
  }
}
