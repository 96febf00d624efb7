import AsyncHTTPClient
import Foundation
import KioskConfiguration
import KioskTestKit
import NIOSSL
import Testing

@testable import KioskAgent

@Suite("encrypted fetching", .serialized)
struct ServingTLSTests {
  /// A client that trusts the authority, and shows a certificate or none.
  private static func client(
    _ certificates: TestCertificates, identity: (chain: String, key: String)? = nil, most: TLSVersion? = nil
  ) throws -> HTTPClient {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificates.authority))
    if let most {
      tls.minimumTLSVersion = .tlsv1
      tls.maximumTLSVersion = most
    }
    if let identity {
      tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(identity.chain.utf8)).map { .certificate($0) }
      tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem))
    }
    var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
    configuration.httpVersion = .http1Only
    return HTTPClient(configuration: configuration)
  }

  private static func kiosk(
    _ certificates: TestCertificates, _ change: (inout ServingKiosk.Options) -> Void = { _ in }
  ) async throws -> ServingKiosk {
    var options = ServingKiosk.Options()
    options.isEncrypted = true
    change(&options)
    let server = try certificates.certificate("server", subject: "/CN=kiosk-17")
    return try await ServingKiosk(
      options, files: ["credentials/serve-certificate.pem": server.chain, "credentials/serve-key.pem": server.key])
  }

  @Test("TLS with a token; nothing older than TLS 1.2, and no plain text")
  func token() async throws {
    let certificates = try TestCertificates()
    let kiosk = try await Self.kiosk(certificates)
    try kiosk.press(5)
    try await kiosk.start()
    for most in [TLSVersion.tlsv12, .tlsv13] {
      let client = try Self.client(certificates, most: most)
      let answer = try await kiosk.ask("/v1/events", client: client, scheme: "https")
      #expect(answer.events.count == Int(kiosk.recorded))
      try await client.shutdown()
    }
    let old = try Self.client(certificates, most: .tlsv11)
    await #expect(throws: (any Error).self) { try await kiosk.ask("/v1/events", client: old, scheme: "https") }
    try await old.shutdown()
    #expect(try await kiosk.raw("GET /healthz HTTP/1.1\r\n\r\n").contains("HTTP/") == false)
  }

  @Test("a client certificate's common name is the consumer; a token still works; a wrong token is nobody's")
  func certificates() async throws {
    let certificates = try TestCertificates()
    let authority = certificates.authority
    let kiosk = try await Self.kiosk(certificates) { $0.clientAuthorities = authority }
    try kiosk.press(5)
    try await kiosk.start()
    let branch = try Self.client(
      certificates, identity: try certificates.certificate("branch", subject: "/O=Shop/CN=branch"))
    #expect(try await kiosk.ask("/v1/events", as: nil, client: branch, scheme: "https").status == 200)
    #expect(
      try await kiosk.ask("/v1/consumers/branch/cursor", as: nil, client: branch, scheme: "https").status == 200)
    #expect(try await kiosk.ask("/v1/status", as: nil, client: branch, scheme: "https").code == "wrong-scope")
    let wrong = [("Authorization", "Bearer wrong-token-0123456789")]
    #expect(
      try await kiosk.ask("/v1/events", as: nil, headers: wrong, client: branch, scheme: "https").status == 401)
    #expect(try await kiosk.ask("/v1/status", as: "watch", client: branch, scheme: "https").status == 200)
    try await branch.shutdown()
    let nobody = try Self.client(certificates)
    let refused = try await kiosk.ask("/v1/events", as: nil, client: nobody, scheme: "https")
    #expect(refused.code == "unauthorized")
    #expect(refused.field("WWW-Authenticate")?.hasPrefix("Bearer") == true)
    #expect(try await kiosk.ask("/v1/events", as: "branch", client: nobody, scheme: "https").status == 200)
    try await nobody.shutdown()
    for subject in ["/CN=somebody", "/CN=branch/CN=head-office", "/O=branch"] {
      let client = try Self.client(certificates, identity: try certificates.certificate("other", subject: subject))
      #expect(try await kiosk.ask("/v1/events", as: nil, client: client, scheme: "https").status == 401, "\(subject)")
      try await client.shutdown()
    }
    let strangers = try TestCertificates()
    let stranger = try Self.client(
      certificates, identity: try strangers.certificate("branch", subject: "/CN=branch"))
    await #expect(throws: (any Error).self) {
      try await kiosk.ask("/v1/events", as: nil, client: stranger, scheme: "https")
    }
    try await stranger.shutdown()
  }

  @Test("a renewed certificate takes effect without a restart, a bad one does not, and both are told")
  func renewed() async throws {
    let certificates = try TestCertificates()
    let kiosk = try await Self.kiosk(certificates)
    try kiosk.press(1)
    try await kiosk.start()
    let other = try TestCertificates()
    let (client, otherClient) = (try Self.client(certificates), try Self.client(other))
    #expect(try await kiosk.ask("/v1/status", client: client, scheme: "https").status == 200)
    try kiosk.directory.write(["credentials/serve-key.pem": "no key"])
    #expect(await becomesTrue { await kiosk.parts.health.all().map(\.code) == ["serve-certificate"] })
    #expect(try await kiosk.ask("/v1/status", client: client, scheme: "https").status == 200)
    let renewed = try other.certificate("server", subject: "/CN=kiosk-17")
    try kiosk.directory.write([
      "credentials/serve-certificate.pem": renewed.chain, "credentials/serve-key.pem": renewed.key,
    ])
    #expect(
      await becomesTrue {
        (try? await kiosk.ask("/v1/status", client: otherClient, scheme: "https").status) == 200
      })
    #expect(await becomesTrue { await kiosk.parts.health.all().isEmpty })
    try await client.shutdown()
    try await otherClient.shutdown()
  }

  @Test("without a certificate nobody is served, and the health says what to do")
  func missing() async throws {
    var options = ServingKiosk.Options()
    options.isEncrypted = true
    let kiosk = try await ServingKiosk(options)
    let server = PullServer(parts: kiosk.parts)
    let running = Task { await server?.run() }
    #expect(await becomesTrue { await kiosk.parts.health.all().contains { $0.code == "serve" } })
    let health = await kiosk.parts.health.all().first
    #expect(health?.message.contains("serve-certificate.pem") == true)
    running.cancel()
    await running.value
  }

  @Test("an address that is taken is told, and taken once it is free")
  func taken() async throws {
    let first = try await ServingKiosk()
    try await first.start()
    let second = try await ServingKiosk()
    var parts = second.parts
    parts.settings.serve?.listen.port = first.port
    let server = PullServer(parts: parts)
    let running = Task { [server] in await server?.run() }
    #expect(await becomesTrue { await second.parts.health.all().contains { $0.code == "serve" } })
    await first.stop()
    #expect(await becomesTrue { await second.parts.health.all().isEmpty })
    running.cancel()
    await running.value
  }

  @Test("a token is taken while the kiosk runs; one that is too short or another's is not, and that is told")
  func tokens() async throws {
    let kiosk = try await ServingKiosk(files: [
      "credentials/consumer-branch": "short", "credentials/consumer-watch": ServingKiosk.token("head-office"),
    ])
    try await kiosk.start()
    #expect(try await kiosk.ask("/v1/events", as: nil, headers: [("Authorization", "Bearer short")]).status == 401)
    #expect(await becomesTrue { await kiosk.parts.health.all().filter { $0.code == "serve-token" }.count == 2 })
    #expect(try await kiosk.ask("/v1/consumers/head-office/cursor").json["consumer"] as? String == "head-office")
    try kiosk.directory.write(["credentials/consumer-branch": ServingKiosk.token("branch")])
    #expect(try await becomesTrue { try await kiosk.ask("/v1/consumers/branch/cursor", as: "branch").status != 401 })
    #expect(await becomesTrue { await kiosk.parts.health.all().compactMap(\.subject) == ["watch"] })
    for header in ["Basic abc", "Bearer", "Bearer  ", "Bearer a b", "bearer\t\(ServingKiosk.token("branch"))", "é"] {
      #expect(try await kiosk.ask("/v1/events", as: nil, headers: [("Authorization", header)]).status == 401)
    }
  }

  @Test("the common name is read from a certificate, and from nothing else")
  func commonName() throws {
    let certificates = try TestCertificates()
    func name(_ subject: String) throws -> String? {
      let pem = try certificates.certificate("name", subject: subject).chain
      guard let certificate = try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).first else { return nil }
      let bytes = try certificate.toDERBytes()
      // Whatever is cut off or changed, it is read or not, and nothing worse.
      for length in 0..<bytes.count { _ = CertificateName.commonName(Array(bytes.prefix(length))) }
      var random = SeededGenerator(seed: 4)
      for _ in 0..<2_000 {
        var changed = bytes
        changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        _ = CertificateName.commonName(changed)
      }
      return CertificateName.commonName(bytes)
    }
    #expect(try name("/CN=branch") == "branch")
    #expect(try name("/C=DE/O=A shop/OU=till/CN=head-office/emailAddress=a@example.org") == "head-office")
    #expect(try name("/O=branch") == nil)
    #expect(try name("/CN=a/CN=b") == nil)
  }
}
