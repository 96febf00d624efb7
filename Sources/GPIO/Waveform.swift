import Feedback

/// One step of a recorded or made-up waveform: at that time the line takes that level.
public struct WaveformStep: Sendable, Hashable {
  /// Time since the start of the waveform.
  public var at: Duration
  /// The line's offset on its chip.
  public var line: Int
  /// The physical level: true is 1, high.
  public var isHigh: Bool

  public init(at: Duration, line: Int, isHigh: Bool) {
    self.at = at
    self.line = line
    self.isHigh = isHigh
  }
}

/// What a simulated chip can play: limits, and waveforms made to order.
public enum Waveform {
  /// Steps one waveform may have. At 5,000 edges a second, the worst a chattering contact does, that is 40 s.
  public static let stepLimit = 200_000
  /// How long one waveform may last.
  public static let longest = Duration.seconds(3600)
  /// Times between the edges of a bouncing contact (typical of tactile switches: 0.1 to 2 ms).
  public static let bounceSpacing = (shortest: Duration.microseconds(200), longest: Duration.microseconds(1500))

  /// A button going down and up once.
  ///
  /// The contact closes at `offset` and opens at `offset + hold`; each time the first edge is followed by `bounceEdges`
  /// more, and the last of them leaves the right level. Where the bounce would not fit into half the hold, it is faster.
  /// - Parameters:
  ///   - line: the line's offset on its chip.
  ///   - offset: when it goes down, from the start of the waveform.
  ///   - activeLow: true when the contact pulls the line low.
  ///   - hold: from the first edge down to the first edge up; at least 1 µs.
  ///   - bounceEdges: edges added at each change. A bounce ends where it should, so an odd number is raised by one.
  ///   - generator: where the times between the edges come from.
  /// - Throws: `WaveformError` for a negative or too large number.
  public static func press(
    line: Int, offset: Duration = .zero, activeLow: Bool, hold: Duration = .milliseconds(80), bounceEdges: Int = 0,
    using generator: inout some RandomNumberGenerator
  ) throws(WaveformError) -> [WaveformStep] {
    guard bounceEdges >= 0, bounceEdges <= stepLimit / 2 - 2 else {
      throw WaveformError("a bounce of \(bounceEdges) edges", hint: "0 to \(stepLimit / 2 - 2) are possible")
    }
    guard hold >= .microseconds(1), offset >= .zero, hold <= longest, offset <= longest, offset + hold * 2 <= longest
    else {
      throw WaveformError(
        "a press at \(offset) held for \(hold)",
        hint: "it must be held for at least 1 µs and be over within \(longest.components.seconds) s")
    }
    let extra = bounceEdges + bounceEdges % 2
    var steps: [WaveformStep] = []
    steps.reserveCapacity(2 * (extra + 1))
    for isDown in [true, false] {
      let start = isDown ? offset : offset + hold
      // The longest spacing at which the whole bounce is over in half the hold.
      let fitting = hold.wholeNanoseconds / 2 / Int64(max(1, extra))
      let longest = max(1, min(bounceSpacing.longest.wholeNanoseconds, fitting))
      let shortest = min(bounceSpacing.shortest.wholeNanoseconds, longest)
      var at = start.wholeNanoseconds
      for edge in 0...extra {
        let isActive = edge.isMultiple(of: 2) == isDown
        steps.append(WaveformStep(at: .nanoseconds(at), line: line, isHigh: isActive != activeLow))
        at += Int64.random(in: shortest...longest, using: &generator)
      }
    }
    return steps
  }
}

/// Why a waveform cannot be played, in words for whoever wrote it.
public struct WaveformError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The row of the file, counted from 1 with every line; nil where it is not about a row.
  public var row: Int?
  /// What is wrong.
  public var message: String
  /// What to write instead.
  public var hint: String

  public init(_ message: String, row: Int? = nil, hint: String) {
    self.row = row
    self.message = message
    self.hint = hint
  }

  public var description: String { "\(row.map { "row \($0): " } ?? "")\(message) (\(hint))" }
}
