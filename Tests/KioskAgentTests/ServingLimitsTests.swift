import Feedback
import Foundation
import KioskTestKit
import NIOCore
import Testing

@testable import KioskAgent

@Suite("hostile clients", .serialized)
struct ServingLimitsTests {
  private static let token = "Authorization: Bearer \(ServingKiosk.token("head-office"))\r\n"

  private static func kiosk(_ change: (inout ServingKiosk.Options) -> Void = { _ in }) async throws -> ServingKiosk {
    var options = ServingKiosk.Options()
    change(&options)
    let kiosk = try await ServingKiosk(options)
    try kiosk.press(3)
    try await kiosk.start()
    return kiosk
  }

  /// Status and code of a single answer.
  private static func result(_ text: String) -> String {
    let status = text.dropFirst("HTTP/1.1 ".count).prefix(3)
    let code = text.split(separator: "\"code\":\"").dropFirst().first?.prefix { $0 != "\"" }
    return "\(status) \(code ?? "")"
  }

  @Test("what is too large is said to be, and the connection ends")
  func tooLarge() async throws {
    let kiosk = try await Self.kiosk()
    let long = String(repeating: "a", count: 8_192)
    let almost = String(repeating: "a", count: 8_192 - "GET /?x= HTTP/1.1\r\n".utf8.count)
    let header = "X-Padding: \(String(repeating: "b", count: 1_000))\r\n"
    for (request, wanted) in [
      ("GET /?x=\(almost) HTTP/1.1\r\nConnection: close\r\n\r\n", "404 not-found"),
      ("GET /?x=\(almost)a HTTP/1.1\r\nConnection: close\r\n\r\n", "414 uri-too-long"),
      ("GET /\(long)\(long) HTTP/1.1\r\n\r\n", "414 uri-too-long"),
      ("GET /\(long)\(long)\(long)", "414 uri-too-long"),
      ("GET /healthz HTTP/1.1\r\n\(String(repeating: header, count: 15))Connection: close\r\n\r\n", "503 capture-down"),
      ("GET /healthz HTTP/1.1\r\n\(String(repeating: header, count: 17))\r\n", "431 headers-too-large"),
      ("GET /healthz HTTP/1.1\r\nX: \(long)\(long)\(long)", "431 headers-too-large"),
      ("GET /healthz HTTP/1.1\r\n\(String(repeating: "a: b\r\n", count: 1_000))\r\n", "431 headers-too-large"),
      ("PUT /v1/consumers/head-office/cursor HTTP/1.1\r\nContent-Length: 4097\r\n\r\n", "413 too-large"),
      ("PUT /v1/consumers/head-office/cursor HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "413 too-large"),
      (
        "PUT /v1/consumers/head-office/cursor HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\(Self.token)"
          + "Content-Type: application/json\r\n\r\n1001\r\n\(String(repeating: " ", count: 0x1001))\r\n0\r\n\r\n",
        "413 too-large"
      ),
    ] {
      #expect(Self.result(try await kiosk.raw(request)) == wanted, "\(request.prefix(60))… of \(request.utf8.count)")
    }
    #expect(await becomesTrue { await kiosk.parts.figures.values.answers[414] == 3 })
  }

  @Test("what is no HTTP is told so")
  func malformed() async throws {
    let kiosk = try await Self.kiosk()
    for request in [
      "\u{16}\u{03}\u{01}\u{02}\u{00}garbage\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
      "G\u{0}T / HTTP/1.1\r\n\r\n",
      "GET /\u{0} HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.1\r\nbad header\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nX: a\u{0}b\r\n\r\n", "GET /healthz HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "PUT /healthz HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "PUT /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "GET /healthz HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ] {
      #expect(Self.result(try await kiosk.raw(request)) == "400 malformed", "\(request.debugDescription)")
    }
  }

  @Test("paths are ours, letter for letter, or none")
  func paths() async throws {
    let kiosk = try await Self.kiosk()
    for (target, wanted) in [
      ("/v1/events/", "404 not-found"), ("//v1/events", "404 not-found"), ("/v1//events", "404 not-found"),
      ("/v1/../v1/events", "404 not-found"), ("/v1/%2e%2e/healthz", "404 not-found"), ("/V1/events", "404 not-found"),
      ("/v1%2Fevents", "404 not-found"), ("/healthz%00", "404 not-found"), ("/%", "404 not-found"),
      ("/\(String(repeating: "a/", count: 3_000))", "404 not-found"), ("/healthz;a=b", "404 not-found"),
      ("*", "404 not-found"), ("http://elsewhere:1/v1/nothing", "404 not-found"), ("/metrics", "401 unauthorized"),
      ("/%6detrics", "401 unauthorized"), ("http://elsewhere:1/metrics?x", "401 unauthorized"),
      ("/v1/consumers/../../etc/passwd/cursor", "404 not-found"), ("/../../../../etc/passwd", "404 not-found"),
    ] {
      let text = try await kiosk.raw("GET \(target) HTTP/1.1\r\nHost: k\r\nConnection: close\r\n\r\n")
      #expect(Self.result(text) == wanted, "\(target.prefix(60))")
      #expect(text.contains("application/problem+json"))
    }
    for method in ["POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
      let text = try await kiosk.raw("\(method) /v1/events HTTP/1.1\r\nConnection: close\r\n\r\n")
      #expect(Self.result(text) == "405 method-not-allowed", "\(method)")
      #expect(text.contains("\r\nAllow: GET\r\n"))
    }
    let put = try await kiosk.raw("POST /v1/consumers/a/cursor HTTP/1.1\r\nConnection: close\r\n\r\n")
    #expect(put.contains("\r\nAllow: GET, PUT\r\n"))
    let head = try await kiosk.raw("HEAD /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    #expect(head.hasPrefix("HTTP/1.1 405 ") && head.hasSuffix("\r\n\r\n"))
  }

  @Test("other ways to speak HTTP end well: 1.0, half-closed, upgrades, CONNECT, several requests at once")
  func manners() async throws {
    let kiosk = try await Self.kiosk()
    let old = try await kiosk.raw("GET /v1/events HTTP/1.0\r\n\(Self.token)\r\n")
    #expect(old.hasPrefix("HTTP/1.1 200 ") && old.contains("\"specversion\":"))
    let half = try await kiosk.raw("GET /v1/events HTTP/1.1\r\nHost: k\r\n\(Self.token)\r\n", ends: true)
    #expect(half.hasPrefix("HTTP/1.1 200 ") && half.contains("\"specversion\":"))
    let upgrade = try await kiosk.raw(
      "GET /v1/events HTTP/1.1\r\n\(Self.token)Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n")
    #expect(upgrade.hasPrefix("HTTP/1.1 200 ") && upgrade.contains("\r\nConnection: close\r\n"))
    let connect = try await kiosk.raw("CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n")
    #expect(Self.result(connect) == "404 not-found")
    let one = "GET /healthz HTTP/1.1\r\nHost: k\r\n\r\n"
    let last = "GET /nothing HTTP/1.1\r\nHost: k\r\nConnection: close\r\n\r\n"
    let several = try await kiosk.raw(one + one + last)
    #expect(several.components(separatedBy: "HTTP/1.1 503 ").count == 3)
    #expect(several.contains("HTTP/1.1 404 "))
    let half2 = try await kiosk.raw("GET /heal", ends: true)
    #expect(half2.isEmpty || Self.result(half2) == "400 malformed")
    let badAfterGood = try await kiosk.raw(one + "nonsense\r\n\r\n")
    #expect(badAfterGood.hasPrefix("HTTP/1.1 503 ") && badAfterGood.contains("HTTP/1.1 400 "))
    // Thousands in one packet: some are answered, the rest is refused with the connection.
    let flood = try await kiosk.raw(String(repeating: one, count: 2_000))
    #expect(flood.contains("HTTP/1.1 429 "))
    #expect(flood.components(separatedBy: "HTTP/1.1 ").count < 50)
  }

  @Test("a request that does not come whole in time is cut off with 408; one that never begins, without a word")
  func slow() async throws {
    let kiosk = try await Self.kiosk { $0.limits.request = .milliseconds(300) }
    #expect(try await kiosk.raw("").isEmpty)
    for begun in [
      "G", "GET /healthz HTTP/1.1\r\nX: ",
      "PUT /v1/consumers/head-office/cursor HTTP/1.1\r\n\(Self.token)Content-Type: application/json\r\n"
        + "Content-Length: 30\r\n\r\n{\"cursor\":",
      "PUT /v1/consumers/head-office/cursor HTTP/1.1\r\n\(Self.token)Content-Type: application/json\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"c\r\n",
    ] {
      #expect(Self.result(try await kiosk.raw(begun)) == "408 timeout", "\(begun.debugDescription)")
    }
    // A byte now and then does not help.
    let port = kiosk.port
    let drip: (String, Duration) = try await blocking {
      let client = try RawClient(port: port)
      let begin = ContinuousClock.now
      for byte in Array("GET /healthz HTTP/1.1\r\n".utf8) + [UInt8](repeating: 97, count: 1_000) {
        guard client.write([byte]), ContinuousClock.now - begin < .seconds(10) else { break }
        usleep(20_000)
      }
      return (String(decoding: client.readToEnd(patience: 10) ?? [], as: UTF8.self), ContinuousClock.now - begin)
    }
    #expect(drip.1 < .seconds(5))
    #expect(await becomesTrue { (await kiosk.parts.figures.values.answers[408] ?? 0) >= 5 })
  }

  @Test("a connection that is left idle is closed")
  func idle() async throws {
    let kiosk = try await Self.kiosk { $0.limits.idle = .milliseconds(200) }
    let text = try await kiosk.raw("GET /nothing HTTP/1.1\r\nHost: k\r\n\r\n")
    #expect(Self.result(text) == "404 not-found")
  }

  @Test("an answer that is not read is given up, and the place is free again")
  func unread() async throws {
    let kiosk = try await Self.kiosk { $0.limits.answer = .milliseconds(400) }
    for _ in 0..<20 { try kiosk.press(500) }
    let port = kiosk.port
    let request = Array("GET /v1/events HTTP/1.1\r\nHost: k\r\n\(Self.token)\r\n".utf8)
    for _ in 0..<3 {
      let isCut: Bool = try await blocking {
        let client = try RawClient(port: port, receiveBuffer: 4_096)
        // Until the buffers of both systems are full and the kiosk has waited long enough.
        return eventually {
          usleep(10_000)
          return !client.write(request)
        }
      }
      #expect(isCut)
    }
    #expect(try await becomesTrue { try await kiosk.ask("/v1/events?limit=1").status == 200 })
  }

  @Test("ten requests a second for each token, and for each address without one that is known")
  func rate() async throws {
    let kiosk = try await Self.kiosk { $0.limits.requestsPerSecond = 10 }
    var answers: [Int: Int] = [:]
    for _ in 0..<40 {
      let answer = try await kiosk.ask("/v1/consumers/head-office/cursor")
      answers[answer.status, default: 0] += 1
      if answer.status == 429 {
        #expect(answer.code == "too-many-requests")
        #expect(answer.field("Retry-After") == "1")
      }
    }
    #expect(answers[200, default: 0] >= 10)
    #expect(answers[429, default: 0] >= 1)
    #expect(Set(answers.keys) == [200, 429])
    // Others are not concerned.
    #expect(try await kiosk.ask("/v1/consumers/branch/cursor", as: "branch").status == 200)
    var strangers: Set<Int> = []
    for number in 0..<40 {
      let guess = [("Authorization", "Bearer guess-number-\(number)-0123456789")]
      strangers.insert(try await kiosk.ask("/v1/status", as: nil, headers: guess).status)
    }
    #expect(strangers == [401, 429])
    #expect(try await kiosk.ask("/v1/status", as: "watch").status == 200)
  }

  @Test("two connections for each token; a third is told so; and all together are bounded")
  func connections() async throws {
    let kiosk = try await Self.kiosk {
      $0.limits.connections = 6
      $0.limits.connectionsPerAddress = 5
    }
    let port = kiosk.port
    let request = "GET /v1/consumers/head-office/cursor HTTP/1.1\r\nHost: k\r\n\(Self.token)\r\n"
    let clients = try await blocking {
      try (0..<2).map { _ in
        let client = try RawClient(port: port)
        client.write(Array(request.utf8))
        return client
      }
    }
    #expect(await becomesTrue { await kiosk.parts.figures.values.answers[200] == 2 })
    let third = try await kiosk.raw(request)
    #expect(Self.result(third) == "429 too-many-requests")
    #expect(third.contains("\r\nConnection: close\r\n") && third.contains("\r\nRetry-After: 1\r\n"))
    #expect(try await kiosk.ask("/v1/consumers/branch/cursor", as: "branch").status == 200)
    let more = try await blocking { try (0..<3).map { _ in try RawClient(port: port) } }
    // One is the pooled connection of the client above.
    #expect(try await becomesTrue { try await kiosk.raw("GET /nothing HTTP/1.1\r\n\r\n").isEmpty })
    withExtendedLifetime((clients, more)) {}
  }

  @Test("it ends at any moment, whoever is just coming or being answered")
  func stopping() async throws {
    let kiosk = try await Self.kiosk()
    let request = Array("GET /v1/events?wait=60&limit=1 HTTP/1.1\r\nHost: k\r\n\(Self.token)\r\n".utf8)
    for _ in 0..<30 {
      let port = kiosk.port
      async let clients: Void = blocking {
        let clients = try? (0..<20).map { _ in try RawClient(port: port) }
        for client in clients ?? [] { client.write(request) }
      }
      _ = await becomesTrue { !(await kiosk.parts.figures.values.answers.isEmpty) }
      await kiosk.stop()
      try await clients
      try await kiosk.start()
    }
    #expect(try await kiosk.ask("/v1/events").status == 200)
  }

  @Test("buckets of many callers stay bounded, and the newcomers among too many share one")
  func manyCallers() {
    let rate = RequestRate(perSecond: 10, burst: 10)
    let start = MonotonicTime(nanoseconds: 1_000_000_000)
    for number in 0..<RequestRate.mostCallers { #expect(rate.take("address \(number)", at: start)) }
    let allowed = (0..<100).count { rate.take("more \($0)", at: start) }
    #expect(allowed == 10)
    #expect(rate.take("after a while", at: start + .seconds(10)))
    #expect((0..<100).count { _ in rate.take("address 1", at: start + .seconds(20)) } == 10)
  }

  @Test("addresses: all of an IPv6 network is one")
  func addresses() throws {
    func name(_ text: String) throws -> String {
      ConnectionRoll.name(of: try SocketAddress(ipAddress: text, port: 1))
    }
    #expect(try name("2001:db8::1") == name("2001:db8::ffff:1"))
    #expect(try name("2001:db8::1") != name("2001:db8:0:1::1"))
    #expect(try name("::ffff:192.0.2.7") == name("192.0.2.7"))
    #expect(try name("192.0.2.7") != name("192.0.2.8"))
  }
}
