import Feedback
import Testing

@testable import GPIO

@Suite struct EdgeStreamTests {
  func time(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

  func edge(_ line: Int, _ isActive: Bool, _ milliseconds: Int64) -> Edge {
    Edge(line: line, isActive: isActive, at: time(milliseconds))
  }

  @Test func gathersWhatCameWhileTheConsumerWasBusy() async {
    let stream = EdgeStream()
    stream.yield(EdgeBatch(edges: [edge(0, true, 1)], asOf: time(2)))
    stream.yield(EdgeBatch(edges: [edge(1, true, 3)], asOf: time(4), lostLines: [1]))
    stream.yield(EdgeBatch(asOf: time(5), lostLines: [1, 0]))
    var iterator = stream.makeAsyncIterator()
    let batch = await iterator.next()
    #expect(batch == EdgeBatch(edges: [edge(0, true, 1), edge(1, true, 3)], asOf: time(5), lostLines: [1, 0]))
  }

  @Test func deliversWhatWasGatheredAfterItWasFinishedAndNothingLater() async {
    let stream = EdgeStream()
    stream.yield(EdgeBatch(edges: [edge(0, true, 1)], asOf: time(1)))
    stream.finish()
    stream.yield(EdgeBatch(edges: [edge(0, false, 2)], asOf: time(2)))
    var iterator = stream.makeAsyncIterator()
    #expect(await iterator.next()?.edges == [edge(0, true, 1)])
    #expect(await iterator.next() == nil)
    #expect(await iterator.next() == nil)
  }

  @Test func wakesAConsumerThatWaits() async {
    let stream = EdgeStream()
    let consumer = Task { () -> [EdgeBatch] in
      var batches: [EdgeBatch] = []
      for await batch in stream { batches.append(batch) }
      return batches
    }
    await Task.yield()
    for number in 1...100 { stream.yield(EdgeBatch(edges: [edge(0, number % 2 == 1, Int64(number))], asOf: time(1))) }
    stream.finish()
    let edges = await consumer.value.flatMap(\.edges)
    #expect(edges.map(\.at) == (1...100).map { time($0) })
  }

  @Test func endsForACancelledConsumerAndKeepsWhatWasGathered() async {
    let stream = EdgeStream()
    let consumer = Task { () -> EdgeBatch? in
      var iterator = stream.makeAsyncIterator()
      return await iterator.next()
    }
    await Task.yield()
    consumer.cancel()
    #expect(await consumer.value == nil)
    stream.yield(EdgeBatch(edges: [edge(0, true, 1)], asOf: time(1)))
    var iterator = stream.makeAsyncIterator()
    #expect(await iterator.next()?.edges.count == 1)
  }

  @Test func keepsTheNewestEdgeOfEachLineWhenItOverflows() async throws {
    let stream = EdgeStream()
    let flood = (1...EdgeStream.capacity + 500).map { edge(0, $0 % 2 == 1, Int64($0)) }
    stream.yield(EdgeBatch(edges: flood, asOf: time(4596)))
    stream.yield(EdgeBatch(edges: [edge(1, true, 4600)], asOf: time(4600)))
    stream.yield(EdgeBatch(edges: [edge(0, true, 4700)], asOf: time(4700)))
    var iterator = stream.makeAsyncIterator()
    let batch = try #require(await iterator.next())
    #expect(batch.edges.prefix(EdgeStream.capacity) == flood.prefix(EdgeStream.capacity))
    #expect(batch.edges.dropFirst(EdgeStream.capacity) == [edge(1, true, 4600), edge(0, true, 4700)])
    #expect(batch.lostLines == [0], "line 1 lost nothing")
    #expect(batch.asOf == time(4700))
    stream.yield(EdgeBatch(edges: [edge(0, false, 4800)], asOf: time(4800)))
    #expect(await iterator.next() == EdgeBatch(edges: [edge(0, false, 4800)], asOf: time(4800)))
  }

  @Test func keepsTheFirstFailure() async {
    let stream = EdgeStream()
    let first = GPIOError(.system, "first", hint: "")
    stream.yield(EdgeBatch(asOf: time(1), failure: first))
    stream.yield(EdgeBatch(asOf: time(2), failure: GPIOError(.system, "second", hint: "")))
    var iterator = stream.makeAsyncIterator()
    #expect(await iterator.next()?.failure == first)
  }

  @Test func stopsTheProgramWhenTwoConsumersWait() async {
    await #expect(processExitsWith: .failure) {
      let stream = EdgeStream()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
          group.addTask {
            var iterator = stream.makeAsyncIterator()
            _ = await iterator.next()
          }
        }
      }
    }
  }
}
