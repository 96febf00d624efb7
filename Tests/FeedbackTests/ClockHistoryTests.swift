import Feedback
import Testing

/// 2026-06-01 08:00 UTC.
private let truth: Int64 = 1_780_300_800_000
private let hour: Int64 = 3_600_000
private let year: Int64 = 31_557_600_000

private func anchor(bootMilliseconds: Int64, wall: Int64) -> ClockAnchor {
  ClockAnchor(bootTimeNanoseconds: bootMilliseconds * 1_000_000, wallMilliseconds: wall)
}

extension ClockHistory {
  fileprivate func time(
    _ boot: String, at bootMilliseconds: Int64, wall: Int64 = 0, _ state: ClockState = .implausible
  ) -> EventTime {
    time(bootID: boot, bootTimeNanoseconds: bootMilliseconds * 1_000_000, wallMilliseconds: wall, state: state)
  }
}

extension EventTime {
  fileprivate func holds(_ moment: Int64) -> Bool {
    earliestMilliseconds <= moment && moment <= latestMilliseconds ?? .max
  }
}

@Suite("The time of an event")
struct ClockHistoryTests {
  @Test(
    "a clock that was wrong when the press was made is put right by the first trusted one",
    arguments: [
      0, truth - 50 * year, truth + 50 * year, -truth, Int64.max, Int64.min,
    ])
  func wrongClockIsPutRight(wall: Int64) {
    var history = ClockHistory()
    history.add(anchor(bootMilliseconds: 2 * hour, wall: truth + 2 * hour), bootID: "a")
    for state in [ClockState.implausible, .unsynchronised] {
      let time = history.time("a", at: hour, wall: wall, state)
      #expect(time.basis == .anchored)
      #expect(abs(time.milliseconds - (truth + hour)) <= 1)
      #expect(time.holds(truth + hour))
      #expect(time.uncertaintyMilliseconds.map { $0 < 1_000 } == true)
    }
  }

  @Test("a trusted clock is believed as it was read")
  func trusted() {
    let time = ClockHistory().time("a", at: hour, wall: truth, .synchronised)
    #expect(time.basis == .trusted)
    #expect(time.milliseconds == truth)
    #expect(time.uncertaintyMilliseconds == ClockHistory.trustedErrorMilliseconds)
  }

  @Test("the farther from a trusted moment, the less certain, by the drift of the clock and no less")
  func uncertaintyGrows() {
    var history = ClockHistory()
    history.add(anchor(bootMilliseconds: 0, wall: truth), bootID: "a")
    for hours in [Int64(1), 24, 240] {
      let time = history.time("a", at: hours * hour)
      // A clock as fast as it may be, and one as slow.
      for drift in [-ClockHistory.driftPartsPerMillion, ClockHistory.driftPartsPerMillion] {
        #expect(time.holds(truth + hours * hour + hours * hour / 1_000_000 * drift))
      }
      #expect(time.uncertaintyMilliseconds == 250 + hours * 360 + 1)
    }
  }

  @Test("between two trusted moments both limit it")
  func betweenAnchors() {
    var history = ClockHistory()
    history.add(anchor(bootMilliseconds: 0, wall: truth), bootID: "a")
    // The crystal was 80 ppm slow: in 100 hours by its count, 28.8 s more had passed.
    history.add(anchor(bootMilliseconds: 100 * hour, wall: truth + 100 * hour + 28_800), bootID: "a")
    let time = history.time("a", at: 50 * hour)
    #expect(time.holds(truth + 50 * hour + 14_400))
    #expect(time.uncertaintyMilliseconds.map { $0 < 5_000 } == true)
    let lone = history.time("a", at: 150 * hour)
    #expect(lone.uncertaintyMilliseconds.map { $0 > time.uncertaintyMilliseconds ?? .max } == true)
  }

  @Test("two trusted moments that contradict each other: the truth is not claimed to be either")
  func contradiction() {
    var history = ClockHistory()
    history.add(anchor(bootMilliseconds: hour, wall: truth), bootID: "a")
    history.add(anchor(bootMilliseconds: 2 * hour, wall: truth + 30 * hour), bootID: "a")
    let time = history.time("a", at: hour + hour / 2)
    #expect(time.holds(truth + hour / 2))
    #expect(time.holds(truth + 29 * hour + hour / 2))
  }

  @Test("the order in which anchors become known does not matter, nor that one is told twice")
  func orderDoesNotMatter() {
    let anchors = (0..<6).map { anchor(bootMilliseconds: $0 * hour, wall: truth + $0 * hour + $0 * 7) }
    var forwards = ClockHistory()
    for anchor in anchors { forwards.add(anchor, bootID: "a") }
    var otherwise = ClockHistory()
    for index in [3, 0, 5, 5, 1, 4, 2, 0] { otherwise.add(anchors[index], bootID: "a") }
    for minutes in stride(from: Int64(0), to: 400, by: 13) {
      #expect(forwards.time("a", at: minutes * 60_000) == otherwise.time("a", at: minutes * 60_000))
    }
  }

