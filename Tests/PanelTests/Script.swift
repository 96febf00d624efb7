import Feedback
import KioskTestKit
import Panel

/// A moment, in milliseconds after the start of a scenario.
func ms(_ milliseconds: Int) -> MonotonicTime {
  MonotonicTime(nanoseconds: 1_000_000_000 + Int64(milliseconds) * 1_000_000)
}

extension MonotonicTime {
  /// Milliseconds after the start of a scenario.
  var story: Int64 { (self - ms(0)).wholeMilliseconds }
}

/// One edge of a scenario.
struct ScriptedEdge: Hashable {
  var line: Int
  var isActive: Bool
  var at: MonotonicTime

  init(_ line: Int, _ isActive: Bool, at: MonotonicTime) {
    self.line = line
    self.isActive = isActive
    self.at = at
  }
}

/// Edges of one line at these milliseconds, beginning with `first` and alternating.
func edges(line: Int = 0, first: Bool = true, at times: [Int]) -> [ScriptedEdge] {
  times.enumerated().map { ScriptedEdge(line, ($0.offset % 2 == 0) == first, at: ms($0.element)) }
}

extension PressRecognizer {
  /// A panel of buttons that are up at the start.
  init(buttons: Int = 1, timing: PanelTiming = PanelTiming(), kernel: Bool = false, levels: [Bool]? = nil) {
    self.init(
      buttonCount: buttons, timing: timing, isDebouncedByKernel: kernel,
      levels: levels ?? Array(repeating: false, count: buttons), at: ms(0))
  }

  /// Takes all edges, then moves on to the end.
  mutating func play(_ edges: [ScriptedEdge], until end: MonotonicTime) -> [PanelEvent] {
    for edge in edges { take(line: edge.line, isActive: edge.isActive, at: edge.at) }
    return advance(to: end)
  }

  /// Moves on from deadline to deadline, as the daemon does, until nothing is pending. Ends after `limit` rounds.
  mutating func settleAll(limit: Int = 1000) -> [PanelEvent] {
    var events: [PanelEvent] = []
    for _ in 0..<limit {
      guard let deadline = nextDeadline else { break }
      events += advance(to: deadline)
    }
    return events
  }
}

extension [PanelEvent] {
  var presses: [Press] {
    compactMap { if case .pressed(let press) = $0 { press } else { nil } }
  }

  /// The buttons pressed, in order.
  var pressedButtons: [Int] { presses.map(\.button.value) }

  var releases: [PressNumber?] {
    compactMap { if case .released(_, let press, _, _) = $0 { .some(press) } else { nil } }
  }

  var storms: [PanelEvent] {
    filter { event in
      switch event {
      case .storm, .stormOver: true
      default: false
      }
    }
  }
}

/// A press as it truly happened.
struct TruePress: Hashable {
  var line: Int
  var down: MonotonicTime
  var up: MonotonicTime
}

/// The edges of a contact that ends at `level` after bouncing: an odd number of them, so that the first and the last
/// tell the true level. Strictly within `duration` nanoseconds after `start`.
func bounce(
  line: Int, to level: Bool, at start: MonotonicTime, edges count: Int, within duration: Int64,
  using generator: inout SeededGenerator
) -> [ScriptedEdge] {
  let odd = count | 1
  var offsets: Set<Int64> = [0]
  while offsets.count < odd { offsets.insert(Int64.random(in: 1..<duration, using: &generator)) }
  return offsets.sorted().enumerated().map { index, offset in
    ScriptedEdge(line, (index % 2 == 0) == level, at: MonotonicTime(nanoseconds: start.nanoseconds + offset))
  }
}
