import CKioskPlatform

/// Tells systemd how the service is (sd_notify(3): one datagram to `$NOTIFY_SOCKET`). Says nothing elsewhere.
public struct ServiceNotifier: Sendable {
  private let socket: String?
  /// How often systemd wants to hear that the service makes progress, in nanoseconds; nil: it does not watch.
  public let watchdogNanoseconds: Int64?

  public init(socket: String?, watchdogMicroseconds: String?, watchdogProcess: String?, process: Int32) {
    self.socket = socket.flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
    let isForThisProcess = watchdogProcess.map { $0 == String(process) } ?? true
    let microseconds = watchdogMicroseconds.flatMap { Int64($0) } ?? 0
    watchdogNanoseconds =
      self.socket != nil && isForThisProcess && microseconds > 0 && microseconds < Int64.max / 1000
      ? microseconds * 1000 : nil
  }

  /// Ready, with a line for `systemctl status`.
  public func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

  /// Progress was made.
  public func watchdog() { send("WATCHDOG=1") }

  /// A reload begins; `ready` ends it.
  public func reloading() { send("RELOADING=1\nMONOTONIC_USEC=\(kiosk_clock_monotonic() / 1000)") }

  public func stopping() { send("STOPPING=1") }

  private func send(_ message: String) {
    guard let socket else { return }
    _ = ServicePlatform.sendDatagram(Array(message.utf8), to: socket)
  }
}
