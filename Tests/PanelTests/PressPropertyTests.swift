import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("For random edges, a press recogniser")
struct PressPropertyTests {
  static let seeds = Array(UInt64(1)...60)

  @Test("gives exactly the true presses in order, whatever the contacts bounce", arguments: seeds)
  func truePresses(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let truth = Self.truePresses(200, lines: 8, using: &random)
    let edges = Self.edges(of: truth, using: &random)
    var panel = PressRecognizer(buttons: 8)
    var events = Self.feedInBatches(edges, to: &panel, using: &random)
    events += panel.settleAll()
    #expect(events.pressedButtons == truth.map(\.line))
    for (press, actual) in zip(events.presses, truth) {
      #expect(press.at >= actual.down && press.at <= actual.up)
    }
    #expect(events.releases.count == truth.count)
    #expect(panel.nextDeadline == nil)
  }

  @Test("gives the same events however the edges are cut into batches", arguments: seeds)
  func batchCuts(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let edges = Self.anyEdges(2000, lines: 3, using: &random)
    let end = (edges.last?.at ?? ms(0)) + .seconds(30)
    for kernel in [false, true] {
      // A low storm limit and a short held limit, so that every kind of event comes up.
      let timing = PanelTiming(heldLimit: .milliseconds(700), stormLimit: 40)
      let fresh = PressRecognizer(buttons: 3, timing: timing, kernel: kernel, levels: [false, true, false])
      var whole = fresh
      let expected = whole.play(edges, until: end)
      var cut = fresh
      var events = Self.feedInBatches(edges, to: &cut, using: &random)
      events += cut.advance(to: end)
      #expect(events == expected)
      #expect(cut.nextDeadline == whole.nextDeadline)
      #expect(expected.contains { if case .stuck = $0 { true } else { false } })
      #expect(kernel || expected.storms.count > 0)
    }
  }

  @Test("does what is due at its deadlines and nothing in between", arguments: seeds.prefix(20))
  func deadlines(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var panel = PressRecognizer(buttons: 3)
    for edge in Self.anyEdges(300, lines: 3, using: &random) {
      panel.take(line: edge.line, isActive: edge.isActive, at: edge.at)
    }
    while let deadline = panel.nextDeadline {
      #expect(panel.advance(to: MonotonicTime(nanoseconds: deadline.nanoseconds - 1)).isEmpty)
      _ = panel.advance(to: deadline)
      guard panel.nextDeadline.map({ $0 > deadline }) ?? true else {
        Issue.record("the deadline did not move on")
        return
      }
    }
  }

  @Test("alternates presses and releases, numbers presses without a gap and comes to rest", arguments: seeds)
  func shape(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var panel = PressRecognizer(buttons: 4)
    var events: [PanelEvent] = []
    // Stamps that go back, repeated levels, losses with arbitrary levels: nothing is promised but the shape.
    for _ in 0..<400 {
      let time = ms(Int.random(in: 0...20_000, using: &random))
      switch Int.random(in: 0..<20, using: &random) {
      case 0: events += panel.advance(to: time)
      case 1:
        let levels = (0..<4).map { _ in Bool.random(using: &random) }
        panel.resynchronise(levels: levels, lost: [Int.random(in: 0..<4, using: &random)], at: time)
      default:
        panel.take(
          line: Int.random(in: 0..<4, using: &random), isActive: Bool.random(using: &random), at: time)
      }
    }
    events += panel.settleAll(limit: 5000)
    #expect(panel.nextDeadline == nil)
    #expect(events.presses.map(\.number.value) == events.presses.indices.map { UInt64($0) + 1 })
    var down: [ButtonIndex: PressNumber] = [:]
    for event in events {
      switch event {
      case .pressed(let press):
        #expect(down.updateValue(press.number, forKey: press.button) == nil)
      case .released(let button, let press, _, let duration):
        #expect(down.removeValue(forKey: button) == press)
        #expect(duration >= .zero)
      case .stuck(let button, let press, let since, let at):
        #expect(down[button] == press)
        #expect(at > since)
      default: break
      }
    }
  }

