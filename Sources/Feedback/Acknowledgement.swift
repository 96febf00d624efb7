/// What the visitor is told after a press. Each is shown differently, for a silent lock-out looks like a fault.
public enum Acknowledgement: String, Sendable, Hashable, Codable, CaseIterable {
  /// The press is on disk and counts. Never given before the commit.
  case counted
  /// The press is on disk, but it is one too many.
  case pleaseWait = "please-wait"
  /// The press is taken, but it is not on disk.
  case outOfService = "out-of-service"
  /// Staff are on their way.
  case staffCalled = "staff-called"
}

extension Verdict {
  /// What the visitor is told once a press with this verdict is on disk.
  public var acknowledgement: Acknowledgement {
    switch self {
    case .counted, .service: .counted
    case .repeated, .burst, .chord, .held, .closed, .superseded: .pleaseWait
    }
  }
}
