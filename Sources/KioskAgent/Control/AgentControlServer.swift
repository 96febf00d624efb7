import AgentControl
import Glibc
import KioskControl
import NIOCore
import NIOPosix

/// The agent's own socket: what kioskctl asks of it. One line is asked, one is answered; who asks nonsense is told so, who
/// asks nothing is cut off.
public struct AgentControlServer: Sendable {
  /// Clients at once.
  static let mostConnections = 8
  /// How long a client may take to ask, and to take the answer.
  static let patience = Duration.seconds(5)
  /// How long to wait before trying again to listen.
  static let retry = Duration.seconds(5)
  /// Longest request in bytes.
  static let longestRequest = 4_096

  private let parts: AgentParts
  private let path: String

  public init(parts: AgentParts) {
    self.parts = parts
    path = "\(parts.options.runtime)/\(AgentRequest.socketName)"
  }

  /// Answers until the task is cancelled.
  public func run() async {
    while !Task.isCancelled {
      do {
        try await serve()
      } catch {
        guard !Task.isCancelled else { return }
        await parts.health.begin(
          "agent-control", "kiosk-agent cannot listen on \(path): \(error)",
          hint: "the directory must exist and belong to the agent's user (systemd: RuntimeDirectory=)")
        try? await Task.sleep(for: Self.retry)
      }
    }
  }

  private func serve() async throws {
    // What a killed agent left; a living one holds the lock on agent.db, and this one would not be here.
    unlink(path)
    let clients = OpenConnections(most: Self.mostConnections)
    let server = try await ServerBootstrap(group: parts.threads)
      .serverChannelOption(.backlog, value: Int32(Self.mostConnections * 2))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([
            ByteToMessageHandler(LineFrames(longest: Self.longestRequest)),
            LineAnswerer(clients: clients, patience: Self.patience) { line in await answer(line) },
          ])
        }
      }
      .bind(unixDomainSocketPath: path).get()
    // Whoever may pause delivery belongs to the group; the directory lets in no others meanwhile.
    chmod(path, 0o660)
    await parts.health.end("agent-control")
    try await withTaskCancellationHandler {
      try await server.closeFuture.get()
    } onCancel: {
      server.close(promise: nil)
    }
    await clients.close()
    unlink(path)
  }

  private func answer(_ line: ByteBuffer) async -> [UInt8] {
    (try? ControlCodec.line(await reply(to: line))) ?? []
  }

  private func reply(to line: ByteBuffer) async -> AgentReply {
    let request: AgentRequest
    do {
      request = try ControlCodec.value(AgentRequest.self, from: line.readableBytesView)
    } catch {
      return AgentReply(error: error)
    }
    if let delivery = parts.delivery {
      switch request.request {
      case .status: break
      case .now: await delivery.syncNow()
      case .pause: await delivery.pause()
      case .resume: await delivery.resume()
      }
    } else if request.request != .status {
      return AgentReply(
        error: ControlError(
          .badRequest, "this kiosk sends nothing anywhere", hint: "write [sync] with a url into kiosk.toml"))
    }
    return AgentReply(status: await StatusReporter(parts: parts).status())
  }
}
