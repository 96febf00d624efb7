import KioskConfiguration
import NIOSSL
import Synchronization

/// The server's certificate and whom it believes, as they are at the moment.
///
/// Credentials: `serve-certificate.pem` (the certificate, then those that vouch for it) and `serve-key.pem`.
final class ServerIdentity: Sendable {
  static let certificateCredential = "serve-certificate.pem"
  static let keyCredential = "serve-key.pem"

  private struct Material: Hashable {
    var chain: [UInt8]
    var key: [UInt8]
    var authorities: [UInt8]?
  }

  private struct State {
    var material: Material?
    var context: NIOSSLContext?
    /// Seconds since 1970.
    var expires: Int64?
  }

  private let settings: AgentSettings.Serve
  private let credentials: Credentials
  private let state = Mutex(State())

  init(settings: AgentSettings.Serve, credentials: Credentials) {
    self.settings = settings
    self.credentials = credentials
  }

  /// What encrypts the next connection; nil: nothing does.
  var context: NIOSSLContext? { state.withLock { $0.context } }

  /// When the certificate ends, in seconds since 1970; nil: there is none.
  var expires: Int64? { state.withLock { $0.expires } }

  /// Reads the files. What was good before stays when they are not.
  /// - Throws: `AgentError` when they cannot be used.
  func refresh() throws(AgentError) {
    guard let chain = try credentials.bytes(Self.certificateCredential),
      let key = try credentials.bytes(Self.keyCredential)
    else {
      guard settings.allowsPlainText else {
        throw AgentError(
          .credential,
          "the credentials \(Self.certificateCredential) and \(Self.keyCredential) are not both there",
          hint: "hand in both (docs/CONFIGURATION.md, Credentials)")
      }
      state.withLock { $0 = State() }
      return
    }
    var authorities: [UInt8]?
    if let path = settings.clientAuthorities {
      guard let pem = try Credentials.read(path) else {
        throw AgentError(
          .credential, "\(path), the client_authorities of [serve], is not there", hint: "put the file there")
      }
      authorities = pem
    }
    let material = Material(chain: chain, key: key, authorities: authorities)
    guard state.withLock({ $0.material }) != material else { return }
    let (context, expires) = try Self.context(material)
    state.withLock { $0 = State(material: material, context: context, expires: expires) }
  }

  private static func context(_ material: Material) throws(AgentError) -> (NIOSSLContext, Int64?) {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    do {
      chain = try NIOSSLCertificate.fromPEMBytes(material.chain)
      key = try NIOSSLPrivateKey(bytes: material.key, format: .pem)
    } catch {
      throw AgentError(
        .credential, "\(certificateCredential) or \(keyCredential) is not PEM, or the key has a password",
        hint: "see them with openssl x509 -in … and openssl pkey -in …")
    }
    guard let own = chain.first else {
      throw AgentError(.credential, "\(certificateCredential) holds no certificate", hint: "is it the right file?")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    if let authorities = material.authorities {
      guard let roots = try? NIOSSLCertificate.fromPEMBytes(authorities), !roots.isEmpty else {
        throw AgentError(
          .credential, "the client_authorities of [serve] hold no certificate", hint: "is it the right file?")
      }
      configuration.trustRoots = .certificates(roots)
      // Who comes with a token needs none.
      configuration.certificateVerification = .optionalVerification
    }
    do {
      return (try NIOSSLContext(configuration: configuration), Int64(own.notValidAfter))
    } catch {
      throw AgentError(
        .credential, "\(certificateCredential) and \(keyCredential) do not belong together, or cannot be used",
        hint: "compare openssl x509 -pubkey -noout -in … with openssl pkey -pubout -in …")
    }
  }
}
