import Feedback
import Glibc
import KioskControl
import KioskTestKit
import Synchronization
import Testing

/// Server and clients in one thread, taking turns, so that it is certain who has done what.
@Suite("A control server, turn by turn")
struct ControlTurnsTests {
  /// A server whose simulated presses are answered when the test says so.
  private final class Turns {
    let directory: TemporaryDirectory
    let server: ControlServer
    var waiting: [ControlServer.ConnectionID] = []

    /// What the server's clock reads.
    let time: SharedTime

    init() throws {
      let time = SharedTime()
      self.time = time
      directory = try TemporaryDirectory()
      server = try ControlServer(path: "\(directory.path)/control.sock") { time.nanoseconds.withLock { $0 } }
    }

    /// Rounds of the daemon's loop until nothing is to be done.
    func serve() {
      for _ in 0..<1_000 {
        var descriptors = server.descriptors
        guard poll(&descriptors, nfds_t(descriptors.count), 0) > 0 else { return }
        server.process(descriptors) { request, connection in
          guard case .simulate = request else {
            return ControlReply(error: ControlError(.system, "not now", hint: "later"))
          }
          waiting.append(connection)
          return nil
        }
      }
      Issue.record("the server finds no end")
    }

    func answer() {
      for connection in waiting { server.reply(ControlReply(played: PlayedWaveform(presses: [])), to: connection) }
      waiting = []
    }
  }

  private final class SharedTime: Sendable {
    let nanoseconds = Mutex<Int64>(1)
  }

  private final class Client {
    let descriptor: Int32

    init(_ turns: Turns) {
      descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      let path = Array("\(turns.directory.path)/control.sock".utf8)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
      let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      #expect(result == 0)
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
      let bytes = Array(text.utf8)
      let sent = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      #expect(sent == bytes.count)
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What has come; nil when the server has closed.
    func received() -> [UInt8]? {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 { return bytes.isEmpty ? nil : bytes }
        guard count > 0 else { return bytes }
        bytes += buffer.prefix(count)
      }
    }

    func replies() throws -> [ControlReply] {
      try (received() ?? []).split(separator: UInt8(ascii: "\n")).map {
        try ControlCodec.value(ControlReply.self, from: $0)
      }
    }
  }

  private static let press = "{\"request\":\"sim-press\",\"button\":\"b\"}\n"

  @Test("a client that closes its side after its last request gets its answers, the late ones too, and is then let go")
  func halfClosed() throws {
    let turns = try Turns()
    let client = Client(turns)
    client.send("{\"request\":\"status\"}\n" + Self.press + Self.press)
    client.endSending()
    turns.serve()
    #expect(try client.replies().map(\.error?.message) == ["not now"])
    #expect(turns.server.hasClients)
    turns.answer()
    turns.serve()
    #expect(try client.replies().map { $0.played != nil } == [true, true])
    #expect(client.received() == nil)
    #expect(!turns.server.hasClients)
  }

  @Test("one that closes its side after asking for activity goes on watching, and is forgotten when it has gone")
  func halfClosedWatcher() throws {
    let turns = try Turns()
    do {
      let client = Client(turns)
      client.send("{\"request\":\"watch\"}\n")
      client.endSending()
      turns.serve()
      turns.server.broadcast([Activity(.press, at: MonotonicTime(nanoseconds: 7))])
      let lines = (client.received() ?? []).split(separator: UInt8(ascii: "\n"))
      #expect(lines.count == 2)
      #expect(try ControlCodec.value(Activity.self, from: try #require(lines.last)).monotonicNanoseconds == 7)
    }
    turns.serve()
    #expect(!turns.server.hasClients)
  }

  @Test("one that goes away while its answer is awaited is forgotten at once; what it asked is done")
  func goneBeforeTheAnswer() throws {
    let turns = try Turns()
    do {
      let client = Client(turns)
      client.send(Self.press)
    }
    turns.serve()
    #expect(turns.waiting.count == 1)
    #expect(!turns.server.hasClients)
    turns.answer()
    #expect(!turns.server.hasClients)
  }

  // MARK: - Long requests

  /// Sends the beginning of a request that every client may send, and so many bytes more.
  private static func begin(_ client: Client, _ turns: Turns, bytes: Int = ControlServer.mostReceived + 50_000) {
    client.send("{\"request\":\"sim-press\",\"button\":\"")
    for _ in 0..<bytes / 50_000 {
      client.send(String(repeating: "b", count: 50_000))
      turns.serve()
    }
  }

  @Test("one client at a time may send a long request; another is told so at once, and its connection goes on")
  func oneLongRequest() throws {
    let turns = try Turns()
    let (first, second) = (Client(turns), Client(turns))
    Self.begin(first, turns)
    Self.begin(second, turns, bytes: ControlServer.mostReceived * 4)
    #expect(try second.replies().map(\.error?.code) == [.busy])
    // The rest of that line is no request; what follows it is.
    second.send("\"}\n" + Self.press)
    turns.serve()
    #expect(turns.waiting.count == 1)
    turns.answer()
    #expect(try second.replies().map { $0.played != nil } == [true])
    // The first one ends, and then the second may send a long one.
    first.send("\"}\n")
    turns.serve()
    #expect(turns.waiting.count == 1)
    Self.begin(second, turns)
    second.send("\"}\n")
    turns.serve()
    turns.answer()
    #expect(try first.replies().map { $0.played != nil } == [true])
    #expect(try second.replies().map { $0.played != nil } == [true])
  }

  @Test("who begins a long request and falls silent gives way; who goes away leaves the room")
  func silentSender() throws {
    let turns = try Turns()
    let (silent, next) = (Client(turns), Client(turns))
    Self.begin(silent, turns)
    turns.time.nanoseconds.withLock { $0 += ControlServer.patience + 1 }
    Self.begin(next, turns)
    #expect(try silent.replies().map(\.error?.code) == [.disconnected])
    #expect(silent.received() == nil)
    next.endSending()
    turns.serve()
    #expect(!turns.server.hasClients)
    let last = Client(turns)
    Self.begin(last, turns)
    last.send("\"}\n")
    turns.serve()
    turns.answer()
    #expect(try last.replies().map { $0.played != nil } == [true])
  }

  @Test(
    "an error repeats what was sent only in part, and without signs that disturb a terminal",
    arguments: [
      "{\"request\":\"\\u001b[31m\"}", "{\"request\":\"\\u202e\\u0000\\n\"}", "{\"request\":\"status\u{1B}\"}",
      "{\"request\":\"\(String(repeating: "x", count: 2_000_000))\"}",
      "{\"request\":\"sim-press\",\"button\":\"b\",\"hold_ms\":\(String(repeating: "9", count: 2_000_000))}",
    ])
  func echo(line: String) throws {
    let turns = try Turns()
    let client = Client(turns)
    for start in stride(from: 0, to: line.utf8.count, by: 50_000) {
      client.send(String(decoding: line.utf8.dropFirst(start).prefix(50_000), as: UTF8.self))
      turns.serve()
    }
    client.send("\n")
    turns.serve()
    let error = try #require(try client.replies().first?.error)
    #expect(error.code == .badRequest)
    #expect((10...1_000).contains(error.message.unicodeScalars.count))
    let kinds: Set<Unicode.GeneralCategory> = [.control, .format]
    #expect(!error.message.unicodeScalars.contains { kinds.contains($0.properties.generalCategory) })
  }
}
