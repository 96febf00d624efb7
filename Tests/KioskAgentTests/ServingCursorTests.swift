import Foundation
import Journal
import KioskTestKit
import Testing
import Wire

@testable import KioskAgent

@Suite("cursors of who fetches")
struct ServingCursorTests {
  private static func epoch(_ number: Int) -> String {
    Hexadecimal.text(Array(MessageDigest.sha256(Array("epoch \(number)".utf8)).prefix(16)))
  }

  @Test("what was written is read again, whatever is in it", arguments: 0..<200)
  func roundTrip(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var cursor = ArrivalCursor()
    for _ in 0..<Int.random(in: 1...60, using: &random) {
      let bits = Int.random(in: 0...62, using: &random)
      cursor.sequences[Self.epoch(Int.random(in: 0...1_000, using: &random))] =
        bits == 62 ? .max : Int64.random(in: 1...(1 << bits), using: &random)
    }
    guard let text = CursorText.text(cursor, device: "kiosk-17", known: []) else {
      Issue.record("no text")
      return
    }
    #expect(text.utf8.count <= CursorText.longest)
    #expect(text.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
    let whole = Set(cursor.sequences.keys)
    #expect(CursorText.cursor(text, device: "kiosk-17", known: whole) == cursor)
    #expect(CursorText.cursor(text, device: "kiosk-18", known: whole) == nil)
    var letters = Array(text)
    let place = Int.random(in: letters.indices, using: &random)
    letters[place] = letters[place] == "A" ? "B" : "A"
    #expect(CursorText.cursor(String(letters), device: "kiosk-17", known: whole) == nil)
    #expect(CursorText.cursor(String(text.dropLast()), device: "kiosk-17", known: whole) == nil)
  }

