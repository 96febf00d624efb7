import CKioskPlatform
import Feedback
import Foundation
import KioskTestKit
import Testing

@testable import GPIO

/// The real thread, on the kernel's clock.
@Suite struct ReadingThreadTests {
  func button(_ offset: Int) -> InputLine { InputLine(name: "button \(offset)", selector: .offset(offset)) }

  /// The number of threads named so in this process.
  func threads(named name: String) -> Int {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.filter {
      (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == "\(name)\n"
    }.count
  }

  @Test(.timeLimit(.minutes(1)))
  func deliversEveryEdgeWithItsExactTimeWhileTheConsumerIsBusy() async throws {
    let chip = SimulatedChip(lineNames: Array(repeating: "", count: 8))
    let inputs = try chip.requestInputs((0..<8).map(button), consumer: "test")
    var expected: [Edge] = []
    for line in 0..<8 {
      var waveform = WaveformBuilder(seed: UInt64(line))
      try waveform.press(line, hold: .milliseconds(20), bounceEdges: 5...20)
      let end = try chip.play(waveform.steps)
      guard let last = waveform.steps.last else { continue }
      expected += waveform.steps.map { Edge(line: line, isActive: !$0.isHigh, at: end - (last.at - $0.at)) }
    }
    var seen: [Edge] = []
    var asOf = MonotonicTime(nanoseconds: 0)
    for await batch in inputs.edges {
      #expect(batch.edges.allSatisfy { $0.at >= asOf }, "an edge came after its time had been promised")
      #expect(batch.asOf >= asOf)
      asOf = batch.asOf
      seen += batch.edges
      if seen.count >= expected.count { break }
    }
    inputs.close()
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.at <= $1.at })
    for line in 0..<8 { #expect(seen.filter { $0.line == line } == expected.filter { $0.line == line }) }
  }

  @Test(.timeLimit(.minutes(1)))
  func wakesForDeadlinesAndRequestsOnly() async throws {
    let chip = SimulatedChip(lineNames: [""])
    let inputs = try chip.requestInputs([button(0)], consumer: "test")
    var iterator = inputs.edges.makeAsyncIterator()
    let deadline = MonotonicTime(nanoseconds: kiosk_clock_monotonic()) + .milliseconds(30)
    inputs.setDeadline(deadline)
    let first = try #require(await iterator.next())
    #expect(first.asOf >= deadline)
    #expect(first.edges.isEmpty)
    inputs.requestRound()
    let second = try #require(await iterator.next())
    #expect(second.asOf > first.asOf)
    inputs.close()
    #expect(await iterator.next() == nil)
  }

  @Test(.timeLimit(.minutes(1)))
  func twoRequestsOnOneChipHaveAThreadEachAndMissNothing() async throws {
    let chip = SimulatedChip(lineNames: ["", ""])
    let first = try chip.requestInputs([button(0)], consumer: "first")
    let second = try chip.requestInputs([button(1)], consumer: "second")
    // A thread names itself once it runs.
    let limit = ContinuousClock.now + .seconds(10)
    while threads(named: "edges") < 2, ContinuousClock.now < limit { await Task.yield() }
    #expect(threads(named: "edges") >= 2)
    var waveform = WaveformBuilder()
    waveform.chatter(0, edges: 50, every: .microseconds(200))
    try chip.play(waveform.steps + waveform.steps.map { WaveformStep(at: $0.at, line: 1, isHigh: $0.isHigh) })
    for inputs in [first, second] {
      var count = 0
      for await batch in inputs.edges {
        count += batch.edges.count
        if count >= 50 { break }
      }
      #expect(count == 50)
      inputs.close()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func unpluggingWakesTheThread() async throws {
    let chip = SimulatedChip(lineNames: [""])
    let inputs = try chip.requestInputs([button(0)], consumer: "test")
    chip.unplug()
    var failures = 0
    for await batch in inputs.edges where batch.failure != nil { failures += 1 }
    #expect(failures == 1)
    inputs.close()
  }

  @Test(.timeLimit(.minutes(1)))
  func askingAndClosingFromManyTasksAtOnceIsSafe() async throws {
    for _ in 0..<20 {
      let chip = SimulatedChip(lineNames: [""])
      let inputs = try chip.requestInputs([button(0)], consumer: "test")
      await withTaskGroup(of: Void.self) { group in
        group.addTask { for await _ in inputs.edges {} }
        for task in 0..<4 {
          group.addTask {
            for turn in 0..<50 {
              inputs.requestRound()
              inputs.setDeadline(MonotonicTime(nanoseconds: kiosk_clock_monotonic()))
              _ = try? inputs.levels()
              if turn == 10 * task { inputs.close() }
            }
          }
        }
      }
    }
  }
}
