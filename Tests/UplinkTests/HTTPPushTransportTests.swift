import Feedback
import Foundation
import KioskTestKit
import NIOCore
import NIOSSL
import Testing

@testable import Uplink

private let batch = EventBatch(
  epoch: "00112233445566778899aabbccddeeff", firstSequence: 1, lastSequence: 3, count: 3, plainBytes: 600,
  body: Array("the events".utf8), isCompressed: true)

private func answer(_ status: String, headers: String = "", body: String = "") -> String {
  "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
}

/// Sends one batch over a transport of its own.
private func push(
  _ url: String, timeout: Duration = .seconds(20), now: Int64 = Int64(Date().timeIntervalSince1970),
  _ change: (inout HTTPPushSettings) -> Void = { _ in }
) async throws -> PushReply {
  var settings = HTTPPushSettings(url: url)
  (settings.allowsPlainText, settings.timeout) = (true, timeout)
  change(&settings)
  let transport = try HTTPPushTransport(settings, clock: { now })
  let reply = await transport.send(batch)
  await transport.close()
  return reply
}

private func failure(_ reply: PushReply) -> PushFailure.Kind? {
  if case .failed(let failure) = reply { failure.kind } else { nil }
}

struct HTTPPushTransportTests {
  @Test("a batch is posted with what names it, and the answer comes back")
  func posted() async throws {
    let acked = "{\"acked\":\"\(batch.epoch)-2\"}"
    let server = try TestServer(.answer(answer("202 Accepted", body: acked)))
    let reply = try await push("http://127.0.0.1:\(server.port)/kiosks/batch?v=1") { $0.bearerToken = "s3cret" }
    #expect(reply == .accepted(.through(epoch: batch.epoch, sequence: 2)))
    let received = try #require(server.received.first)
    #expect(server.received.count == 1)
    #expect(received.head.method == .POST)
    #expect(received.head.uri == "/kiosks/batch?v=1")
    #expect(received.head.headers["Content-Type"] == ["application/cloudevents-batch+json"])
    #expect(received.head.headers["Content-Encoding"] == ["gzip"])
    #expect(received.head.headers["Content-Length"] == ["10"])
    #expect(received.head.headers["Authorization"] == ["Bearer s3cret"])
    #expect(received.head.headers["User-Agent"] == ["kiosk-agent/\(kioskVersion)"])
    #expect(received.body == batch.body)
  }

  @Test("one connection serves many batches")
  func reused() async throws {
    let server = try TestServer(.answer(answer("204 No Content")))
    var settings = HTTPPushSettings(url: "http://127.0.0.1:\(server.port)/")
    settings.allowsPlainText = true
    let transport = try HTTPPushTransport(settings)
    for _ in 0..<20 { #expect(await transport.send(batch) == .accepted(.all)) }
    await transport.close()
    #expect(server.connections == 1)
    #expect(server.received.count == 20)
  }

  @Test("a redirect is told and not followed")
  func redirect() async throws {
    let other = try TestServer(.answer(answer("200 OK")))
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
      let server = try TestServer(
        .answer(answer(status, headers: "Location: http://127.0.0.1:\(other.port)/\r\n")))
      let reply = try await push("http://127.0.0.1:\(server.port)/")
      #expect(reply == .redirected(.init(status: Int(status.prefix(3)) ?? 0)))
    }
    #expect(other.received.isEmpty)
  }

  @Test("what a server asks for in headers arrives")
  func retryAfter() async throws {
    let server = try TestServer(
      .answer(answer("503 Service Unavailable", headers: "Retry-After: 77\r\n", body: "come back\nlater")))
    let reply = try await push("http://127.0.0.1:\(server.port)/")
    #expect(reply == .busy(.init(status: 503, words: "come back later"), retryAfter: .seconds(77)))
  }

  // MARK: - Hostile answers

  @Test("of an answer without end no more is read than it can use, and the status counts")
  func endlessBody() async throws {
    let kilobyte = String(repeating: "x", count: 64 * 1_024)
    let server = try TestServer(
      .endless(start: "HTTP/1.1 200 OK\r\n\r\n", again: kilobyte))
    #expect(try await push("http://127.0.0.1:\(server.port)/") == .accepted(.all))
    let refusing = try TestServer(.endless(start: "HTTP/1.1 500 Oh\r\n\r\n", again: kilobyte))
    guard case .serverFailed(let refusal) = try await push("http://127.0.0.1:\(refusing.port)/") else {
      Issue.record("no 500")
      return
    }
    #expect(refusal.words.utf8.count == 200)
    // What the kernel's buffers on both sides take, and not what a server could send until somebody notices.
    #expect(server.sentBytes < 32 << 20)
  }

