import CKioskPlatform
import Feedback
import Glibc

/// The daemon's end of the control socket: a state machine over non-blocking sockets, driven by the daemon's own poll
/// loop. It never blocks, holds at most `mostConnections` clients and a bounded buffer for each, only one of which may be
/// a large one at a time, and a client that asks nonsense or reads nothing harms only itself. Not thread-safe: the loop
/// owns it.
public final class ControlServer {
  /// Clients at once. A technician, an agent and a display need three.
  public static let mostConnections = 16
  /// Bytes held for a client that does not read; past that it is cut off (a watcher first gets `missed`).
  public static let mostUnsent = 1 << 20
  /// Bytes of a request that every client may send at any time; a longer one only while no other client does.
  public static let mostReceived = 1 << 17
  /// A client that has begun a long request and sends nothing more for so long (nanoseconds) gives way to another.
  public static let patience: Int64 = 5_000_000_000

  /// Names a connection until it closes.
  public struct ConnectionID: Hashable, Sendable {
    var number: UInt64
  }

  private struct Connection {
    var descriptor: Int32
    var received: [UInt8] = []
    var unsent: [UInt8] = []
    /// The rest of the line has no room, has been refused and is not kept.
    var isSkippingLine = false
    var isWatching = false
    /// Is told why and then closed.
    var isClosing = false
    /// Has said that it will ask no more, and waits for what it has asked.
    var hasEndedAsking = false
    /// Requests that are answered later.
    var awaited = 0
    var missed = 0

    var isDone: Bool { unsent.isEmpty && (isClosing || hasEndedAsking && awaited == 0 && !isWatching) }
  }

  private let path: String
  private let listener: Int32
  private var connections: [ConnectionID: Connection] = [:]
  private var order: [ConnectionID] = []
  private var nextNumber: UInt64 = 0
  /// Who sends a long request, and when the last of it came.
  private var longRequest: (sender: ConnectionID, heard: Int64)?
  private let now: () -> Int64

  /// Takes over `path`: a stale socket is replaced, a live daemon is not.
  /// - Parameter now: CLOCK_MONOTONIC in nanoseconds; looked at only when two long requests come at once.
  /// - Throws: `ControlError` `alreadyRunning`, `notPermitted` or `system`.
  public init(path: String, now: @escaping () -> Int64 = { kiosk_clock_monotonic() }) throws(ControlError) {
    self.path = path
    self.now = now
    if ControlClient.answers(at: path) {
      throw ControlError(
        .alreadyRunning, "another kioskd serves \(path)",
        hint: "stop it first (systemctl stop kioskd), or give this one its own --runtime directory")
    }
    let descriptor = UnixSocket.make()
    guard descriptor >= 0 else {
      throw ControlError(.system, "no socket: \(UnixSocket.lastError)", hint: "check the limits of the service")
    }
    unlink(path)
    let previousMask = umask(0o117)
    let bound = UnixSocket.withAddress(path) { bind(descriptor, $0, $1) }
    let bindError = errno
    umask(previousMask)
    guard bound == 0, listen(descriptor, Int32(Self.mostConnections * 4)) == 0 else {
      close(descriptor)
      let directory = path.split(separator: "/").dropLast().joined(separator: "/")
      throw ControlError(
        bindError == EACCES ? .notPermitted : .system,
        bound == nil
          ? "the path \(path) is longer than a socket's may be (\(UnixSocket.longestPath) bytes)"
          : "cannot listen on \(path): \(String(cString: strerror(bindError)))",
        hint: "the directory /\(directory) must exist and be writable by kioskd")
    }
    listener = descriptor
  }

  deinit {
    for connection in connections.values { close(connection.descriptor) }
    close(listener)
    unlink(path)
  }

  /// True while somebody is connected.
  public var hasClients: Bool { !connections.isEmpty }

  /// How many clients have asked to see activity so far: another one wants to know what there is now.
  public private(set) var watchersSeen = 0

  /// True while some client wants to see activity.
  public var hasWatchers: Bool { connections.values.contains { $0.isWatching } }

  /// What the loop must poll for. The order matters to `process`.
  public var descriptors: [pollfd] {
    var all = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    for id in order {
      guard let connection = connections[id] else { continue }
      let isListenedTo = !connection.isClosing && !connection.hasEndedAsking
      let wanted = (connection.unsent.isEmpty ? 0 : POLLOUT) | (isListenedTo ? POLLIN : 0)
      all.append(pollfd(fd: connection.descriptor, events: Int16(wanted), revents: 0))
    }
    return all
  }

  /// Does what the poll results allow. `answer` gets each request; nil means that the answer comes later by `reply`.
  public func process(
    _ results: some Collection<pollfd>, answer: (ControlRequest, ConnectionID) -> ControlReply?
  ) {
    for result in results where result.revents != 0 {
      if result.fd == listener {
        accept()
        continue
      }
      guard let id = order.first(where: { connections[$0]?.descriptor == result.fd }) else { continue }
      let isGone = result.revents & Int16(POLLHUP | POLLERR) != 0
      if isGone || result.revents & Int16(POLLIN) != 0 { read(id, isGone: isGone, answer: answer) }
      if connections[id] != nil { flush(id) }
    }
  }

  /// Answers a request later. Without effect when the client has gone.
  public func reply(_ reply: ControlReply, to id: ConnectionID) {
    if let awaited = connections[id]?.awaited, awaited > 0 { connections[id]?.awaited = awaited - 1 }
    send(reply, to: id)
  }

