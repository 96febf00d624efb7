import Feedback

/// Where kiosk-agent finds things, from its command line.
public struct AgentOptions: Sendable, Hashable {
  /// Directory with `kiosk.toml`.
  public var configuration = "/etc/kiosk"
  /// Directory of the journal, read only.
  public var journal = "/var/lib/kiosk"
  /// Directory of `agent.db`.
  public var state = "/var/lib/kiosk-agent"
  /// Directory of the agent's own socket.
  public var runtime = "/run/kiosk-agent"
  /// kioskd's control socket.
  public var control = "/run/kiosk/control.sock"
  /// Directory with the credentials; nil: there are none.
  public var credentials: String?

  public init() {}
}

extension AgentOptions {
  /// Of the software.
  public static var version: String { kioskVersion }
}
