import Feedback
import Foundation
import KioskControl
import KioskTestKit
import Testing

@Suite("The control socket")
struct ControlSocketTests {
  private static func server() throws -> ServerUnderTest {
    try ServerUnderTest { request in
      switch request {
      case .simulate(.press(let press)):
        ControlReply(
          played: PlayedWaveform(presses: [
            RecordedPress(button: press.button, verdict: "counted", sequence: 7, replaces: nil)
          ]))
      case .simulate(.play(let csv)): ControlReply(played: PlayedWaveform(presses: csv.isEmpty ? [] : []))
      default: ControlReply(error: ControlError(.system, "not now", hint: "later"))
      }
    }
  }

  /// A client that sends what it likes.
  private final class RawClient {
    let descriptor: Int32

    init(_ path: String) {
      descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      var limit = timeval(tv_sec: 20, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Int {
      bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// The next bytes; empty when the server has closed.
    func receive() -> [UInt8] {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      return Array(buffer.prefix(max(0, count)))
    }

    func reply() throws -> ControlReply {
      var bytes: [UInt8] = []
      while !bytes.contains(UInt8(ascii: "\n")) {
        let more = receive()
        guard !more.isEmpty else { break }
        bytes += more
      }
      return try ControlCodec.value(ControlReply.self, from: bytes.prefix { $0 != UInt8(ascii: "\n") })
    }
  }

  @Test("asks and answers, several times on one connection")
  func ask() throws {
    let server = try Self.server()
    let client = try ControlClient(path: server.path)
    for button in ["happy", "ünhappy \"☹\"\n"] {
      let reply = try client.ask(.simulate(.press(SimulatedPress(button: button, holdMilliseconds: 1, bounceEdges: 2))))
      #expect(reply.played?.presses.map(\.button) == [button])
    }
    #expect(server.requests.count == 2)
    let error = #expect(throws: ControlError.self) { try client.ask(.status) }
    #expect(error?.message == "not now")
  }

  @Test(
    "what is not understood is answered with an error, and the connection goes on",
    arguments: [
      "", "nonsense", "{}", "[]", "{\"request\":\"reboot\"}", "{\"request\":7}", "{\"request\":\"sim-press\"}",
      "{\"request\":\"sim-press\",\"button\":\"a\",\"hold_ms\":\"long\"}", "{\"request\":\"status\"",
      "{\"request\":\"sim-press\",\"button\":\"a\",\"hold_ms\":1e99}", "{\"request\":\"acknowledge\"}",
      "{\"request\":\"acknowledge\",\"epoch\":7,\"through\":1}",
      "{\"request\":\"acknowledge\",\"epoch\":\"0123456789abcdef0123456789abcdef\",\"through\":9223372036854775808}",
      "\u{0}\u{1}", "null",
      String(repeating: "[", count: 100_000),
    ])
  func nonsense(line: String) throws {
    let server = try Self.server()
    let client = RawClient(server.path)
    client.send(Array("\(line)\n".utf8))
    let error = try client.reply().error
    #expect(error?.code == .badRequest)
    #expect(error?.hint.isEmpty == false)
    client.send(Array("{\"request\":\"sim-press\",\"button\":\"b\"}\n".utf8))
    #expect(try client.reply().played?.presses.first?.button == "b")
  }

  @Test("bytes that are no text are no request")
  func invalidText() throws {
    let server = try Self.server()
    let client = RawClient(server.path)
    client.send([0xFF, 0xFE, 0x22, 0x0A])
    #expect(try client.reply().error?.code == .badRequest)
  }

  @Test("a request may come in pieces, and several in one piece")
  func pieces() throws {
    let server = try Self.server()
    let client = RawClient(server.path)
    let line = Array("{\"request\":\"sim-press\",\"button\":\"b\"}\n".utf8)
    for byte in line { client.send([byte]) }
    #expect(try client.reply().played != nil)
    client.send(line + line)
    _ = eventually { server.requests.count == 3 }
    #expect(server.requests.count == 3)
  }

  @Test("a request without an end is cut off at the limit")
  func endless() throws {
    let server = try Self.server()
    let client = RawClient(server.path)
    let block = [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)
    var sent = 0
    while sent <= ControlCodec.longestRequest + 4 * block.count {
      let count = client.send(block)
      guard count > 0 else { break }
      sent += count
    }
    #expect(try client.reply().error?.code == .tooLarge)
    #expect(try ControlClient(path: server.path).ask(.simulate(.press(SimulatedPress(button: "b")))).played != nil)
  }

  @Test("one client too many is told so; the others are served")
  func tooMany() throws {
    let server = try Self.server()
    let clients = try (0..<ControlServer.mostConnections).map { _ in try ControlClient(path: server.path) }
    for client in clients { _ = try client.ask(.simulate(.press(SimulatedPress(button: "b")))) }
    let error = #expect(throws: ControlError.self) {
      try ControlClient(path: server.path).ask(.simulate(.press(SimulatedPress(button: "b"))))
    }
    #expect([.busy, .disconnected].contains(error?.code))
    #expect(try clients[0].ask(.simulate(.press(SimulatedPress(button: "b")))).played != nil)
  }

  @Test("watchers get activity in order; one that does not read loses lines, is told how many, and harms nobody")
  func slowWatcher() throws {
    let server = try Self.server()
    let slow = try ControlClient(path: server.path)
    _ = try slow.ask(.watch)
    let quick = try ControlClient(path: server.path)
    _ = try quick.ask(.watch)
    #expect(eventually { server.hasWatchers })
    let total = 40_000
    let words = String(repeating: "w", count: 100)
    for start in stride(from: 0, to: total, by: 500) {
      server.broadcast(
        (start..<start + 500).map {
          Activity(.health, at: MonotonicTime(nanoseconds: Int64($0)), message: words)
        })
      for number in start..<start + 500 {
        #expect(try quick.nextActivity(within: 20_000)?.monotonicNanoseconds == Int64(number))
      }
    }
    var seen = 0
    var missed = 0
    server.broadcast([Activity(.press, at: MonotonicTime(nanoseconds: -1))])
    while let activity = try slow.nextActivity(within: 5_000) {
      if activity.event == .missed { missed += activity.count ?? 0 } else { seen += 1 }
      if activity.event == .press { break }
      if seen + missed == total { break }
      if seen % 1_000 == 0 { server.broadcast([Activity(.press, at: MonotonicTime(nanoseconds: -1))]) }
    }
    #expect(missed > 0)
    #expect(seen + missed >= total / 2)
  }

  @Test("who listens where: nobody, a live daemon, a socket left behind, a path too long")
  func places() throws {
    let directory = try TemporaryDirectory()
    let nowhere = #expect(throws: ControlError.self) { try ControlClient(path: "\(directory.path)/none.sock") }
    #expect(nowhere?.code == .notRunning)
    let server = try Self.server()
    let second = #expect(throws: ControlError.self) { try ControlServer(path: server.path) }
    #expect(second?.code == .alreadyRunning)
    let long = "\(directory.path)/\(String(repeating: "d", count: 120)).sock"
    #expect(throws: ControlError.self) { try ControlServer(path: long) }
    #expect(throws: ControlError.self) { try ControlClient(path: long) }
    // A file that is no socket, or a socket nobody serves, gives way.
    try directory.write(["left.sock": "left behind"])
    #expect(throws: Never.self) { try ControlServer(path: "\(directory.path)/left.sock") }
  }

  @Test("every request survives the wire")
  func roundTrip() throws {
    let requests: [ControlRequest] = [
      .status, .watch, .simulate(.press(SimulatedPress(button: "a", holdMilliseconds: 5, bounceEdges: 3))),
      .simulate(.play(csv: "0,a,0\n")), .acknowledge(epoch: "0123456789abcdef0123456789abcdef", through: .max),
      .resetConfiguration,
      .configuration(
        SurveySet(
          version: "2026-12-advent", survey: "faces", scheduled: ["advent"],
          surveys: [
            SurveySet.File(name: "faces", toml: "name = \"faces\"\n"), SurveySet.File(name: "advent", toml: "ü☹\r\n\t"),
          ])),
    ]
    for request in requests {
      let line = try ControlCodec.line(request)
      #expect(line.last == UInt8(ascii: "\n") && line.count { $0 == UInt8(ascii: "\n") } == 1)
      #expect(try ControlCodec.value(ControlRequest.self, from: line) == request)
    }
  }
}
