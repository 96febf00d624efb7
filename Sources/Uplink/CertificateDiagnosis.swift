import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

/// Finds out what is wrong with a server's certificate after TLS has refused it: connects once more, looks at the
/// certificate, and closes. Nothing is sent over that connection, neither request nor the kiosk's own certificate.
struct CertificateDiagnosis: Sendable {
  let url: String
  let threads: MultiThreadedEventLoopGroup
  let configuration: HTTPClient.Configuration
  let timeout: Duration

  /// Ends the connection before it is used.
  private struct Seen: Error {
    var certificate: NIOSSLCertificate?
  }

  /// nil: it could not be seen.
  /// - Parameter now: seconds since 1970.
  func problem(at now: Int64) async -> CertificateProblem? {
    var configuration = configuration
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    tls.certificateVerification = .none
    configuration.tlsConfiguration = tls
    configuration.http1_1ConnectionDebugInitializer = { channel in
      channel.nioSSL_peerCertificate().flatMapThrowing { throw Seen(certificate: $0) }
    }
    let client = HTTPClient(eventLoopGroupProvider: .shared(threads), configuration: configuration)
    var problem: CertificateProblem?
    do {
      var request = HTTPClientRequest(url: url)
      request.method = .HEAD
      _ = try await client.execute(request, timeout: HTTPPushTransport.amount(timeout))
    } catch let seen as Seen {
      problem = seen.certificate.map { Self.problem(of: $0, at: now) }
    } catch {}
    try? await client.shutdown()
    return problem
  }

  private static func problem(of certificate: NIOSSLCertificate, at now: Int64) -> CertificateProblem {
    if Int64(certificate.notValidAfter) < now { return .expired(Int64(certificate.notValidAfter)) }
    if Int64(certificate.notValidBefore) > now { return .notYetValid(Int64(certificate.notValidBefore)) }
    let names = (try? certificate.toDERBytes()).flatMap { CertificateNames(der: $0) }
    return names?.isSelfIssued == true ? .selfSigned : .unknownIssuer
  }
}

/// Whose certificate it is and who vouches for it, read from its DER form (RFC 5280, 4.1).
struct CertificateNames {
  /// The names as they are encoded.
  private(set) var issuer: ArraySlice<UInt8>
  private(set) var subject: ArraySlice<UInt8>

  var isSelfIssued: Bool { issuer == subject }

  /// nil when the bytes are no certificate.
  init?(der: [UInt8]) {
    var whole = DER(rest: der[...])
    guard var certificate = whole.next(0x30).map(DER.init(rest:)),
      var body = certificate.next(0x30).map(DER.init(rest:))
    else { return nil }
    // The version is left out in the oldest form.
    _ = body.next(0xA0)
    guard body.next(0x02) != nil, body.next(0x30) != nil, let issuer = body.next(0x30), body.next(0x30) != nil,
      let subject = body.next(0x30)
    else { return nil }
    self.issuer = issuer
    self.subject = subject
  }

  /// Reads one element after the other.
  private struct DER {
    var rest: ArraySlice<UInt8>

    /// The content of the next element if it has this tag; else nothing is read.
    mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
      guard rest.first == tag else { return nil }
      var after = rest.dropFirst()
      guard let first = after.popFirst() else { return nil }
      var length = Int(first)
      if first & 0x80 != 0 {
        let digits = Int(first & 0x7F)
        guard (1...4).contains(digits), after.count >= digits else { return nil }
        length = after.prefix(digits).reduce(0) { $0 << 8 | Int($1) }
        after = after.dropFirst(digits)
      }
      guard length <= after.count else { return nil }
      rest = after.dropFirst(length)
      return after.prefix(length)
    }
  }
}