  @Test("an acknowledgement of up to 8 KiB is read, a longer one is none")
  func bodyLimit() async throws {
    for (padding, isRead) in [(7_000, true), (9_000, false)] {
      let body = "{\"acked\":\"\(batch.epoch)-1\"" + String(repeating: " ", count: padding) + "}"
      let server = try TestServer(.answer(answer("200 OK", body: body)))
      let expected: PushReply =
        isRead ? .accepted(.through(epoch: batch.epoch, sequence: 1)) : .accepted(.all)
      #expect(try await push("http://127.0.0.1:\(server.port)/") == expected)
    }
  }

  @Test("a body that is announced and cut off is no answer: the batch is sent again")
  func cutOff() async throws {
    let server = try TestServer(
      .answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"acked\""))
    #expect(failure(try await push("http://127.0.0.1:\(server.port)/", timeout: .seconds(1))) == .timeout)
    let closing = try TestServer(.close)
    #expect(failure(try await push("http://127.0.0.1:\(closing.port)/")) == .connection)
  }

  @Test("a slow or silent server is given up in time")
  func slow() async throws {
    let drip = answer("200 OK", body: String(repeating: " ", count: 4_000))
    // Dripping, the answer would take 200 s.
    for behaviour in [TestServer.Behaviour.silent, .slow(drip, every: .milliseconds(50))] {
      let server = try TestServer(behaviour)
      let reply = try await push("http://127.0.0.1:\(server.port)/", timeout: .milliseconds(700))
      #expect(failure(reply) == .timeout)
    }
  }

  @Test("headers without end, and what is no HTTP, are refused in bounded memory")
  func garbage() async throws {
    let header = "X-Junk: \(String(repeating: "j", count: 1_000))\r\n"
    let behaviours: [TestServer.Behaviour] = [
      .endless(start: "HTTP/1.1 200 OK\r\n", again: header),
      .endless(start: "HTTP/1.1 200 OK\r\nX: ", again: String(repeating: "x", count: 65_536)),
      .answer("\u{0}\u{1}\u{2} this is no HTTP\r\n\r\n"), .answer("HTTP/1.1 banana\r\n\r\n"),
      .answer("HTTP/9.9 200 OK\r\n\r\n"), .answer("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"),
      .answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"),
      .answer("SSH-2.0-OpenSSH_9.2p1 Debian\r\n"),
      .endless(start: "", again: "HTTP/1.1 100 Continue\r\n\r\n"),
    ]
    for behaviour in behaviours {
      let server = try TestServer(behaviour)
      let reply = try await push("http://127.0.0.1:\(server.port)/", timeout: .seconds(3))
      guard case .failed(let failure) = reply else {
        Issue.record("\(behaviour) was taken for \(reply)")
        continue
      }
      #expect([.answer, .connection, .timeout].contains(failure.kind), "\(behaviour): \(failure)")
    }
    #expect(residentBytes() < 400 << 20)
  }

  @Test("who is given up by the caller ends soon")
  func cancelled() async throws {
    let server = try TestServer(.silent)
    var settings = HTTPPushSettings(url: "http://127.0.0.1:\(server.port)/")
    settings.allowsPlainText = true
    let transport = try HTTPPushTransport(settings)
    let task = Task { await transport.send(batch) }
    await server.firstRequest()
    task.cancel()
    // Long before its own time of a minute is over.
    guard case .failed(let failure) = await task.value else {
      Issue.record("it was answered")
      return
    }
    #expect(failure.kind != .timeout)
    await transport.close()
  }

  // MARK: - Names, ports, settings

  @Test("nobody there, and no such name, are told apart")
  func unreachable() async throws {
    let server = try TestServer(.silent)
    let port = server.port
    #expect(failure(try await push("http://127.0.0.1:1/")) == .connection)
    #expect(failure(try await push("http://no-such-name.invalid:\(port)/")) == .name)
  }

  @Test(
    "settings that cannot be used are told before anything is sent",
    arguments: [
      "", "not a url", "ftp://localhost/", "https://", "http:///x", "https://user:secret@localhost/", "//localhost/",
      "https://localhost/#part",
    ])
  func badURL(url: String) {
    var settings = HTTPPushSettings(url: url)
    settings.allowsPlainText = true
    let error = #expect(throws: PushFailure.self) { try HTTPPushTransport(settings) }
    #expect(error?.kind == .settings)
  }

  @Test("plain text has to be allowed; certificates and keys have to be some; a token must fit into a header")
  func badSettings() async throws {
    #expect(throws: PushFailure.self) { try HTTPPushTransport(HTTPPushSettings(url: "http://localhost/")) }
    var settings = HTTPPushSettings(url: "https://localhost/")
    settings.trust = .authorities(pem: Array("nothing".utf8))
    #expect(throws: PushFailure.self) { try HTTPPushTransport(settings) }
    settings.trust = .system
    settings.identity = .init(chainPEM: [1, 2, 3], keyPEM: [])
    #expect(throws: PushFailure.self) { try HTTPPushTransport(settings) }
    let server = try TestServer(.answer(answer("200 OK")))
    let reply = try await push("http://127.0.0.1:\(server.port)/") { $0.bearerToken = "a\r\nX-Evil: 1" }
    #expect(failure(reply) == .settings)
    #expect(server.received.isEmpty)
  }
}

