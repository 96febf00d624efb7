import Feedback
import KioskControl
import NIOCore

/// What a display is told: complete in itself, so that a display that comes late, or missed some, needs no history.
struct DisplayFrame: Sendable, Hashable, Encodable {
  /// Whether kioskd answers. Without it nothing is asked, and the page says so.
  var running: Bool
  var display: DisplayState?

  init(_ display: DisplayState?) {
    running = display != nil
    self.display = display
  }
}

/// The present state for all who watch it, in the form in which it is sent.
actor DisplayFeed {
  /// A state, and the name it has in the stream.
  struct Sent: Sendable {
    var identifier: String
    var json: ByteBuffer
  }

  /// Somebody who watches. Rings say that there may be something new; what it is stands in `present`, so that one who is slow
  /// gets the newest state and none that is over. A ring without news is a sign of life.
  struct Watcher: Sendable {
    var rings: AsyncStream<Void>
  }

  private(set) var present: Sent
  private var frame = DisplayFrame(nil)
  private var changes: UInt64 = 0
  private var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
  private var nextWatcher = 0
  private let most: Int
  private let startedAt: Int64

  /// - Parameters:
  ///   - most: watchers at once.
  ///   - startedAt: milliseconds since 1970; part of every state's name, so that none is used again after a restart.
  init(most: Int, startedAt: Int64) {
    self.most = most
    self.startedAt = startedAt
    present = Sent(identifier: "\(startedAt)-0", json: Self.json(frame) ?? ByteBuffer(string: "{\"running\":false}"))
  }

  /// Keeps up with kioskd until the task is cancelled.
  func follow(_ link: CaptureLink) async {
    // Which news it is does not matter, nor whether some were left out: the link knows the newest state.
    for await _ in await link.news() { publish(DisplayFrame(await link.display)) }
  }

  /// Gives signs of life until the task is cancelled.
  func beat(every period: Duration) async {
    while (try? await Task.sleep(for: period)) != nil { ring() }
  }

  /// Nil: too many watch already.
  func watch() -> Watcher? {
    guard watchers.count < most else { return nil }
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    nextWatcher += 1
    let number = nextWatcher
    watchers[number] = continuation
    // However it ends, and even if the answer is never begun: its place is another's then.
    continuation.onTermination = { [weak self] _ in
      guard let self else { return }
      Task { await self.forget(number) }
    }
    return Watcher(rings: stream)
  }

  private func forget(_ number: Int) { watchers[number] = nil }

  private func publish(_ new: DisplayFrame) {
    guard new != frame, let json = Self.json(new) else { return }
    frame = new
    changes &+= 1
    present = Sent(identifier: "\(startedAt)-\(changes)", json: json)
    ring()
  }

  private func ring() {
    for continuation in watchers.values { continuation.yield() }
  }

  /// One line without its end, as an event stream needs it.
  private static func json(_ frame: DisplayFrame) -> ByteBuffer? {
    guard let line = try? ControlCodec.line(frame) else { return nil }
    return ByteBuffer(bytes: line.dropLast())
  }
}
