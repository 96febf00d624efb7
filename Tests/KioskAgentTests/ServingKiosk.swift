import AsyncHTTPClient
import Feedback
import Foundation
import Journal
import KioskConfiguration
import KioskControl
import KioskTestKit
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Uplink

@testable import KioskAgent

/// Looks again and again until the condition holds; false when it has not held within the limit.
func becomesTrue(within limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async rethrows -> Bool {
  let end = ContinuousClock.now + limit
  while ContinuousClock.now < end {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(3))
  }
  return try await condition()
}

/// Runs what blocks on a thread of its own.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}

/// The real server on this machine, with a real journal in directories of its own. What a test changes, it changes from one
/// task at a time.
final class ServingKiosk: @unchecked Sendable {
  struct Options {
    var consumers = [
      AgentSettings.Consumer(name: "head-office", scopes: [.events, .status, .metrics]),
      AgentSettings.Consumer(name: "branch", scopes: [.events]),
      AgentSettings.Consumer(name: "watch", scopes: [.status, .metrics]),
    ]
    var limits: ServingLimits = {
      var limits = ServingLimits()
      // A test asks as fast as it can, unless it is about just that.
      limits.requestsPerSecond = 10_000
      limits.newConnectionsPerSecond = 10_000
      return limits
    }()
    var isEncrypted = false
    var clientAuthorities: String?
    var refresh = Duration.milliseconds(50)
    var hasJournal = true
  }

  static func token(_ consumer: String) -> String { "token-of-\(consumer)-0123456789" }

  let directory: TemporaryDirectory
  private(set) var journal: Journal?
  let threads = MultiThreadedEventLoopGroup.singleton
  private(set) var parts: AgentParts
  private(set) var port = 0
  private let options: Options
  private var running: Task<Void, Never>?
  private var wall: Int64 = 1_795_154_400_000

  var journalPath: String { "\(directory.path)/journal" }
  var credentials: String { "\(directory.path)/credentials" }

  init(_ options: Options = Options(), files: [String: String] = [:]) async throws {
    self.options = options
    directory = try TemporaryDirectory()
    var all = files
    for consumer in options.consumers where all["credentials/consumer-\(consumer.name)"] == nil {
      all["credentials/consumer-\(consumer.name)"] = Self.token(consumer.name) + "\n"
    }
    for name in ["journal", "state", "run"] {
      try FileManager.default.createDirectory(
        atPath: "\(directory.path)/\(name)", withIntermediateDirectories: true)
    }
    try directory.write(all)
    var settings = AgentSettings(device: "kiosk-17", touchpoint: "checkout-1")
    settings.serve = AgentSettings.Serve(
      listen: AgentSettings.Address(host: "127.0.0.1", port: 0), consumers: options.consumers)
    settings.serve?.allowsPlainText = !options.isEncrypted
    settings.serve?.clientAuthorities = options.clientAuthorities
    var agent = AgentOptions()
    agent.journal = "\(directory.path)/journal"
    agent.state = "\(directory.path)/state"
    agent.runtime = "\(directory.path)/run"
    agent.control = "\(directory.path)/run/control.sock"
    agent.credentials = "\(directory.path)/credentials"
    let clock = AgentClock()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    parts = AgentParts(
      settings: settings, options: agent, credentials: Credentials(directory: agent.credentials),
      link: CaptureLink(path: agent.control, threads: threads), arrivals: Bell(),
      cursors: try CursorKeeper(state: agent.state, journal: agent.journal),
      health: HealthBoard(clock: clock, logger: logger), figures: AgentFigures(), delivery: nil, threads: threads,
      clock: clock, logger: logger)
    if options.hasJournal { try open() }
    try await settle()
  }

  deinit { running?.cancel() }

  /// Starts serving and waits until it does.
  func start() async throws { try await serve(parts) }

  /// Starts serving with other parts.
  func serve(_ parts: AgentParts) async throws {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let server = PullServer(parts: parts, limits: options.limits, refresh: options.refresh) { continuation.yield($0) }
    running = Task { await server?.run() }
    for await port in ports {
      self.port = port
      return
    }
  }

  func stop() async {
    running?.cancel()
    await running?.value
    running = nil
  }

  private func settle() async throws {
    try await parts.cursors.settle(options.consumers.filter { $0.scopes.contains(.events) }.map(\.name))
  }

  /// The agent ends and starts again, with its cursors or without.
  func restart(losingCursors: Bool) async throws {
    await stop()
    await parts.cursors.close()
    if losingCursors {
      for name in try FileManager.default.contentsOfDirectory(atPath: parts.options.state) {
        try FileManager.default.removeItem(atPath: "\(parts.options.state)/\(name)")
      }
    }
    parts.cursors = try CursorKeeper(state: parts.options.state, journal: parts.options.journal)
    try await settle()
    try await start()
  }

  // MARK: - The journal

  private var reading: ClockReading {
    ClockReading(
      monotonic: MonotonicTime(nanoseconds: 5_000_000_000), bootTimeNanoseconds: 5_000_000_000, wallMilliseconds: wall,
      state: .synchronised)
  }

