import CKioskPlatform
import Glibc
import KioskControl
import Logging
import Synchronization

/// What the capture thread hands to the main thread: activity for watchers, late answers, the news that it is ready or has
/// ended. Bounded, and posting never waits.
final class Outbox: Sendable {
  enum Item: Sendable {
    case activity(Activity)
    case reply(ControlReply, ControlServer.ConnectionID)
    /// The first attempt to open the journal has been made and the lines are being served.
    case ready
    /// A reload has been carried out or refused.
    case reconfigured(Reconfiguration.Outcome)
    /// Something for the log.
    case log(Logger.Level, String, Logger.Metadata)
    /// Capture has ended.
    case ended(ExitCode)
  }

  /// Activities held at most for the main thread; past that they are left out and counted.
  static let mostActivities = 4096

  private struct State {
    var items: [Item] = []
    var activities = 0
    var missed = 0
  }

  private let state = Mutex(State())
  private let watched = Atomic<Bool>(false)
  /// Readable when something waits.
  let descriptor: Int32

  /// Nil when the system has no descriptor left.
  init?() {
    let descriptor = kiosk_eventfd()
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Whether anybody wants activity; set by the main thread, so that nothing is built for nobody.
  var isWatched: Bool {
    get { watched.load(ordering: .relaxed) }
    set { watched.store(newValue, ordering: .relaxed) }
  }

  func post(_ item: Item) {
    let isFirst = state.withLock { state in
      if case .activity = item {
        guard state.activities < Self.mostActivities else {
          state.missed += 1
          return false
        }
        state.activities += 1
      }
      state.items.append(item)
      return state.items.count == 1
    }
    if isFirst { kiosk_eventfd_signal(descriptor) }
  }

  /// Everything posted so far, and how many activities were left out.
  func take() -> (items: [Item], missed: Int) {
    kiosk_eventfd_clear(descriptor)
    return state.withLock { state in
      defer { state = State() }
      return (state.items, state.missed)
    }
  }
}
