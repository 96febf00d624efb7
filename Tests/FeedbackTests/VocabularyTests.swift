import Feedback
import Testing

@Suite("The vocabulary")
struct VocabularyTests {
  @Test("stored numbers never change: a journal of today is read by every later version")
  func storedNumbers() {
    #expect(
      EventKind.allCases.map { "\($0.rawValue) \($0.name)" } == [
        "1 rating", "2 reason", "3 answer", "4 request", "5 skip", "6 activity", "7 contact", "8 clock", "9 health",
        "10 config",
      ])
    #expect(
      Verdict.allCases.map { "\($0.rawValue) \($0.name)" } == [
        "1 counted", "2 repeat", "3 burst", "4 chord", "5 held", "6 closed", "7 superseded", "8 service",
        "9 passed-by",
      ])
    #expect(ClockState.allCases.map(\.rawValue) == [0, 1, 2])
  }

  @Test("a verdict is found by its name, and by no other", arguments: Verdict.allCases)
  func verdictNames(verdict: Verdict) {
    #expect(Verdict(name: verdict.name) == verdict)
    #expect(Verdict(name: verdict.name.uppercased()) == nil)
  }

  @Test("a press replaced by a counted one is superseded; otherwise it shares the other's fate")
  func replaced() {
    #expect(Verdict.counted.ofReplaced == .superseded)
    #expect(Verdict.chord.ofReplaced == .chord)
    #expect(Verdict.held.ofReplaced == .held)
  }

  @Test("only what counts is thanked")
  func acknowledgements() {
    #expect(Verdict.allCases.filter { $0.acknowledgement == .counted } == [.counted, .service])
    // Who only walks by has pressed nothing and is told nothing.
    #expect(Verdict.allCases.filter { $0.acknowledgement == nil } == [.passedBy])
  }

  @Test("each state has its place among the states, and falls back on nothing")
  func states() {
    #expect(Set(Acknowledgement.states) == Set(Acknowledgement.allCases.filter(\.isState)))
    #expect(Acknowledgement.states.count == Set(Acknowledgement.states).count)
    #expect(Acknowledgement.states.allSatisfy { $0.fallback == nil })
    // Falling back ends.
    #expect(Acknowledgement.allCases.compactMap(\.fallback).allSatisfy { $0.fallback == nil })
  }

  @Test("a scale is written and read in one form", arguments: Scale.Kind.allCases)
  func scales(kind: Scale.Kind) throws {
    for points in 0...12 {
      guard let scale = Scale(kind: kind, points: points) else {
        #expect(!kind.allowedPoints.contains(points))
        continue
      }
      #expect(kind.allowedPoints.contains(points))
      #expect(Scale(name: scale.name) == scale)
      #expect(scale.values.count == points)
      #expect(scale.values.lowerBound == (kind == .nps ? 0 : 1))
    }
  }

  @Test(
    "what is no scale is refused",
    arguments: [
      "", "faces", "faces-", "faces-05", "faces-6", "faces-5-1", "Faces-5", "nps-10", "ces1-+5", "-5", "faces--5",
    ])
  func noScales(name: String) {
    #expect(Scale(name: name) == nil)
  }

  @Test("NPS goes from 0 to 10, and with CES 1 a high value is bad")
  func directions() {
    #expect(Scale(kind: .nps, points: 11)?.values == 0...10)
    #expect(Scale.Kind.allCases.filter { !$0.higherIsBetter } == [.ces1, .discourage])
  }

  @Test("a reading is told for another moment on all clocks")
  func readings() {
    let reading = ClockReading(
      monotonic: MonotonicTime(nanoseconds: 5_000_000_000), bootTimeNanoseconds: 9_000_000_000,
      wallMilliseconds: 1_000_000, state: .unsynchronised)
    let earlier = reading.at(MonotonicTime(nanoseconds: 4_500_000_000))
    #expect(earlier.bootTimeNanoseconds == 8_500_000_000)
    #expect(earlier.wallMilliseconds == 999_500)
    #expect(earlier.state == .unsynchronised)
    #expect(reading.at(reading.monotonic) == reading)
  }

  @Test("durations are cut to whole nanoseconds and never overflow")
  func durations() {
    #expect(Duration.milliseconds(20).wholeNanoseconds == 20_000_000)
    #expect(Duration.microseconds(-1_500).wholeMilliseconds == -1)
    #expect(Duration(secondsComponent: .max, attosecondsComponent: 0).wholeNanoseconds == .max)
    #expect(Duration(secondsComponent: .min, attosecondsComponent: 0).wholeNanoseconds == .min)
    #expect((MonotonicTime(nanoseconds: 7) + .nanoseconds(3)) - MonotonicTime(nanoseconds: 4) == .nanoseconds(6))
  }
}