  @Test("200 epochs have room; of more, those that are there any longer")
  func manyEpochs() {
    var cursor = ArrivalCursor()
    for number in 0..<200 { cursor.sequences[Self.epoch(number)] = Int64(10_000 + number) }
    let known = Set(cursor.sequences.keys)
    let text = CursorText.text(cursor, device: "k", known: known) ?? ""
    #expect((1...CursorText.longest).contains(text.utf8.count))
    #expect(CursorText.cursor(text, device: "k", known: known) == cursor)
    for number in 200..<400 { cursor.sequences[Self.epoch(number)] = 1 }
    let fewer = CursorText.text(cursor, device: "k", known: known) ?? ""
    #expect(
      CursorText.cursor(fewer, device: "k", known: known)?.sequences
        == cursor.sequences.filter { known.contains($0.key) })
    #expect(CursorText.text(cursor, device: "k", known: Set(cursor.sequences.keys)) == nil)
  }

  @Test("confirming goes forward only, and the answer says where the consumer is")
  func forward() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(20)
    try await kiosk.start()
    let early = try await kiosk.ask("/v1/events?limit=5").cursor ?? ""
    let late = try await kiosk.ask("/v1/events?limit=15").cursor ?? ""
    let first = try await kiosk.put(late)
    #expect(first.json["cursor"] as? String == late)
    #expect(first.json["consumer"] as? String == "head-office")
    let back = try await kiosk.put(early)
    #expect(back.status == 200)
    #expect(back.json["cursor"] as? String == late)
    #expect(back.json["confirmed_at"] as? String == first.json["confirmed_at"] as? String)
    #expect(try await kiosk.ask("/v1/events?after=\(early)").events.count == Int(kiosk.recorded) - 5)
    #expect(await kiosk.parts.cursors.cursor(of: "head-office")?.sequences.values.first == 15)
  }

  @Test("a cursor that is ahead, another kiosk's, or none is refused, and nothing is kept of it")
  func refused() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(3)
    try await kiosk.start()
    let epoch = kiosk.journal?.epoch ?? ""
    func text(_ sequence: Int64, _ device: String = "kiosk-17") -> String {
      CursorText.text(ArrivalCursor(sequences: [epoch: sequence]), device: device, known: [epoch]) ?? ""
    }
    let ahead = try await kiosk.put(text(kiosk.recorded + 1))
    #expect(ahead.status == 422)
    #expect(ahead.code == "cursor-ahead")
    #expect(try await kiosk.put(text(.max)).code == "cursor-ahead")
    for none in [text(1, "kiosk-18"), "abc", String(text(1).dropLast(2)), "~", String(repeating: "A", count: 2_000)] {
      let answer = try await kiosk.put(none)
      #expect(answer.status == 422)
      #expect(answer.code == "cursor-unusable")
      #expect(try await kiosk.ask("/v1/events?after=\(none)").code == "cursor-unusable")
    }
    for malformed in ["", "a b", "a/b", "\\u0000", String(repeating: "A", count: 2_001)] {
      #expect(try await kiosk.put(malformed).code == "malformed")
    }
    #expect(await kiosk.parts.cursors.cursor(of: "head-office")?.sequences.isEmpty == true)
    #expect(try await kiosk.put(text(kiosk.recorded)).status == 200)
  }

  @Test("a body is JSON with a cursor, said to be so, and small")
  func bodies() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(3)
    try await kiosk.start()
    let path = "/v1/consumers/head-office/cursor"
    let cursor = try await kiosk.readAll().cursor ?? ""
    for (body, status) in [
      ("", 400), ("{", 400), ("[]", 400), ("{}", 400), ("{\"cursor\":1}", 400), ("{\"cursor\":null}", 400),
      ("{\"cursor\":\"\(cursor)\",\"more\":[1,{}]}", 200), (String(repeating: "[", count: 4_000), 400),
      ("{\"cursor\":\"\(cursor)\"}" + String(repeating: " ", count: 4_096), 413),
    ] {
      #expect(try await kiosk.ask(path, method: "PUT", body: body).status == status, "\(body.prefix(60))")
    }
    let valid = "{\"cursor\":\"\(cursor)\"}"
    for type in ["text/plain", "application/jsonp", "application/cloudevents-batch+json"] {
      let answer = try await kiosk.ask(path, method: "PUT", body: valid, headers: [("Content-Type", type)])
      #expect(answer.code == "unsupported-media-type")
    }
    let packed = try await kiosk.ask(path, method: "PUT", body: valid, headers: [("Content-Encoding", "gzip")])
    #expect(packed.status == 415)
    let utf8 = try await kiosk.ask(
      path, method: "PUT", body: valid, headers: [("Content-Type", "Application/JSON; charset=utf-8")])
    #expect(utf8.status == 200)
  }

  @Test("parameters that are none of ours are refused, not passed over")
  func parameters() async throws {
    let kiosk = try await ServingKiosk()
    try kiosk.press(3)
    try await kiosk.start()
    for query in [
      "limit=0", "limit=501", "limit=-1", "limit=1e2", "limit=", "limit=+1", "limit=99999999999999999999", "wait=61",
      "wait=a", "wait=1&wait=2", "affter=x", "after=", "after=%00", "after=a%20b", "after=%ff", "limit=%", "limit=%zz",
    ] {
      let answer = try await kiosk.ask("/v1/events?\(query)")
      #expect(answer.status == 400, "\(query)")
      #expect(answer.code == "malformed")
      #expect(answer.field("Content-Type") == "application/problem+json")
    }
    #expect(try await kiosk.ask("/v1/events?limit=%31&wait=0").events.count == 1)
    #expect(try await kiosk.ask("/v1/events?").events.count == Int(kiosk.recorded))
    for name in ["Head", "-a", "..", "%2e%2e", "a%2Fb", "%00", "", String(repeating: "a", count: 33)] {
      #expect(try await kiosk.ask("/v1/consumers/\(name)/cursor").status == 400, "\(name)")
    }
  }
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    (48...57).contains(self) || (65...90).contains(self) || (97...122).contains(self)
  }
}
