/// Tells when the wall clock has become right: certificates that were not valid yet may be by now. There is no file or socket
/// that tells; it is looked at now and then until it is right.
public struct ClockWatch: Sendable {
  /// How often to look.
  static let interval = Duration.seconds(5)

  private let clock: AgentClock
  private let trusted: @Sendable () async -> Void

  public init(clock: AgentClock, trusted: @escaping @Sendable () async -> Void) {
    self.clock = clock
    self.trusted = trusted
  }

  /// Looks until the clock is right or the task is cancelled.
  public func run() async {
    guard !clock.isSynchronised else { return }
    while !Task.isCancelled, !clock.isSynchronised { try? await Task.sleep(for: Self.interval) }
    guard !Task.isCancelled else { return }
    await trusted()
  }
}
