import AgentControl
import Foundation
import KioskTestKit
import Testing

@testable import KioskAgent

@Suite("health, status and figures")
struct ServingHealthTests {
  @Test("scopes: each opens what it says and nothing else")
  func scopes() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(1)
    try await kiosk.start()
    for (path, consumer, status) in [
      ("/v1/events", "watch", 403), ("/v1/consumers/watch/cursor", "watch", 403), ("/v1/status", "watch", 200),
      ("/metrics", "watch", 200), ("/v1/status", "branch", 403), ("/metrics", "branch", 403),
      ("/v1/events", "branch", 200), ("/healthz", "branch", 503),
    ] {
      let answer = try await kiosk.ask(path, as: consumer)
      #expect(answer.status == status, "\(consumer) asks for \(path)")
      if status == 403 { #expect(answer.code == "wrong-scope") }
    }
    for path in ["/v1/events", "/v1/status", "/metrics", "/v1/consumers/branch/cursor"] {
      let answer = try await kiosk.ask(path, as: nil)
      #expect(answer.code == "unauthorized")
      #expect(answer.field("WWW-Authenticate") != nil)
    }
    let short = try await kiosk.ask("/healthz", as: nil)
    #expect(short.code == "capture-down")
    #expect(short.field("Retry-After") != nil)
  }

  @Test("with kioskd: well, and a press is there as soon as it is committed")
  func withDaemon() async throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let kiosk = try await ServingKiosk()
    var parts = kiosk.parts
    parts.options.journal = daemon.state
    parts.link = CaptureLink(path: daemon.socket, threads: kiosk.threads)
    parts.cursors = try CursorKeeper(state: "\(daemon.directory.path)/run", journal: daemon.state)
    try await parts.cursors.settle(["head-office", "branch"])
    let fixed = parts
    try await kiosk.serve(fixed)
    let listening = Task {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await fixed.link.run() }
        group.addTask { await ArrivalWatch(link: fixed.link, arrivals: fixed.arrivals).run() }
        await group.waitForAll()
      }
    }
    defer { listening.cancel() }
    #expect(try await becomesTrue { try await kiosk.ask("/healthz", as: nil).text == "{\"status\":\"ok\"}\n" })
    let start = try await kiosk.readAll().cursor ?? ""
    async let answer = kiosk.ask("/v1/events?wait=60&after=\(start)")
    #expect(await becomesTrue { await fixed.arrivals.listeners > 0 })
    let begun = ContinuousClock.now
    try await blocking { [daemon = UncheckedBox(daemon)] in _ = try daemon.value.press("happy") }
    let got = try await answer
    #expect(got.text.contains("\"button\":\"happy\""))
    #expect(ContinuousClock.now - begun < .seconds(2))
    let status = try await kiosk.ask("/v1/status").json
    #expect((status["capture"] as? [String: Any])?["running"] as? Bool == true)
    #expect((status["capture"] as? [String: Any])?["presses"] as? Int == 1)
    #expect(try await kiosk.ask("/metrics").text.contains("kiosk_capture_up 1\nc") == false)
    #expect(daemon.stop() == 0)
    #expect(try await becomesTrue { try await kiosk.ask("/healthz", as: nil).code == "capture-down" })
    #expect(try await kiosk.ask("/v1/events").status == 200)
  }

  @Test("figures: every family has its help and type, and the numbers are those that were seen")
  func figures() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(9)
    try await kiosk.start()
    let half = try await kiosk.ask("/v1/events?limit=4")
    #expect(try await kiosk.put(half.cursor ?? "").status == 200)
    await kiosk.parts.health.begin("serve-token", subject: "a \"b\\\nc", "message", hint: "hint")
    let answer = try await kiosk.ask("/metrics", as: "watch")
    #expect(answer.field("Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
    let lines = answer.text.split(separator: "\n").map(String.init)
    let recorded = kiosk.recorded
    for line in [
      "kiosk_capture_up 0", "kiosk_journal_readable 1", "kiosk_journal_last_sequence \(recorded)",
      "kiosk_served_events_total 4", "kiosk_http_answers_total{status=\"200\"} 2",
      "kiosk_waiting_events{consumer=\"head-office\"} \(recorded - 4)",
      "kiosk_waiting_events{consumer=\"branch\"} \(recorded)", "kiosk_delivery_state{state=\"off\"} 1",
      "kiosk_health_problems{code=\"serve-token\",subject=\"a \\\"b\\\\\\nc\"} 1",
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(lines.contains { $0.hasPrefix("kiosk_cursor_age_seconds{consumer=\"head-office\"} ") })
    #expect(!lines.contains { $0.hasPrefix("kiosk_cursor_age_seconds{consumer=\"branch\"}") })
    #expect(lines.contains { $0.hasPrefix("kiosk_info{device=\"kiosk-17\",touchpoint=\"checkout-1\",version=") })
    var (helped, typed): (Set<String>, Set<String>) = ([], [])
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      switch words.prefix(2).joined(separator: " ") {
      case "# HELP": #expect(helped.insert(words[2]).inserted)
      case "# TYPE": #expect(typed.insert(words[2]).inserted)
      default: #expect(helped.contains(String(words[0].prefix { $0 != "{" })))
      }
    }
    #expect(helped == typed)
    #expect(await MetricsText(parts: kiosk.parts).text().contains("kiosk_served_events_total 4\n"))
  }
}

/// For what a test uses on one thread after the other.
struct UncheckedBox<Value>: @unchecked Sendable {
  let value: Value

  init(_ value: Value) { self.value = value }
}