  private func send(_ reply: ControlReply, to id: ConnectionID) {
    guard connections[id] != nil else { return }
    var reply = reply
    reply.error = reply.error?.cut
    do {
      connections[id]?.unsent += try ControlCodec.line(reply)
    } catch {
      connections[id]?.isClosing = true
    }
    flush(id)
  }

  /// Tells every watcher.
  public func broadcast(_ activities: [Activity]) {
    for id in order where connections[id]?.isWatching == true {
      for activity in activities { tell(activity, to: id) }
      flush(id)
    }
  }

  private func tell(_ activity: Activity, to id: ConnectionID) {
    guard var connection = connections[id] else { return }
    if connection.unsent.count > Self.mostUnsent {
      connection.missed += 1
    } else {
      if connection.missed > 0 {
        let missed = Activity(
          .missed, at: MonotonicTime(nanoseconds: activity.monotonicNanoseconds), count: connection.missed)
        connection.unsent += (try? ControlCodec.line(missed)) ?? []
        connection.missed = 0
      }
      connection.unsent += (try? ControlCodec.line(activity)) ?? []
    }
    connections[id] = connection
  }

  private func accept() {
    while true {
      let descriptor = kiosk_accept(listener)
      guard descriptor >= 0 else {
        if errno == EINTR || errno == ECONNABORTED { continue }
        return
      }
      nextNumber += 1
      let id = ConnectionID(number: nextNumber)
      connections[id] = Connection(descriptor: descriptor)
      order.append(id)
      if connections.count > Self.mostConnections {
        connections[id]?.isClosing = true
        send(
          ControlReply(
            error: ControlError(
              .busy, "kioskd serves \(Self.mostConnections) clients already", hint: "close one of them")), to: id)
      }
    }
  }

  /// - Parameter isGone: the client has closed, so that nobody waits for answers; what it has asked is still done.
  private func read(_ id: ConnectionID, isGone: Bool, answer: (ControlRequest, ConnectionID) -> ControlReply?) {
    guard let descriptor = connections[id]?.descriptor,
      let bytes = UnixSocket.receive(descriptor, atMost: 65_536)
    else { return }
    guard !bytes.isEmpty else {
      // A client may close its side after its last request and wait for the answers.
      connections[id]?.hasEndedAsking = true
      if isGone { drop(id) }
      return
    }
    guard connections[id]?.isClosing == false else { return }
    // Only what is new can hold the end of a line; what came before it is not looked at again.
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      if connections[id]?.isSkippingLine == true {
        connections[id]?.isSkippingLine = false
        rest = rest[(end + 1)...]
        continue
      }
      var line = connections[id]?.received ?? []
      connections[id]?.received = []
      line += rest[..<end]
      rest = rest[(end + 1)...]
      take(line, from: id, answer: answer)
      guard let after = connections[id] else { return }
      if after.unsent.count > Self.mostUnsent { return drop(id) }
    }
    guard connections[id]?.isSkippingLine == false else { return }
    connections[id]?.received += rest
    makeRoom(for: id)
  }

  /// Sees to it that what has come of a request so far is not too much.
  private func makeRoom(for id: ConnectionID) {
    guard let count = connections[id]?.received.count, count > Self.mostReceived else { return }
    if count > ControlCodec.longestRequest {
      return breakOff(
        id, .tooLarge, "a request is longer than \(ControlCodec.longestRequest) bytes",
        hint: "split the waveform into several files")
    }
    let time = now()
    if let other = longRequest, other.sender != id,
      let held = connections[other.sender]?.received.count, held > Self.mostReceived
    {
      guard time - other.heard > Self.patience else {
        connections[id]?.received = []
        connections[id]?.isSkippingLine = true
        return send(
          ControlReply(
            error: ControlError(.busy, "another client is sending a long request", hint: "try again")), to: id)
      }
      breakOff(other.sender, .disconnected, "the end of a long request did not come", hint: "send it without a pause")
    }
    longRequest = (id, time)
  }

  /// Tells a client why it is closed.
  private func breakOff(_ id: ConnectionID, _ code: ControlError.Code, _ message: String, hint: String) {
    connections[id]?.isClosing = true
    connections[id]?.received = []
    send(ControlReply(error: ControlError(code, message, hint: hint)), to: id)
  }

  private func take(_ line: [UInt8], from id: ConnectionID, answer: (ControlRequest, ConnectionID) -> ControlReply?) {
    do throws(ControlError) {
      let request = try ControlCodec.value(ControlRequest.self, from: line)
      if case .watch = request {
        connections[id]?.isWatching = true
        watchersSeen += 1
        send(ControlReply(watching: true), to: id)
        return
      }
      connections[id]?.awaited += 1
      if let now = answer(request, id) { reply(now, to: id) }
    } catch {
      send(ControlReply(error: error), to: id)
    }
  }

  private func flush(_ id: ConnectionID) {
    guard let sent = connections[id].map({ UnixSocket.send($0.descriptor, $0.unsent[...]) }) else { return }
    guard sent >= 0 else { return drop(id) }
    connections[id]?.unsent.removeFirst(sent)
    if connections[id]?.isDone == true { drop(id) }
  }

  private func drop(_ id: ConnectionID) {
    guard let connection = connections.removeValue(forKey: id) else { return }
    close(connection.descriptor)
    order.removeAll { $0 == id }
  }
}
