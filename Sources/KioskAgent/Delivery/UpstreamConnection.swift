import Feedback
import KioskConfiguration
import Uplink

/// The way to the upstream, with the credentials there are at the moment. Of several certificates the newest that is valid is
/// shown; where the server does not take it, the others are tried, so that exchanging one needs no moment at which both sides
/// do it together.
///
/// Credentials, all of them optional: `upstream-token`, `upstream-certificate.pem` with `upstream-key.pem`,
/// `upstream-certificate-next.pem` with `upstream-key-next.pem`, and `proxy` (`user:password`).
public actor UpstreamConnection: PushTransport {
  /// What the path of a batch ends in.
  static let eventsPath = "/v1/events"

  private let settings: AgentSettings.Push
  private let credentials: Credentials
  private let clock: AgentClock
  /// What the transports were made of; they are made anew when it changes.
  private var candidates: [HTTPPushSettings] = []
  private var transports: [HTTPPushTransport?] = []
  private var current = 0
  private var isClosed = false

  public init(settings: AgentSettings.Push, credentials: Credentials, clock: AgentClock) {
    self.settings = settings
    self.credentials = credentials
    self.clock = clock
  }

  public func send(_ batch: EventBatch) async -> PushReply {
    do throws(PushFailure) {
      try await refresh()
    } catch {
      return .failed(error)
    }
    var reply = await send(batch, through: current)
    for candidate in candidates.indices where candidate != current && Self.blamesIdentity(reply) {
      let other = await send(batch, through: candidate)
      guard !Self.blamesIdentity(other) else { continue }
      current = candidate
      reply = other
    }
    return reply
  }

  public func close() async {
    isClosed = true
    await closeTransports()
  }

  /// Asks the upstream for something else than taking a batch.
  ///
  /// - Parameters:
  ///   - path: what comes after the URL of `[sync]`.
  ///   - mostBytes: of the answer's body; more are not read.
  public func ask(
    _ method: UpstreamMethod, _ path: String, body: [UInt8]? = nil, mostBytes: Int
  ) async -> Result<UpstreamAnswer, PushFailure> {
    do throws(PushFailure) {
      try await refresh()
      return await (try transport(current)).ask(method, settings.url + path, body: body, mostBytes: mostBytes)
    } catch {
      return .failure(error)
    }
  }

  // MARK: - Within

  /// Whether another certificate might be taken where this one was not.
  private static func blamesIdentity(_ reply: PushReply) -> Bool {
    switch reply {
    case .unauthorised: true
    case .failed(let failure): failure.kind == .clientCertificate
    default: false
    }
  }

  private func send(_ batch: EventBatch, through candidate: Int) async -> PushReply {
    do throws(PushFailure) {
      return await (try transport(candidate)).send(batch)
    } catch {
      return .failed(error)
    }
  }

  private func transport(_ candidate: Int) throws(PushFailure) -> HTTPPushTransport {
    guard !isClosed, candidates.indices.contains(candidate) else { throw PushFailure(.connection, "given up") }
    if let known = transports[candidate] { return known }
    let made = try HTTPPushTransport(candidates[candidate])
    transports[candidate] = made
    return made
  }

  /// Reads the credentials; new ones replace the connections.
  private func refresh() async throws(PushFailure) {
    let found = try read()
    guard found != candidates else { return }
    await closeTransports()
    candidates = found
    transports = Array(repeating: nil, count: found.count)
    current = 0
  }

  private func closeTransports() async {
    let old = transports
    transports = Array(repeating: nil, count: candidates.count)
    for transport in old { await transport?.close() }
  }

  private func read() throws(PushFailure) -> [HTTPPushSettings] {
    do throws(AgentError) {
      var base = HTTPPushSettings(url: settings.url + Self.eventsPath)
      base.allowsPlainText = settings.allowsPlainText
      base.bearerToken = try credentials.line("upstream-token")
      if let path = settings.authorities {
        guard let pem = try Credentials.read(path) else {
          throw AgentError(.credential, "\(path), the authorities of [sync], is not there", hint: "put the file there")
        }
        base.trust = .authorities(pem: pem)
      }
      if let proxy = settings.proxy {
        base.proxy = HTTPPushSettings.Proxy(host: proxy.host, port: proxy.port)
        if let line = try credentials.line("proxy") {
          guard let colon = line.firstIndex(of: ":") else {
            throw AgentError(.credential, "the credential proxy is not user:password", hint: "write user:password")
          }
          base.proxy?.credentials = HTTPPushSettings.Proxy.Credentials(
            user: String(line[..<colon]), password: String(line[line.index(after: colon)...]))
        }
      }
      let identities = try identities()
      guard !identities.isEmpty else { return [base] }
      return identities.map { identity in
        var settings = base
        settings.identity = identity
        return settings
      }
    } catch {
      throw PushFailure(.settings, error.message)
    }
  }

  /// The certificates that can be shown, the best first.
  private func identities() throws(AgentError) -> [HTTPPushSettings.Identity] {
    var found: [ClientIdentity] = []
    for suffix in ["", "-next"] {
      guard let chain = try credentials.bytes("upstream-certificate\(suffix).pem") else { continue }
      guard let key = try credentials.bytes("upstream-key\(suffix).pem") else {
        throw AgentError(
          .credential, "there is an upstream-certificate\(suffix).pem without its upstream-key\(suffix).pem",
          hint: "hand in both or none")
      }
      found.append(ClientIdentity(chainPEM: chain, keyPEM: key))
    }
    return ClientIdentity.ordered(found, at: clock.wallMilliseconds / 1_000).map(\.identity)
  }
}
