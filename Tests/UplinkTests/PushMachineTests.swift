import Feedback
import Journal
import KioskTestKit
import Testing

@testable import Uplink

private let epoch = "00112233445566778899aabbccddeeff"
private let otherEpoch = "ffeeddccbbaa99887766554433221100"

private func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

private func batch(_ range: ClosedRange<Int64>, of epoch: String = epoch) -> EventBatch {
  EventBatch(
    epoch: epoch, firstSequence: range.lowerBound, lastSequence: range.upperBound, count: range.count,
    plainBytes: range.count * 370, body: [], isCompressed: true)
}

private func refusal(_ status: Int) -> PushReply.Refusal { PushReply.Refusal(status: status) }

/// A machine with what it is driven by.
private struct Driver {
  var machine = PushMachine(cursor: ArrivalCursor(), start: at(0))
  var random = SeededGenerator(seed: 1)
  var now = at(0)

  /// Sends these events and tells the reply.
  mutating func send(_ range: ClosedRange<Int64>, _ reply: PushReply) -> [PushMachine.Effect] {
    guard machine.next(at: now) != nil else {
      Issue.record("it wants to send nothing at \(now.nanoseconds)")
      return []
    }
    return machine.finished(batch(range), reply, at: now, using: &random)
  }

  /// Lets time pass until it wants something.
  mutating func wait() {
    if let deadline = machine.nextDeadline { now = max(now, deadline) }
  }

  /// How long it rests from now on.
  var pause: Duration? { machine.nextDeadline.map { $0 - now } }
}