  func open() throws {
    journal = try Journal.open(
      directory: journalPath, device: "kiosk-17",
      boot: BootIdentity(bootID: "1c2a7d5e-93a1-4c53-a2ad-6a8f4a2be001"), reading: reading)
  }

  /// Counted presses, one after the other.
  @discardableResult
  func press(_ count: Int) throws -> [Event] {
    let faces = ["very-unhappy", "unhappy", "neutral", "happy", "very-happy"]
    wall += 1_000
    return try journal?.append(
      (0..<count).map { number in
        EventDraft(
          kind: .rating, at: reading, button: faces[number % 5], survey: "loyalty", surveyVersion: 3,
          question: "overall", scale: "faces-5", value: 1 + number % 5, verdict: .counted, rulesVersion: 2)
      }) ?? []
  }

  /// The file is found damaged at the next start of kioskd: it is set aside, and a new epoch begins.
  func damageJournal() throws {
    journal?.close()
    try directory.write(["journal/ratings.damaged": ""])
    try open()
  }

  func salvage() throws {
    guard let salvage = Salvage.next(in: journalPath).salvage else { throw CocoaError(.fileNoSuchFile) }
    while try salvage.step() == nil {}
  }

  var recorded: Int64 {
    (try? JournalReader.open("\(journalPath)/ratings.db").summary().lastSequence) ?? nil ?? 0
  }
}

/// An answer as a client sees it.
struct Fetched {
  var status: Int
  var fields: [(name: String, value: String)]
  var body: [UInt8]

  func field(_ name: String) -> String? { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
  var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:] }
  var code: String? { json["code"] as? String }
  var text: String { String(decoding: body, as: UTF8.self) }
  /// Names of the events in it.
  var events: [String] {
    ((try? JSONSerialization.jsonObject(with: Data(body))) as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
  }
  var cursor: String? { field("Kiosk-Cursor") }
}

extension ServingKiosk {
  /// Asks with the real HTTP client.
  func ask(
    _ path: String, method: String = "GET", as consumer: String? = "head-office", body: String? = nil,
    headers: [(String, String)] = [], client: HTTPClient = .shared, scheme: String = "http"
  ) async throws -> Fetched {
    var request = HTTPClientRequest(url: "\(scheme)://localhost:\(port)\(path)")
    request.method = .init(rawValue: method)
    if let consumer { request.headers.add(name: "Authorization", value: "Bearer \(Self.token(consumer))") }
    if let body {
      request.body = .bytes(ByteBuffer(string: body))
      if !headers.contains(where: { $0.0 == "Content-Type" }) {
        request.headers.add(name: "Content-Type", value: "application/json")
      }
    }
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    let answer = try await client.execute(request, timeout: .seconds(30))
    let bytes = try await answer.body.collect(upTo: 8 << 20)
    return Fetched(
      status: Int(answer.status.code), fields: answer.headers.map { ($0.name, $0.value) },
      body: Array(bytes.readableBytesView))
  }

  func put(_ cursor: String, for consumer: String = "head-office", as other: String? = nil) async throws -> Fetched {
    try await ask(
      "/v1/consumers/\(consumer)/cursor", method: "PUT", as: other ?? consumer, body: "{\"cursor\":\"\(cursor)\"}")
  }

  /// Reads everything after a cursor.
  func readAll(after start: String? = nil, limit: Int = 7, as consumer: String = "head-office") async throws
    -> (events: [String], cursor: String?)
  {
    var (events, cursor): ([String], String?) = ([], start)
    while true {
      let answer = try await ask(
        "/v1/events?limit=\(limit)\(cursor.map { "&after=\($0)" } ?? "")", as: consumer)
      guard answer.status == 200, !answer.events.isEmpty else { return (events, cursor) }
      events += answer.events
      cursor = answer.cursor
    }
  }

  /// Sends bytes as they are and returns everything that comes back until the server closes, or for some seconds.
  func raw(_ parts: [[UInt8]], ends: Bool = false, patience: Int = 20) async throws -> String {
    let port = port
    return try await blocking { try RawClient(port: port).exchange(parts, ends: ends, patience: patience) }
  }

  func raw(_ text: String, ends: Bool = false) async throws -> String { try await raw([Array(text.utf8)], ends: ends) }
}

/// A client that sends what it likes.
final class RawClient: Sendable {
  let descriptor: Int32

  init(port: Int, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var size = receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw CocoaError(.fileReadUnknown) }
  }

  deinit { close(descriptor) }

  /// False when the other side does not take it any more.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Everything until the end; nil when that does not come in time.
  func readToEnd(patience: Int) -> [UInt8]? {
    var wait = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count > 0 {
        bytes += chunk.prefix(count)
      } else {
        return count == 0 || errno == ECONNRESET ? bytes : nil
      }
    }
  }

  func exchange(_ parts: [[UInt8]], ends: Bool, patience: Int) throws -> String {
    for part in parts { write(part) }
    if ends { shutdown(descriptor, Int32(SHUT_WR)) }
    guard let bytes = readToEnd(patience: patience) else { throw CocoaError(.fileReadUnknown) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
