import Glibc
import KioskTestKit

/// The real kiosk-agent with its page, beside the real kioskd with a simulated panel.
final class DisplayUnderTest {
  let daemon: DaemonUnderTest
  let port: Int
  private(set) var agent: ProgramUnderTest
  private let arguments: [String]

  var url: String { "http://127.0.0.1:\(port)" }

  init() throws {
    port = try Self.freePort()
    var files = SimulatedPanelFiles.standard
    files["kiosk.toml"] = SimulatedPanelFiles.device() + "\n[display]\nlisten = \"127.0.0.1:\(port)\"\n"
    daemon = try DaemonUnderTest(files: files)
    arguments = [
      "--config", daemon.configuration, "--journal", daemon.state, "--state", daemon.directory.path, "--runtime",
      daemon.directory.path, "--control", daemon.socket,
    ]
    agent = try ProgramUnderTest("kiosk-agent", arguments, in: daemon.directory)
  }

  func startAgentAgain() throws { agent = try ProgramUnderTest("kiosk-agent", arguments, in: daemon.directory) }

  /// Whether both answer, and the page has heard of the first question.
  func waitUntilReady() async -> Bool {
    daemon.waitUntilReady() && eventually { DisplayRawClient(port: port) != nil }
      && eventuallyStates { $0.contains("\"phase\":\"idle\"") }
  }

  /// Whether `/state` comes to be so.
  func eventuallyStates(_ condition: (String) -> Bool) -> Bool {
    eventually {
      (try? request("GET /state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).map(condition) == true
    }
  }

  /// What is answered to these bytes until the server ends the connection.
  func request(_ text: String) throws -> String {
    guard let client = DisplayRawClient(port: port) else { throw POSIXFailure(errno) }
    client.send(text)
    return client.untilTheEnd()
  }

  /// A port that nobody had a moment ago.
  static func freePort() throws -> Int {
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    var address = DisplayRawClient.loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(probe, $0, length) == 0 && getsockname(probe, $0, &length) == 0
      }
    }
    guard isBound else { throw POSIXFailure(errno) }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}

struct POSIXFailure: Error {
  var number: Int32
  init(_ number: Int32) { self.number = number }
}

/// A client that may do what no HTTP library does: send half a request, take nothing, read slowly.
final class DisplayRawClient {
  private let descriptor: Int32
  private(set) var heard = ""

  /// Nil: nobody listens.
  init?(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = Self.loopback(port: port)
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    if !isConnected { return nil }
  }

  deinit { close(descriptor) }

  static func loopback(port: Int) -> sockaddr_in {
    sockaddr_in(
      sin_family: sa_family_t(AF_INET), sin_port: UInt16(truncatingIfNeeded: port).bigEndian,
      sin_addr: in_addr(s_addr: UInt32(0x7f00_0001).bigEndian), sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
  }

  /// False: the server has closed the connection.
  @discardableResult
  func send(_ text: String) -> Bool {
    var bytes = ArraySlice(text.utf8)
    while !bytes.isEmpty {
      let sent = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent <= 0 { return false }
      bytes = bytes.dropFirst(sent)
    }
    return true
  }

  /// Reads until the text has come; false when the server ends the connection, or says nothing for 20 s.
  func hears(_ text: String) -> Bool {
    while !heard.contains(text) {
      guard more() else { return false }
    }
    return true
  }

  func untilTheEnd() -> String {
    while more() {}
    return heard
  }

  private func more() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return false }
    heard += String(decoding: bytes[..<count], as: UTF8.self)
    return true
  }
}
