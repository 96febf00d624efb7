import CKioskPlatform
import Glibc
import NIOPosix

/// Tells when a network link comes up, as the kernel tells it (rtnetlink(7)): delivery goes on at once instead of when its
/// back-off has run out.
public struct LinkWatch: Sendable {
  private let returned: @Sendable () async -> Void

  /// - Parameter returned: called when there is a path to a network that there was not before.
  public init(returned: @escaping @Sendable () async -> Void) { self.returned = returned }

  /// Watches until the task is cancelled. Without netlink (a sandbox that forbids it) nothing is told, and the back-off does
  /// its work alone.
  public func run() async {
    let changes = kiosk_network_changes()
    let wake = kiosk_eventfd()
    guard changes >= 0, wake >= 0 else {
      for descriptor in [changes, wake] where descriptor >= 0 { close(descriptor) }
      return
    }
    // One thread that sleeps in poll: nothing wakes it but a change of the network, and the end.
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    await withTaskCancellationHandler {
      var known = NetworkPaths.current()
      while !Task.isCancelled {
        let hasChanged = (try? await pool.runIfActive { Self.waitForChange(changes, wake) }) ?? false
        guard hasChanged, !Task.isCancelled else { break }
        let now = NetworkPaths.current()
        let isMore = now.hasMore(than: known)
        known = now
        if isMore { await returned() }
      }
    } onCancel: {
      kiosk_eventfd_signal(wake)
    }
    try? await pool.shutdownGracefully()
    close(changes)
    close(wake)
  }

  /// False when it is to end.
  private static func waitForChange(_ changes: Int32, _ wake: Int32) -> Bool {
    while true {
      var polled = [changes, wake].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      let ready = poll(&polled, nfds_t(polled.count), -1)
      if ready < 0, errno == EINTR || errno == EAGAIN { continue }
      guard ready > 0, polled[1].revents == 0 else { return false }
      kiosk_network_changes_clear(changes)
      return true
    }
  }
}
