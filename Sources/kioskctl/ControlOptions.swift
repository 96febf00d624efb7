import ArgumentParser
import Glibc
import KioskControl

/// What every subcommand that talks to the daemon understands.
struct ControlOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The daemon's control socket.",
      discussion:
        "Default: $KIOSK_CONTROL_SOCKET, /run/kiosk/control.sock, or the one of a kiosk started with make run.",
      valueName: "path"))
  var socket: String?

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  /// Where the daemon is most likely to listen: the installed one before one that this user runs for trying out.
  var socketPath: String {
    if let socket { return socket }
    if let named = environment("KIOSK_CONTROL_SOCKET"), !named.isEmpty { return named }
    let installed = "/run/kiosk/control.sock"
    var candidates = [installed]
    if let directory = environment("XDG_RUNTIME_DIR") { candidates.append("\(directory)/kiosk/control.sock") }
    if let home = environment("HOME") { candidates.append("\(home)/.local/state/kiosk/control.sock") }
    return candidates.first { access($0, F_OK) == 0 } ?? installed
  }

  func connect() throws -> ControlClient {
    do {
      return try ControlClient(path: socketPath)
    } catch {
      throw failure(error)
    }
  }

  /// Asks one question; a failure is told on standard error and ends the program with its code.
  func ask(_ request: ControlRequest, within milliseconds: Int64 = 5_000) throws -> ControlReply {
    let client = try connect()
    do {
      return try client.ask(request, within: milliseconds)
    } catch {
      throw failure(error)
    }
  }

  /// Tells what went wrong and what to do, and names the exit code.
  func failure(_ error: ControlError) -> ExitCode { Self.failure(error, json: json) }

  static func failure(_ error: ControlError, json: Bool) -> ExitCode {
    if json, let line = try? ControlCodec.line(ControlReply(error: error)) {
      Output.write(line)
    }
    Output.error("kioskctl: \(error.message)\n  → \(error.hint)\n")
    switch error.code {
    case .notRunning, .disconnected, .busy: return ExitCode(69)
    case .notPermitted: return ExitCode(77)
    default: return ExitCode(70)
    }
  }

  private func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
