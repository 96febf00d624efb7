import CKioskPlatform
import Feedback
import Glibc

/// A program's end of the control socket: asks, and waits for the answer or for activity.
public final class ControlClient {
  private let descriptor: Int32
  private let path: String
  private let program: String
  private var received: [UInt8] = []

  /// Connects.
  /// - Parameter program: who listens there, for messages; kiosk-agent speaks in lines of JSON too.
  /// - Throws: `ControlError` `notRunning`, `notPermitted` or `system`.
  public init(path: String, program: String = "kioskd") throws(ControlError) {
    self.path = path
    self.program = program
    let descriptor = UnixSocket.make()
    guard descriptor >= 0 else {
      throw ControlError(.system, "no socket: \(UnixSocket.lastError)", hint: "close some programs")
    }
    let result = UnixSocket.withAddress(path) { connect(descriptor, $0, $1) }
    let reason = errno
    guard result == 0 else {
      close(descriptor)
      switch (result, reason) {
      case (nil, _):
        throw ControlError(
          .system, "the path \(path) is longer than a socket's may be (\(UnixSocket.longestPath) bytes)",
          hint: "use a shorter runtime directory")
      case (_, ENOENT), (_, ECONNREFUSED), (_, ENOTDIR):
        throw ControlError(
          .notRunning, "\(program) does not answer at \(path)",
          hint: "is it running? systemctl status \(program); another place is given by --socket"
            + (program == "kioskd" ? " or KIOSK_CONTROL_SOCKET" : ""))
      case (_, EACCES), (_, EPERM):
        throw ControlError(
          .notPermitted, "this user may not open \(path)", hint: "use sudo, or join the group kiosk and log in again")
      case (_, EAGAIN):
        throw ControlError(.busy, "\(program) at \(path) takes no more clients now", hint: "try again")
      default:
        throw ControlError(
          .system, "cannot reach \(path): \(String(cString: strerror(reason)))", hint: "see journalctl -u \(program)")
      }
    }
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// True when a daemon accepts connections at that path.
  static func answers(at path: String) -> Bool {
    do {
      _ = try ControlClient(path: path)
      return true
    } catch {
      return error.code == .busy
    }
  }

  /// Asks and waits for the answer.
  /// - Parameter milliseconds: how long to wait at most.
  /// - Throws: what the daemon answered as an error, `disconnected` when it broke off or did not answer in time.
  public func ask(_ request: ControlRequest, within milliseconds: Int64 = 5_000) throws(ControlError) -> ControlReply {
    let reply = try exchange(request, for: ControlReply.self, within: milliseconds)
    if let error = reply.error { throw error }
    return reply
  }

  /// Sends a line and waits for one in answer, whoever listens.
  /// - Throws: as `ask`, but what the answer says is the caller's to see.
  public func exchange<Reply: Decodable>(
    _ request: some Encodable, for type: Reply.Type, within milliseconds: Int64 = 5_000
  ) throws(ControlError) -> Reply {
    let limit = kiosk_clock_monotonic() + milliseconds * 1_000_000
    try send(request, until: limit)
    guard let line = try nextLine(until: limit) else { throw broken("it closed the connection") }
    return try ControlCodec.value(type, from: line)
  }

  /// Sends a request whose answer is awaited by polling `pollDescriptor`.
  /// - Throws: `disconnected` when the daemon broke off or does not take it within five seconds.
  public func send(_ request: ControlRequest) throws(ControlError) {
    try send(request, until: kiosk_clock_monotonic() + 5_000_000_000)
  }

  private func send(_ request: some Encodable, until limit: Int64) throws(ControlError) {
    var unsent = try ControlCodec.line(request)[...]
    while !unsent.isEmpty {
      let sent = UnixSocket.send(descriptor, unsent)
      guard sent >= 0 else { throw broken("it closed the connection") }
      unsent = unsent.dropFirst(sent)
      if !unsent.isEmpty { try wait(for: POLLOUT, until: limit) }
    }
  }

  /// The next activity after `watch`; nil once the daemon is gone.
  /// - Parameter milliseconds: how long to wait at most; nil: for ever.
  /// - Throws: `disconnected` when nothing came in time.
  public func nextActivity(within milliseconds: Int64? = nil) throws(ControlError) -> Activity? {
    let limit = milliseconds.map { kiosk_clock_monotonic() + $0 * 1_000_000 }
    guard let line = try nextLine(until: limit) else { return nil }
    return try ControlCodec.value(Activity.self, from: line)
  }

  /// The descriptor to poll together with others (a terminal); activity may be waiting in memory all the same, so ask
  /// `hasBufferedActivity` first.
  public var pollDescriptor: Int32 { descriptor }

  /// True when a whole line has been read already.
  public var hasBufferedActivity: Bool { received.contains(UInt8(ascii: "\n")) }

  private func nextLine(until limit: Int64?) throws(ControlError) -> [UInt8]? {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(received[..<end])
        received.removeSubrange(...end)
        return line
      }
      guard received.count <= ControlCodec.longestReply else { throw broken("its answer is too long") }
      try wait(for: POLLIN, until: limit)
      guard let bytes = UnixSocket.receive(descriptor, atMost: 65_536) else { continue }
      guard !bytes.isEmpty else { return nil }
      received += bytes
    }
  }

  private func wait(for events: Int32, until limit: Int64?) throws(ControlError) {
    while true {
      var wanted = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let left = limit.map { max(0, ($0 - kiosk_clock_monotonic() + 999_999) / 1_000_000) }
      let ready = poll(&wanted, 1, left.map { Int32(clamping: $0) } ?? -1)
      if ready > 0 { return }
      if ready == 0 { throw broken("no answer in time") }
      if errno != EINTR { throw broken(UnixSocket.lastError) }
    }
  }

  private func broken(_ why: String) -> ControlError {
    ControlError(.disconnected, "\(program) at \(path): \(why)", hint: "see journalctl -u \(program)")
  }
}
