import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension PushFailure {
  /// What an error of the network libraries means for whoever has to act on it.
  init(network error: any Error) {
    switch error {
    case let failure as PushFailure: self = failure
    case let error as HTTPClientError: self.init(client: error)
    case let error as NIOSSLExtraError: self.init(extra: error)
    case let error as NIOSSLError:
      switch error {
      case .handshakeFailed(let cause), .shutdownFailed(let cause): self.init(tls: cause)
      case .failedToLoadCertificate, .failedToLoadPrivateKey, .noSuchFilesystemObject:
        self.init(.settings, "certificate and private key cannot be used together")
      default: self.init(.connection, "\(error)")
      }
    case let error as BoringSSLError: self.init(tls: error)
    case let error as NIOConnectionError: self.init(connection: error)
    case let error as HTTPParserError: self.init(.answer, Self.short("\(error)"))
    case let error as ChannelError:
      if case .connectTimeout = error {
        self.init(.timeout, "no connection")
      } else {
        self.init(.connection, "\(error)")
      }
    case let error as IOError: self.init(.connection, Self.words(of: error))
    case is CancellationError: self.init(.connection, "given up")
    default: self.init(.connection, Self.short("\(error)"))
    }
  }

  private init(client error: HTTPClientError) {
    switch error {
    case .connectTimeout, .readTimeout, .writeTimeout, .deadlineExceeded, .tlsHandshakeTimeout,
      .httpProxyHandshakeTimeout, .socksHandshakeTimeout, .getConnectionFromPoolTimeout:
      self.init(.timeout, error.shortDescription)
    case .proxyAuthenticationRequired: self.init(.proxy, "it asks for a user and a password")
    case .invalidProxyResponse: self.init(.proxy, "its answer is no HTTP, or a refusal")
    case .remoteConnectionClosed: self.init(.connection, "the server closed the connection")
    case .cancelled: self.init(.connection, "given up")
    case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath, .invalidProxyConfiguration, .alreadyShutdown:
      self.init(.settings, error.shortDescription)
    default:
      let words = error.description
      // A token with a line end in it, for one.
      let isOurs = words.contains("invalidHeaderField")
      self.init(isOurs ? .settings : .answer, isOurs ? "a header would hold characters it must not" : Self.short(words))
    }
  }

  private init(extra error: NIOSSLExtraError) {
    switch error {
    case .failedToValidateHostname: self.init(.certificate(.wrongHost), Self.short(error.description))
    case .serverHostnameImpossibleToMatch, .cannotUseIPAddressInSNI, .invalidSNIHostname:
      self.init(.settings, Self.short(error.description))
    default: self.init(.encryption, Self.short(error.description))
    }
  }

  private init(connection error: NIOConnectionError) {
    if error.connectionErrors.isEmpty {
      self.init(.name, error.host)
    } else if error.connectionErrors.contains(where: { ($0.error as? ChannelError).isTimeout }) {
      self.init(.timeout, "no connection to \(error.host), port \(error.port)")
    } else {
      let cause = error.connectionErrors.first.map { Self.words(of: $0.error) } ?? ""
      self.init(.connection, "\(error.host), port \(error.port): \(cause)")
    }
  }

  /// BoringSSL tells the reason in words only.
  private init(tls error: BoringSSLError) {
    let words = "\(error)"
    func says(_ reasons: String...) -> Bool { reasons.contains { words.contains($0) } }
    if says("CERTIFICATE_VERIFY_FAILED") {
      self.init(.certificate(.unknownIssuer))
    } else if says(
      "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE", "ALERT_UNSUPPORTED_CERTIFICATE", "ALERT_UNKNOWN_CA",
      "ALERT_ACCESS_DENIED", "ALERT_NO_CERTIFICATE", "ALERT_UNKNOWN_PSK")
    {
      self.init(.clientCertificate, Self.reason(words))
    } else if says("EOF during handshake", "syscallError") {
      self.init(.connection, "the server closed the connection while encryption was being agreed on")
    } else {
      self.init(.encryption, Self.reason(words))
    }
  }

  /// `…OPENSSL_internal:WRONG_VERSION_NUMBER at …` → `WRONG_VERSION_NUMBER`.
  private static func reason(_ words: String) -> String {
    let marker = "OPENSSL_internal:"
    guard let place = words.firstRange(of: marker) else { return short(words) }
    return String(words[place.upperBound...].prefix { $0 != " " && $0 != "]" && $0 != ")" }.prefix(100))
  }

  /// The system's words alone, as a technician knows them: "Connection refused".
  private static func words(of error: any Error) -> String {
    guard let error = error as? IOError else { return short("\(error)") }
    return String(cString: strerror(error.errnoCode))
  }

  private static func short(_ words: String) -> String { String(words.prefix(200)) }
}

extension ChannelError? {
  fileprivate var isTimeout: Bool { if case .connectTimeout = self { true } else { false } }
}
