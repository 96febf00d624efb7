import Feedback
import KioskConfiguration
import Logging
import NIOCore
import NIOPosix

/// Lets consumers fetch events, as docs/openapi/device.yaml says.
public struct PullServer: Sendable {
  /// How long to wait before trying again to listen.
  static let retry = Duration.seconds(5)
  /// How often certificates and tokens are read anew.
  static let refresh = Duration.seconds(30)

  private let parts: AgentParts
  private let settings: AgentSettings.Serve
  private let limits: ServingLimits
  private let refreshPeriod: Duration
  private let listening: @Sendable (Int) async -> Void

  /// - Returns: nil when nobody may fetch.
  public init?(parts: AgentParts) {
    self.init(parts: parts, limits: ServingLimits())
  }

  /// - Parameter listening: told the port, whenever it begins to listen.
  init?(
    parts: AgentParts, limits: ServingLimits, refresh: Duration = PullServer.refresh,
    listening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    guard let settings = parts.settings.serve else { return nil }
    self.parts = parts
    self.settings = settings
    self.limits = limits
    refreshPeriod = refresh
    self.listening = listening
  }

  /// Serves until the task is cancelled.
  public func run() async {
    let identity = ServerIdentity(settings: settings, credentials: parts.credentials)
    let tokens = ConsumerTokens(settings: settings, credentials: parts.credentials)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await keepFresh(identity, tokens) }
      group.addTask { await listen(identity, tokens) }
      await group.waitForAll()
    }
  }

  // MARK: - Within

  private func listen(_ identity: ServerIdentity, _ tokens: ConsumerTokens) async {
    while !Task.isCancelled {
      do {
        try identity.refresh()
        try await serve(identity, tokens)
      } catch {
        guard !Task.isCancelled else { return }
        let reason = error as? AgentError
        await parts.health.begin(
          "serve", "nobody can fetch events at \(place): \(reason?.message ?? "\(error)")",
          hint: reason?.hint ?? "is the address this machine's, and the port free? ss -ltnp shows who has it")
      }
      try? await Task.sleep(for: Self.retry)
    }
  }

  private var place: String { "\(settings.listen.host):\(settings.listen.port)" }

  private func serve(_ identity: ServerIdentity, _ tokens: ConsumerTokens) async throws {
    let roll = ConnectionRoll(limits: limits, clock: parts.clock)
    let operations = PullOperations(
      parts: parts, settings: settings, limits: limits, roll: roll,
      rate: RequestRate(perSecond: limits.requestsPerSecond, burst: limits.requestsPerSecond), tokens: tokens,
      reader: PullReader(directory: parts.options.journal), desk: StatusDesk(parts: parts))
    let figures = parts.figures
    let channel = GuardedChannel(
      responder: { request, writer, channel in try await operations.respond(to: request, writer, on: channel) },
      roll: roll, limits: limits, encryption: { identity.context },
      count: { status in Task { await figures.update { $0.answers[status, default: 0] += 1 } } })
    // The health board tells what there is to tell; a server's own log would tell what clients like.
    let quiet = Logger(label: "serve") { _ in SwiftLogNoOpLogHandler() }
    // Hummingbird's own `Server` hands connections over through a queue, and what is in that queue when it ends would end the
    // program (`NIOAsyncWriter` insists on being finished). So each connection is answered from the moment it is set up.
    let server = try await ServerBootstrap(group: parts.threads)
      .serverChannelOption(.backlog, value: Int32(limits.connections))
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { client in
        channel.setup(channel: client, logger: quiet).map { value in
          StartWhenActive.run(on: client) {
            roll.keep(Task { await channel.handle(value: value, logger: quiet) }, for: client)
          }
        }
      }
      .bind(host: settings.listen.host, port: settings.listen.port).get()
    await parts.health.end("serve")
    await listening(server.localAddress?.port ?? 0)
    await withTaskCancellationHandler {
      try? await server.closeFuture.get()
    } onCancel: {
      server.close(promise: nil)
    }
    await roll.close()
  }

  /// Takes new certificates and tokens, and tells what is wrong with them.
  private func keepFresh(_ identity: ServerIdentity, _ tokens: ConsumerTokens) async {
    while !Task.isCancelled {
      tokens.refresh(at: parts.clock.monotonic)
      let problems = tokens.problems
      for consumer in settings.consumers.map(\.name) {
        if let problem = problems[consumer] {
          await parts.health.begin("serve-token", subject: consumer, problem.message, hint: problem.hint)
        } else {
          await parts.health.end("serve-token", subject: consumer)
        }
      }
      await refresh(identity)
      try? await Task.sleep(for: refreshPeriod)
    }
  }

  private func refresh(_ identity: ServerIdentity) async {
    do throws(AgentError) {
      try identity.refresh()
    } catch {
      // Without one that was good before, `listen` tells it.
      guard identity.context != nil else { return }
      return await parts.health.begin(
        "serve-certificate", "a new certificate cannot be used, the old one stays: \(error.message)", hint: error.hint)
    }
    if let expires = identity.expires, parts.clock.isSynchronised, expires < parts.clock.wallMilliseconds / 1_000 {
      let day = parts.clock.text(milliseconds: expires.multipliedReportingOverflow(by: 1_000).partialValue).prefix(10)
      return await parts.health.begin(
        "serve-certificate", "the certificate for those who fetch has expired on \(day)", hint: "renew it")
    }
    await parts.health.end("serve-certificate")
  }
}
