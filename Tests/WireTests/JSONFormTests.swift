import Feedback
import Foundation
import KioskTestKit
import Testing
import Wire

@Suite("JSON forms")
struct JSONFormTests {
  @Test("a CloudEvent carries what CloudEvents 1.0 asks for, and the data")
  func cloudEvent() throws {
    let bytes = JSONForm.cloudEvent.bytes(Samples.wire(Samples.full, device: "Kiosk 1/ü"))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    let texts = object.compactMapValues { $0 as? String }
    #expect(
      texts == [
        "specversion": "1.0", "id": "00112233445566778899aabbccddeeff-42", "source": "/kiosks/Kiosk%201%2F%C3%BC",
        "type": "kiosk.answer.v1", "time": "2023-11-14T22:13:20.123Z", "sequence": "0000000000000000042",
        "datacontenttype": "application/json",
      ])
    let data = try #require(object["data"] as? [String: Any])
    #expect(
      Set(data.keys) == [
        "visit", "button", "survey", "survey_version", "question", "scale", "value", "code", "language", "verdict",
        "rules_version", "replaces", "context", "detail", "boot", "boottime_ns", "wall_ms", "clock", "genesis",
        "previous_chain", "chain",
      ])
    #expect(data["verdict"] as? String == "repeat")
    #expect(data["boottime_ns"] as? String == "9007199254740993")
    #expect(data["clock"] as? String == "unsynchronised")
  }

  @Test("what is written is pinned byte by byte, for it must stay the same for ever")
  func pinned() {
    let zeros = String(repeating: "0", count: 64)
    var wire = Samples.wire(EventDraft(kind: .rating, at: Samples.reading, button: "a\"\n"))
    (wire.genesis, wire.previousChain, wire.event.chain) = (Samples.chain(0), nil, Samples.chain(0))
    let expected =
      #"{"device":"kiosk-1","epoch":"00112233445566778899aabbccddeeff","sequence":42,"kind":"rating","#
      + #""time":"2023-11-14T22:13:20.123Z","visit":42,"button":"a\"\u000a","boot":3,"boottime_ns":"9007199254740993","#
      + #""wall_ms":1700000000123,"clock":"unsynchronised","genesis":"\#(zeros)","chain":"\#(zeros)"}"#
    #expect(String(decoding: JSONForm.record.bytes(wire), as: UTF8.self) == expected)
  }

  @Test("every event comes back as it was, to the byte", arguments: JSONForm.allCases)
  func roundTrip(form: JSONForm) throws {
    var random = SeededGenerator(seed: 11)
    func text() -> String? { Bool.random(using: &random) ? Samples.texts.randomElement(using: &random) : nil }
    func number() -> Int? {
      [nil, 0, 1, -1, Int.max, Int.min].randomElement(using: &random) ?? nil
    }
    for _ in 0..<500 {
      let wall: Int64 = [0, -1, 1_700_000_000_123, .max, .min].randomElement(using: &random) ?? 0
      let reading = ClockReading(
        monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: Int64.random(in: .min ... .max, using: &random),
        wallMilliseconds: wall, state: ClockState.allCases.randomElement(using: &random) ?? .implausible)
      let content = EventDraft(
        kind: EventKind.allCases.randomElement(using: &random) ?? .rating, at: reading, visit: number().map(Int64.init),
        button: text(), survey: text(), surveyVersion: number(), question: text(), scale: text(), value: number(),
        code: text(), language: text(), verdict: Verdict.allCases.randomElement(using: &random),
        rulesVersion: number(), replaces: number().map(Int64.init), context: text(), detail: text())
      let wire = Samples.wire(
        content, device: Samples.texts.randomElement(using: &random) ?? "", sequence: .random(in: 1 ... .max),
        previous: Bool.random(using: &random) ? nil : Samples.chain(9))
      let bytes = form.bytes(wire)
      #expect(!bytes.contains(0x0A))
      let read = try JSONForm.exactEvent(bytes)
      #expect(read.form == form)
      // Equality of texts in Swift is not equality of bytes.
      #expect(read.event == wire && form.bytes(read.event) == bytes)
    }
  }

  @Test("other software's order, white space and further members are understood, but not taken for the exact bytes")
  func rewritten() throws {
    let wire = Samples.wire(Samples.full)
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(JSONForm.cloudEvent.bytes(wire))) as? [String: Any])
    object["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    let rewritten = [UInt8](try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted]))
    #expect(try JSONForm.event(rewritten).event == wire)
    #expect(throws: WireError.self) { try JSONForm.exactEvent(rewritten) }
  }

  @Test("what contradicts itself or is missing is refused by name")
  func refused() {
    let good = String(decoding: JSONForm.cloudEvent.bytes(Samples.wire(Samples.full)), as: UTF8.self)
    for (old, new, word) in [
      ("\"1.0\"", "\"0.3\"", "specversion"), ("eeff-42\"", "eeff-43\"", "sequence"), ("-42\"", "\"", "id"),
      ("kiosk.answer.v1", "kiosk.answer.v2", "type"), ("/kiosks/", "/other/", "source"),
      ("22:13:20", "22:13:21", "time"), ("\"unsynchronised\"", "\"fine\"", "clock"), ("\"boot\":3", "\"b\":3", "boot"),
      ("\"boot\":3", "\"boot\":\"3\"", "boot"), ("\"repeat\"", "\"again\"", "verdict"), ("0303", "03AB", "chain"),
      ("{", "[", "JSON"), ("\"value\":4", "\"value\":4.5", "number"),
    ] {
      #expect(good.contains(old))
      let bad = good.replacingOccurrences(of: old, with: new)
      do {
        _ = try JSONForm.event(Array(bad.utf8))
        Issue.record("\(new) was taken")
      } catch {
        #expect(error.message.contains(word), "\(new): \(error.message)")
      }
    }
    for rubbish in ["", "null", "3", "{}", "[]", "\(good)x"] {
      #expect(throws: WireError.self) { try JSONForm.event(Array(rubbish.utf8)) }
    }
    #expect(throws: WireError.self) { try JSONForm.event([UInt8](repeating: 0x5B, count: 500_000)) }
    #expect(throws: WireError.self) { try JSONForm.event([UInt8](repeating: 0x20, count: JSONForm.longest + 1)) }
  }
}
