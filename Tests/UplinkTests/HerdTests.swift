import Feedback
import KioskTestKit
import Testing

@testable import Uplink

/// What a fleet does to its server, second by second, with the real back-off code.
struct Herd {
  /// How an attempt ends while the server is not there, and how long that takes.
  enum Outage {
    case refused
    case timeout(Duration)
    case busy(retryAfter: Duration)
  }

  static let second: Int64 = 1_000_000_000
  var devices = 10_000
  var outage = Outage.refused
  /// When the server goes away and comes back, in seconds.
  var gone = 0..<4 * 3_600
  /// Requests the server takes in a second; it answers 503 with Retry-After to those beyond.
  var capacity = Int.max
  /// Every device boots at this second; nil: all of them meet the outage in its first second, which is the worst they can
  /// do together.
  var bootAt: Int?

  struct Result {
    /// Requests in each second after the server is back (or the power is).
    var after: [Int]
    /// Seconds after which every device had been heard.
    var allHeard: Int
    var peak: Int
  }

  func run(seed: UInt64) -> Result {
    var random = SeededGenerator(seed: seed)
    var queue = Timeline()
    var backoffs = [Backoff](repeating: Backoff(), count: devices)
    for device in 0..<devices {
      if let bootAt {
        let spread = Backoff.firstContact(using: &random)
        queue.add(Int64(bootAt) * Self.second + spread.wholeNanoseconds, device)
      } else {
        queue.add(Int64.random(in: 0...Self.second, using: &random), device)
      }
    }
    let back = Int64(bootAt ?? gone.upperBound) * Self.second
    var perSecond: [Int] = []
    var heard = 0
    var last: Int64 = 0
    while let (time, device) = queue.next() {
      let isAway = gone.contains(Int(time / Self.second))
      if time >= back {
        let place = Int((time - back) / Self.second)
        while perSecond.count <= place { perSecond.append(0) }
        perSecond[place] += 1
        if !isAway, perSecond[place] <= capacity {
          heard += 1
          last = time
          continue
        }
      }
      var took = Duration.zero
      var asked: Duration?
      if isAway {
        switch outage {
        case .refused: break
        case .timeout(let limit): took = limit
        case .busy(let retryAfter): asked = retryAfter
        }
      } else {
        asked = .seconds(30)
      }
      let delay = backoffs[device].delay(asked: asked, using: &random)
      queue.add(time + took.wholeNanoseconds + delay.wholeNanoseconds, device)
    }
    #expect(heard == devices)
    return Result(
      after: perSecond, allHeard: Int((last - back) / Self.second) + 1, peak: perSecond.max() ?? 0)
  }
}

/// What comes next, earliest first: a binary heap.
private struct Timeline {
  private var heap: [(time: Int64, device: Int)] = []

  mutating func add(_ time: Int64, _ device: Int) {
    heap.append((time, device))
    var place = heap.count - 1
    while place > 0, heap[place].time < heap[(place - 1) / 2].time {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func next() -> (time: Int64, device: Int)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].time < heap[least].time {
        least = child
      }
      if least == place { return first }
      heap.swapAt(place, least)
      place = least
    }
  }
}

struct HerdTests {
  @Test(
    "after four hours without a server, 10,000 devices come back with no more than 1 % of them in any second",
    arguments: [
      ("connection refused", .refused), ("timeouts of 30 s", .timeout(.seconds(30))),
      ("503 with Retry-After 600", .busy(retryAfter: .seconds(600))),
    ] as [(String, Herd.Outage)])
  func outage(name: String, outage: Herd.Outage) {
    let result = Herd(outage: outage).run(seed: 1)
    print(
      "figures: herd of 10,000 after 4 h, \(name): at most \(result.peak) requests in a second, "
        + "all heard after \(result.allHeard) s")
    #expect(result.peak <= 100)
    // Nobody waits longer than the longest window and what was asked for.
    #expect(result.allHeard <= 900 + 600 + 30 + 1)
  }

  @Test("a server that takes 20 of the 10,000 a second hears them all without being overrun again")
  func smallServer() {
    let result = Herd(capacity: 20).run(seed: 1)
    print(
      "figures: the same herd at a server that takes 20 a second: at most \(result.peak) requests in a second, "
        + "all heard after \(result.allHeard) s")
    #expect(result.peak <= 100)
    #expect(result.allHeard <= 3_600)
  }

  @Test("when the power returns to 10,000 devices at once, their first contacts spread over a minute")
  func powerReturns() {
    let result = Herd(gone: 0..<0, bootAt: 100).run(seed: 1)
    print(
      "figures: 10,000 devices booted in the same second: at most \(result.peak) requests in a second, "
        + "all heard after \(result.allHeard) s")
    #expect(result.allHeard <= 61)
    // Evenly over 60 s are 167 a second, with a standard deviation of 13.
    #expect(result.peak <= 167 + 5 * 13)
  }
}
