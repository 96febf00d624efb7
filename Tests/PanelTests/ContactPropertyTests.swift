import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("For random levels, a contact counter")
struct ContactPropertyTests {
  static let seeds = Array(UInt64(1)...200)

  @Test("tells what the plain reading of the rules tells, however the levels are cut into batches", arguments: seeds)
  func model(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let rules = Self.anyRules(using: &random)
    let isPresentAtStart = Bool.random(using: &random)
    let levels = Self.anyLevels(300, using: &random)
    let end = (levels.last?.at ?? ms(0)) + .milliseconds(100 * Int.random(in: 0...600, using: &random))
    let expected = ContactModel(rules: rules, isPresentAtStart: isPresentAtStart).events(levels, until: end)
    #expect(expected.count > 20)

    for settling in [Duration.zero, .milliseconds(50), .milliseconds(700)] {
      var counter = ContactCounter(rules: rules, isPresent: isPresentAtStart, at: ms(0), settling: settling)
      var events: [ContactEvent] = []
      var rest = levels[...]
      while let next = rest.first {
        // Everything whose time to be told has come is taken, and perhaps more.
        let time = next.at + .milliseconds(Int.random(in: 0...1500, using: &random))
        while let level = rest.first, level.at <= time - settling || Int.random(in: 0..<4, using: &random) == 0 {
          counter.take(isPresent: level.isPresent, at: level.at)
          rest = rest.dropFirst()
        }
        counter.advance(to: time, into: &events)
      }
      counter.advance(to: end + settling, into: &events)
      #expect(events == expected)
    }
  }

  @Test("tells the same when it is led from deadline to deadline, and nothing in between", arguments: seeds.prefix(60))
  func deadlines(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let rules = Self.anyRules(using: &random)
    let settling = Duration.milliseconds(Int.random(in: 0...40, using: &random))
    var whole = ContactCounter(rules: rules, at: ms(0), settling: settling)
    let levels = Self.anyLevels(200, using: &random)
    for level in levels { whole.take(isPresent: level.isPresent, at: level.at) }
    var counter = whole
    let expected = whole.advance(to: (levels.last?.at ?? ms(0)) + .seconds(120))
    var events: [ContactEvent] = []
    while let deadline = counter.nextDeadline {
      #expect(counter.advance(to: MonotonicTime(nanoseconds: deadline.nanoseconds - 1)).isEmpty)
      events += counter.advance(to: deadline)
      guard counter.nextDeadline.map({ $0 > deadline }) ?? true else {
        Issue.record("the deadline did not move on")
        return
      }
    }
    #expect(events == expected)
  }

  @Test("keeps its events in shape whatever stamps come, and comes to rest", arguments: seeds.prefix(60))
  func shape(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var counter = ContactCounter(
      rules: Self.anyRules(using: &random), at: ms(0), settling: .milliseconds(Int.random(in: 0...40, using: &random)))
    var events: [ContactEvent] = []
    for _ in 0..<400 {
      let time = ms(Int.random(in: 0...40_000, using: &random))
      if Int.random(in: 0..<4, using: &random) == 0 {
        events += counter.advance(to: time)
      } else {
        counter.take(isPresent: Bool.random(using: &random), at: time)
      }
    }
    counter.take(isPresent: false, at: ms(50_000))
    events += counter.advance(to: ms(1_000_000))
    #expect(counter.nextDeadline == nil)

    var began: MonotonicTime?
    var isDecided = false
    var isBlocked = false
    for event in events {
      switch event {
      case .presenceBegan(let at):
        #expect(began == nil)
        (began, isDecided) = (at, false)
      case .contact(let verdict, let since, let decided):
        #expect(since == began && !isDecided && decided >= since)
        #expect([.counted, .repeated, .passedBy].contains(verdict))
        isDecided = true
      case .presenceEnded(let since, let at, let present):
        #expect(since == began && isDecided && present == at - since)
        began = nil
      case .blocked:
        #expect(!isBlocked)
        isBlocked = true
      case .unblocked:
        #expect(isBlocked)
        isBlocked = false
      }
    }
    #expect(began == nil && !isBlocked)
  }

  // MARK: - Making levels

  /// Rules with coarse numbers, so that moments fall together often; some are zero.
  static func anyRules(using random: inout SeededGenerator) -> ContactRules {
    func tenths(_ choices: [Int]) -> Duration { .milliseconds(100 * (choices.randomElement(using: &random) ?? 0)) }
    return ContactRules(
      kind: .presence, dwell: tenths([0, 1, 3, 10, 30]), holdOff: tenths([0, 1, 5, 20]),
      doublePass: tenths([0, 10, 40, 200]), blockedAfter: tenths([0, 5, 20, 60]))
  }

  /// Levels in steps of 100 ms, some at the same moment, some told twice, busy and quiet times.
  static func anyLevels(_ count: Int, using random: inout SeededGenerator) -> [SensorLevel] {
    var time = 100
    var longest = 5
    var isPresent = false
    return (0..<count).map { index in
      if index % 20 == 0 { longest = [2, 8, 30, 90].randomElement(using: &random) ?? longest }
      time += 100 * Int.random(in: 0...longest, using: &random)
      if Int.random(in: 0..<10, using: &random) > 0 { isPresent.toggle() }
      return SensorLevel(isPresent: isPresent, at: ms(time))
    }
  }
}
