import AsyncHTTPClient
import Feedback
import Foundation
import Journal
import KioskTestKit
import Testing
import Uplink

@testable import KioskAgent

@Suite("fetching events")
struct ServingEventsTests {
  @Test("everything is read in order, once, and reading again from an old cursor gives the same")
  func everything() async throws {
    let kiosk = try await ServingKiosk()
    let events = try kiosk.press(50)
    try await kiosk.start()
    let all = try await kiosk.readAll()
    let numbers = all.events.compactMap { $0.split(separator: "-").last.flatMap { Int64($0) } }
    #expect(numbers == Array(1...kiosk.recorded))
    #expect(numbers.suffix(50) == events.map(\.sequence)[...])
    let again = try await kiosk.readAll()
    #expect(again.events == all.events)
    let none = try await kiosk.ask("/v1/events?after=\(all.cursor ?? "")")
    #expect(none.status == 200)
    #expect(none.text == "[]")
    #expect(none.cursor == all.cursor)
    #expect(await kiosk.parts.figures.values.served == Int64(2 * numbers.count))
    #expect(
      try JournalReader.open("\(kiosk.journalPath)/ratings.db").events(after: 0, limit: 100).count == numbers.count)
  }

  @Test("the body is the same bytes as a push has, packed for who takes it so")
  func bytes() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(20)
    try await kiosk.start()
    let batch = try BatchReader(directory: kiosk.journalPath).batch(after: ArrivalCursor(), limit: .most)
    let client = HTTPClient(configuration: HTTPClient.Configuration(decompression: .disabled))
    let packed = try await kiosk.ask(
      "/v1/events", headers: [("Accept-Encoding", "br, gzip;q=0.5")], client: client)
    try await client.shutdown()
    #expect(packed.field("Content-Encoding") == "gzip")
    #expect(packed.body == batch?.body)
    #expect(packed.field("Content-Type") == "application/cloudevents-batch+json")
    for refusing in ["identity", "gzip;q=0", "gzip; q=0.000, *;q=1"] {
      let plain = try await kiosk.ask("/v1/events", headers: [("Accept-Encoding", refusing)])
      #expect(plain.field("Content-Encoding") == nil)
      #expect(plain.body.count == batch?.plainBytes)
      #expect(plain.events.count == batch?.count)
    }
  }

  @Test("a waiting consumer is answered when an event is committed")
  func longPoll() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(1)
    try await kiosk.start()
    let start = try await kiosk.readAll().cursor ?? ""
    let begun = ContinuousClock.now
    async let answer = kiosk.ask("/v1/events?after=\(start)&wait=60")
    let waits = await becomesTrue { await kiosk.parts.arrivals.listeners > 0 }
    #expect(waits)
    let event = try kiosk.press(1)
    await kiosk.parts.arrivals.ring()
    let got = try await answer
    #expect(got.events.map { $0.split(separator: "-").last } == event.map { Substring("\($0.sequence)") })
    #expect(ContinuousClock.now - begun < .seconds(5))
    #expect(got.cursor != start)
  }

  @Test("who waits in vain is told so when the time is over, and a bell without an event changes nothing")
  func longPollInVain() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(1)
    try await kiosk.start()
    let start = try await kiosk.readAll().cursor ?? ""
    let begun = ContinuousClock.now
    async let answer = kiosk.ask("/v1/events?after=\(start)&wait=1")
    _ = await becomesTrue { await kiosk.parts.arrivals.listeners > 0 }
    await kiosk.parts.arrivals.ring()
    let got = try await answer
    #expect(got.text == "[]")
    #expect(ContinuousClock.now - begun >= .milliseconds(990))
  }

  @Test("nobody waits for a client that has gone")
  func gone() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(1)
    try await kiosk.start()
    let start = try await kiosk.readAll().cursor ?? ""
    let port = kiosk.port
    let request =
      "GET /v1/events?wait=60&after=\(start) HTTP/1.1\r\nHost: k\r\nAuthorization: Bearer "
      + "\(ServingKiosk.token("branch"))\r\n\r\n"
    var client: RawClient? = try await blocking { try RawClient(port: port) }
    client?.write(Array(request.utf8))
    #expect(await becomesTrue { await kiosk.parts.arrivals.listeners > 0 })
    withExtendedLifetime(client) {}
    client = nil
    #expect(await becomesTrue { await kiosk.parts.arrivals.listeners == 0 })
  }

  @Test("each consumer has its own cursor; one does not see another's")
  func consumers() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(10)
    try await kiosk.start()
    let first = try await kiosk.ask("/v1/events?limit=3")
    let done = try await kiosk.put(first.cursor ?? "")
    #expect(done.status == 200)
    #expect(done.json["waiting_events"] as? Int == Int(kiosk.recorded) - 3)
    let other = try await kiosk.ask("/v1/consumers/branch/cursor", as: "branch")
    #expect(other.json["cursor"] == nil)
    #expect(other.json["confirmed_at"] == nil)
    #expect(other.json["waiting_events"] as? Int == Int(kiosk.recorded))
    #expect(try await kiosk.readAll(as: "branch").events.count == Int(kiosk.recorded))
    let foreign = try await kiosk.ask("/v1/consumers/branch/cursor", as: "head-office")
    #expect(foreign.code == "wrong-consumer")
    #expect(try await kiosk.ask("/v1/consumers/nobody/cursor").code == "wrong-consumer")
  }

  @Test("a journal that is replaced: what was salvaged is read once, then, and nothing is left out")
  func replaced() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(10)
    try await kiosk.start()
    let half = try await kiosk.ask("/v1/events?limit=4")
    let before = Set(try await kiosk.readAll().events)
    try kiosk.damageJournal()
    try kiosk.press(5)
    let new = try await kiosk.readAll(after: half.cursor)
    #expect(new.events.allSatisfy { !before.contains($0) })
    // The cursor names an epoch that cannot be read at present; it can be confirmed all the same.
    let confirmed = try await kiosk.put(new.cursor ?? "")
    #expect(confirmed.status == 200)
    try kiosk.salvage()
    let rest = try await kiosk.readAll(after: new.cursor)
    #expect(Set(half.events + rest.events).isSuperset(of: before))
    #expect(Set(rest.events).isDisjoint(with: half.events))
    #expect(try await kiosk.readAll(after: rest.cursor).events.isEmpty)
  }

  @Test("without agent.db consumers go on with the cursors they have")
  func lostCursors() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(10)
    try await kiosk.start()
    let half = try await kiosk.ask("/v1/events?limit=4")
    #expect(try await kiosk.put(half.cursor ?? "").status == 200)
    try await kiosk.restart(losingCursors: false)
    let kept = try await kiosk.ask("/v1/consumers/head-office/cursor")
    #expect(kept.json["cursor"] as? String == half.cursor)
    #expect(kept.json["confirmed_at"] != nil)
    try await kiosk.restart(losingCursors: true)
    let lost = try await kiosk.ask("/v1/consumers/head-office/cursor")
    #expect(lost.json["cursor"] == nil)
    #expect(lost.json["confirmed_at"] == nil)
    #expect(try await kiosk.readAll(after: half.cursor).events.count == Int(kiosk.recorded) - 4)
    #expect(try await kiosk.put(half.cursor ?? "").status == 200)
  }

  @Test("without a journal, or with one that cannot be read, the answer is 503 and says when to come again")
  func noJournal() async throws {
    var options = ServingKiosk.Options()
    options.hasJournal = false
    let kiosk = try await ServingKiosk(options)
    try await kiosk.start()
    for path in ["/v1/events", "/v1/events?wait=30"] {
      let answer = try await kiosk.ask(path)
      #expect(answer.status == 503)
      #expect(answer.code == "journal-unavailable")
      #expect(answer.field("Retry-After") == "5")
    }
    let status = try await kiosk.ask("/v1/status")
    #expect(status.status == 200)
    #expect((status.json["journal"] as? [String: Any])?["readable"] as? Bool == false)
    try kiosk.open()
    try kiosk.press(2)
    #expect(try await kiosk.ask("/v1/events").events.count == Int(kiosk.recorded))
    kiosk.journal?.close()
    for name in try FileManager.default.contentsOfDirectory(atPath: kiosk.journalPath) {
      try FileManager.default.removeItem(atPath: "\(kiosk.journalPath)/\(name)")
    }
    try kiosk.directory.write(["journal/ratings.db": String(repeating: "no journal ", count: 1_000)])
    #expect(try await kiosk.ask("/v1/events").code == "journal-unavailable")
    #expect(try await kiosk.ask("/v1/consumers/head-office/cursor").status < 500)
  }
}
