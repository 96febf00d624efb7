import Feedback
import Testing

@testable import Journal

/// The vectors were worked out by a separate program from the description in docs/GUARANTEES.md. They must never change.
@Suite struct CanonicalBytesTests {
  static let epoch = "00112233445566778899aabbccddeeff"

  static let bare = Event(
    sequence: 1, boot: 1, content: EventDraft(kind: .clock, at: .sample, visit: 1, code: "boot", detail: "0f0e"),
    chain: [])

  static let everything = Event(
    sequence: 2, boot: 1,
    content: EventDraft(
      kind: .rating,
      at: ClockReading(
        monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: -1, wallMilliseconds: -2, state: .synchronised),
      visit: 1, button: "a", survey: "", surveyVersion: 3, question: "q", scale: "nps-11", value: .min, code: "c\0d",
      language: "de", verdict: .chord, rulesVersion: 1, replaces: 1, context: "Grüße 👋", detail: "x"),
    chain: [])

  @Test func anEventWithFewFieldsHasTheDocumentedBytes() {
    let documented = """
      01000000000000000100000000000000010000000000000008000000012a05f2000000018bcfe5687b00000000000000\
      010000000000000001104000000004626f6f740000000430663065
      """
    #expect(hexadecimal(CanonicalBytes.of(Self.bare)) == documented)
  }

  @Test func anEventWithAllFieldsHasTheDocumentedBytes() {
    let documented = """
      01000000000000000200000000000000010000000000000001fffffffffffffffffffffffffffffffe00000000000000\
      0200000000000000011fff00000001610000000000000000000000030000000171000000066e70732d31318000000000\
      000000000000036300640000000264650000000000000004000000000000000100000000000000010000000c4772c3bc\
      c39f6520f09f918b0000000178
      """
    #expect(hexadecimal(CanonicalBytes.of(Self.everything)) == documented)
  }

  @Test func theChainHasTheDocumentedValues() {
    let genesis = Chain.genesis(device: "kiosk-1", epoch: Self.epoch)
    #expect(hexadecimal(genesis) == "206b215037d4a1e6ae35f00d6960690ca8ae37681d4d2c68a71bfa96412e951c")
    let first = Chain.link(after: genesis, Self.bare)
    #expect(hexadecimal(first) == "360804d7b0918c061ec912866771f728027ba90a6dbc385002162f2c3777aa6c")
    let second = Chain.link(after: first, Self.everything)
    #expect(hexadecimal(second) == "f3b23c92c40cf1cc0fcf99277a91c82c3f4800547009528696320307aef858be")
  }

  @Test func genesisKeepsDeviceAndEpochApart() {
    #expect(Chain.genesis(device: "ab", epoch: "c") != Chain.genesis(device: "a", epoch: "bc"))
  }

  /// Each field set to nil, to empty and to other values, and text moved from one field to the next: no two share bytes.
  @Test func differentEventsNeverShareTheirBytes() {
    let texts: [WritableKeyPath<EventDraft, String?>] = [
      \.button, \.survey, \.question, \.scale, \.code, \.language, \.context, \.detail,
    ]
    let numbers: [WritableKeyPath<EventDraft, Int?>] = [\.surveyVersion, \.value, \.rulesVersion]
    var drafts: [EventDraft] = [EventDraft(kind: .rating, at: .sample, visit: 9)]
    for text in texts {
      for value in ["", "\0", "a", "ab", "\0\0\0\u{1}a"] {
        var draft = drafts[0]
        draft[keyPath: text] = value
        drafts.append(draft)
      }
    }
    for (left, right) in zip(texts, texts.dropFirst()) {
      for (first, second) in [("", ""), ("a", "b"), ("ab", ""), ("", "ab")] {
        var draft = drafts[0]
        draft[keyPath: left] = first
        draft[keyPath: right] = second
        drafts.append(draft)
      }
    }
    for number in numbers {
      for value in [0, 1, -1, .max] {
        var draft = drafts[0]
        draft[keyPath: number] = value
        drafts.append(draft)
      }
    }
    for verdict in Verdict.allCases {
      var draft = drafts[0]
      draft.verdict = verdict
      drafts.append(draft)
    }
    let unique = Set(drafts)
    let bytes = Set(unique.map { CanonicalBytes.of(Event(sequence: 9, boot: 1, content: $0, chain: [])) })
    #expect(bytes.count == unique.count)
  }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
