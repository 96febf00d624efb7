import Feedback
import Foundation
import Testing

@testable import Journal

/// A day without a network: the kiosk goes on in 1970, is started three times, and is put right in the end.
@Suite struct OutageTests {
  /// 2026-06-01 08:00 UTC.
  static let start: Int64 = 1_780_300_800_000

  @Test func everyPressOfADayWithoutAClockIsDeliveredWithItsTimeOrItsUncertainty() throws {
    let directory = try JournalDirectory()
    let hour: Int64 = 3_600_000
    // The board's crystal is 40 ppm fast, as one may be.
    let drift: Int64 = 40
    var random = SeededRandom(4)
    var truths: [Int64: Int64] = [:]
    var now = Self.start
    // A boot that had the network until the cable was pulled, two in between, and one that gets it back after two hours.
    let boots: [(hours: Int64, trustedFrom: Int64?, trustedTo: Int64?, wrongBy: Int64)] = [
      (8, 0, hour, 0), (6, nil, nil, -56 * 365 * 24 * hour), (4, nil, nil, 50 * 365 * 24 * hour),
      (6, 2 * hour, nil, -56 * 365 * 24 * hour),
    ]
    for (number, boot) in boots.enumerated() {
      let booted = now
      var watch = ClockWatch()
      func reading() -> ClockReading {
        let passed = now - booted
        let isTrusted = boot.trustedFrom.map { passed >= $0 } == true && boot.trustedTo.map { passed < $0 } != false
        let hasBeenTrusted = boot.trustedFrom.map { passed >= $0 } == true
        let wall = hasBeenTrusted ? now : now + boot.wrongBy
        let onBoot = (passed + passed * drift / 1_000_000) * 1_000_000
        return ClockReading(
          monotonic: MonotonicTime(nanoseconds: onBoot), bootTimeNanoseconds: onBoot, wallMilliseconds: wall,
          state: isTrusted ? .synchronised : wall < ClockHistory.earliestMilliseconds ? .implausible : .unsynchronised)
      }
      let journal = try Journal.open(
        directory: directory.path, device: "kiosk-1", boot: BootIdentity(bootID: "boot-\(number)"), reading: reading())
      _ = watch.look(at: reading())
      var batch: [(draft: EventDraft, truth: Int64)] = []
      let presses = Int64(20_000 / boots.count)
      for press in 0..<presses {
        now = booted + 1_000 + boot.hours * hour * press / presses + Int64.random(in: 0...500, using: &random)
        if let clock = watch.look(at: reading()) { batch.append((clock, now)) }
        batch.append((EventDraft(kind: .rating, at: reading(), button: "happy", verdict: .counted), now))
        if batch.count >= 500 || press == presses - 1 {
          for (event, item) in zip(try journal.append(batch.map(\.draft)), batch) {
            truths[event.sequence] = item.truth
          }
          batch = []
        }
      }
      // The power goes; no close. A few minutes later it is back.
      now += 5 * 60_000
    }

    let reader = try directory.reader()
    let history = try reader.clockHistory()
    let known = try reader.boots(after: 0, limit: 100)
    #expect(known.count == 4)
    var presses = 0
    var exact = 0
    var cursor: Int64 = 0
    var widest: [Int64: Int64] = [:]
    while true {
      let events = try reader.events(after: cursor, limit: 700)
      guard let last = events.last else { break }
      cursor = last.sequence
      for event in events where event.content.kind == .rating {
        presses += 1
        let truth = try #require(truths[event.sequence])
        let time = history.time(of: event, boots: known)
        let isInside = time.earliestMilliseconds <= truth && truth <= time.latestMilliseconds ?? .max
        let isExact = abs(time.milliseconds - truth) <= 1_000
        let isMarked = time.uncertaintyMilliseconds.map { $0 > 1_000 } ?? true
        if isExact { exact += 1 }
        if !isInside || !(isExact || isMarked) {
          Issue.record("event \(event.sequence) of boot \(event.boot): \(time), truth \(truth)")
          return
        }
        widest[event.boot] = max(widest[event.boot] ?? 0, time.uncertaintyMilliseconds ?? .max)
      }
    }
    #expect(presses == 20_000)
    #expect(truths.count - presses >= 1)
    // The boots with a clock are right to seconds; those without lie within what the machine was off.
    #expect(widest[1].map { $0 < 4_000 } == true)
    #expect(widest[4].map { $0 < 1_000 } == true)
    #expect(widest[2].map { $0 < 20 * 60_000 } == true)
    #expect(widest[3].map { $0 < 20 * 60_000 } == true)
    #expect(exact > 9_000)
    #expect(try reader.verifyChain().isWhole)
  }

  /// The times of what is left do not suffer when the anchors' own events are gone.
  @Test func timesSurviveTheExpiryOfTheAnchors() throws {
    let directory = try JournalDirectory()
    var tuning = JournalTuning()
    tuning.rowsPerStep = 50
    tuning.newestKept = 4
    let journal = try directory.open(tuning: tuning)
    func reading(_ minutes: Int64, _ state: ClockState) -> ClockReading {
      ClockReading(
        monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: minutes * 60_000_000_000,
        wallMilliseconds: state == .synchronised ? Self.start + minutes * 60_000 : 77, state: state)
    }
    for minutes in Int64(1)...100 {
      _ = try journal.append([
        minutes % 20 == 0
          ? EventDraft(kind: .clock, at: reading(minutes, .synchronised), code: "anchor")
          : EventDraft(kind: .rating, at: reading(minutes, .implausible), button: "happy", verdict: .counted)
      ])
    }
    let reader = try directory.reader()
    func times() throws -> [Int64: EventTime] {
      let history = try reader.clockHistory()
      let boots = try reader.boots(after: 0, limit: 10)
      let events = try reader.events(after: 0, limit: 1_000)
      return Dictionary(uniqueKeysWithValues: events.map { ($0.sequence, history.time(of: $0, boots: boots)) })
    }
    let before = try times()
    try journal.acknowledge(through: 70)
    while try journal.maintain(RetentionPolicy(days: 1), at: reading(100_000, .synchronised)).hasMore {}
    let after = try times()
    #expect(after.count < 50)
    for (sequence, time) in after { #expect(time == before[sequence], "event \(sequence)") }
    #expect(try directory.sql("SELECT count(*) FROM anchors").first == ["3"])
  }
}
