import Feedback
import Testing

private let truth: Int64 = 1_780_300_800_000

private func reading(_ seconds: Int64, wall: Int64? = nil, _ state: ClockState = .synchronised) -> ClockReading {
  ClockReading(
    monotonic: MonotonicTime(nanoseconds: seconds * 1_000_000_000), bootTimeNanoseconds: seconds * 1_000_000_000,
    wallMilliseconds: wall ?? truth + seconds * 1_000, state: state)
}

@Suite("Which moments of the clocks are put on record")
struct ClockWatchTests {
  @Test("the first moment at which the clock is trusted, once")
  func firstTrusted() {
    var watch = ClockWatch()
    #expect(watch.look(at: reading(1, .unsynchronised)) == nil)
    #expect(watch.look(at: reading(2, .unsynchronised)) == nil)
    let anchor = watch.look(at: reading(3))
    #expect(anchor?.kind == .clock)
    #expect(anchor?.code == "anchor")
    #expect(anchor?.clockState == .synchronised)
    #expect(watch.look(at: reading(4)) == nil)
  }

  @Test("a clock in 1970 that is stepped and trusted at once makes one event that says both")
  func steppedAndTrusted() {
    var watch = ClockWatch()
    #expect(watch.look(at: reading(1, wall: 5_000, .implausible)) == nil)
    let anchor = watch.look(at: reading(2))
    #expect(anchor?.code == "anchor")
    #expect(anchor?.detail == "the clock jumped by \(truth + 2_000 - 6_000) ms")
    #expect(watch.look(at: reading(3)) == nil)
  }

  @Test("hourly while the clock is trusted, at the first look after the hour")
  func hourly() {
    var watch = ClockWatch()
    var anchors: [Int64] = []
    for seconds in stride(from: Int64(0), through: 4 * 3_600, by: 700) {
      if let event = watch.look(at: reading(seconds)) {
        #expect(event.code == "anchor")
        anchors.append(seconds)
      }
    }
    #expect(anchors == [4_200, 8_400, 12_600])
  }

  @Test("never while it is not trusted")
  func untrusted() {
    var watch = ClockWatch()
    for hours in Int64(0)..<100 { #expect(watch.look(at: reading(hours * 3_600, .unsynchronised)) == nil) }
  }

  @Test("a trust that flickers makes no event each time")
  func flickering() {
    var watch = ClockWatch()
    var events = 0
    for seconds in Int64(0)..<3_000 {
      if watch.look(at: reading(seconds, seconds % 2 == 0 ? .synchronised : .unsynchronised)) != nil { events += 1 }
    }
    #expect(events == 0)
  }

  @Test(
    "steps to and fro, seconds or fifty years, each once",
    arguments: [
      2_100, -2_100, 3_600_000, -3_600_000, 1_577_880_000_000, -1_577_880_000_000,
    ])
  func steps(by milliseconds: Int64) {
    for state in [ClockState.unsynchronised, .synchronised] {
      var watch = ClockWatch()
      #expect(watch.look(at: reading(10, state)) == nil)
      let there = watch.look(at: reading(11, wall: truth + 11_000 + milliseconds, state))
      #expect(there?.code == "step")
      #expect(there?.detail == "the clock jumped by \(milliseconds) ms")
      #expect(watch.look(at: reading(12, wall: truth + 12_000 + milliseconds, state)) == nil)
      #expect(watch.look(at: reading(13, state))?.code == "step")
      #expect(watch.look(at: reading(14, state)) == nil)
    }
  }

  @Test("a clock that is slewed makes no step, however long nobody has looked")
  func slewing() {
    var watch = ClockWatch()
    #expect(watch.look(at: reading(0, .unsynchronised)) == nil)
    #expect(watch.look(at: reading(1, wall: truth + 1_000 + 1_999, .unsynchronised)) == nil)
    let day: Int64 = 86_400
    #expect(watch.look(at: reading(day, wall: truth + day * 1_000 + 43_000, .unsynchronised)) == nil)
  }
}
