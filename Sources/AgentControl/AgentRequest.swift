import KioskControl

/// What may be asked of kiosk-agent. On the wire: `{"request":"sync-now"}`.
public struct AgentRequest: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// How delivery is: answered by `AgentStatus`.
    case status = "sync-status"
    /// Try now, whatever the back-off says.
    case now = "sync-now"
    /// Send nothing until `resume`.
    case pause = "sync-pause"
    case resume = "sync-resume"
  }

  public var request: Kind

  /// Name of the socket in the agent's runtime directory.
  public static let socketName = "agent.sock"
  /// Longest line in bytes, either way.
  public static let longestLine = 1 << 20

  public init(_ request: Kind) { self.request = request }
}

/// What kiosk-agent answers: one member is set.
public struct AgentReply: Sendable, Hashable, Codable {
  public var status: AgentStatus?
  public var error: ControlError?

  public init(status: AgentStatus? = nil, error: ControlError? = nil) {
    self.status = status
    self.error = error
  }
}
