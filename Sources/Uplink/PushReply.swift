import FoundationEssentials

/// What came of sending a batch, whatever it was sent through.
public enum PushReply: Sendable, Hashable {
  /// The server has taken it. It may offer a configuration, named by its version.
  case accepted(Acknowledgement, offer: String? = nil)
  /// The server does not know or does not trust this kiosk (HTTP 401, 403).
  case unauthorised(Refusal)
  /// More than the server takes at once (HTTP 413).
  case tooLarge(Refusal)
  /// The server has too much to do; it may say for how long (HTTP 429, 503).
  case busy(Refusal, retryAfter: Duration?)
  /// There is no such receiver there, whatever the event (HTTP 404, 405, 410, 415, 421, 426).
  case wrongPlace(Refusal)
  /// Something is wrong with what was sent (other HTTP 4xx).
  case refused(Refusal)
  /// The server failed (other HTTP 5xx), or cannot take it yet (408, 425).
  case serverFailed(Refusal)
  /// The server names another place (HTTP 3xx), which is not followed: events go where the owner has said they go.
  case redirected(Refusal)
  /// There was no answer.
  case failed(PushFailure)

  /// How a server put a refusal.
  public struct Refusal: Sendable, Hashable {
    /// HTTP status, or what another transport has in its place.
    public var status: Int
    /// The beginning of what it said, in printable characters.
    public var words: String

    /// Longest excerpt of what a server says that is kept.
    public static let longestWords = 200

    public init(status: Int, words: String = "") {
      self.status = status
      self.words = words
    }
  }

  /// What the body of an acceptance says.
  public enum Acknowledgement: Sendable, Hashable {
    /// Nothing that could be understood: then the whole batch is meant.
    case all
    /// Up to and including this event.
    case through(epoch: String, sequence: Int64)
  }
}

/// Why there was no answer.
public struct PushFailure: Error, Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// The server's name is not known, or nobody can be asked.
    case name
    /// No connection: refused, no route, reset before an answer.
    case connection
    /// No answer in time.
    case timeout
    /// The proxy refused, or is none.
    case proxy
    /// What came back is no answer of the protocol.
    case answer
    /// The server's certificate.
    case certificate(CertificateProblem)
    /// The server does not take the kiosk's certificate.
    case clientCertificate
    /// No common version or method of encryption, or anything else about TLS.
    case encryption
    /// The settings of the uplink cannot be used.
    case settings
  }

  public var kind: Kind
  /// What the system said.
  public var detail: String

  public init(_ kind: Kind, _ detail: String = "") {
    self.kind = kind
    self.detail = detail
  }
}

/// What is wrong with a server's certificate.
public enum CertificateProblem: Sendable, Hashable {
  /// Seconds since 1970 at which it ended.
  case expired(Int64)
  /// Seconds since 1970 at which it begins: the server's mistake, or a kiosk's clock that is behind.
  case notYetValid(Int64)
  /// It is somebody else's.
  case wrongHost
  /// Nobody but itself vouches for it.
  case selfSigned
  /// Nobody that the kiosk trusts vouches for it.
  case unknownIssuer
}

extension PushReply {
  /// The answer of an HTTP server.
  ///
  /// - Parameters:
  ///   - retryAfter: the header Retry-After.
  ///   - date: the header Date.
  ///   - body: what was read of the body.
  ///   - isWhole: whether that is all of it.
  public init(status: Int, retryAfter: String? = nil, date: String? = nil, body: [UInt8] = [], isWhole: Bool = true) {
    let refusal = Refusal(status: status, words: Self.printable(body))
    switch status {
    case 200...299:
      self = isWhole ? .accepted(Acknowledgement(body: body), offer: Self.offer(in: body)) : .accepted(.all)
    case 300...399: self = .redirected(refusal)
    case 401, 403: self = .unauthorised(refusal)
    case 407: self = .failed(PushFailure(.proxy, "the proxy asks for a user and a password"))
    case 408, 425: self = .serverFailed(refusal)
    // What a proxy says while the server behind it is being replaced must not set a fleet looking for bad events.
    case 404, 405, 410, 415, 421, 426: self = .wrongPlace(refusal)
    case 413: self = .tooLarge(refusal)
    case 429, 503: self = .busy(refusal, retryAfter: RetryAfter.duration(retryAfter, date: date))
    case 400...499: self = .refused(refusal)
    case 500...599: self = .serverFailed(refusal)
    default: self = .failed(PushFailure(.answer, "HTTP status \(status)"))
    }
  }

  /// Longest version of a configuration (docs/openapi/upstream.yaml, `ConfigurationVersion`).
  static let longestVersion = 64

  /// Reads `{"configuration":{"version":"<version>"}}`; what is no version is no offer.
  private static func offer(in body: [UInt8]) -> String? {
    struct Form: Decodable {
      struct Offer: Decodable { var version: String }
      var configuration: Offer
    }
    guard !body.isEmpty, let version = try? JSONDecoder().decode(Form.self, from: Data(body)).configuration.version,
      isVersion(version)
    else { return nil }
    return version
  }

  /// `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`
  static func isVersion(_ text: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
    guard (1...longestVersion).contains(text.utf8.count), text.utf8.first.map(isAlphanumeric) == true else {
      return false
    }
    return text.utf8.allSatisfy { isAlphanumeric($0) || [UInt8(ascii: "."), 95, UInt8(ascii: "-")].contains($0) }
  }

  /// On one line, without anything that a terminal would act on.
  private static func printable(_ body: [UInt8]) -> String {
    let beginning = body.prefix(Refusal.longestWords)
    return String(
      decoding: beginning.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: " ") }, as: UTF8.self)
  }
}

extension PushReply.Acknowledgement {
  /// Reads `{"acked":"<epoch>-<sequence>"}`; anything else means all.
  init(body: [UInt8]) {
    struct Form: Decodable { var acked: String }
    self = .all
    guard !body.isEmpty, let acked = try? JSONDecoder().decode(Form.self, from: Data(body)).acked else { return }
    let parts = acked.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].count == 32,
      parts[0].allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
      let sequence = Int64(String(decoding: parts[1], as: UTF8.self)), sequence >= 0
    else { return }
    self = .through(epoch: String(decoding: parts[0], as: UTF8.self), sequence: sequence)
  }
}
