import Glibc
import KioskControl
import KioskTestKit
import Synchronization

/// A control server served by a thread of its own, as the daemon's loop would.
final class ServerUnderTest: Sendable {
  let directory: TemporaryDirectory
  let path: String
  private let state: Shared

  /// Everything the serving thread and the test share.
  private final class Shared: Sendable {
    struct State {
      var isStopping = false
      var hasEnded = false
      var toBroadcast: [Activity] = []
      var watchers = false
      var requests: [ControlRequest] = []
    }
    let state = Mutex(State())
  }

  init(answer: @escaping @Sendable (ControlRequest) -> ControlReply?) throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/control.sock"
    let path = path
    let shared = Shared()
    state = shared
    // The server is made where it is used, for it belongs to one thread.
    let started = Started(path: path, shared: shared, answer: answer)
    started.start()
    _ = eventually { started.isReady || started.failure != nil }
    if let error = started.failure { throw error }
  }

  deinit {
    state.state.withLock { $0.isStopping = true }
    _ = eventually { state.state.withLock { $0.hasEnded } }
  }

  func broadcast(_ activities: [Activity]) { state.state.withLock { $0.toBroadcast += activities } }
  var hasWatchers: Bool { state.state.withLock { $0.watchers } }
  var requests: [ControlRequest] { state.state.withLock { $0.requests } }

  private final class Started: Sendable {
    private let path: String
    private let shared: Shared
    private let answer: @Sendable (ControlRequest) -> ControlReply?
    private let outcome = Mutex<(isReady: Bool, failure: ControlError?)>((false, nil))

    init(path: String, shared: Shared, answer: @escaping @Sendable (ControlRequest) -> ControlReply?) {
      self.path = path
      self.shared = shared
      self.answer = answer
    }

    var isReady: Bool { outcome.withLock { $0.isReady } }
    var failure: ControlError? { outcome.withLock { $0.failure } }

    func start() {
      var thread = pthread_t()
      let context = Unmanaged.passRetained(self).toOpaque()
      pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Started>.fromOpaque(argument).takeRetainedValue().serve()
          return nil
        }, context)
      pthread_detach(thread)
    }

    private func serve() {
      defer { shared.state.withLock { $0.hasEnded = true } }
      do throws(ControlError) {
        let server = try ControlServer(path: path)
        outcome.withLock { $0.isReady = true }
        while !shared.state.withLock({ $0.isStopping }) {
          var descriptors = server.descriptors
          _ = poll(&descriptors, nfds_t(descriptors.count), 5)
          server.process(descriptors) { request, _ in
            shared.state.withLock { $0.requests.append(request) }
            return answer(request)
          }
          let activities = shared.state.withLock { state in
            defer { state.toBroadcast = [] }
            state.watchers = server.hasWatchers
            return state.toBroadcast
          }
          if !activities.isEmpty { server.broadcast(activities) }
        }
      } catch {
        outcome.withLock { $0.failure = error }
      }
    }
  }
}
