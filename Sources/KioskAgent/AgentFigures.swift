/// What the agent has done since it started, for `/metrics`.
public actor AgentFigures {
  public struct Values: Sendable, Hashable {
    /// Batches sent, whatever came of them.
    public var attempts: Int64 = 0
    public var failures: Int64 = 0
    /// Events acknowledged by the upstream.
    public var delivered: Int64 = 0
    /// Bytes of request bodies that were sent.
    public var bytesSent: Int64 = 0
    /// Events handed to whoever fetches.
    public var served: Int64 = 0
    /// Requests answered, by status.
    public var answers: [Int: Int64] = [:]
  }

  public private(set) var values = Values()

  public init() {}

  public func update(_ change: @Sendable (inout Values) -> Void) { change(&values) }
}