/// What the process holds in memory.
private func residentBytes() -> Int {
  let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
  let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  return pages * 4_096
}

struct TLSPushTests {
  private static func authority() throws -> CertificateAuthority { try CertificateAuthority() }

  @Test("the five certificate cases: the good one is taken, each other one is refused with its own reason")
  func certificates() async throws {
    let authority = try Self.authority()
    let expected: [CertificateAuthority.Kind: PushFailure.Kind] = [
      .expired: .certificate(.expired(1_609_459_200)), .notYetValid: .certificate(.notYetValid(2_493_072_000)),
      .otherName: .certificate(.wrongHost), .selfSigned: .certificate(.selfSigned),
    ]
    var codes: Set<String> = []
    for kind in CertificateAuthority.Kind.allCases {
      let server = try TestServer(.answer(answer("200 OK")), certificate: try authority.certificate(kind))
      let reply = try await push("https://localhost:\(server.port)/") {
        $0.trust = .authorities(pem: authority.authority)
      }
      if kind == .good {
        #expect(reply == .accepted(.all))
      } else {
        #expect(failure(reply) == expected[kind], "\(kind): \(reply)")
        // Not a byte of a batch goes to somebody who is not known.
        #expect(server.received.isEmpty)
        if case .failed(let failure) = reply { codes.insert(UplinkHealth.unanswered(failure).code) }
      }
    }
    #expect(codes.count == 4)
  }

  @Test("an authority that is not trusted, and the system's trust store, which does not know it either")
  func unknownIssuer() async throws {
    let (authority, other) = (try Self.authority(), try Self.authority())
    let server = try TestServer(.answer(answer("200 OK")), certificate: try authority.certificate(.good))
    for trust in [HTTPPushSettings.Trust.authorities(pem: other.authority), .system] {
      let reply = try await push("https://localhost:\(server.port)/") { $0.trust = trust }
      #expect(failure(reply) == .certificate(.unknownIssuer))
    }
    #expect(server.received.isEmpty)
  }

  @Test("a clock that is behind makes a good certificate not yet valid, and one that is ahead an expired one")
  func wrongClock() async throws {
    // TLS itself looks at the real clock: here only what is made of a refusal.
    let authority = try Self.authority()
    let server = try TestServer(.answer(answer("200 OK")), certificate: try authority.certificate(.good))
    let before = try await push("https://localhost:\(server.port)/", now: 0)
    #expect(failure(before) == .certificate(.notYetValid(1_577_836_800)))
    let after = try await push("https://localhost:\(server.port)/", now: 4_000_000_000)
    #expect(failure(after) == .certificate(.expired(2_524_521_600)))
  }

  @Test("a server that asks for a certificate gets it, and one that does not take it is told apart")
  func clientCertificate() async throws {
    let authority = try Self.authority()
    let server = try TestServer(
      .answer(answer("200 OK")), certificate: try authority.certificate(.good), clientAuthority: authority.authority)
    let good = try authority.identity(.good)
    let bad = try authority.identity(.selfSigned)
    func reply(_ identity: HTTPPushSettings.Identity?) async throws -> PushReply {
      try await push("https://localhost:\(server.port)/") {
        $0.trust = .authorities(pem: authority.authority)
        $0.identity = identity
      }
    }
    #expect(try await reply(.init(chainPEM: good.chain, keyPEM: good.key)) == .accepted(.all))
    #expect(failure(try await reply(nil)) == .clientCertificate)
    #expect(failure(try await reply(.init(chainPEM: bad.chain, keyPEM: bad.key))) == .clientCertificate)
  }

