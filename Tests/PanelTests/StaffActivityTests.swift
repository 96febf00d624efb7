import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("Staff activity")
struct StaffActivityTests {
  enum Step: Sendable {
    case press(ButtonRole.ActivityChange, Int, Int)
    case close(Int, StaffActivityEvent.Cause)
    case wait(Int)

    static func play(_ steps: [Step], on activity: inout StaffActivity) -> [StaffActivityEvent] {
      var events: [StaffActivityEvent] = []
      for step in steps {
        switch step {
        case .press(let action, let seller, let time):
          activity.press(action, seller: seller, at: ms(time), into: &events)
        case .close(let time, let cause): activity.closeAll(at: ms(time), because: cause, into: &events)
        case .wait(let time): activity.advance(to: ms(time), into: &events)
        }
      }
      return events
    }
  }

  struct Story: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var steps: [Step]
    var told: [String]
  }

  /// Sellers are 0 to 2; the longest shift is 100 s.
  static let stories = [
    Story(
      testDescription: "start and stop",
      steps: [.press(.start, 0, 1000), .press(.stop, 0, 31_000)],
      told: ["1000 seller 0 started", "31000 seller 0 stopped after 30000: button"]),
    Story(
      testDescription: "one button that starts and stops in turn",
      steps: [
        .press(.toggle, 1, 1000), .press(.toggle, 1, 31_000), .press(.toggle, 1, 40_000), .press(.toggle, 1, 50_000),
      ],
      told: [
        "1000 seller 1 started", "31000 seller 1 stopped after 30000: button", "40000 seller 1 started",
        "50000 seller 1 stopped after 10000: button",
      ]),
    Story(
      testDescription: "a toggling button tapped twice is pressed once, on the way in and on the way out",
      steps: [
        .press(.toggle, 1, 1000), .press(.toggle, 1, 1400), .press(.toggle, 1, 9000), .press(.toggle, 1, 9999),
      ],
      told: [
        "1000 seller 1 started", "1400 seller 1 active already", "9000 seller 1 stopped after 8000: button",
        "9999 seller 1 not active",
      ]),
    Story(
      testDescription: "a wrong toggling button taken back a second later",
      steps: [.press(.toggle, 1, 1000), .press(.toggle, 1, 2000)],
      told: ["1000 seller 1 started", "2000 seller 1 stopped after 1000: button"]),
    Story(
      testDescription: "a second start and a stop without a start are kept, and change nothing",
      steps: [
        .press(.stop, 0, 500), .press(.start, 0, 1000), .press(.start, 0, 2000), .press(.stop, 0, 3000),
        .press(.stop, 0, 4000),
      ],
      told: [
        "500 seller 0 not active", "1000 seller 0 started", "2000 seller 0 active already",
        "3000 seller 0 stopped after 2000: button", "4000 seller 0 not active",
      ]),
    Story(
      testDescription: "a forgotten stop: the longest shift ends it, and the next start is a start",
      steps: [.press(.start, 0, 1000), .press(.start, 0, 150_000), .wait(900_000)],
      told: [
        "1000 seller 0 started", "101000 seller 0 stopped after 100000: longest", "150000 seller 0 started",
        "250000 seller 0 stopped after 100000: longest",
      ]),
    Story(
      testDescription: "who wants to stop in the moment the longest shift is over comes too late",
      steps: [.press(.start, 0, 1000), .press(.stop, 0, 101_000)],
      told: [
        "1000 seller 0 started", "101000 seller 0 stopped after 100000: longest", "101000 seller 0 not active",
      ]),
    Story(
      testDescription: "the shop closes while two are at work",
      steps: [.press(.start, 2, 1000), .press(.start, 0, 5000), .close(60_000, .closing), .wait(900_000)],
      told: [
        "1000 seller 2 started", "5000 seller 0 started", "60000 seller 0 stopped after 55000: closing",
        "60000 seller 2 stopped after 59000: closing",
      ]),
    Story(
      testDescription: "the shop closes after somebody's longest shift was over",
      steps: [.press(.start, 2, 1000), .press(.start, 0, 50_000), .close(120_000, .closing)],
      told: [
        "1000 seller 2 started", "50000 seller 0 started", "101000 seller 2 stopped after 100000: longest",
        "120000 seller 0 stopped after 70000: closing",
      ]),
    Story(
      testDescription: "sellers nobody knows", steps: [.press(.start, 3, 1000), .press(.toggle, -1, 1000)], told: []),
  ]

  @Test("is what sellers press, and what the rules make of a stop that is forgotten", arguments: stories)
  func story(_ story: Story) {
    var activity = StaffActivity(sellerCount: 3, longest: .seconds(100))
    #expect(Step.play(story.steps, on: &activity).map(\.told) == story.told)
    #expect(activity.activeCount == 0)
    #expect(activity.nextDeadline == nil)
  }

  @Test("knows who is active, since when, and when the longest shift is over")
  func whoIsActive() {
    var activity = StaffActivity(sellerCount: 2, settling: .milliseconds(20))
    var events: [StaffActivityEvent] = []
    activity.press(.start, seller: 1, at: ms(1000), into: &events)
    #expect(activity.activeCount == 1)
    #expect(activity.activeSince(1) == ms(1000))
    #expect(activity.activeSince(0) == nil)
    #expect(activity.activeSince(9) == nil)
    // Ten hours, and as long as a press may come late.
    #expect(activity.nextDeadline == ms(1000 + 36_000_000 + 20))
    activity.advance(to: ms(1000 + 36_000_000 + 19), into: &events)
    activity.press(.stop, seller: 1, at: ms(36_000_999), into: &events)
    #expect(events.last?.told == "36000999 seller 1 stopped after 35999999: button")
  }

  @Test("goes on after a restart of the daemon")
  func restored() {
    var activity = StaffActivity(sellerCount: 2, longest: .seconds(100))
    var events: [StaffActivityEvent] = []
    activity.restore(seller: 0, startedAt: ms(-40_000), at: ms(5000))
    activity.restore(seller: 5, startedAt: ms(0), at: ms(5000))
    #expect(activity.activeCount == 1)
    activity.press(.start, seller: 0, at: ms(6000), into: &events)
    activity.press(.stop, seller: 0, at: ms(7000), into: &events)
    #expect(events.map(\.told) == ["6000 seller 0 active already", "7000 seller 0 stopped after 47000: button"])
  }

  @Test("ends with a restart of the machine, when the kiosk was last known to run, or before by the longest shift")
  func restartedMachine() {
    var activity = StaffActivity(sellerCount: 3, longest: .seconds(100))
    var events: [StaffActivityEvent] = []
    activity.restore(seller: 0, startedAt: ms(-300_000), at: ms(0))
    activity.restore(seller: 1, startedAt: ms(-190_000), at: ms(0))
    activity.restore(seller: 2, startedAt: ms(-110_000), at: ms(0))
    activity.closeAll(at: ms(-120_000), because: .restart, into: &events)
    #expect(
      events.map(\.told) == [
        "-200000 seller 0 stopped after 100000: longest", "-120000 seller 1 stopped after 70000: restart",
        // Nobody stops before they started.
        "-110000 seller 2 stopped after 0: restart",
      ])
    #expect(activity.nextDeadline == nil)
    // The clock of this boot has not gone back.
    activity.press(.start, seller: 0, at: ms(-500), into: &events)
    #expect(activity.activeSince(0) == ms(0))
  }

  @Test("survives any number from a damaged history")
  func nonsense() {
    for longest in [Duration.zero, .seconds(Int64.max / 2), .seconds(Int64.min / 2)] {
      var activity = StaffActivity(sellerCount: 2, longest: longest)
      var events: [StaffActivityEvent] = []
      activity.restore(seller: 0, startedAt: MonotonicTime(nanoseconds: .min), at: MonotonicTime(nanoseconds: .max))
      activity.restore(seller: 1, startedAt: MonotonicTime(nanoseconds: .max), at: MonotonicTime(nanoseconds: .min))
      activity.closeAll(at: MonotonicTime(nanoseconds: .min), because: .restart, into: &events)
      activity.closeAll(at: MonotonicTime(nanoseconds: .max), because: .closing, into: &events)
      #expect(events.count == 2)
      #expect(activity.activeCount == 0)
    }
    #expect(StaffActivity(sellerCount: -3).nextDeadline == nil)
  }

  @Test("gives the same events wherever time is moved on between presses", arguments: UInt64(1)...60)
  func batchCuts(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var time = 0
    let steps: [Step] = (0..<200).map { _ in
      time += 500 * Int.random(in: 0...80, using: &random)
      let seller = Int.random(in: 0...2, using: &random)
      return .press(ButtonRole.ActivityChange.allCases.randomElement(using: &random) ?? .toggle, seller, time)
    }
    var plain = StaffActivity(sellerCount: 3, longest: .seconds(100))
    let expected = Step.play(steps + [.wait(time + 200_000)], on: &plain)

    var cut = StaffActivity(sellerCount: 3, longest: .seconds(100))
    var events: [StaffActivityEvent] = []
    for step in steps {
      guard case .press(_, _, let next) = step else { continue }
      while Bool.random(using: &random) {
        let deadline = cut.nextDeadline.map { $0.story } ?? Int64(next)
        let pause = Int(min(deadline, Int64(next))) - Int.random(in: 0...1, using: &random)
        events += Step.play([.wait(pause)], on: &cut)
      }
      events += Step.play([step], on: &cut)
    }
    while let deadline = cut.nextDeadline { cut.advance(to: deadline, into: &events) }
    #expect(events == expected)
    #expect(expected.contains { if case .stopped(_, _, _, .longest) = $0 { true } else { false } })

    // Starts and stops alternate for each seller, and every press gave an event of its own.
    for seller in 0..<3 {
      var isActive = false
      for event in events {
        switch event {
        case .started(seller, _):
          #expect(!isActive)
          isActive = true
        case .stopped(seller, _, let after, _):
          #expect(isActive && after >= .zero && after <= .seconds(100))
          isActive = false
        default: break
        }
      }
      #expect(!isActive)
    }
    let byRule = events.filter { if case .stopped(_, _, _, .longest) = $0 { true } else { false } }
    #expect(events.count == steps.count + byRule.count)
  }
}

extension StaffActivityEvent {
  /// As a line of a story, in milliseconds.
  var told: String {
    switch self {
    case .started(let seller, let at): "\(at.story) seller \(seller) started"
    case .stopped(let seller, let at, let after, let cause):
      "\(at.story) seller \(seller) stopped after \(after.wholeMilliseconds): \(cause.rawValue)"
    case .repeatedStart(let seller, _, let at): "\(at.story) seller \(seller) active already"
    case .repeatedStop(let seller, let at): "\(at.story) seller \(seller) not active"
    }
  }
}
