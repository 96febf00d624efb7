/// What may be asked of an upstream beside sending events.
public enum UpstreamMethod: Sendable, Hashable {
  case get
  case put
}

/// What a server answered.
public struct UpstreamAnswer: Sendable, Hashable {
  public var status: Int
  /// The header Retry-After.
  public var retryAfter: String?
  /// The header Date.
  public var date: String?
  public var body: [UInt8]
  /// Whether that is all of the body.
  public var isWhole: Bool

  public init(status: Int, retryAfter: String? = nil, date: String? = nil, body: [UInt8], isWhole: Bool) {
    self.status = status
    self.retryAfter = retryAfter
    self.date = date
    self.body = body
    self.isWhole = isWhole
  }
}
