import Feedback
import Panel
import Testing

@Suite("A contact counter")
struct ContactCounterTests {
  /// Dwell 3 s, hold-off 2 s, no double pass, blocked after a minute: simple numbers for the stories.
  private static let standing = ContactRules(
    kind: .presence, dwell: .seconds(3), holdOff: .seconds(2), doublePass: .zero, blockedAfter: .seconds(60))
  /// A beam: dwell 0.1 s, hold-off 0.3 s, double pass within 30 s, blocked after a minute.
  private static let beam = ContactRules(
    kind: .lightBarrier, dwell: .milliseconds(100), holdOff: .milliseconds(300), doublePass: .seconds(30),
    blockedAfter: .seconds(60))

  struct Story: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var rules = ContactCounterTests.standing
    /// Seen from each first to each second.
    var seen: [Int]
    var told: [String]

    init(_ name: String, _ rules: ContactRules = ContactCounterTests.standing, seen: [Int], told: [String]) {
      testDescription = name
      self.rules = rules
      self.seen = seen
      self.told = told
    }
  }

  static let stories: [Story] = [
    Story(
      "somebody is served: counted as soon as the dwell time is reached", seen: [1000, 20_000],
      told: ["1000 there", "4000 counted since 1000", "20000 gone after 19000"]),
    Story(
      "somebody walks by", seen: [1000, 2500],
      told: ["1000 there", "4500 passed-by since 1000", "2500 gone after 1500"]),
    Story(
      "somebody leaves in the moment the dwell time is reached: a contact", seen: [1000, 4000],
      told: ["1000 there", "4000 counted since 1000", "4000 gone after 3000"]),
    Story(
      "the sensor drops out for a moment before the dwell time: the same person", seen: [1000, 2000, 3000, 9000],
      told: ["1000 there", "4000 counted since 1000", "9000 gone after 8000"]),
    Story(
      "the dwell time ends while the sensor has dropped out: decided when it sees again",
      seen: [1000, 3500, 5000, 9000],
      told: ["1000 there", "5000 counted since 1000", "9000 gone after 8000"]),
    Story(
      "the dwell time ends while the sensor has dropped out, and it sees nobody again", seen: [1000, 3500],
      told: ["1000 there", "5500 passed-by since 1000", "3500 gone after 2500"]),
    Story(
      "somebody shuffles about for long: one contact",
      seen: [1000, 6000, 7000, 12_000, 13_900, 20_000, 21_999, 30_000],
      told: ["1000 there", "4000 counted since 1000", "30000 gone after 29000"]),
    Story(
      "back exactly after the hold-off: another person", seen: [1000, 6000, 8000, 12_000],
      told: [
        "1000 there", "4000 counted since 1000", "6000 gone after 5000", "8000 there", "11000 counted since 8000",
        "12000 gone after 4000",
      ]),
    Story(
      "one walks by, then one is served", seen: [1000, 2000, 10_000, 15_000],
      told: [
        "1000 there", "4000 passed-by since 1000", "2000 gone after 1000", "10000 there", "13000 counted since 10000",
        "15000 gone after 5000",
      ]),
    Story(
      "a coat hangs before the sensor: blocked, and clear when it is taken", seen: [1000, 100_000],
      told: [
        "1000 there", "4000 counted since 1000", "61000 blocked since 1000", "100000 clear after 99000",
        "100000 gone after 99000",
      ]),
    Story(
      "a queue without end, with breaks: not blocked", seen: [0, 50_000, 50_100, 105_000],
      told: ["0 there", "3000 counted since 0", "105000 gone after 105000"]),
    Story(
      "blocked, clear for a moment and blocked again", seen: [0, 70_000, 70_500, 140_000],
      told: [
        "0 there", "3000 counted since 0", "60000 blocked since 0", "70000 clear after 70000",
        "130500 blocked since 70500", "140000 clear after 69500", "140000 gone after 140000",
      ]),
    Story(
      "through the door and out again", beam, seen: [1000, 1200, 20_000, 20_200],
      told: [
        "1000 there", "1100 counted since 1000", "1200 gone after 200", "20000 there", "20100 repeat since 20000",
        "20200 gone after 200",
      ]),
    Story(
      "through the door, an arm after the body: one pass", beam, seen: [1000, 1200, 1400, 1450],
      told: ["1000 there", "1100 counted since 1000", "1450 gone after 450"]),
    Story(
      "out again too late to be known", beam, seen: [1000, 1200, 31_200, 31_400],
      told: [
        "1000 there", "1100 counted since 1000", "1200 gone after 200", "31200 there", "31300 counted since 31200",
        "31400 gone after 200",
      ]),
    Story(
      "in, out, in, out: two people", beam, seen: [1000, 1200, 5000, 5200, 9000, 9200, 13_000, 13_200],
      told: [
        "1000 there", "1100 counted since 1000", "1200 gone after 200", "5000 there", "5100 repeat since 5000",
        "5200 gone after 200", "9000 there", "9100 counted since 9000", "9200 gone after 200", "13000 there",
        "13100 repeat since 13000", "13200 gone after 200",
      ]),
    Story(
      "a leaf between in and out is no pass", beam, seen: [1000, 1200, 3000, 3050, 6000, 6200],
      told: [
        "1000 there", "1100 counted since 1000", "1200 gone after 200", "3000 there", "3350 passed-by since 3000",
        "3050 gone after 50", "6000 there", "6100 repeat since 6000", "6200 gone after 200",
      ]),
    Story(
      "a trolley left in the beam is nobody who goes out again", beam, seen: [1000, 90_000, 95_000, 95_200],
      told: [
        "1000 there", "1100 counted since 1000", "61000 blocked since 1000", "90000 clear after 89000",
        "90000 gone after 89000", "95000 there", "95100 counted since 95000", "95200 gone after 200",
      ]),
    Story(
      "every limit off: each presence is a contact at once",
      ContactRules(kind: .pir, dwell: .zero, holdOff: .zero, doublePass: .zero, blockedAfter: .zero),
      seen: [1000, 1001, 1002, 900_000],
      told: [
        "1000 there", "1000 counted since 1000", "1001 gone after 1", "1002 there", "1002 counted since 1002",
        "900000 gone after 898998",
      ]),
  ]

  @Test("tells who was there", arguments: stories)
  func story(_ story: Story) {
    let levels = sensor(story.seen)
    var counter = ContactCounter(rules: story.rules, at: ms(0))
    for level in levels { counter.take(isPresent: level.isPresent, at: level.at) }
    #expect(counter.advance(to: ms(1_000_000)).map(\.told) == story.told)
    #expect(counter.nextDeadline == nil)
    #expect(!counter.isPresent)
    // The model the properties are held against tells the same story.
    let model = ContactModel(rules: story.rules)
    #expect(model.events(levels, until: ms(1_000_000)).map(\.told) == story.told)
  }

  @Test("decides when the dwell time is reached, while the person is still there")
  func promptness() {
    var counter = ContactCounter(rules: Self.standing, at: ms(0))
    counter.take(isPresent: true, at: ms(1000))
    #expect(counter.nextDeadline == ms(1000))
    #expect(counter.advance(to: ms(1000)).map(\.told) == ["1000 there"])
    #expect(counter.isPresent)
    #expect(counter.nextDeadline == ms(4000))
    #expect(counter.advance(to: ms(3999)).isEmpty)
    #expect(counter.advance(to: ms(4000)).map(\.told) == ["4000 counted since 1000"])
    #expect(counter.nextDeadline == ms(61_000))
    #expect(counter.advance(to: ms(61_000)).map(\.told) == ["61000 blocked since 1000"])
    #expect(counter.isBlocked)
    #expect(counter.nextDeadline == nil)
  }

  @Test("somebody who is there at the start is no contact; the next one is")
  func presentAtStart() {
    var counter = ContactCounter(rules: Self.standing, isPresent: true, at: ms(0))
    #expect(counter.isPresent)
    #expect(counter.advance(to: ms(59_999)).isEmpty)
    #expect(counter.advance(to: ms(60_000)).map(\.told) == ["60000 blocked since 0"])
    counter.take(isPresent: false, at: ms(70_000))
    for level in sensor([80_000, 90_000]) { counter.take(isPresent: level.isPresent, at: level.at) }
    #expect(
      counter.advance(to: ms(99_000)).map(\.told) == [
        "70000 clear after 70000", "70000 gone after 70000", "80000 there", "83000 counted since 80000",
        "90000 gone after 10000",
      ])
  }

  @Test("waits for levels that are told late, and tells in its deadline how long")
  func settling() {
    var counter = ContactCounter(rules: Self.standing, at: ms(0), settling: .milliseconds(20))
    for level in sensor([1000, 5000]) { counter.take(isPresent: level.isPresent, at: level.at) }
    #expect(counter.advance(to: ms(5020)).map(\.told) == ["1000 there", "4000 counted since 1000"])
    #expect(counter.nextDeadline == ms(7020))
    // Back 5 ms before the hold-off is over; known only 15 ms after it.
    #expect(counter.advance(to: ms(7010)).isEmpty)
    counter.take(isPresent: true, at: ms(6995))
    #expect(counter.advance(to: ms(7015)).isEmpty)
    counter.take(isPresent: false, at: ms(8000))
    #expect(counter.advance(to: ms(20_000)).map(\.told) == ["8000 gone after 7000"])
  }

  @Test("a level that comes later than promised is taken as of the last moment decided")
  func lateLevel() {
    var counter = ContactCounter(rules: Self.standing, at: ms(0))
    #expect(counter.advance(to: ms(10_000)).isEmpty)
    counter.take(isPresent: true, at: ms(2000))
    #expect(counter.advance(to: ms(12_999)).map(\.told) == ["10000 there"])
    #expect(counter.advance(to: ms(13_000)).map(\.told) == ["13000 counted since 10000"])
    // Time that goes back changes nothing.
    #expect(counter.advance(to: ms(5000)).isEmpty)
  }

  @Test("is not made blind by a stamp of another clock")
  func stampFarAhead() {
    var counter = ContactCounter(rules: Self.standing, at: ms(0))
    counter.take(isPresent: true, at: MonotonicTime(nanoseconds: 1_700_000_000_000_000_000))
    counter.take(isPresent: false, at: MonotonicTime(nanoseconds: .max))
    #expect(counter.advance(to: ms(100)).map(\.told) == ["100 there"])
    for level in sensor([5000, 9000]) { counter.take(isPresent: level.isPresent, at: level.at) }
    #expect(
      counter.advance(to: ms(20_000)).map(\.told) == [
        "2100 passed-by since 100", "100 gone after 0", "5000 there", "8000 counted since 5000",
        "9000 gone after 4000",
      ])
  }

  @Test("any number in the rules or the stamps is survived")
  func nonsense() {
    for extreme in [Duration.seconds(Int64.min / 2), .seconds(Int64.max / 2), .nanoseconds(-1)] {
      let rules = ContactRules(
        kind: .pir, dwell: extreme, holdOff: extreme, doublePass: extreme, blockedAfter: extreme)
      var counter = ContactCounter(
        rules: rules, at: MonotonicTime(nanoseconds: .min), settling: extreme)
      for stamp in [Int64.min, 0, .max, 5, -5] {
        counter.take(isPresent: true, at: MonotonicTime(nanoseconds: stamp))
        counter.take(isPresent: false, at: MonotonicTime(nanoseconds: stamp))
        _ = counter.advance(to: MonotonicTime(nanoseconds: stamp))
      }
      #expect(!counter.isBlocked)
    }
  }

  @Test("each kind's numbers fit together", arguments: ContactRules.Kind.allCases)
  func standardRules(kind: ContactRules.Kind) {
    let rules = ContactRules(kind: kind)
    #expect(rules.dwell > .zero)
    #expect(rules.holdOff > .zero)
    #expect(rules.blockedAfter > rules.dwell + rules.holdOff)
    #expect((rules.doublePass > .zero) == (kind == .lightBarrier))
    #expect(ContactRules(kind: kind, dwell: .seconds(1)).dwell == .seconds(1))
  }
}