  @Test("less than TLS 1.2, and what is no TLS, is refused")
  func versions() async throws {
    let authority = try Self.authority()
    let paths = try authority.certificate(.good)
    let old = try TestServer(.answer(answer("200 OK")), certificate: paths, maximumTLS: .tlsv11)
    let refused = try await push("https://localhost:\(old.port)/") { $0.trust = .authorities(pem: authority.authority) }
    #expect(failure(refused) == .encryption)
    let enough = try TestServer(.answer(answer("200 OK")), certificate: paths, maximumTLS: .tlsv12)
    let taken = try await push("https://localhost:\(enough.port)/") {
      $0.trust = .authorities(pem: authority.authority)
    }
    #expect(taken == .accepted(.all))
    let plain = try TestServer(.answer(answer("200 OK")))
    let none = try await push("https://localhost:\(plain.port)/", timeout: .seconds(5))
    #expect([.encryption, .connection, .timeout].contains(failure(none)))
    #expect(plain.received.isEmpty && old.received.isEmpty)
  }

  @Test("through a proxy: the tunnel, its user and password, and the reason for a certificate refused behind it")
  func proxy() async throws {
    let authority = try Self.authority()
    let proxy = try TestProxy()
    let good = try TestServer(.answer(answer("200 OK")), certificate: try authority.certificate(.good))
    let expired = try TestServer(.answer(answer("200 OK")), certificate: try authority.certificate(.expired))
    func reply(_ port: Int) async throws -> PushReply {
      try await push("https://localhost:\(port)/") {
        $0.trust = .authorities(pem: authority.authority)
        $0.bearerToken = "s3cret"
        $0.proxy = .init(host: "127.0.0.1", port: proxy.port, credentials: .init(user: "kiosk", password: "pass:word"))
      }
    }
    #expect(try await reply(good.port) == .accepted(.all))
    #expect(good.received.count == 1)
    let request = try #require(proxy.requests.first).lowercased()
    #expect(request.hasPrefix("connect localhost:\(good.port) http/1.1\r\n"))
    let credentials = Data("kiosk:pass:word".utf8).base64EncodedString().lowercased()
    #expect(request.contains("proxy-authorization: basic \(credentials)"))
    // The proxy does not get what is the server's.
    #expect(!request.contains("s3cret"))
    #expect(failure(try await reply(expired.port)) == .certificate(.expired(1_609_459_200)))
  }

  @Test("a proxy that asks for a password, refuses, or is none, is told apart from the server")
  func badProxy() async throws {
    for text in [
      answer("407 Proxy Authentication Required", headers: "Proxy-Authenticate: Basic\r\n"),
      answer("403 Forbidden"), answer("502 Bad Gateway"),
    ] {
      let proxy = try TestServer(.answer(text))
      let reply = try await push("https://localhost:1/") { $0.proxy = .init(host: "127.0.0.1", port: proxy.port) }
      #expect(failure(reply) == .proxy, "\(reply)")
    }
    let nobody = try await push("https://localhost:1/") { $0.proxy = .init(host: "127.0.0.1", port: 1) }
    #expect(failure(nobody) == .connection)
  }

  @Test("certificates' names are read from any bytes without harm")
  func names() throws {
    let authority = try Self.authority()
    let own = try NIOSSLCertificate.fromPEMFile(authority.certificate(.selfSigned).chain)[0].toDERBytes()
    let signed = try NIOSSLCertificate.fromPEMFile(authority.certificate(.good).chain)[0].toDERBytes()
    #expect(CertificateNames(der: own)?.isSelfIssued == true)
    #expect(CertificateNames(der: signed)?.isSelfIssued == false)
    var random = SeededGenerator(seed: 9)
    for length in 0..<signed.count { _ = CertificateNames(der: Array(signed.prefix(length))) }
    for _ in 0..<20_000 {
      var bytes = signed
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<min(200, bytes.count), using: &random)] = UInt8.random(
          in: .min ... .max, using: &random)
      }
      _ = CertificateNames(der: bytes)
    }
  }
}
