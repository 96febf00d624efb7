/// Where and how a push uplink sends its batches over HTTP. Plain values; `HTTPPushTransport` checks them.
public struct HTTPPushSettings: Sendable, Hashable {
  /// Whom to believe when a server shows its certificate.
  public enum Trust: Sendable, Hashable {
    /// The authorities of the system's trust store.
    case system
    /// These authorities and no others (PEM).
    case authorities(pem: [UInt8])
  }

  /// The kiosk's own certificate, for servers that ask for one.
  public struct Identity: Sendable, Hashable {
    /// The certificate, followed by those between it and its authority (PEM).
    public var chainPEM: [UInt8]
    /// Its private key (PEM, not encrypted).
    public var keyPEM: [UInt8]

    public init(chainPEM: [UInt8], keyPEM: [UInt8]) {
      self.chainPEM = chainPEM
      self.keyPEM = keyPEM
    }
  }

  /// An HTTP proxy that opens tunnels (CONNECT).
  public struct Proxy: Sendable, Hashable {
    public var host: String
    public var port: Int
    /// User and password; nil: the proxy asks for none.
    public var credentials: Credentials?

    public struct Credentials: Sendable, Hashable {
      public var user: String
      public var password: String

      public init(user: String, password: String) {
        self.user = user
        self.password = password
      }
    }

    public init(host: String, port: Int, credentials: Credentials? = nil) {
      self.host = host
      self.port = port
      self.credentials = credentials
    }
  }

  /// https, or http if `allowsPlainText`.
  public var url: String
  /// Sent as `Authorization: Bearer …`.
  public var bearerToken: String?
  public var trust = Trust.system
  public var identity: Identity?
  public var proxy: Proxy?
  /// Whether batches and token may go over the network unencrypted. For tests and closed networks.
  public var allowsPlainText = false
  /// How long to wait for a connection, TLS and proxy included.
  public var connectTimeout = Duration.seconds(10)
  /// How long the whole exchange may take, from the first byte to the last. Over a slow link a full batch of some 8 KiB
  /// takes seconds.
  public var timeout = Duration.seconds(60)

  public init(url: String) { self.url = url }
}
