import Feedback
import KioskTestKit
import Panel

/// Makes scripts of what lines and their reader can do: contacts that bounce, several buttons at once, short glitches,
/// buttons that are held, lines that run wild, edges that get lost. The same seed always gives the same script.
struct RandomPanelScript {
  private var random: SeededGenerator
  /// Times are multiples of this many nanoseconds. A coarse one makes things fall on the same moment, and on the very
  /// end of a period, all the time.
  private let grid: Int64
  private var script: PanelScript

  static func script(seed: UInt64) -> PanelScript {
    var maker = RandomPanelScript(seed: seed)
    if seed % 4 == 0 { maker.addNoise() } else { maker.addGestures() }
    return maker.script
  }

  private init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    grid = [1, 1_000_000, 5_000_000, 10_000_000].randomElement(using: &random) ?? 1
    // The product's own numbers now and then; lines that differ, as sensors and buttons do, or all alike.
    let isUsual = Int.random(in: 0..<5, using: &random) == 0
    let isMixed = Bool.random(using: &random)
    var timings: [PanelTiming] = []
    var levels: [Bool] = []
    for line in 0..<Int.random(in: 1...5, using: &random) {
      levels.append(Int.random(in: 0..<6, using: &random) == 0)
      timings.append(isUsual ? PanelTiming() : Self.timing(using: &random))
      if !isMixed { timings[line] = timings[0] }
    }
    script = PanelScript(timings: timings, isDebouncedByKernel: Bool.random(using: &random), levels: levels)
    self.random = random
  }

  /// Short limits, so that everything comes up often.
  private static func timing(using random: inout SeededGenerator) -> PanelTiming {
    let debounce = [0, 10, 20, 40].randomElement(using: &random) ?? 20
    let held = [0, max(debounce, 1), 100, 500, 1500].randomElement(using: &random) ?? 500
    return PanelTiming(
      debounce: .milliseconds(debounce), heldLimit: .milliseconds(held),
      stormLimit: [0, 1, 3, 8, 30].randomElement(using: &random) ?? 8)
  }

  // MARK: - Anything

  /// Anything at any time, but for edges that come when time has moved on already.
  private mutating func addNoise() {
    var time = ms(0)
    // Stamp of the latest edge of each line, and the moment advanced to.
    var latest = script.levels.map { _ in ms(0) }
    var now = ms(0)
    for _ in 0..<250 {
      time = time + step()
      let line = Int.random(in: 0..<script.lineCount, using: &random)
      switch Int.random(in: 0..<24, using: &random) {
      case 0, 1, 2, 3:
        now = max(now, time)
        script.inputs.append(.advance(to: now))
      case 4:
        let levels = script.levels.map { _ in Bool.random(using: &random) }
        let lost = script.levels.indices.filter { _ in Bool.random(using: &random) }
        script.inputs.append(.readBack(levels: levels, lost: lost, at: time))
        for line in lost { latest[line] = max(latest[line], time) }
        guard Bool.random(using: &random) else { continue }
        now = time
        script.inputs.append(.advance(to: time))
      case 5: script.inputs.append(.lost(lines: [line, line + 1], at: time))
      case 6 where latest[line] >= now:
        // A stamp that goes back behind the line's last one.
        script.inputs.append(.edge(line: line, isActive: Bool.random(using: &random), at: latest[line] - step()))
      case 7:
        // Of another clock, or beyond all reason.
        let stamp = [now + .seconds(4000), MonotonicTime(nanoseconds: .max)].randomElement(using: &random) ?? now
        script.inputs.append(.edge(line: line, isActive: Bool.random(using: &random), at: stamp))
        script.inputs.append(.advance(to: now))
        latest[line] = now
      default:
        let stamp = max(time, latest[line])
        script.inputs.append(.edge(line: line, isActive: Bool.random(using: &random), at: stamp))
        latest[line] = stamp
      }
    }
    // Else the deadlines alone lead through what is left.
    if Bool.random(using: &random) { script.inputs.append(.advance(to: time)) }
  }

  /// From nothing to somewhat more than the debounce period; now and then as much as the other limits.
  private mutating func step() -> Duration {
    let longest: Int64 =
      switch Int.random(in: 0..<20, using: &random) {
      case 0: 1_200_000_000
      case 1: 400_000_000
      case 2...10: 45_000_000
      default: 9_000_000
      }
    return whole(.nanoseconds(Int64.random(in: 0...longest, using: &random)))
  }

  private func whole(_ duration: Duration) -> Duration {
    .nanoseconds(duration.wholeNanoseconds / grid * grid)
  }

  // MARK: - What people and contacts do

  private mutating func addGestures() {
    var edges: [ScriptedEdge] = []
    var time = ms(10)
    // Storms by the product's own limit are long.
    let most = script.timings[0].stormLimit > 100 ? 12 : 40
    for _ in 0..<Int.random(in: 5...most, using: &random) {
      let line = Int.random(in: 0..<script.lineCount, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0: edges += chord(at: time)
      case 1: edges += storm(line, at: time)
      case 2: edges += glitch(line, at: time)
      case 3: edges += heldPress(line, at: time)
      default: edges += press(line, at: time, for: .milliseconds(Int.random(in: 5...300, using: &random)))
      }
      time = (edges.last?.at ?? time) + step()
    }
    // In the order of their stamps, and of their making where those are the same.
    edges = edges.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    handOver(edges)
  }

  private mutating func press(_ line: Int, at time: MonotonicTime, for hold: Duration) -> [ScriptedEdge] {
    contact(line, to: true, at: time) + contact(line, to: false, at: time + whole(hold))
  }

  /// A change of level, as a contact makes it.
  private mutating func contact(_ line: Int, to level: Bool, at time: MonotonicTime) -> [ScriptedEdge] {
    var edges = [ScriptedEdge(line, level, at: time)]
    guard !script.isDebouncedByKernel || Int.random(in: 0..<8, using: &random) == 0 else { return edges }
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let last = edges.last?.at ?? time
      let pause = { (random: inout SeededGenerator) in
        Duration.nanoseconds(Int64.random(in: 0...6_000_000, using: &random))
      }
      edges.append(ScriptedEdge(line, !level, at: last + whole(pause(&random))))
      edges.append(ScriptedEdge(line, level, at: (edges.last?.at ?? last) + whole(pause(&random))))
    }
    // Now and then the kernel tells the same level again, for it read it after the next change.
    if Int.random(in: 0..<6, using: &random) == 0 {
      edges.append(ScriptedEdge(line, level, at: (edges.last?.at ?? time) + whole(.milliseconds(7))))
    }
    return edges
  }

  private mutating func chord(at time: MonotonicTime) -> [ScriptedEdge] {
    script.levels.indices.flatMap { line in
      press(line, at: time + whole(.milliseconds(Int.random(in: 0...60, using: &random))), for: .milliseconds(120))
    }
  }

  private mutating func storm(_ line: Int, at time: MonotonicTime) -> [ScriptedEdge] {
    let limit = max(script.timings[line].stormLimit, 1)
    var edges: [ScriptedEdge] = []
    var stamp = time
    // About as many edges a second as make a storm: some do, some do not.
    for number in 0..<Int.random(in: limit...3 * limit + 3, using: &random) {
      edges.append(ScriptedEdge(line, number % 2 == 0, at: stamp))
      let longest = 1_300_000_000 / Int64(limit + 1)
      stamp = stamp + whole(.nanoseconds(Int64.random(in: 0...longest, using: &random)))
    }
    // Calm for just about as long as ends it.
    return edges
      + press(line, at: stamp + whole(.milliseconds(Int.random(in: 900...1100, using: &random))), for: .seconds(1))
  }

  /// About as long as a level must hold.
  private mutating func glitch(_ line: Int, at time: MonotonicTime) -> [ScriptedEdge] {
    let period = script.timings[line].debounce.wholeNanoseconds
    let length = period + ([-grid, 0, grid].randomElement(using: &random) ?? 0)
    return [
      ScriptedEdge(line, true, at: time), ScriptedEdge(line, false, at: time + .nanoseconds(max(0, length))),
    ]
  }

  /// Down for about as long as makes it stuck, with a release that is under way at that very moment.
  private mutating func heldPress(_ line: Int, at time: MonotonicTime) -> [ScriptedEdge] {
    let limit = script.timings[line].heldLimit + .milliseconds(Int.random(in: -60...60, using: &random))
    var edges = contact(line, to: true, at: time)
    let near = (edges.last?.at ?? time) + whole(max(limit, .milliseconds(1)))
    edges += contact(line, to: false, at: near)
    let back = (edges.last?.at ?? near) + whole(.milliseconds(Int.random(in: 0...50, using: &random)))
    edges += contact(line, to: true, at: back)
    let end = (edges.last?.at ?? back) + whole(.milliseconds(Int.random(in: 0...2000, using: &random)))
    return edges + contact(line, to: false, at: end)
  }

  // MARK: - What a reader does

  /// Cuts the edges into batches, and loses some on the way.
  private mutating func handOver(_ edges: [ScriptedEdge]) {
    var rest = edges[...]
    var now = ms(0)
    let loses = Bool.random(using: &random)
    while let first = rest.first {
      if loses, Int.random(in: 0..<8, using: &random) == 0 {
        now = lose(&rest, after: now)
        continue
      }
      let batch = rest.prefix(Int.random(in: 1...25, using: &random))
      rest = rest.dropFirst(batch.count)
      // Line by line, as a reader of one descriptor for each line has them.
      for line in script.levels.indices {
        for edge in batch where edge.line == line {
          script.inputs.append(.edge(line: line, isActive: edge.isActive, at: edge.at))
        }
      }
      let next = rest.first?.at ?? (batch.last?.at ?? first.at) + .seconds(1)
      guard Bool.random(using: &random), now <= next else { continue }
      now = MonotonicTime(nanoseconds: Int64.random(in: now.nanoseconds...next.nanoseconds, using: &random))
      script.inputs.append(.advance(to: now))
    }
    if Bool.random(using: &random) { script.inputs.append(.advance(to: max(now, edges.last?.at ?? now) + step())) }
  }

  /// The kernel's buffers of some lines overflow: a run of their edges is gone. What came after it may still be queued
  /// when the levels are read.
  private mutating func lose(_ rest: inout ArraySlice<ScriptedEdge>, after now: MonotonicTime) -> MonotonicTime {
    let window = Array(rest.prefix(Int.random(in: 1...30, using: &random)))
    rest = rest.dropFirst(window.count)
    let reading = (window.last?.at ?? now) + whole(.milliseconds(Int.random(in: 0...5, using: &random)))
    let losing = Set(script.levels.indices.filter { _ in Bool.random(using: &random) })
    var levels = script.levels
    for case .edge(let line, let isActive, _) in script.inputs { levels[line] = isActive }
    var queued: [ScriptedEdge] = []
    var lost: Set<Int> = []
    // Up to the moment of reading everything has happened.
    let seen = window + rest.prefix { $0.at <= reading }
    rest = rest.dropFirst(seen.count - window.count)
    for (index, edge) in seen.enumerated() {
      levels[edge.line] = edge.isActive
      if !losing.contains(edge.line) {
        script.inputs.append(.edge(line: edge.line, isActive: edge.isActive, at: edge.at))
      } else if index < seen.count / 2 {
        lost.insert(edge.line)
      } else if lost.contains(edge.line) {
        queued.append(edge)
      } else {
        script.inputs.append(.edge(line: edge.line, isActive: edge.isActive, at: edge.at))
      }
    }
    let at = max(reading, now)
    let isReadBack = Int.random(in: 0..<4, using: &random) > 0
    script.inputs.append(
      isReadBack
        ? .readBack(levels: levels, lost: lost.sorted(), at: at) : .lost(lines: lost.sorted(), at: at))
    if Bool.random(using: &random) { script.inputs.append(.advance(to: at)) }
    // Where the level was read in the meantime, these are stamped before it.
    for edge in queued {
      script.inputs.append(
        .edge(line: edge.line, isActive: edge.isActive, at: isReadBack ? edge.at : max(edge.at, at)))
    }
    return at
  }
}