  @Test("never wedges after lost edges: the next clean press on each line counts", arguments: seeds)
  func lostEdges(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for kernel in [false, true] {
      var panel = PressRecognizer(buttons: 4, kernel: kernel)
      let truth = Self.truePresses(40, lines: 4, using: &random)
      var edges: [ScriptedEdge]
      if kernel {
        edges = truth.flatMap { [ScriptedEdge($0.line, true, at: $0.down), ScriptedEdge($0.line, false, at: $0.up)] }
        edges.sort { $0.at < $1.at }
      } else {
        edges = Self.edges(of: truth, using: &random)
      }
      // Lose a run of edges, on whatever lines, of which the reader learns at the end of the run; five times over.
      var events: [PanelEvent] = []
      var levels = Array(repeating: false, count: 4)
      var rest = edges[...]
      for _ in 0..<5 {
        for edge in rest.prefix(Int.random(in: 0...40, using: &random)) {
          panel.take(line: edge.line, isActive: edge.isActive, at: edge.at)
          levels[edge.line] = edge.isActive
          rest = rest.dropFirst()
        }
        let lost = rest.prefix(Int.random(in: 1...30, using: &random))
        rest = rest.dropFirst(lost.count)
        for edge in lost { levels[edge.line] = edge.isActive }
        guard let reading = lost.last?.at else { break }
        panel.resynchronise(levels: levels, lost: Set(lost.map(\.line)).sorted(), at: reading)
        events += panel.advance(to: reading)
      }
      for edge in rest { panel.take(line: edge.line, isActive: edge.isActive, at: edge.at) }
      events += panel.settleAll()
      #expect(events.presses.count <= truth.count)
      let quiet = (edges.last?.at ?? ms(0)) + .seconds(60)
      var clean: [ScriptedEdge] = []
      for line in 0..<4 {
        let down = quiet + .milliseconds(line * 500)
        clean += [ScriptedEdge(line, true, at: down), ScriptedEdge(line, false, at: down + .milliseconds(100))]
      }
      events = panel.play(clean, until: quiet + .seconds(30))
      #expect(events.pressedButtons == [0, 1, 2, 3])
      #expect(events.releases.count == 4)
      #expect(panel.nextDeadline == nil)
    }
  }

  // MARK: - Making edges

  /// Presses that a person could make: 40 to 400 ms down, at least 40 ms up, on several lines at the same time; begun
  /// at least 16 ms apart, so that their order is beyond doubt whatever they bounce.
  static func truePresses(_ count: Int, lines: Int, using random: inout SeededGenerator) -> [TruePress] {
    var free = Array(repeating: ms(10), count: lines)
    var start = ms(10)
    var presses: [TruePress] = []
    while presses.count < count {
      start = start + .microseconds(Int.random(in: 16_000...120_000, using: &random))
      let open = (0..<lines).filter { free[$0] <= start }
      guard let line = open.randomElement(using: &random) else { continue }
      let up = start + .microseconds(Int.random(in: 40_000...400_000, using: &random))
      presses.append(TruePress(line: line, down: start, up: up))
      free[line] = up + .milliseconds(40)
    }
    return presses
  }

  /// The edges of those presses, each contact bouncing with 5 to 20 edges in up to 15 ms.
  static func edges(of presses: [TruePress], using random: inout SeededGenerator) -> [ScriptedEdge] {
    var edges: [ScriptedEdge] = []
    for press in presses {
      for (level, start) in [(true, press.down), (false, press.up)] {
        edges += bounce(
          line: press.line, to: level, at: start, edges: Int.random(in: 5...19, using: &random),
          within: Int64.random(in: 1_000_000...15_000_000, using: &random), using: &random)
      }
    }
    return edges.sorted { $0.at < $1.at }
  }

  /// Edges without rhyme or reason: quiet stretches, chatter, repeated levels. No two have the same stamp.
  static func anyEdges(_ count: Int, lines: Int, using random: inout SeededGenerator) -> [ScriptedEdge] {
    var time = ms(1)
    var longest: Int64 = 1_000_000
    return (0..<count).map { index in
      if index % 50 == 0 {
        longest = [1_000_000, 20_000_000, 60_000_000, 900_000_000].randomElement(using: &random) ?? longest
      }
      time = MonotonicTime(nanoseconds: time.nanoseconds + Int64.random(in: 1...longest, using: &random))
      return ScriptedEdge(
        Int.random(in: 0..<lines, using: &random), Bool.random(using: &random), at: time)
    }
  }

  /// Hands edges over in random batches, each line by line as a reader of one descriptor per line does, moving time on
  /// to anywhere up to the first edge not handed over.
  static func feedInBatches(
    _ edges: [ScriptedEdge], to panel: inout PressRecognizer, using random: inout SeededGenerator
  ) -> [PanelEvent] {
    var events: [PanelEvent] = []
    var rest = edges[...]
    while !rest.isEmpty {
      let batch = rest.prefix(Int.random(in: 0...30, using: &random))
      rest = rest.dropFirst(batch.count)
      for line in Set(batch.map(\.line)) {
        for edge in batch where edge.line == line {
          panel.take(line: line, isActive: edge.isActive, at: edge.at)
        }
      }
      guard let next = rest.first, Bool.random(using: &random) else { continue }
      let earliest = (batch.first?.at ?? next.at).nanoseconds
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        events += panel.advance(
          to: MonotonicTime(nanoseconds: Int64.random(in: earliest...next.at.nanoseconds, using: &random)))
      }
    }
    return events
  }
}
