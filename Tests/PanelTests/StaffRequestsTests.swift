import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("Staff requests")
struct StaffRequestsTests {
  /// Two call buttons, 0 and 1; staff buttons are 8 and 9. Requests lapse after a minute.
  private static func requests(isShared: Bool = false, settling: Duration = .zero) -> StaffRequests {
    StaffRequests(
      callButtons: [ButtonIndex(0), ButtonIndex(1)], isShared: isShared, lapsesAfter: .seconds(60), settling: settling)
  }

  enum Step: Sendable {
    case call(Int, Int)
    case answerAll(Int)
    case answer(Int, Int)
    case wait(Int)

    static func play(_ steps: [Step], on requests: inout StaffRequests) -> [StaffRequestEvent] {
      var events: [StaffRequestEvent] = []
      for step in steps {
        switch step {
        case .call(let button, let time): requests.call(ButtonIndex(button), at: ms(time), into: &events)
        case .answerAll(let time): requests.answer(.all, by: ButtonIndex(8), at: ms(time), into: &events)
        case .answer(let button, let time):
          requests.answer(.of(ButtonIndex(button)), by: ButtonIndex(9), at: ms(time), into: &events)
        case .wait(let time): requests.advance(to: ms(time), into: &events)
        }
      }
      return events
    }
  }

