import Feedback

/// When to try again after a failure: exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter",
/// 2015), which spreads a fleet that lost its server together over the whole window instead of letting it come back in
/// step. A value without clock or chance inside: the random numbers are handed in.
public struct Backoff: Sendable, Hashable {
  /// How wide the windows are that delays are drawn from.
  public struct Limits: Sendable, Hashable {
    /// The first window.
    public var first: Duration
    /// No window is longer.
    public var longest: Duration

    /// Those of docs/UPSTREAM.md: 2 s to 15 min.
    public static let usual = Limits(first: .seconds(2), longest: .seconds(15 * 60))

    public init(first: Duration, longest: Duration) {
      self.first = first
      self.longest = longest
    }
  }

  /// A server may ask for more patience than `longest`, but not for more than this: a mistake there must not silence a
  /// kiosk for days.
  public static let longestAsked = Duration.seconds(60 * 60)
  /// The first contact after boot comes within this time, so that a town whose power returns is no wave of requests.
  public static let firstContactSpread = Duration.seconds(60)
  /// After the link has come up the next attempt comes within this time.
  public static let linkReturnSpread = Duration.seconds(1)

  /// Failures since the last success.
  public private(set) var failures = 0

  private let limits: Limits

  public init(limits: Limits = .usual) { self.limits = limits }

  /// How long to wait for the first contact after boot.
  public static func firstContact(
    within spread: Duration = firstContactSpread, using random: inout some RandomNumberGenerator
  ) -> Duration {
    drawn(from: spread, using: &random)
  }

  /// Notes a failure and draws how long to wait: anything up to 2 s after the first one, up to twice as long after each
  /// further one, up to 15 min in the end.
  ///
  /// - Parameter asked: what the server asked for (Retry-After), nil: nothing. It is waited for in any case, up to
  ///   `longestAsked`; the jitter comes on top, because all devices that were turned away in one second were told the
  ///   same number.
  public mutating func delay(asked: Duration? = nil, using random: inout some RandomNumberGenerator) -> Duration {
    let jitter = Self.drawn(from: window, using: &random)
    if failures < .max { failures += 1 }
    guard let asked else { return jitter }
    return min(max(asked, .zero), Self.longestAsked) + jitter
  }

  /// Something was delivered.
  public mutating func reset() { failures = 0 }

  /// The link has come up: what went wrong before says nothing about it. Draws how long to wait.
  public mutating func linkReturned(using random: inout some RandomNumberGenerator) -> Duration {
    reset()
    return Self.drawn(from: Self.linkReturnSpread, using: &random)
  }

  /// The next delay is drawn from zero to this.
  var window: Duration {
    // Doubled twenty times, 2 s would be weeks.
    min(limits.longest, limits.first * (1 << min(failures, 20)))
  }

  static func drawn(from window: Duration, using random: inout some RandomNumberGenerator) -> Duration {
    .nanoseconds(Int64.random(in: 0...max(0, window.wholeNanoseconds), using: &random))
  }
}
