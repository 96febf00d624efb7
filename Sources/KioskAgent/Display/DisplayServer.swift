import HTTPTypes
import HummingbirdCore
import KioskConfiguration
import Logging
import NIOCore
import NIOPosix

/// The page beside the buttons: an HTTP server for the browser on the same box. Each connection is one step of a browser that
/// is ours, or of somebody who is not: sizes, counts and times are limited for both alike.
public struct DisplayServer: Sendable {
  /// What a client may take, and how long.
  struct Limits: Sendable {
    /// Streams of states at once: the screen, and a few technicians beside it.
    var streams = 8
    /// Connections at once; more are closed.
    var connections = 24
    /// How long a client may take to ask, and to take what it is sent.
    var patience = Duration.seconds(10)
    /// How often a stream without news says that it is alive.
    var heartbeat = Duration.seconds(15)
    /// How long to wait before trying again to listen.
    var retry = Duration.seconds(5)
    /// Longest header, and all headers of a request together, in bytes.
    var headerBytes = 8_192
    var headers = 64
  }

  private let parts: AgentParts
  private let limits: Limits

  public init(parts: AgentParts) { self.init(parts: parts, limits: Limits()) }

  init(parts: AgentParts, limits: Limits) {
    self.parts = parts
    self.limits = limits
  }

  /// Serves the page until the task is cancelled.
  public func run() async {
    guard let listen = parts.settings.display?.listen else { return }
    let feed = DisplayFeed(most: limits.streams, startedAt: parts.clock.wallMilliseconds)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await feed.follow(parts.link) }
      group.addTask { await feed.beat(every: limits.heartbeat) }
      group.addTask { await listenAgainAndAgain(listen, feed) }
      await group.waitForAll()
    }
  }

  private func listenAgainAndAgain(_ listen: AgentSettings.Address, _ feed: DisplayFeed) async {
    while !Task.isCancelled {
      do {
        try await serve(listen, DisplayAnswers(feed: feed, parts: parts))
      } catch {
        guard !Task.isCancelled else { return }
        await parts.health.begin(
          "display", "kiosk-agent cannot listen on \(listen.host):\(listen.port) for the visitor's page: \(error)",
          hint: "another program may have the port (ss -ltnp); choose another: listen of [display] in kiosk.toml")
      }
      try? await Task.sleep(for: limits.retry)
    }
  }

  private func serve(_ listen: AgentSettings.Address, _ answers: DisplayAnswers) async throws {
    let limits = limits
    // What it would say at each start is the unit's business, not the reader's of the log.
    let quiet = Logger(label: "display") { _ in SwiftLogNoOpLogHandler() }
    let channel = HTTP1Channel(
      responder: { request, writer, channel in
        channel.pipeline.fireUserInboundEventTriggered(ConnectionPatience.Turn.asked)
        let response = await answers.response(to: request)
        try await writer.write(response: response.head, body: response.body)
        channel.pipeline.fireUserInboundEventTriggered(ConnectionPatience.Turn.answered)
      },
      configuration: HTTP1Channel.Configuration(
        additionalChannelHandlers: [ConnectionPatience(limit: limits.patience)],
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
          maxHeaderFieldCount: limits.headers)))
    let connections = OpenConnections(most: limits.connections)
    // Hummingbird's own `Server` hands connections over through a queue, and what is in that queue when it ends would end the
    // program (`NIOAsyncWriter` insists on being finished). So each connection is answered from the moment it is set up.
    let server = try await ServerBootstrap(group: parts.threads)
      .serverChannelOption(.backlog, value: Int32(limits.connections))
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { client in
        guard connections.admit(client) else {
          return client.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        return channel.setup(channel: client, logger: quiet).map { value in
          StartWhenActive.run(on: client) {
            connections.keep(Task { await channel.handle(value: value, logger: quiet) }, for: client)
          }
        }
      }
      .bind(host: listen.host, port: listen.port).get()
    await parts.health.end("display")
    await withTaskCancellationHandler {
      try? await server.closeFuture.get()
    } onCancel: {
      server.close(promise: nil)
    }
    await connections.close()
  }
}
