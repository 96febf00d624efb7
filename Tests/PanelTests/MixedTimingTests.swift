import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("A press recogniser whose lines differ")
struct MixedTimingTests {
  /// Two buttons, a slow contact sensor, a beam without debounce.
  private static let timings = [
    PanelTiming(heldLimit: .milliseconds(700), stormLimit: 40),
    PanelTiming(heldLimit: .milliseconds(700), stormLimit: 40),
    PanelTiming(debounce: .milliseconds(100), heldLimit: .zero, stormLimit: 20),
    PanelTiming(debounce: .zero, heldLimit: .zero, stormLimit: 0),
  ]

  private static func panel(kernel: Bool = false, levels: [Bool] = []) -> PressRecognizer {
    PressRecognizer(timings: timings, isDebouncedByKernel: kernel, levels: levels, at: ms(0))
  }

  @Test("tells each line's presses after its own debounce period: in the order of decision, not of stamps")
  func orderOfDecision() {
    var panel = Self.panel()
    #expect(panel.settling == .milliseconds(100))
    // The sensor sees somebody 30 ms before the button goes down, and is believed 50 ms after it.
    let script = edges(line: 2, at: [1000]) + edges(line: 0, at: [1030]) + edges(line: 3, at: [1040])
    let events = panel.play(script, until: ms(1100))
    #expect(events.pressedButtons == [3, 0, 2])
    #expect(events.presses.map(\.at) == [ms(1040), ms(1030), ms(1000)])
    #expect(events.presses.map(\.number.value) == [1, 2, 3])
  }

  @Test("never calls a sensor stuck, whether it sees somebody at the start or for hours, but does call a button so")
  func sensorsAreNeverStuck() {
    for kernel in [false, true] {
      var panel = Self.panel(kernel: kernel, levels: [false, true, true, true])
      var events = panel.settleAll()
      #expect(events == [.stuck(button: ButtonIndex(1), press: nil, since: ms(0), at: ms(700))])
      events = panel.play(
        edges(line: 2, first: false, at: [5000, 6000, 9_000_000]) + edges(line: 0, at: [6500]), until: ms(9_500_000))
      #expect(events.presses.map(\.button.value) == [2, 0])
      #expect(events.filter { if case .stuck = $0 { true } else { false } }.count == 1)
      #expect(panel.nextDeadline == nil)
      #expect(panel.settling == (kernel ? .zero : .milliseconds(100)))
    }
  }

  @Test("gives the same events however the edges are cut into batches", arguments: PressPropertyTests.seeds)
  func batchCuts(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let edges = PressPropertyTests.anyEdges(2000, lines: 4, using: &random)
    let end = (edges.last?.at ?? ms(0)) + .seconds(30)
    for kernel in [false, true] {
      let fresh = Self.panel(kernel: kernel, levels: [false, true, true, false])
      var whole = fresh
      let expected = whole.play(edges, until: end)
      var cut = fresh
      var events = PressPropertyTests.feedInBatches(edges, to: &cut, using: &random)
      cut.advance(to: end, into: &events)
      #expect(events == expected)
      #expect(cut.nextDeadline == whole.nextDeadline)
      #expect(Set(expected.pressedButtons) == [0, 1, 2, 3])
      #expect(Self.momentsOfDecision(expected, kernel: kernel).isInOrder)
    }
  }

  @Test("each line gives what it gives alone", arguments: PressPropertyTests.seeds)
  func linesAreIndependent(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let edges = PressPropertyTests.anyEdges(1000, lines: 4, using: &random)
    let end = (edges.last?.at ?? ms(0)) + .seconds(30)
    var together = Self.panel()
    let events = together.play(edges, until: end)
    for line in Self.timings.indices {
      var alone = PressRecognizer(timings: [Self.timings[line]], isDebouncedByKernel: false, levels: [], at: ms(0))
      let own = alone.play(
        edges.filter { $0.line == line }.map { ScriptedEdge(0, $0.isActive, at: $0.at) }, until: end)
      #expect(own.map(Self.plain) == events.filter { Self.line(of: $0) == line }.map(Self.plain))
    }
  }

