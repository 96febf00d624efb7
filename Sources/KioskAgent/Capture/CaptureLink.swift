import Feedback
import KioskControl
import NIOCore
import NIOPosix

/// The agent's connection to kioskd: hears what happens on the panel, and asks. Connects again for as long as it runs, for
/// kioskd may start later, be updated, or be restarted by its watchdog; nothing here fails because it is not there.
public actor CaptureLink {
  /// What is told to whoever listens.
  public enum News: Sendable, Hashable {
    /// kioskd answers from now on.
    case connected
    /// It does not any more.
    case disconnected
    case activity(Activity)
  }

  /// How long to wait before connecting again, at first, as long as kioskd may just be starting anew, and later.
  static let retry = (first: Duration.milliseconds(500), times: 40, later: Duration.seconds(5))
  /// Longest wait for an answer.
  public static let patience = Duration.seconds(5)
  /// News kept for a listener that is slow; the oldest goes first.
  static let mostUnheard = 256

  public private(set) var isConnected = false
  /// What the panel asks; nil before kioskd has told.
  public private(set) var display: DisplayState?

  private let path: String
  private let threads: any EventLoopGroup
  private var listeners: [Int: AsyncStream<News>.Continuation] = [:]
  private var nextListener = 0

  /// - Parameter path: kioskd's control socket.
  public init(path: String, threads: any EventLoopGroup) {
    self.path = path
    self.threads = threads
  }

  /// Listens to kioskd until the task is cancelled.
  public func run() async {
    var failures = 0
    while !Task.isCancelled {
      do {
        let channel = try await connect()
        try await channel.executeThenClose { inbound, outbound in
          try await outbound.write(ByteBuffer(bytes: ControlCodec.line(ControlRequest.watch)))
          for try await line in inbound { self.take(line) }
        }
      } catch {
        // Whatever it was, it is tried again below.
      }
      failures = isConnected ? 1 : min(failures + 1, Self.retry.times)
      lose()
      try? await Task.sleep(for: failures < Self.retry.times ? Self.retry.first : Self.retry.later)
    }
  }

  /// What happens from now on, the present state first.
  public func news() -> AsyncStream<News> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: News.self, bufferingPolicy: .bufferingNewest(Self.mostUnheard))
    let number = nextListener
    nextListener += 1
    listeners[number] = continuation
    continuation.onTermination = { _ in
      Task { await self.forget(number) }
    }
    continuation.yield(isConnected ? .connected : .disconnected)
    return stream
  }

  /// Asks kioskd, over a connection of its own.
  /// - Parameter patience: how long to wait for the answer.
  /// - Throws: what kioskd answered as an error; `notRunning` or `disconnected` when it did not answer.
  public nonisolated func ask(
    _ request: ControlRequest, within patience: Duration = patience
  ) async throws(ControlError) -> ControlReply {
    let line = try ControlCodec.line(request)
    let answer = try await within(patience) { () async throws(ControlError) -> ByteBuffer? in
      do {
        return try await self.connect().executeThenClose { inbound, outbound in
          try await outbound.write(ByteBuffer(bytes: line))
          return try await inbound.first { _ in true }
        }
      } catch {
        throw ControlError(
          .notRunning, "kioskd does not answer at \(self.path)", hint: "is it running? systemctl status kioskd")
      }
    }
    guard let answer else {
      throw ControlError(.disconnected, "kioskd at \(path) closed the connection", hint: "see journalctl -u kioskd")
    }
    let reply = try ControlCodec.value(ControlReply.self, from: answer.readableBytesView)
    if let error = reply.error { throw error }
    return reply
  }

  // MARK: - Within

  private nonisolated func within(
    _ patience: Duration, _ work: @escaping @Sendable () async throws(ControlError) -> ByteBuffer?
  ) async throws(ControlError) -> ByteBuffer? {
    let result = await withTaskGroup(of: Result<ByteBuffer?, ControlError>.self) { group in
      group.addTask {
        do throws(ControlError) {
          return .success(try await work())
        } catch {
          return .failure(error)
        }
      }
      group.addTask { [path] in
        try? await Task.sleep(for: patience)
        return .failure(
          ControlError(.disconnected, "kioskd at \(path) gives no answer in time", hint: "see journalctl -u kioskd"))
      }
      let first = await group.next()
      group.cancelAll()
      return first ?? .success(nil)
    }
    return try result.get()
  }

  private nonisolated func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    try await ClientBootstrap(group: threads)
      .connectTimeout(.seconds(2))
      .connect(unixDomainSocketPath: path) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(LineFrames(longest: ControlCodec.longestReply)))
          return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
        }
      }
  }

  private func take(_ line: ByteBuffer) {
    if !isConnected {
      // The first line says that kioskd has begun to tell.
      isConnected = true
      tell(.connected)
    }
    guard let activity = try? ControlCodec.value(Activity.self, from: line.readableBytesView) else { return }
    if let display = activity.display { self.display = display }
    tell(.activity(activity))
  }

  private func lose() {
    guard isConnected else { return }
    isConnected = false
    display = nil
    tell(.disconnected)
  }

  private func tell(_ news: News) {
    for listener in listeners.values { listener.yield(news) }
  }

  private func forget(_ number: Int) { listeners[number] = nil }
}