  @Test("three boots without a network lie in their order between what is known before and after")
  func bootsWithoutNetwork() {
    // Truth: boot n starts 10 n hours after `truth` and lasts 8 hours; only the first and the last have a trusted clock.
    var history = ClockHistory()
    for boot in Int64(0)...4 {
      history.note(bootID: "\(boot)", bootTimeNanoseconds: 8 * hour * 1_000_000)
    }
    history.add(anchor(bootMilliseconds: 7 * hour, wall: truth + 7 * hour), bootID: "0")
    history.add(anchor(bootMilliseconds: hour, wall: truth + 41 * hour), bootID: "4")
    var last: Int64 = 0
    for boot in Int64(1)...3 {
      for hours in [Int64(0), 3, 8] {
        let time = history.time("\(boot)", at: hours * hour, wall: boot, .implausible)
        #expect(time.basis == .bounded)
        #expect(time.holds(truth + (10 * boot + hours) * hour), "boot \(boot), hour \(hours): \(time)")
        // The middle between the limits: to a second in order, where a boot ends and the next begins.
        #expect(time.milliseconds > last - 1_000)
        last = time.milliseconds
        // No wider than the time the machine was off: 5 × 10 − 5 × 8 hours, less the last boot's.
        #expect(time.uncertaintyMilliseconds.map { $0 <= 5 * hour } == true)
      }
    }
  }

  @Test("no trusted clock yet: no upper limit, and a plausible clock is the best guess")
  func nothingAfter() {
    var history = ClockHistory()
    history.add(anchor(bootMilliseconds: 0, wall: truth), bootID: "a")
    history.note(bootID: "a", bootTimeNanoseconds: 2 * hour * 1_000_000)
    history.addBoot("b")
    let guess = history.time("b", at: hour, wall: truth + 5 * hour, .unsynchronised)
    #expect(guess.milliseconds == truth + 5 * hour)
    #expect(guess.latestMilliseconds == nil)
    #expect(guess.uncertaintyMilliseconds == nil)
    #expect(guess.earliestMilliseconds > truth + 2 * hour)
    // Earlier than the boot before: contradicted, so not even a guess.
    let contradicted = history.time("b", at: hour, wall: truth, .unsynchronised)
    #expect(contradicted.milliseconds == contradicted.earliestMilliseconds)
  }

  @Test("a boot nobody knows of: later than this software, and no more is claimed")
  func unknownBoot() {
    let time = ClockHistory().time("a", at: hour)
    #expect(time.earliestMilliseconds >= ClockHistory.earliestMilliseconds)
    #expect(time.latestMilliseconds == nil)
  }

  @Test("numbers that no clock shows do no harm", arguments: [Int64.min, -1, 0, Int64.max])
  func absurdNumbers(number: Int64) {
    var history = ClockHistory()
    history.note(bootID: "a", bootTimeNanoseconds: number)
    history.add(ClockAnchor(bootTimeNanoseconds: number, wallMilliseconds: number), bootID: "b")
    history.note(bootID: "c", bootTimeNanoseconds: number)
    for boot in ["a", "b", "c", "d"] {
      for state in ClockState.allCases {
        let time = history.time(bootID: boot, bootTimeNanoseconds: number, wallMilliseconds: number, state: state)
        #expect(time.earliestMilliseconds <= time.latestMilliseconds ?? .max)
      }
    }
  }

  @Test("whatever the clocks did, the truth is inside the limits", arguments: 0..<20)
  func truthIsInside(seed: Int) {
    var random = LinearGenerator(state: UInt64(seed))
    var history = ClockHistory()
    var now = truth
    var events: [(boot: String, bootMilliseconds: Int64, wall: Int64, state: ClockState, truth: Int64)] = []
    for boot in 0..<12 {
      now += Int64.random(in: 1_000...20 * hour, using: &random)
      // What the boot's crystal makes of a day: up to the drift that is allowed for.
      let drift = Int64.random(in: -95...95, using: &random)
      let hasNetwork = Int.random(in: 0...2, using: &random) == 0
      var bootMilliseconds: Int64 = 5_000
      now += bootMilliseconds
      var wallError = Int64.random(in: -50 * year...50 * year, using: &random)
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        let passed = Int64.random(in: 1_000...2 * hour, using: &random)
        now += passed
        bootMilliseconds += passed + passed * drift / 1_000_000
        if Int.random(in: 0...9, using: &random) == 0 {
          wallError = Int64.random(in: -50 * year...50 * year, using: &random)
        }
        let isTrusted = hasNetwork && Int.random(in: 0...5, using: &random) == 0
        let wall = isTrusted ? now + Int64.random(in: -200...200, using: &random) : now + wallError
        let state: ClockState =
          isTrusted ? .synchronised : wall < ClockHistory.earliestMilliseconds ? .implausible : .unsynchronised
        if isTrusted {
          history.add(anchor(bootMilliseconds: bootMilliseconds, wall: wall), bootID: "\(boot)")
        }
        events.append(("\(boot)", bootMilliseconds, wall, state, now))
        history.note(bootID: "\(boot)", bootTimeNanoseconds: bootMilliseconds * 1_000_000)
      }
    }
    for event in events {
      let time = history.time(event.boot, at: event.bootMilliseconds, wall: event.wall, event.state)
      #expect(time.holds(event.truth), "boot \(event.boot) at \(event.bootMilliseconds): \(time), truth \(event.truth)")
    }
  }
}

/// Numerical Recipes' generator: repeatable, and good enough to mix cases.
private struct LinearGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