  @Test("a contact counter behind it tells the same however the edges are cut", arguments: PressPropertyTests.seeds)
  func contactsBehindIt(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let edges = PressPropertyTests.anyEdges(600, lines: 4, using: &random)
    let end = (edges.last?.at ?? ms(0)) + .seconds(60)
    let rules = ContactRules(
      kind: .pir, dwell: .milliseconds(300), holdOff: .milliseconds(150), doublePass: .seconds(1),
      blockedAfter: .milliseconds(900))
    let panel = Self.panel()
    let counter = ContactCounter(rules: rules, at: ms(0), settling: panel.settling)
    var expected: [ContactEvent] = []
    for cuts in 0..<4 {
      var (panel, counter) = (panel, counter)
      var events: [ContactEvent] = []
      var rest = edges[...]
      while true {
        let batch = cuts == 0 ? rest : rest.prefix(Int.random(in: 0...20, using: &random))
        rest = rest.dropFirst(batch.count)
        for edge in batch { panel.take(line: edge.line, isActive: edge.isActive, at: edge.at) }
        // As the daemon does: up to a deadline of either, or to anywhere before the next edge.
        var time = rest.first.map { MonotonicTime(nanoseconds: $0.at.nanoseconds - 1) } ?? end
        for deadline in [panel.nextDeadline, counter.nextDeadline] where Bool.random(using: &random) {
          if let deadline { time = min(time, deadline) }
        }
        for event in panel.advance(to: time) {
          switch event {
          case .pressed(let press) where press.button == ButtonIndex(2): counter.take(isPresent: true, at: press.at)
          case .released(ButtonIndex(2), _, let at, _): counter.take(isPresent: false, at: at)
          default: break
          }
        }
        counter.advance(to: time, into: &events)
        if rest.isEmpty, time == end { break }
      }
      if cuts == 0 { expected = events }
      #expect(events == expected)
    }
    #expect(expected.count > 10)
  }

  // MARK: - Looking at events

  private static func line(of event: PanelEvent) -> Int? {
    switch event {
    case .pressed(let press): press.button.value
    case .released(let button, _, _, _), .stuck(let button, _, _, _), .unstuck(let button, _, _),
      .storm(let button, _, _), .stormOver(let button, _, _):
      button.value
    case .edgesLost: nil
    }
  }

  /// An event without its line and press numbers.
  private static func plain(_ event: PanelEvent) -> String {
    switch event {
    case .pressed(let press): "pressed \(press.at.nanoseconds)"
    case .released(_, _, let at, let down): "released \(at.nanoseconds) \(down)"
    case .stuck(_, _, let since, let at): "stuck \(since.nanoseconds) \(at.nanoseconds)"
    case .unstuck(_, let at, let down): "unstuck \(at.nanoseconds) \(down)"
    case .storm(_, let edges, let at): "storm \(edges) \(at.nanoseconds)"
    case .stormOver(_, let edges, let at): "storm over \(edges) \(at.nanoseconds)"
    case .edgesLost(_, let at): "lost \(at.nanoseconds)"
    }
  }

  /// When each event was decided: presses and releases the line's debounce period after their stamp.
  private static func momentsOfDecision(_ events: [PanelEvent], kernel: Bool) -> [MonotonicTime] {
    events.map { event in
      let period = kernel ? .zero : line(of: event).map { timings[$0].debounce } ?? .zero
      return switch event {
      case .pressed(let press): press.at + period
      case .released(_, _, let at, _), .unstuck(_, let at, _): at + period
      case .stuck(_, _, _, let at), .storm(_, _, let at), .stormOver(_, _, let at), .edgesLost(_, let at): at
      }
    }
  }
}

extension [MonotonicTime] {
  fileprivate var isInOrder: Bool { zip(self, dropFirst()).allSatisfy { $0 <= $1 } }
}
