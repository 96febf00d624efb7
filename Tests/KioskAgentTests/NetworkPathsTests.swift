import Glibc
import Testing

@testable import KioskAgent

/// What counts as a way to a network that was not there before.
@Suite struct NetworkPathsTests {
  private static let header =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

  private func routes(_ text: String) throws -> Set<String> {
    try withTemporaryFile(text) { NetworkPaths.defaultRoutes(of: $0) }
  }

  private func withTemporaryFile<Result>(_ text: String, _ body: (String) -> Result) throws -> Result {
    var template = Array("/tmp/kiosk-routes-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try #require(descriptor >= 0)
    defer { unlink(path) }
    let bytes = Array(text.utf8)
    let written = write(descriptor, bytes, bytes.count)
    close(descriptor)
    try #require(written == bytes.count)
    return body(path)
  }

  @Test("a path that was not there before is one more; one less, or the same, is not")
  func more() {
    let nothing = NetworkPaths(paths: [])
    let cable = NetworkPaths(paths: ["eth0 192.0.2.7"])
    let both = NetworkPaths(paths: ["eth0 192.0.2.7", "route eth0 010200C0"])
    let other = NetworkPaths(paths: ["eth0 192.0.2.8"])
    #expect(cable.hasMore(than: nothing))
    #expect(both.hasMore(than: cable))
    #expect(other.hasMore(than: cable))
    #expect(!cable.hasMore(than: cable))
    #expect(!cable.hasMore(than: both))
    #expect(!nothing.hasMore(than: both))
  }

  @Test("only routes to everywhere count, each with its interface and gateway")
  func defaultRoutes() throws {
    let text =
      Self.header
      + "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
      + "wwan0\t00000000\t00000000\t0001\t0\t0\t700\t00000000\t0\t0\t0\n"
      + "eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
    let found = try routes(text)
    #expect(found == ["route eth0 010200C0", "route wwan0 00000000"])
  }

  @Test("a half network is none: 0.0.0.0/1, as tunnels set it, is no route to everywhere")
  func halfOfEverything() throws {
    let found = try routes(Self.header + "tun0\t00000000\t0101010A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n")
    #expect(found.isEmpty)
  }

  @Test("so it is with IPv6, but for the kernel's own route to nowhere")
  func defaultRoutes6() throws {
    let zeros = String(repeating: "0", count: 32)
    let gateway = "fe800000000000000000000000000001"
    let numbers = "00000400 00000001 00000000"
    let text = """
      \(zeros) 00 \(zeros) 00 \(gateway) \(numbers) 00000003     eth0
      20010db8000000000000000000000000 40 \(zeros) 00 \(zeros) \(numbers) 00000001     eth0
      20000000000000000000000000000000 03 \(zeros) 00 \(gateway) \(numbers) 00000003     tun0
      \(zeros) 00 \(zeros) 00 \(zeros) ffffffff 00000001 00000000 00200200       lo

      """
    let found = try withTemporaryFile(text) { NetworkPaths.defaultRoutes6(of: $0) }
    #expect(found == ["route eth0 \(gateway)"])
  }

  @Test("what is no table of routes holds none", arguments: ["", "Iface\n", "eth0\n\n\t\t\n", "a b\nc 00000000\n"])
  func nonsense(text: String) throws {
    let found = try routes(text)
    #expect(found.isEmpty)
  }

  @Test("a table that is not there holds none")
  func missing() {
    let found = NetworkPaths.defaultRoutes(of: "/nonexistent/route")
    #expect(found.isEmpty)
  }

  @Test("the loopback interface is no way to a network")
  func loopback() {
    let names = NetworkPaths.current().paths.map { $0.split(separator: " ").first }
    #expect(!names.contains("lo"))
  }

  @Test("watching ends when its task is cancelled")
  func ends() async {
    await confirmation(expectedCount: 0) { returned in
      let watching = Task { await LinkWatch { returned() }.run() }
      watching.cancel()
      await watching.value
    }
  }
}
