/// How kiosk-agent ends, for the service manager and for scripts. Listed in `kiosk-agent --help`; never renumber one.
public enum AgentExitCode: Int32, Sendable, CaseIterable {
  /// Stopped as asked.
  case success = 0
  /// The command line is not understood (EX_USAGE).
  case usage = 64
  /// A defect in kiosk-agent itself (EX_SOFTWARE).
  case software = 70
  /// The configuration cannot be used (EX_CONFIG).
  case configuration = 78
  /// Its directory or its database cannot be used.
  case state = 87
  /// Another kiosk-agent has the database.
  case alreadyRunning = 88

  /// One line for `--help`.
  public var meaning: String {
    switch self {
    case .success: "stopped as asked"
    case .usage: "the command line is not understood"
    case .software: "a defect in kiosk-agent itself"
    case .configuration: "the configuration cannot be used"
    case .state: "its directory or database cannot be used"
    case .alreadyRunning: "another kiosk-agent is running"
    }
  }
}
