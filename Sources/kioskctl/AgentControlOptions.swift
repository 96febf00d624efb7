import AgentControl
import ArgumentParser
import Glibc
import KioskControl

/// What every subcommand that talks to kiosk-agent understands.
struct AgentControlOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The agent's socket.",
      discussion: "Default: $KIOSK_AGENT_SOCKET, or /run/kiosk-agent/agent.sock.", valueName: "path"))
  var socket: String?

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  private var socketPath: String {
    if let socket { return socket }
    if let named = getenv("KIOSK_AGENT_SOCKET").map({ String(cString: $0) }), !named.isEmpty { return named }
    return "/run/kiosk-agent/\(AgentRequest.socketName)"
  }

  /// Asks, and shows how delivery is now.
  func show(_ kind: AgentRequest.Kind) throws {
    let status = try ask(kind)
    if !json { return Output.line(SyncStatusCommand.text(status)) }
    if let line = try? ControlCodec.line(status) { Output.write(line) }
  }

  /// Asks; a failure is told on standard error and ends the program with its code.
  func ask(_ kind: AgentRequest.Kind) throws -> AgentStatus {
    do throws(ControlError) {
      let client = try ControlClient(path: socketPath, program: "kiosk-agent")
      let reply = try client.exchange(AgentRequest(kind), for: AgentReply.self)
      if let error = reply.error { throw error }
      guard let status = reply.status else {
        throw ControlError(
          .badRequest, "kiosk-agent sent another answer", hint: "kioskctl and kiosk-agent are of different versions")
      }
      return status
    } catch {
      throw ControlOptions.failure(error, json: json)
    }
  }
}
