import Feedback
import KioskTestKit
import Testing

@testable import Uplink

struct BackoffTests {
  @Test("the window doubles from 2 s and stops at 15 min")
  func windows() {
    var random = SeededGenerator(seed: 1)
    var backoff = Backoff()
    var windows: [Int64] = []
    for _ in 0..<12 {
      windows.append(backoff.window.wholeMilliseconds / 1_000)
      _ = backoff.delay(using: &random)
    }
    #expect(windows == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
  }

  @Test("a delay is drawn from the whole of its window, evenly")
  func fullJitter() {
    var random = SeededGenerator(seed: 2)
    // Ten equal parts of the largest window; 20,000 draws put 2,000 ± 42 (one standard deviation) into each.
    var parts = [Int](repeating: 0, count: 10)
    var backoff = Backoff()
    for _ in 0..<20 { _ = backoff.delay(using: &random) }
    for _ in 0..<20_000 {
      let delay = backoff.delay(using: &random)
      #expect(delay >= .zero && delay <= Backoff.Limits.usual.longest)
      parts[min(9, Int(delay.wholeNanoseconds / (Backoff.Limits.usual.longest.wholeNanoseconds / 10)))] += 1
    }
    for part in parts { #expect((1_800...2_200).contains(part)) }
  }

  @Test("a success begins anew, and no number of failures overflows")
  func reset() {
    var random = SeededGenerator(seed: 3)
    var backoff = Backoff()
    for _ in 0..<10_000 { _ = backoff.delay(using: &random) }
    #expect(backoff.failures == 10_000)
    backoff.reset()
    #expect(backoff == Backoff())
    #expect(backoff.delay(using: &random) <= Backoff.Limits.usual.first)
  }

  @Test("a link that comes up is tried within a second, and the next failure begins anew")
  func linkReturned() {
    var random = SeededGenerator(seed: 4)
    for _ in 0..<1_000 {
      var backoff = Backoff()
      for _ in 0..<20 { _ = backoff.delay(using: &random) }
      #expect(backoff.linkReturned(using: &random) <= .seconds(1))
      #expect(backoff.delay(using: &random) <= Backoff.Limits.usual.first)
    }
  }

  @Test("what the server asks for is waited for, with jitter on top, and bounded")
  func asked() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<1_000 {
      var backoff = Backoff()
      let delay = backoff.delay(asked: .seconds(120), using: &random)
      #expect(delay >= .seconds(120) && delay <= .seconds(122))
      let bounded = backoff.delay(asked: .seconds(1_000_000_000), using: &random)
      #expect(bounded >= Backoff.longestAsked && bounded <= Backoff.longestAsked + .seconds(4))
      #expect(backoff.delay(asked: .seconds(-5), using: &random) <= .seconds(8))
    }
  }

  @Test(
    "Retry-After is a number of seconds or a date against the server's own clock",
    arguments: [
      ("120", nil, 120), (" 0 ", nil, 0), ("99999999999999999999", nil, 1_000_000_000),
      ("Sun, 06 Nov 1994 08:51:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 120),
      ("Thu, 01 Mar 2029 00:00:00 GMT", "Wed, 28 Feb 2029 23:59:00 GMT", 60),
      ("Tue, 29 Feb 2028 00:00:30 GMT", "Mon, 28 Feb 2028 23:59:30 GMT", 60),
      ("Sun, 06 Nov 1994 08:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 0),
      ("Sun, 06 Nov 1994 08:51:37 GMT", nil, nil), ("soon", nil, nil), ("", nil, nil), ("-5", nil, nil),
      ("1.5", nil, nil), ("Sun, 99 Foo 1994 08:51:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", nil),
      ("Sun, 06 Nov 1994 25:51:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", nil),
      ("Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", nil),
    ] as [(String, String?, Int64?)])
  func retryAfter(value: String, date: String?, seconds: Int64?) {
    #expect(RetryAfter.duration(value, date: date) == seconds.map { .seconds($0) })
  }

  @Test("seconds of known dates")
  func knownDates() {
    #expect(RetryAfter.seconds(httpDate: "Thu, 01 Jan 1970 00:00:00 GMT") == 0)
    #expect(RetryAfter.seconds(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
    #expect(RetryAfter.seconds(httpDate: "Fri, 31 Dec 9999 23:59:59 GMT") == 253_402_300_799)
  }
}
