import Feedback
import Synchronization
import Testing

@testable import GPIO

/// A source that hands out what a test has put down, drain by drain: the cases only a loaded machine shows.
private final class ScriptedSource: EdgeSource {
  struct Drain {
    var edges: [Edge] = []
    var lost: [Int] = []
    var check: [Int] = []
  }
  private let drains: Mutex<[Drain]>
  private let readings: Mutex<[[Bool]]>
  let lineCount = 2
  let isDebouncedByKernel = false
  let descriptors: [Int32] = []
  let settling: Duration

  init(_ drains: [Drain], levels: [[Bool]] = [], settling: Duration = .milliseconds(2)) {
    self.drains = Mutex(drains)
    readings = Mutex(levels)
    self.settling = settling
  }

  func drain(into buffer: inout EdgeBuffer) throws(GPIOError) {
    let next = drains.withLock { $0.isEmpty ? Drain() : $0.removeFirst() }
    buffer.edges += next.edges
    for line in next.lost { buffer.isLost[line] = true }
    for line in next.check + next.lost { buffer.mustCheck[line] = true }
  }

  func levels() throws(GPIOError) -> [Bool] {
    let next = readings.withLock { $0.count > 1 ? $0.removeFirst() : $0.first }
    guard let next else { throw GPIOError(.noChip, "gone", hint: "") }
    return next
  }

  func release() {}
}

@Suite struct EdgeCollectorTests {
  func time(_ microseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: microseconds * 1000) }

  func edge(_ line: Int, _ isActive: Bool, _ microseconds: Int64) -> Edge {
    Edge(line: line, isActive: isActive, at: time(microseconds))
  }

  func collector() -> EdgeCollector { EdgeCollector(levels: [false, false], now: time(0)) }

  @Test func sortsLinesByStampAndKeepsTheOrderOfEqualOnes() {
    let source = ScriptedSource([
      .init(edges: [edge(0, true, 10), edge(0, false, 30), edge(1, true, 10), edge(1, false, 20)])
    ])
    var collector = collector()
    let batch = collector.collect(from: source) { time(50) }
    #expect(batch.edges == [edge(0, true, 10), edge(1, true, 10), edge(1, false, 20), edge(0, false, 30)])
    #expect(batch.asOf == time(50))
  }

  @Test func anEdgeQueuedLateIsHeldToWhatWasPromised() {
    let source = ScriptedSource([.init(edges: [edge(1, true, 105)]), .init(edges: [edge(0, true, 98)])])
    var collector = collector()
    let first = collector.collect(from: source) { time(110) }
    let second = collector.collect(from: source) { time(120) }
    #expect(first.asOf == time(110))
    #expect(second.edges == [edge(0, true, 110)])
  }

  @Test func aStampFromAnotherClockCannotRunAhead() {
    let source = ScriptedSource([.init(edges: [edge(0, true, 1_000_000_000)]), .init(edges: [edge(0, false, 90)])])
    var collector = collector()
    #expect(collector.collect(from: source) { time(100) }.edges == [edge(0, true, 100)])
    #expect(collector.collect(from: source) { time(200) }.edges == [edge(0, false, 100)])
  }

  @Test func aLevelThatDiffersForLongerThanTheSettlingIsALostEdge() {
    let source = ScriptedSource([.init(edges: [edge(0, true, 10)], check: [0])], levels: [[false, false]])
    var collector = collector()
    let first = collector.collect(from: source) { time(20) }
    #expect(first == EdgeBatch(edges: [edge(0, true, 10)], asOf: time(20)))
    #expect(collector.isUnsettled)
    #expect(collector.collect(from: source) { time(2019) } == EdgeBatch(asOf: time(2019)))
    let third = collector.collect(from: source) { time(2020) }
    #expect(
      third
        == EdgeBatch(
          edges: [Edge(line: 0, isActive: false, at: time(2020), origin: .readBack)], asOf: time(2020), lostLines: [0]))
    #expect(!collector.isUnsettled)
  }

  @Test func anEdgeThatWasOnlyLateIsNotLost() {
    let source = ScriptedSource(
      [
        .init(edges: [edge(0, true, 10)], check: [0]), .init(), .init(edges: [edge(0, false, 15)], check: [0]),
      ], levels: [[false, false]])
    var collector = collector()
    #expect(collector.collect(from: source) { time(20) }.edges == [edge(0, true, 10)])
    let second = collector.collect(from: source) { time(2500) }
    #expect(second.edges.map(\.isActive) == [false])
    #expect(second.edges.map(\.origin) == [.kernel])
    #expect(second.lostLines.isEmpty)
    #expect(!collector.isUnsettled)
  }

  @Test func anEdgeBetweenDrainingAndReadingTheLevelIsNotLost() {
    let source = ScriptedSource(
      [.init(edges: [edge(0, true, 10)], check: [0]), .init(edges: [edge(0, false, 12)], check: [0])],
      levels: [[false, false]], settling: .zero)
    var collector = collector()
    let batch = collector.collect(from: source) { time(20) }
    #expect(batch.edges == [edge(0, true, 10), edge(0, false, 12)])
    #expect(batch.lostLines.isEmpty)
  }

  @Test func aLostLineIsNamedAtOnceAndOnlyOnce() {
    let source = ScriptedSource([.init(edges: [edge(1, true, 10)], lost: [1])], levels: [[false, true]])
    var collector = collector()
    #expect(collector.collect(from: source) { time(20) }.lostLines == [1])
    #expect(collector.collect(from: source) { time(30) }.lostLines.isEmpty)
  }

  @Test func edgesReadBeforeAFailureAreDelivered() {
    let source = ScriptedSource([.init(edges: [edge(0, true, 10)], check: [0])])
    var collector = collector()
    let batch = collector.collect(from: source) { time(20) }
    #expect(batch.edges == [edge(0, true, 10)])
    #expect(batch.failure?.code == .noChip)
  }
}
