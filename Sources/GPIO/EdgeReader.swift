import CKioskPlatform
import Feedback
import Glibc
import Synchronization

/// Requested input lines, whatever chip they are on: the thread named `edges` that blocks in poll for them, or, for a
/// simulated chip whose clock is moved by hand, the same rounds on the thread of whoever moves it.
final class EdgeReader: InputLines {
  let edges = EdgeStream()
  let isDebouncedByKernel: Bool

  private let source: any EdgeSource
  private let now: @Sendable () -> MonotonicTime
  /// Nil when rounds are made by hand.
  private let thread: Mutex<ReadingThread?>
  private let isStepped: Bool

  /// What others ask of the reading thread.
  private struct Wishes {
    var deadline: MonotonicTime?
    var isRoundRequested = false
    var isClosed = false
  }
  private let wishes = Mutex(Wishes())

  private struct Reading {
    var collector: EdgeCollector
    var hasEnded = false
  }
  /// Touched by the reading thread alone, or by whoever moves the clock; the lock is there to prove it.
  private let reading: Mutex<Reading>

  init(source: any EdgeSource, isStepped: Bool, now: @escaping @Sendable () -> MonotonicTime) throws(GPIOError) {
    self.source = source
    self.now = now
    self.isStepped = isStepped
    isDebouncedByKernel = source.isDebouncedByKernel
    reading = Mutex(Reading(collector: EdgeCollector(levels: try source.levels(), now: now())))
    thread = Mutex(nil)
    if !isStepped {
      let started = try ReadingThread(descriptors: source.descriptors, reader: self)
      thread.withLock { $0 = started }
    }
  }

  func levels() throws(GPIOError) -> [Bool] { try source.levels() }

  func setDeadline(_ deadline: MonotonicTime?) {
    wishes.withLock { wishes in
      // Consumers set it after every batch, and it is mostly the same: that costs no system call.
      guard !wishes.isClosed, wishes.deadline != deadline else { return }
      wishes.deadline = deadline
      // Under the same lock, so that of two calls the later one's time is the one the timer has.
      thread.withLock { $0?.setTimer(deadline) }
    }
    if isStepped, let deadline, deadline <= now() { _ = round() }
  }

  func requestRound() {
    wishes.withLock { $0.isRoundRequested = true }
    if isStepped { _ = round() } else { thread.withLock { $0?.wake() } }
  }

  func close() {
    let isFirst = wishes.withLock { wishes in
      defer { wishes.isClosed = true }
      return !wishes.isClosed
    }
    guard isFirst else { return }
    let thread = thread.withLock { $0 }
    thread?.wake()
    thread?.join()
    _ = round()
    reading.withLock { $0.hasEnded = true }
    edges.finish()
    self.thread.withLock { $0 = nil }
    source.release()
  }

  // MARK: For the reading thread

  /// The deadline that still stands; for whoever moves the clock by hand.
  var deadline: MonotonicTime? { wishes.withLock { $0.deadline } }

  /// Drains the source once and delivers what there is to deliver.
  /// - Parameter isHungUp: poll says that the descriptors will never bring anything again.
  /// - Returns: how soon another round is needed whether or not anything happens (nil: not), or `.end` after the last.
  func round(isHungUp: Bool = false) -> RoundOutcome {
    reading.withLock { reading in
      guard !reading.hasEnded else { return .end }
      let isRequested = wishes.withLock { wishes in
        defer { wishes.isRoundRequested = false }
        return wishes.isRoundRequested
      }
      var batch = reading.collector.collect(from: source, now: now)
      if isHungUp, batch.failure == nil {
        batch.failure = GPIOError(
          .system, "the chip went away while its lines were read", hint: "check the board; start the kiosk again")
      }
      let (isDue, isClosed) = wishes.withLock { wishes in
        let isDue = wishes.deadline.map { $0 <= batch.asOf } ?? false
        if isDue { wishes.deadline = nil }
        return (isDue, wishes.isClosed)
      }
      let hasNews = !batch.edges.isEmpty || !batch.lostLines.isEmpty || batch.failure != nil
      if hasNews || isDue || isRequested { edges.yield(batch) }
      if batch.failure != nil {
        reading.hasEnded = true
        edges.finish()
        return .end
      }
      if isClosed { return .end }
      return reading.collector.isUnsettled ? .again(after: source.settling) : .sleep
    }
  }
}

/// What is to happen after a round.
enum RoundOutcome: Equatable {
  case sleep
  case again(after: Duration)
  case end
}
