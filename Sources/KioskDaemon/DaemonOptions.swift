import KioskConfiguration

/// The command line of kioskd.
public struct DaemonOptions: Sendable, Hashable {
  /// Directory with `kiosk.toml`, `panel.toml` and `surveys/`.
  public var configuration = "/etc/kiosk"
  /// Directory of the journal.
  public var state = "/var/lib/kiosk"
  /// Directory of the control socket.
  public var runtime = "/run/kiosk"
  /// Simulate the lines, whatever the board: to try a panel file at a desk.
  public var isSimulated = false
  /// Boot id, where /proc does not tell it (systemd's `ProcSubset=pid`; the unit passes `%b`).
  public var bootID: String?

  /// Name of the control socket in the runtime directory.
  public static let socketName = "control.sock"

  public init() {}

  /// What the arguments ask for.
  public enum Request: Sendable, Hashable {
    case run(DaemonOptions)
    /// Check the configuration and end.
    case check(DaemonOptions)
    case help
    case version
    /// The arguments are not understood: what is wrong.
    case misunderstood(String)
  }

  /// Reads arguments (without the program's name).
  public static func parse(_ arguments: [String]) -> Request {
    var options = DaemonOptions()
    var isCheck = false
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      var name = argument
      var inline: String?
      if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
        name = String(argument[..<equals])
        inline = String(argument[argument.index(after: equals)...])
      }
      switch name {
      case "--help", "-h": return .help
      case "--version": return .version
      case "--check": isCheck = true
      case "--simulate": options.isSimulated = true
      case "--config", "--state", "--runtime", "--boot-id":
        guard let value = inline ?? rest.popFirst(), !value.isEmpty else {
          return .misunderstood("\(name) needs a value")
        }
        switch name {
        case "--config": options.configuration = value
        case "--state": options.state = value
        case "--runtime": options.runtime = value
        default: options.bootID = value
        }
      default: return .misunderstood("unknown argument \"\(argument)\"")
      }
    }
    return isCheck ? .check(options) : .run(options)
  }

  /// The text of `--help`.
  public static var help: String {
    """
    kioskd: reads the buttons of a feedback terminal and keeps every press.

    Usage: kioskd [--config DIR] [--state DIR] [--runtime DIR] [--boot-id ID] [--simulate]
           kioskd --check [--config DIR]

      --config DIR    kiosk.toml, panel.toml and surveys/   (default /etc/kiosk)
      --state DIR     the journal, ratings.db, and what     (default /var/lib/kiosk)
                      upstream has sent
      --runtime DIR   the control socket, control.sock      (default /run/kiosk)
      --boot-id ID    the boot's id, where /proc/sys is hidden (in a unit: %b)
      --simulate      simulate the lines, whatever the board: to try a panel file at a desk
      --check         check the configuration, say what is wrong, and end
      --version       print the version
      --help          print this

    Signals: SIGTERM and SIGINT commit the press in hand and end; SIGHUP reads the configuration anew.

    Exit codes:
    \(ExitCode.allCases.map { "  \($0.rawValue < 10 ? " " : "")\($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))

    Example: try the panel file before it goes live
      kioskd --check --config /etc/kiosk

    """
  }
}
