import Feedback
import GPIO

/// Waveforms for tests, put together press by press. The same seed always gives the same edges.
public struct WaveformBuilder {
  /// The steps so far, press after press: what `SimulatedChip.play` takes.
  public private(set) var steps: [WaveformStep] = []
  /// Where the next press begins.
  public private(set) var position: Duration = .zero
  private var generator: SeededGenerator
  private let activeLow: Bool

  public init(seed: UInt64 = 1, activeLow: Bool = true) {
    generator = SeededGenerator(seed: seed)
    self.activeLow = activeLow
  }

  /// Lets time pass.
  public mutating func wait(_ pause: Duration) { position += pause }

  /// Presses a button (its line's offset) and moves on to where it has been let go.
  public mutating func press(
    _ line: Int, hold: Duration = .milliseconds(80), bounceEdges: Int = 0
  ) throws(WaveformError) {
    steps += try Waveform.press(
      line: line, offset: position, activeLow: activeLow, hold: hold, bounceEdges: bounceEdges, using: &generator)
    position += hold
  }

  /// Presses a button with a bounce whose length is drawn anew at each press.
  public mutating func press(
    _ line: Int, hold: Duration = .milliseconds(80), bounceEdges: ClosedRange<Int>
  ) throws(WaveformError) {
    try press(line, hold: hold, bounceEdges: Int.random(in: bounceEdges, using: &generator))
  }

  /// A contact that changes again and again, from high to low first.
  public mutating func chatter(_ line: Int, edges: Int, every spacing: Duration) {
    for edge in 0..<edges {
      steps.append(WaveformStep(at: position, line: line, isHigh: !edge.isMultiple(of: 2)))
      position += spacing
    }
  }
}
