import AgentControl
import Feedback
import Logging

/// What is wrong with the agent now, told by its parts.
public actor HealthBoard {
  /// States kept; more are the same thing with other names.
  static let mostStates = 64

  private struct State {
    var health: AgentStatus.Health
    var since: MonotonicTime
  }

  private var states: [String: State] = [:]
  private let clock: AgentClock
  private let logger: Logger

  public init(clock: AgentClock, logger: Logger) {
    self.clock = clock
    self.logger = logger
  }

  /// Something is wrong; telling it again changes its words only.
  /// - Parameter code: as in docs/OPERATORS-GUIDE.md; never changes meaning.
  public func begin(_ code: String, subject: String? = nil, _ message: String, hint: String) {
    let key = Self.key(code, subject)
    let known = states[key]
    guard known != nil || states.count < Self.mostStates else { return }
    let health = AgentStatus.Health(code: code, subject: subject, message: message, hint: hint)
    states[key] = State(health: health, since: known?.since ?? clock.monotonic)
    guard known?.health.message != message else { return }
    logger.warning("\(message)", metadata: ["code": "\(code)", "hint": "\(hint)"])
  }

  /// It is all right again.
  public func end(_ code: String, subject: String? = nil) {
    guard let state = states.removeValue(forKey: Self.key(code, subject)) else { return }
    logger.notice("no longer: \(state.health.message)", metadata: ["code": "\(code)"])
  }

  /// What is wrong, the oldest first.
  public func all() -> [AgentStatus.Health] {
    let now = clock.monotonic
    return states.values.sorted { $0.since < $1.since }.map { state in
      var health = state.health
      health.sinceSeconds = Double((now - state.since).wholeMilliseconds) / 1_000
      return health
    }
  }

  private static func key(_ code: String, _ subject: String?) -> String { "\(code) \(subject ?? "")" }
}
