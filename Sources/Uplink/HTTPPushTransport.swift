import AsyncHTTPClient
import Feedback
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Wire

/// Posts batches to a URL over HTTP/1.1, with TLS 1.2 or newer. Follows no redirects, keeps at most one connection, uses
/// one thread, and reads no more of an answer than it can use. Must be closed when it is no longer used.
public final class HTTPPushTransport: PushTransport {
  /// Most bytes of an answer's body that are read. What is longer than that is none of ours.
  public static let longestBody = 8 * 1024

  private let settings: HTTPPushSettings
  private let clock: @Sendable () -> Int64
  private let threads: MultiThreadedEventLoopGroup
  private let client: HTTPClient
  private let diagnosis: CertificateDiagnosis?

  /// - Parameter clock: the wall clock, in seconds since 1970, against which certificates are explained.
  /// Throws a failure of the kind `.settings` that says which of them cannot be used.
  public init(
    _ settings: HTTPPushSettings, clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
  ) throws(PushFailure) {
    self.settings = settings
    self.clock = clock
    let isEncrypted = try Self.check(settings)
    let tls = try Self.tlsConfiguration(settings)
    threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var configuration = Self.clientConfiguration(settings)
    configuration.tlsConfiguration = tls
    client = HTTPClient(eventLoopGroupProvider: .shared(threads), configuration: configuration)
    diagnosis =
      isEncrypted
      ? CertificateDiagnosis(
        url: settings.url, threads: threads, configuration: Self.clientConfiguration(settings),
        timeout: settings.connectTimeout) : nil
  }

  public func close() async {
    try? await client.shutdown()
    try? await threads.shutdownGracefully()
  }

  public func send(_ batch: EventBatch) async -> PushReply {
    let reply = await withTaskGroup(of: PushReply.self) { group in
      group.addTask { await self.exchange(batch) }
      group.addTask { [timeout = settings.timeout] in
        guard (try? await Task.sleep(for: timeout)) != nil else { return .failed(PushFailure(.connection, "given up")) }
        return .failed(PushFailure(.timeout, "no whole answer within \(timeout.wholeMilliseconds / 1_000) s"))
      }
      let first = await group.next()
      group.cancelAll()
      return first ?? .failed(PushFailure(.timeout))
    }
    guard !Task.isCancelled, case .failed(let failure) = reply, failure.kind == .certificate(.unknownIssuer) else {
      return reply
    }
    // TLS says only that the certificate cannot be verified; the technician needs to know why.
    guard let problem = await diagnosis?.problem(at: clock()) else { return reply }
    return .failed(PushFailure(.certificate(problem), failure.detail))
  }

  private func exchange(_ batch: EventBatch) async -> PushReply {
    var request = request(.POST, settings.url)
    request.headers.add(name: "Content-Type", value: DeliveredEvent.batchMediaType)
    if batch.isCompressed { request.headers.add(name: "Content-Encoding", value: "gzip") }
    request.body = .bytes(ByteBuffer(bytes: batch.body))
    switch await answer(to: request, mostBytes: Self.longestBody) {
    case .success(let answer):
      return PushReply(
        status: answer.status, retryAfter: answer.retryAfter, date: answer.date, body: answer.body,
        isWhole: answer.isWhole)
    case .failure(let failure): return .failed(failure)
    }
  }

  private func request(_ method: HTTPMethod, _ url: String) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: url)
    request.method = method
    request.headers.add(name: "Accept", value: "application/json")
    request.headers.add(name: "User-Agent", value: "kiosk-agent/\(kioskVersion)")
    if let token = settings.bearerToken { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    return request
  }

  /// An answer's status, and as much of its body as was asked for.
  private func answer(to request: HTTPClientRequest, mostBytes: Int) async -> Result<UpstreamAnswer, PushFailure> {
    do {
      let response = try await client.execute(request, timeout: Self.amount(settings.timeout))
      var body: [UInt8] = []
      for try await part in response.body {
        body += part.readableBytesView.prefix(mostBytes + 1 - body.count)
        if body.count > mostBytes { break }
      }
      return .success(
        UpstreamAnswer(
          status: Int(response.status.code), retryAfter: response.headers.first(name: "Retry-After"),
          date: response.headers.first(name: "Date"), body: Array(body.prefix(mostBytes)),
          isWhole: body.count <= mostBytes))
    } catch {
      return .failure(PushFailure(network: error))
    }
  }

  /// Asks the same server for something else than taking a batch.
  ///
  /// - Parameters:
  ///   - url: where, whole.
  ///   - body: JSON to send; nil: none.
  ///   - mostBytes: of the answer's body; more are not read.
  public func ask(
    _ method: UpstreamMethod, _ url: String, body: [UInt8]? = nil, mostBytes: Int
  ) async -> Result<UpstreamAnswer, PushFailure> {
    var request = request(method == .get ? .GET : .PUT, url)
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    return await answer(to: request, mostBytes: mostBytes)
  }

  // MARK: - Settings

  /// Whether the connection is encrypted.
  private static func check(_ settings: HTTPPushSettings) throws(PushFailure) -> Bool {
    guard let url = URL(string: settings.url), let host = url.host, !host.isEmpty, url.fragment == nil,
      url.user == nil
    else { throw PushFailure(.settings, "\"\(settings.url)\" is no URL of a server") }
    switch url.scheme {
    case "https": return true
    case "http" where settings.allowsPlainText: return false
    case "http": throw PushFailure(.settings, "\(settings.url) is not encrypted; use https")
    default: throw PushFailure(.settings, "\(settings.url) is neither https nor http")
    }
  }

  static func clientConfiguration(_ settings: HTTPPushSettings) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.httpVersion = .http1Only
    configuration.decompression = .disabled
    configuration.timeout = .init(
      connect: amount(settings.connectTimeout), read: amount(settings.timeout), write: amount(settings.timeout))
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
    configuration.connectionPool.idleTimeout = .seconds(30)
    // When to try again is decided by `Backoff`.
    configuration.connectionPool.retryConnectionEstablishment = false
    if let proxy = settings.proxy {
      configuration.proxy = .server(
        host: proxy.host, port: proxy.port,
        authorization: proxy.credentials.map { .basic(username: $0.user, password: $0.password) })
    }
    return configuration
  }

  private static func tlsConfiguration(_ settings: HTTPPushSettings) throws(PushFailure) -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if case .authorities(let pem) = settings.trust {
      tls.trustRoots = .certificates(try certificates(pem, "the authorities to trust"))
    }
    if let identity = settings.identity {
      tls.certificateChain = try certificates(identity.chainPEM, "the kiosk's certificate").map { .certificate($0) }
      do {
        tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: identity.keyPEM, format: .pem))
      } catch {
        throw PushFailure(.settings, "the kiosk's private key is no unencrypted PEM")
      }
    }
    return tls
  }

  private static func certificates(_ pem: [UInt8], _ what: String) throws(PushFailure) -> [NIOSSLCertificate] {
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else {
      throw PushFailure(.settings, "\(what): no certificates in PEM")
    }
    return certificates
  }

  static func amount(_ duration: Duration) -> TimeAmount { .nanoseconds(max(1, duration.wholeNanoseconds)) }
}
