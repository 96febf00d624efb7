import AsyncHTTPClient
import Glibc
import KioskTestKit
import NIOCore
import Testing

@testable import KioskAgent

@Suite("the visitor's page, as it is served")
struct DisplayServerTests {
  private static let streaming = "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

  @Test("the page and its parts, each told to a browser as what it is, and allowed nothing else")
  func parts() async throws {
    let kiosk = try DisplayUnderTest()
    #expect(await kiosk.waitUntilReady())
    let types = [
      "/": "text/html", "/page.js": "text/javascript", "/page.css": "text/css", "/state": "application/json",
    ]
    for (path, type) in types {
      let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: kiosk.url + path), timeout: .seconds(20))
      #expect(answer.status == .ok)
      #expect(answer.headers.first(name: "content-type")?.hasPrefix(type) == true, "\(path)")
      #expect(answer.headers["cache-control"] == ["no-store"])
      #expect(answer.headers["x-content-type-options"] == ["nosniff"])
      #expect(answer.headers.first(name: "content-security-policy")?.hasPrefix("default-src 'none';") == true)
      let body = try await answer.body.collect(upTo: 1 << 20)
      #expect(body.readableBytes > 0)
      // Nothing names another place: what a browser would fetch, it would fetch here.
      let text = String(buffer: body)
      #expect(!text.replacing("http://www.w3.org/2000/svg", with: "").contains("://"), "\(path)")
    }
    let head = try kiosk.request("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    #expect(head.hasPrefix("HTTP/1.1 200"))
    #expect(head.hasSuffix("\r\n\r\n"))
  }

  @Test("what is not there, or not for reading, is refused")
  func refusals() async throws {
    let kiosk = try DisplayUnderTest()
    #expect(await kiosk.waitUntilReady())
    let wrong = [
      ("GET /nothing", "", 404), ("GET /../etc/passwd", "", 404), ("GET //", "", 404), ("POST /state", "", 405),
      ("DELETE /", "", 405), ("GET /", "Sec-Fetch-Site: cross-site\r\n", 403),
      ("GET /events", "Sec-Fetch-Site: same-site\r\n", 403),
    ]
    for (line, header, status) in wrong {
      let answer = try kiosk.request("\(line) HTTP/1.1\r\nHost: localhost\r\n\(header)Connection: close\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(line): \(answer.prefix(40))")
    }
  }

  @Test("a name that another site may have given this address is refused: DNS rebinding")
  func hosts() async throws {
    let kiosk = try DisplayUnderTest()
    #expect(await kiosk.waitUntilReady())
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""] {
      let answer = try kiosk.request("GET /state HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 421 "), "\(host): \(answer.prefix(40))")
    }
    for host in ["localhost", "LOCALHOST:80", "127.0.0.1:\(kiosk.port)", "127.1.2.3", "[::1]", "[::1]:8480"] {
      #expect(DisplayAnswers.isLoopback(host), "\(host)")
    }
    for host in ["127.0.0", "127.0.0.256", "128.0.0.1", "127.0.0.1:80:80", "localhost:x", "::1", "[::2]", "127.0.0.+1"]
    {
      #expect(!DisplayAnswers.isLoopback(host), "\(host)")
    }
  }

  @Test("states come in their order, each whole and with a name of its own; a new stream begins with the present one")
  func order() async throws {
    let kiosk = try DisplayUnderTest()
    #expect(await kiosk.waitUntilReady())
    let stream = try #require(DisplayRawClient(port: kiosk.port))
    stream.send(Self.streaming)
    #expect(stream.hears("retry: 500\n\n"))
    #expect(stream.hears("\"phase\":\"idle\""))
    try kiosk.daemon.press("happy")
    #expect(stream.hears("\"phase\":\"thanks\""))
    let later = try #require(DisplayRawClient(port: kiosk.port))
    later.send(Self.streaming)
    #expect(later.hears("\"phase\":"))
    #expect(eventually { stream.hears("\"phase\":\"thanks\"") && stream.heard.numbers.count >= 2 })
    #expect(stream.heard.numbers == stream.heard.numbers.sorted())
    #expect(Set(stream.heard.numbers).count == stream.heard.numbers.count)
    for line in stream.heard.split(whereSeparator: \.isNewline) where line.hasPrefix("data: {\"") {
      #expect(line.contains("\"buttons\":[") && line.contains("\"running\":true"), "\(line)")
    }
  }

  @Test("kioskd ends, and the stream says so; it comes back, and so does the question")
  func kioskdRestarted() async throws {
    let kiosk = try DisplayUnderTest()
    #expect(await kiosk.waitUntilReady())
    let stream = try #require(DisplayRawClient(port: kiosk.port))
    stream.send(Self.streaming)
    #expect(stream.hears("\"phase\":\"idle\""))
    #expect(kiosk.daemon.stop() == 0)
    #expect(stream.hears("data: {\"running\":false}"))
    #expect(kiosk.eventuallyStates { $0.contains("{\"running\":false}") })
    try kiosk.daemon.restart()
    #expect(kiosk.daemon.waitUntilReady())
    #expect(kiosk.eventuallyStates { $0.contains("\"phase\":\"idle\"") })
    try kiosk.daemon.press("happy")
    #expect(stream.hears("\"phase\":\"thanks\""))
  }

  @Test("the agent is told to read its configuration anew: the stream ends, the next one goes on")
  func reload() async throws {
    let kiosk = try DisplayUnderTest()
    #expect(await kiosk.waitUntilReady())
    let stream = try #require(DisplayRawClient(port: kiosk.port))
    stream.send(Self.streaming)
    #expect(stream.hears("\"phase\":\"idle\""))
    kiosk.agent.signal(SIGHUP)
    #expect(!stream.hears("this is never said"))
    #expect(kiosk.eventuallyStates { $0.contains("\"phase\":\"idle\"") })
    #expect(kiosk.agent.isRunning)
  }

  @Test("eight displays may watch; a ninth is told so, until one of them leaves")
  func mostStreams() async throws {
    let kiosk = try DisplayUnderTest()
    #expect(await kiosk.waitUntilReady())
    var streams: [DisplayRawClient] = []
    for _ in 0..<8 {
      let stream = try #require(DisplayRawClient(port: kiosk.port))
      stream.send(Self.streaming)
      #expect(stream.hears("\"phase\":\"idle\""))
      streams.append(stream)
    }
    let ask = "GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    let refusal = try kiosk.request(ask)
    #expect(refusal.hasPrefix("HTTP/1.1 503 "))
    #expect(refusal.lowercased().contains("retry-after: 5"))
    streams.removeLast()
    #expect(
      eventually {
        guard let next = DisplayRawClient(port: kiosk.port) else { return false }
        next.send(Self.streaming)
        return next.hears("\r\n\r\n") && next.heard.hasPrefix("HTTP/1.1 200")
      })
  }

  @Test("requests that are too long, or never end, are cut off, and the page is served all the same")
  func hostileClients() async throws {
    let kiosk = try DisplayUnderTest()
    #expect(await kiosk.waitUntilReady())
    let long = try kiosk.request(
      "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: \(String(repeating: "x", count: 100_000))\r\n\r\n")
    #expect(!long.hasPrefix("HTTP/1.1 200"))
    let many = try kiosk.request(
      "GET / HTTP/1.1\r\nHost: localhost\r\n\(String(repeating: "X-Many: 1\r\n", count: 200))\r\n")
    #expect(!many.hasPrefix("HTTP/1.1 200"))
    #expect(!(try kiosk.request("\u{0}\u{1} nonsense\r\n\r\n")).hasPrefix("HTTP/1.1 200"))

    // Half a request, a body without end, and an answer that nobody asks on: each is over within the limit of 10 s.
    let half = try #require(DisplayRawClient(port: kiosk.port))
    half.send("GET / HTTP/1.1\r\nHost: localh")
    let endless = try #require(DisplayRawClient(port: kiosk.port))
    endless.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    let idle = try #require(DisplayRawClient(port: kiosk.port))
    idle.send("GET /state HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(
      eventually { !endless.send("1\r\nx\r\n") }, "a body without end is read for ever")
    #expect(!half.hears("200"))
    #expect(!idle.hears("this is never said"))
    #expect(kiosk.eventuallyStates { $0.contains("\"phase\":\"idle\"") })
  }

  @Test("the port is another's: it is told as health, and tried again until it is free")
  func portTaken() async throws {
    let kiosk = try DisplayUnderTest()
    #expect(await kiosk.waitUntilReady())
    kiosk.agent.signal(SIGTERM)
    #expect(kiosk.agent.exitCode() == 0)
    var squatter: Squatter? = try Squatter(port: kiosk.port)
    try kiosk.startAgentAgain()
    #expect(eventually { kiosk.agent.error.contains("cannot listen on 127.0.0.1:\(kiosk.port)") })
    withExtendedLifetime(squatter) {}
    squatter = nil
    #expect(kiosk.eventuallyStates { $0.contains("\"phase\":\"idle\"") })
    #expect(eventually { kiosk.agent.error.contains("no longer: kiosk-agent cannot listen") })
  }
}

extension String {
  /// The counting part of each `id:` of a stream.
  fileprivate var numbers: [Int] {
    split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }.compactMap {
      $0.split(separator: "-").last.flatMap { Int($0) }
    }
  }
}

/// Another program that has the port.
private final class Squatter {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = DisplayRawClient.loopback(port: port)
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(descriptor, 4) == 0
      }
    }
    guard isBound else { throw POSIXFailure(errno) }
  }

  deinit { close(descriptor) }
}
