import CKioskPlatform
import Feedback
import Glibc

/// The thread that blocks in poll for the lines of one request. It wakes for an edge, for the deadline and when it is
/// asked for a round, and for nothing else.
final class ReadingThread: Sendable {
  /// Stack for the thread: it calls nothing deep (the default of 8 MiB is only address space, but counts for systemd's
  /// MemoryMax where memory is locked).
  private static let stackSize = 256 * 1024

  private let wakeDescriptor: Int32
  private let timerDescriptor: Int32
  private let descriptors: [Int32]
  private let identity: pthread_t

  /// Starts the thread.
  init(descriptors: [Int32], reader: EdgeReader) throws(GPIOError) {
    let wakeDescriptor = kiosk_eventfd()
    let timerDescriptor = kiosk_timerfd()
    let body = Body(
      reader: reader, sources: descriptors, wakeDescriptor: wakeDescriptor, timerDescriptor: timerDescriptor)
    guard wakeDescriptor >= 0, timerDescriptor >= 0, let identity = Self.start(body) else {
      let code = errno
      if wakeDescriptor >= 0 { Glibc.close(wakeDescriptor) }
      if timerDescriptor >= 0 { Glibc.close(timerDescriptor) }
      throw .system(code, "the thread that reads the lines cannot be started")
    }
    self.wakeDescriptor = wakeDescriptor
    self.timerDescriptor = timerDescriptor
    self.descriptors = descriptors
    self.identity = identity
  }

  deinit {
    Glibc.close(wakeDescriptor)
    Glibc.close(timerDescriptor)
  }

  /// Makes it go round once.
  func wake() { kiosk_eventfd_signal(wakeDescriptor) }

  /// Makes it go round once that moment has come; a moment in the past is now.
  func setTimer(_ moment: MonotonicTime?) {
    _ = kiosk_timerfd_arm(timerDescriptor, moment.map { max(1, $0.nanoseconds) } ?? 0, 0)
  }

  /// Waits until it has ended, which it does in the round after the lines were closed. To be called once.
  func join() { pthread_join(identity, nil) }

  private static func start(_ body: Body) -> pthread_t? {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    var identity = pthread_t()
    let retained = Unmanaged.passRetained(body)
    let failed = pthread_create(
      &identity, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, retained.toOpaque())
    guard failed == 0 else {
      retained.release()
      errno = failed
      return nil
    }
    return identity
  }

  /// What runs on the thread.
  private final class Body {
    private let reader: EdgeReader
    private let sources: Int
    private var polled: [pollfd]

    init(reader: EdgeReader, sources: [Int32], wakeDescriptor: Int32, timerDescriptor: Int32) {
      self.reader = reader
      self.sources = sources.count
      polled = (sources + [wakeDescriptor, timerDescriptor]).map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
    }

    func run() {
      kiosk_name_thread("edges")
      var timeout: Int32 = -1
      while true {
        let count = poll(&polled, nfds_t(polled.count), timeout)
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        let (wake, timer) = (polled[sources], polled[sources + 1])
        if wake.revents != 0 { kiosk_eventfd_clear(wake.fd) }
        if timer.revents != 0 { _ = kiosk_timerfd_clear(timer.fd) }
        let broken = Int16(POLLERR | POLLHUP | POLLNVAL)
        let isHungUp = count < 0 || polled[..<sources].contains { $0.revents & broken != 0 }
        switch reader.round(isHungUp: isHungUp) {
        case .sleep: timeout = -1
        // Rounded up: poll counts whole milliseconds.
        case .again(let pause): timeout = Int32(clamping: pause.wholeMilliseconds + 1)
        case .end: return
        }
      }
    }
  }
}