  struct Story: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var isShared = false
    var steps: [Step]
    var told: [String]
  }

  static let stories = [
    Story(
      testDescription: "called and answered: the response time is known",
      steps: [.call(0, 1000), .answerAll(31_000), .wait(900_000)],
      told: ["1000 opened 0", "31000 closed 0 by 8 after 30000"]),
    Story(
      testDescription: "an impatient visitor presses on: the same request",
      steps: [.call(0, 1000), .call(0, 5000), .call(0, 9000), .answer(0, 31_000)],
      told: ["1000 opened 0", "5000 repeated 0 at 0", "9000 repeated 0 at 0", "31000 closed 0 by 9 after 30000"]),
    Story(
      testDescription: "nobody comes: the request lapses, and repeats do not keep it alive",
      steps: [.call(0, 1000), .call(0, 50_000), .wait(900_000)],
      told: ["1000 opened 0", "50000 repeated 0 at 0", "61000 lapsed 0"]),
    Story(
      testDescription: "called again after it lapsed: another request",
      steps: [.call(0, 1000), .call(0, 61_000), .answerAll(62_000)],
      told: ["1000 opened 0", "61000 lapsed 0", "61000 opened 0", "62000 closed 0 by 8 after 1000"]),
    Story(
      testDescription: "staff come too late, and without being called",
      steps: [.answerAll(500), .call(0, 1000), .answerAll(61_000)],
      told: ["500 nothing open by 8", "1000 opened 0", "61000 lapsed 0", "61000 nothing open by 8"]),
    Story(
      testDescription: "two places, each with its own request and its own staff button",
      steps: [.call(0, 1000), .call(1, 2000), .answer(1, 3000), .answer(1, 4000), .answer(0, 5000)],
      told: [
        "1000 opened 0", "2000 opened 1", "3000 closed 1 by 9 after 1000", "4000 nothing open by 9",
        "5000 closed 0 by 9 after 4000",
      ]),
    Story(
      testDescription: "one staff button for all places",
      steps: [.call(1, 1000), .call(0, 2000), .answerAll(3000)],
      told: ["1000 opened 1", "2000 opened 0", "3000 closed 0 by 8 after 1000", "3000 closed 1 by 8 after 2000"]),
    Story(
      testDescription: "both lapse, each in its time",
      steps: [.call(1, 1000), .call(0, 2000), .wait(900_000)],
      told: ["1000 opened 1", "2000 opened 0", "61000 lapsed 1", "62000 lapsed 0"]),
    Story(
      testDescription: "several call buttons, one request: the second repeats it, either closes it", isShared: true,
      steps: [.call(1, 1000), .call(0, 2000), .answer(0, 3000), .call(0, 4000), .answerAll(5000)],
      told: [
        "1000 opened 1", "2000 repeated 1 at 0", "3000 closed 1 by 9 after 2000", "4000 opened 0",
        "5000 closed 0 by 8 after 1000",
      ]),
    Story(
      testDescription: "buttons that call nobody, and an answer for one of them",
      steps: [.call(5, 1000), .call(0, 2000), .answer(5, 3000), .answer(0, 4000)],
      told: ["2000 opened 0", "3000 nothing open by 9", "4000 closed 0 by 9 after 2000"]),
    Story(
      testDescription: "a stamp that goes back is taken as the last one",
      steps: [.call(0, 5000), .answerAll(1000)], told: ["5000 opened 0", "5000 closed 0 by 8 after 0"]),
  ]

  @Test("are opened, repeated, closed and lapse", arguments: stories)
  func story(_ story: Story) {
    var requests = Self.requests(isShared: story.isShared)
    #expect(Step.play(story.steps, on: &requests).map(\.told) == story.told)
    #expect(!requests.isAnyOpen)
    #expect(requests.nextDeadline == nil)
  }

  @Test("light the lamp from the call to the answer")
  func lamp() {
    var requests = Self.requests()
    var events: [StaffRequestEvent] = []
    #expect(!requests.isAnyOpen)
    requests.call(ButtonIndex(1), at: ms(1000), into: &events)
    #expect(requests.isAnyOpen)
    #expect(requests.request(of: ButtonIndex(1)) == StaffRequest(button: ButtonIndex(1), openedAt: ms(1000)))
    #expect(requests.request(of: ButtonIndex(0)) == nil)
    #expect(requests.nextDeadline == ms(61_000))
    requests.advance(to: ms(60_999), into: &events)
    #expect(requests.isAnyOpen)
    requests.advance(to: ms(61_000), into: &events)
    #expect(!requests.isAnyOpen)
  }

  @Test("wait for presses that are told late before they lapse")
  func settling() {
    var requests = Self.requests(settling: .milliseconds(20))
    var events: [StaffRequestEvent] = []
    requests.call(ButtonIndex(0), at: ms(1000), into: &events)
    #expect(requests.nextDeadline == ms(61_020))
    requests.advance(to: ms(61_019), into: &events)
    requests.answer(.all, by: ButtonIndex(8), at: ms(60_999), into: &events)
    #expect(events.map(\.told) == ["1000 opened 0", "60999 closed 0 by 8 after 59999"])
  }

  @Test("never lapse where that is switched off")
  func withoutLapse() {
    var requests = StaffRequests(callButtons: [ButtonIndex(0)], lapsesAfter: .zero)
    var events: [StaffRequestEvent] = []
    requests.call(ButtonIndex(0), at: ms(1000), into: &events)
    #expect(requests.nextDeadline == nil)
    requests.advance(to: ms(999_000_000), into: &events)
    #expect(requests.isAnyOpen)
  }

  @Test("lapse after a quarter of an hour unless configured otherwise")
  func standardLapse() {
    var requests = StaffRequests(callButtons: [ButtonIndex(0)])
    var events: [StaffRequestEvent] = []
    requests.call(ButtonIndex(0), at: ms(0), into: &events)
    #expect(requests.nextDeadline == ms(15 * 60_000))
  }

  @Test("go on after a restart: opened before this boot, answered in it")
  func restored() {
    var requests = Self.requests()
    var events: [StaffRequestEvent] = []
    requests.restore(ButtonIndex(0), openedAt: MonotonicTime(nanoseconds: -20_000_000_000), at: ms(0))
    #expect(requests.isAnyOpen)
    #expect(events.isEmpty)
    // Opened 21 s before the scenario, so it lapses 39 s into it.
    #expect(requests.nextDeadline == ms(39_000))
    requests.call(ButtonIndex(0), at: ms(1000), into: &events)
    requests.answer(.all, by: ButtonIndex(8), at: ms(2000), into: &events)
    #expect(events.map(\.told) == ["1000 repeated 0 at 0", "2000 closed 0 by 8 after 23000"])
  }

  @Test("that should have lapsed while the daemon was down lapse at once", arguments: [-1_000_000_000_000, Int64.min])
  func lapsedMeanwhile(openedAt: Int64) {
    var requests = Self.requests()
    var events: [StaffRequestEvent] = []
    requests.restore(ButtonIndex(0), openedAt: MonotonicTime(nanoseconds: openedAt), at: ms(5000))
    #expect(requests.nextDeadline == ms(5000))
    requests.advance(to: ms(5000), into: &events)
    #expect(events.map(\.told) == ["5000 lapsed 0"])
    // One that is said to have been opened later than now was opened now; buttons that are no longer there are ignored.
    requests.restore(ButtonIndex(1), openedAt: MonotonicTime(nanoseconds: .max), at: ms(6000))
    requests.restore(ButtonIndex(7), openedAt: ms(0), at: ms(6000))
    #expect(requests.request(of: ButtonIndex(1))?.openedAt == ms(6000))
    #expect(requests.nextDeadline == ms(66_000))
  }

  @Test("give the same events wherever time is moved on between presses", arguments: UInt64(1)...60)
  func batchCuts(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let isShared = Bool.random(using: &random)
    var time = 0
    let steps: [Step] = (0..<200).map { _ in
      time += 1000 * Int.random(in: 0...30, using: &random)
      return switch Int.random(in: 0..<5, using: &random) {
      case 0...2: .call(Int.random(in: 0...1, using: &random), time)
      case 3: .answer(Int.random(in: 0...1, using: &random), time)
      default: .answerAll(time)
      }
    }
    let end = time + 100_000
    var plain = Self.requests(isShared: isShared)
    let expected = Step.play(steps + [.wait(end)], on: &plain)

    var cut = Self.requests(isShared: isShared)
    var events: [StaffRequestEvent] = []
    for step in steps {
      let next = step.time
      while Bool.random(using: &random) {
        let deadline = cut.nextDeadline.map { $0.story } ?? Int64(next)
        let pause = Int(min(deadline, Int64(next))) - Int.random(in: 0...1, using: &random)
        events += Step.play([.wait(pause)], on: &cut)
      }
      events += Step.play([step], on: &cut)
    }
    while let deadline = cut.nextDeadline { cut.advance(to: deadline, into: &events) }
    #expect(events == expected)
    #expect(expected.contains { if case .lapsed = $0 { true } else { false } })
  }
}

extension StaffRequestsTests.Step {
  /// In milliseconds.
  var time: Int {
    switch self {
    case .call(_, let time), .answerAll(let time), .answer(_, let time), .wait(let time): time
    }
  }
}

extension StaffRequestEvent {
  /// As a line of a story, in milliseconds.
  var told: String {
    switch self {
    case .opened(let request): "\(request.openedAt.story) opened \(request.button.value)"
    case .repeated(let request, let button, let at):
      "\(at.story) repeated \(request.button.value) at \(button.value)"
    case .closed(let request, let by, let at, let after):
      "\(at.story) closed \(request.button.value) by \(by.value) after \(after.wholeMilliseconds)"
    case .lapsed(let request, let at): "\(at.story) lapsed \(request.button.value)"
    case .nothingOpen(let by, let at): "\(at.story) nothing open by \(by.value)"
    }
  }
}
