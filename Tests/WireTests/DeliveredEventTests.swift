import Feedback
import Foundation
import KioskTestKit
import Testing
import Wire

@Suite("delivered events")
struct DeliveredEventTests {
  private static func draft(
    _ kind: EventKind = .rating, state: ClockState = .synchronised, wall: Int64 = 1_700_000_000_123
  ) -> EventDraft {
    EventDraft(
      kind: kind,
      at: ClockReading(
        monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: 9_007_199_254_740_993, wallMilliseconds: wall,
        state: state),
      visit: 42, button: "happy", survey: "exit", surveyVersion: 7, question: "overall", scale: "faces-5", value: 4,
      verdict: .counted, rulesVersion: 2)
  }

  private static func delivered(_ draft: EventDraft, time: EventTime? = nil, chain: Bool = false) -> DeliveredEvent {
    let wire = Samples.wire(draft)
    return DeliveredEvent(
      device: "Kiosk 1/ü", epoch: wire.epoch, event: wire.event, time: time, carriesChain: chain)
  }

  @Test("the bytes are pinned: a trusted stamp is the time, and what a server can do without is left out")
  func pinned() {
    let head =
      #"{"source":"/kiosks/Kiosk%201%2F%C3%BC","time":"2023-11-14T22:13:20.123Z","specversion":"1.0","#
      + #""id":"00112233445566778899aabbccddeeff-42","type":"kiosk.rating.v1","#
    let data =
      #""data":{"question":"overall","button":"happy","scale":"faces-5","survey_version":7,"rules_version":2,"#
      + #""value":4,"verdict":"counted","clock":"synchronised","boot":3,"survey":"exit""#
    let tail = #"},"sequence":"0000000000000000042"}"#
    #expect(String(decoding: Self.delivered(Self.draft()).bytes, as: UTF8.self) == head + data + tail)
    let chain = #","chain":"\#(String(repeating: "03", count: 32))""#
    #expect(
      String(decoding: Self.delivered(Self.draft(), chain: true).bytes, as: UTF8.self) == head + data + chain + tail)
  }

  private func object(_ event: DeliveredEvent) throws -> (envelope: [String: Any], data: [String: Any]) {
    let json = try JSONSerialization.jsonObject(with: Data(event.bytes))
    let envelope = try #require(json as? [String: Any])
    return (envelope, try #require(envelope["data"] as? [String: Any]))
  }

  @Test("a stamp that is not to be trusted is told beside what can be made of it")
  func untrusted() throws {
    let time = EventTime(
      milliseconds: 1_800_000_000_000, earliestMilliseconds: 1_799_999_999_000,
      latestMilliseconds: 1_800_000_001_000, basis: .anchored)
    let (envelope, data) = try object(
      Self.delivered(Self.draft(state: .implausible, wall: 5_000), time: time))
    #expect(envelope["time"] as? String == "2027-01-15T08:00:00.000Z")
    #expect(data["time_basis"] as? String == "anchored")
    #expect(data["time_earliest"] as? String == "2027-01-15T07:59:59.000Z")
    #expect(data["time_latest"] as? String == "2027-01-15T08:00:01.000Z")
    #expect(data["boottime_ns"] as? String == "9007199254740993")
    #expect(data["wall_ms"] as? Int64 == 5_000)
    #expect(data["clock"] as? String == "implausible")

    let unknown = try object(Self.delivered(Self.draft(state: .unsynchronised)))
    #expect(unknown.envelope["time"] as? String == "2023-11-14T22:13:20.123Z")
    #expect(unknown.data["wall_ms"] as? Int64 == 1_700_000_000_123)
    #expect(unknown.data["time_basis"] == nil)
  }

  @Test("a clock event carries what other times are worked out from; an impossible time is left out")
  func clocks() throws {
    let clock = try object(Self.delivered(Self.draft(.clock)))
    #expect(clock.data["boottime_ns"] as? String == "9007199254740993")
    #expect(clock.data["wall_ms"] == nil)
    let far = try object(Self.delivered(Self.draft(wall: .max)))
    #expect(far.envelope["time"] == nil)
    #expect(far.data["wall_ms"] as? Int64 == .max)
  }

  @Test("the visit is told where another event opened it")
  func visit() throws {
    var draft = Self.draft()
    #expect(try object(Self.delivered(draft)).data["visit"] == nil)
    draft.visit = 41
    #expect(try object(Self.delivered(draft)).data["visit"] as? Int64 == 41)
  }

  @Test("any content makes sound JSON on one line that says what was recorded")
  func anyContent() throws {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<500 {
      var draft = Self.draft(EventKind.allCases.randomElement(using: &random) ?? .rating)
      draft.detail = Samples.texts.randomElement(using: &random)
      draft.context = Samples.texts.randomElement(using: &random)
      draft.bootTimeNanoseconds = Int64.random(in: .min ... .max, using: &random)
      draft.clockState = ClockState.allCases.randomElement(using: &random) ?? .implausible
      draft.replaces = Bool.random(using: &random) ? Int64.random(in: -(1 << 52)...1 << 52, using: &random) : nil
      let event = Self.delivered(draft, chain: Bool.random(using: &random))
      #expect(!event.bytes.contains(0x0A))
      let (_, data) = try object(event)
      #expect((data["detail"] as? String).map { Array($0.utf8) } == draft.detail.map { Array($0.utf8) })
      #expect((data["context"] as? String).map { Array($0.utf8) } == draft.context.map { Array($0.utf8) })
      #expect(data["replaces"] as? Int64 == draft.replaces)
    }
  }
}