struct PushMachineTests {
  @Test("nothing is sent before the first contact; then everything from the cursor on")
  func firstContact() {
    var machine = PushMachine(cursor: ArrivalCursor(sequences: [epoch: 7]), start: at(42))
    #expect(machine.nextDeadline == at(42))
    #expect(machine.next(at: at(41)) == nil)
    #expect(machine.health == .starting)
    #expect(
      machine.next(at: at(42)) == .init(after: ArrivalCursor(sequences: [epoch: 7]), limit: .most))
    // One at a time.
    #expect(machine.next(at: at(43)) == nil)
    #expect(machine.nextDeadline == nil)
  }

  @Test(
    "what an acceptance acknowledges is done with, and never more than was sent",
    arguments: [
      (.all, 20), (.through(epoch: epoch, sequence: 20), 20), (.through(epoch: epoch, sequence: 15), 15),
      (.through(epoch: epoch, sequence: 11), 11), (.through(epoch: epoch, sequence: 21), 20),
      (.through(epoch: epoch, sequence: .max), 20), (.through(epoch: epoch, sequence: 10), nil),
      (.through(epoch: epoch, sequence: 0), nil), (.through(epoch: otherEpoch, sequence: 20), nil),
    ] as [(PushReply.Acknowledgement, Int64?)])
  func acknowledgements(acknowledgement: PushReply.Acknowledgement, through: Int64?) {
    var driver = Driver(machine: PushMachine(cursor: ArrivalCursor(sequences: [epoch: 10]), start: at(0)))
    let effects = driver.send(11...20, .accepted(acknowledgement))
    if let through {
      #expect(effects == [.advance(epoch: epoch, sequence: through)])
      #expect(driver.machine.cursor == ArrivalCursor(sequences: [epoch: through]))
      #expect(driver.machine.health == .delivering)
      // It goes on at once.
      #expect(driver.machine.next(at: driver.now)?.after == ArrivalCursor(sequences: [epoch: through]))
    } else {
      #expect(effects.isEmpty)
      #expect(driver.machine.cursor == ArrivalCursor(sequences: [epoch: 10]))
      #expect(driver.machine.health == .acknowledgement)
      #expect(driver.machine.nextDeadline != nil)
    }
  }

  @Test(
    "bodies of acceptances",
    arguments: [
      ("", .all), ("{\"acked\":\"\(epoch)-17\"}", .through(epoch: epoch, sequence: 17)),
      ("{ \"more\": [1], \"acked\": \"\(epoch)-0\" }", .through(epoch: epoch, sequence: 0)),
      ("{\"acked\":\"\(epoch)--1\"}", .all), ("{\"acked\":\"\(epoch)-99999999999999999999\"}", .all),
      ("{\"acked\":\"short-17\"}", .all), ("{\"acked\":17}", .all), ("{\"acked\":null}", .all), ("[]", .all),
      ("{\"acked\":\"\(epoch)-17\"", .all), ("<html>welcome</html>", .all), ("\u{0}\u{1}", .all), ("null", .all),
    ] as [(String, PushReply.Acknowledgement)])
  func bodies(body: String, acknowledgement: PushReply.Acknowledgement) {
    #expect(PushReply(status: 202, body: Array(body.utf8)) == .accepted(acknowledgement))
    // A body that was cut off says nothing.
    #expect(PushReply(status: 200, body: Array(body.utf8), isWhole: false) == .accepted(.all))
  }

  @Test("what each HTTP status means")
  func statuses() {
    for status in 200...299 { #expect(PushReply(status: status) == .accepted(.all)) }
    for status in 300...399 { #expect(PushReply(status: status) == .redirected(refusal(status))) }
    for status in 400...499 {
      let expected: PushReply =
        switch status {
        case 401, 403: .unauthorised(refusal(status))
        case 407: .failed(PushFailure(.proxy, "the proxy asks for a user and a password"))
        case 404, 405, 410, 415, 421, 426: .wrongPlace(refusal(status))
        case 408, 425: .serverFailed(refusal(status))
        case 413: .tooLarge(refusal(status))
        case 429: .busy(refusal(status), retryAfter: nil)
        default: .refused(refusal(status))
        }
      #expect(PushReply(status: status) == expected)
    }
    for status in 500...599 where status != 503 { #expect(PushReply(status: status) == .serverFailed(refusal(status))) }
    #expect(PushReply(status: 503, retryAfter: "120") == .busy(refusal(503), retryAfter: .seconds(120)))
    for status in [-1, 0, 100, 199, 600, 999] {
      #expect(PushReply(status: status) == .failed(PushFailure(.answer, "HTTP status \(status)")))
    }
    let words = PushReply(
      status: 400, body: Array("no\n\u{1B}[31msuch \u{E9}".utf8) + Array(repeating: 120, count: 999))
    guard case .refused(let refusal) = words else {
      Issue.record("\(words)")
      return
    }
    #expect(refusal.words.hasPrefix("no  [31msuch   xxx"))
    #expect(refusal.words.utf8.count == 200)
  }

  @Test(
    "after a failure it waits, longer each time, and its health says why",
    arguments: [
      (.serverFailed(refusal(500)), "uplink-server-failed"),
      (.busy(refusal(429), retryAfter: nil), "uplink-server-busy"),
      (.redirected(refusal(302)), "uplink-redirected"), (.wrongPlace(refusal(404)), "uplink-refused"),
      (.failed(PushFailure(.name)), "uplink-unreachable"),
      (.failed(PushFailure(.connection)), "uplink-unreachable"), (.failed(PushFailure(.timeout)), "uplink-timeout"),
      (.failed(PushFailure(.proxy)), "uplink-proxy"), (.failed(PushFailure(.answer)), "uplink-not-understood"),
      (.failed(PushFailure(.certificate(.expired(0)))), "uplink-certificate-expired"),
      (.failed(PushFailure(.certificate(.notYetValid(0)))), "uplink-certificate-not-yet-valid"),
      (.failed(PushFailure(.certificate(.wrongHost))), "uplink-certificate-wrong-host"),
      (.failed(PushFailure(.certificate(.selfSigned))), "uplink-certificate-self-signed"),
      (.failed(PushFailure(.certificate(.unknownIssuer))), "uplink-certificate-untrusted"),
      (.failed(PushFailure(.clientCertificate)), "uplink-client-certificate"),
      (.failed(PushFailure(.encryption)), "uplink-encryption"), (.failed(PushFailure(.settings)), "uplink-settings"),
    ] as [(PushReply, String)])
  func failures(reply: PushReply, code: String) {
    var driver = Driver()
    var longest = Duration.zero
    for failure in 0..<30 {
      #expect(driver.send(1...9, reply).isEmpty)
      #expect(driver.machine.health.code == code)
      #expect(!driver.machine.health.isGood)
      #expect(!driver.machine.health.message.isEmpty && !driver.machine.health.hint.isEmpty)
      let pause = driver.pause ?? .zero
      #expect(pause <= min(.seconds(900), .seconds(2) * (1 << min(failure, 10))))
      longest = max(longest, pause)
      // New events are no reason to hurry.
      let deadline = driver.machine.nextDeadline
      driver.machine.eventsArrived(at: driver.now)
      #expect(driver.machine.nextDeadline == deadline)
      driver.wait()
    }
    #expect(longest > .seconds(300))
    #expect(driver.machine.cursor == ArrivalCursor())
    #expect(driver.send(1...9, .accepted(.all)) == [.advance(epoch: epoch, sequence: 9)])
    #expect(driver.machine.health == .delivering)
    // And begins anew.
    _ = driver.send(10...10, reply)
    #expect(driver.pause ?? .zero <= .seconds(2))
  }

  @Test("each health state has its own code, and a message and a hint in words")
  func healthWords() {
    let states: [UplinkHealth] = [
      .starting, .upToDate, .delivering, .paused, .unauthorised(refusal(401)), .busy(refusal(429)),
      .serverFailed(refusal(500)), .redirected(refusal(301)), .refused(refusal(400)), .acknowledgement,
      .journalUnreadable("x"),
    ]
    #expect(Set(states.map(\.code)).count == states.count)
    for state in states {
      #expect(!state.message.isEmpty)
      #expect(state.isGood == state.hint.isEmpty)
    }
    let expired = UplinkHealth.unanswered(PushFailure(.certificate(.expired(1_700_000_000))))
    #expect(expired.message == "the server's certificate has expired on 2023-11-14")
    let absurd = UplinkHealth.unanswered(PushFailure(.certificate(.notYetValid(.max))))
    #expect(absurd.message.contains("an impossible date"))
  }

  @Test("Retry-After is waited for, even if the link comes and goes, but not longer than an hour")
  func retryAfter() {
    var driver = Driver()
    _ = driver.send(1...5, .busy(refusal(503), retryAfter: .seconds(120)))
    #expect(driver.pause ?? .zero >= .seconds(120))
    #expect(driver.machine.linkReturned(at: driver.now, using: &driver.random) == false)
    #expect(driver.pause ?? .zero >= .seconds(120))
    driver.wait()
    _ = driver.send(1...5, .busy(refusal(429), retryAfter: .seconds(86_400)))
    #expect(driver.pause ?? .zero <= .seconds(3_600 + 4))
    // A person may know better.
    driver.machine.syncNow(at: driver.now)
    #expect(driver.pause == .zero)
  }

  @Test("a link that comes up is used within a second, but not before the first contact's turn")
  func linkReturned() {
    var driver = Driver(machine: PushMachine(cursor: ArrivalCursor(), start: at(50)))
    #expect(driver.machine.linkReturned(at: at(1), using: &driver.random) == false)
    #expect(driver.machine.nextDeadline == at(50))
    driver.wait()
    for _ in 0..<20 {
      _ = driver.send(1...5, .failed(PushFailure(.connection)))
      driver.wait()
    }
    _ = driver.send(1...5, .failed(PushFailure(.connection)))
    #expect(driver.machine.linkReturned(at: driver.now, using: &driver.random) == false)
    #expect(driver.pause ?? .seconds(99) <= .seconds(1))
    driver.wait()
    // What was under way when the link came up is lost with the old one, and tried again as soon.
    #expect(driver.machine.next(at: driver.now) != nil)
    #expect(driver.machine.linkReturned(at: driver.now, using: &driver.random) == true)
    _ = driver.machine.finished(batch(1...5), .failed(PushFailure(.timeout)), at: driver.now, using: &driver.random)
    #expect(driver.pause ?? .seconds(99) <= .seconds(1))
  }

  @Test("a kiosk that the server does not know asks about once an hour, and at once when something has changed")
  func unauthorised() {
    for status in [401, 403] {
      var driver = Driver()
      for _ in 0..<10 {
        #expect(driver.send(1...5, .unauthorised(refusal(status))).isEmpty)
        #expect(driver.machine.health == .unauthorised(refusal(status)))
        let pause = driver.pause ?? .zero
        #expect(pause >= .seconds(2_700) && pause <= .seconds(4_500))
        driver.wait()
      }
      _ = driver.send(1...5, .unauthorised(refusal(status)))
      driver.machine.settingsChanged(at: driver.now)
      #expect(driver.pause == .zero)
      #expect(driver.send(1...5, .accepted(.all)) == [.advance(epoch: epoch, sequence: 5)])
    }
  }

  @Test("a certificate that is not yet valid waits for the clock")
  func clock() {
    for problem in [CertificateProblem.notYetValid(2_000_000_000), .expired(0)] {
      var driver = Driver()
      for _ in 0..<12 {
        _ = driver.send(1...5, .failed(PushFailure(.certificate(problem))))
        driver.wait()
      }
      _ = driver.send(1...5, .failed(PushFailure(.certificate(problem))))
      driver.machine.clockBecameTrusted(at: driver.now)
      #expect(driver.pause == .zero)
    }
    var driver = Driver()
    _ = driver.send(1...5, .failed(PushFailure(.connection)))
    let pause = driver.pause
    driver.machine.clockBecameTrusted(at: driver.now)
    #expect(driver.pause == pause)
  }

  @Test("when all is delivered it rests; new events gather for a moment")
  func rest() {
    var driver = Driver()
    _ = driver.send(1...5, .accepted(.all))
    #expect(driver.machine.next(at: driver.now) != nil)
    driver.machine.nothingLeft(at: driver.now, using: &driver.random)
    #expect(driver.machine.health == .upToDate)
    #expect(driver.machine.nextDeadline == nil)
    driver.now = at(100)
    driver.machine.eventsArrived(at: at(100))
    driver.machine.eventsArrived(at: at(101))
    #expect(driver.machine.nextDeadline == at(102))
    #expect(driver.machine.next(at: at(101)) == nil)
    #expect(driver.machine.next(at: at(102)) != nil)
  }

  @Test("paused it sends nothing, whatever happens; resumed it goes on")
  func pause() {
    var driver = Driver()
    driver.machine.pause()
    driver.machine.eventsArrived(at: at(1))
    driver.machine.syncNow(at: at(1))
    #expect(driver.machine.nextDeadline == nil)
    #expect(driver.machine.next(at: at(1_000)) == nil)
    #expect(driver.machine.health == .paused)
    driver.machine.resume(at: at(2_000))
    driver.now = at(2_000)
    #expect(driver.send(1...2, .accepted(.all)).count == 1)
    // What is under way when it is paused counts.
    #expect(driver.machine.next(at: driver.now) != nil)
    driver.machine.pause()
    let effects = driver.machine.finished(batch(3...4), .accepted(.all), at: driver.now, using: &driver.random)
    #expect(effects == [.advance(epoch: epoch, sequence: 4)])
    #expect(driver.machine.health == .paused)
  }

  @Test("a batch too large is halved at once, and after many successes more is tried again")
  func tooLarge() {
    var driver = Driver()
    var limits: [Int] = []
    var first: Int64 = 1
    for _ in 0..<3 {
      let request = driver.machine.next(at: driver.now)
      limits.append(request?.limit.events ?? 0)
      let range = first...first + Int64(limits.last ?? 1) - 1
      #expect(
        driver.machine.finished(batch(range), .tooLarge(refusal(413)), at: driver.now, using: &driver.random).isEmpty)
    }
    #expect(limits == [500, 250, 125])
    for _ in 0..<PushMachine.successesBeforeGrowth {
      let request = driver.machine.next(at: driver.now)
      #expect(request?.limit.events == 62)
      _ = driver.machine.finished(batch(first...first + 61), .accepted(.all), at: driver.now, using: &driver.random)
      first += 62
    }
    #expect(driver.machine.next(at: driver.now)?.limit.events == 124)
  }

  @Test("a journal that cannot be read is tried again, and said")
  func unreadable() {
    var driver = Driver()
    #expect(driver.machine.next(at: driver.now) != nil)
    driver.machine.unreadable("disk error", at: driver.now)
    #expect(driver.machine.health == .journalUnreadable("disk error"))
    #expect(driver.pause == .seconds(10))
  }
}
