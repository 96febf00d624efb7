import Feedback
import KioskTestKit
import Wire

enum Samples {
  static let reading = ClockReading(
    monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: 9_007_199_254_740_993,
    wallMilliseconds: 1_700_000_000_123, state: .unsynchronised)

  static func wire(
    _ content: EventDraft, device: String = "kiosk-1", sequence: Int64 = 42, previous: [UInt8]? = chain(2)
  ) -> WireEvent {
    var content = content
    content.visit = content.visit ?? sequence
    return WireEvent(
      device: device, epoch: "00112233445566778899aabbccddeeff",
      event: Event(sequence: sequence, boot: 3, content: content, chain: chain(3)), genesis: chain(1),
      previousChain: previous)
  }

  static func chain(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  static let full = EventDraft(
    kind: .answer, at: reading, visit: 40, button: "happy", survey: "exit", surveyVersion: 7, question: "overall",
    scale: "faces-5", value: 4, code: "c", language: "de", verdict: .repeated, rulesVersion: 1, replaces: 41,
    context: "till 4", detail: "words")
  static let bare = EventDraft(kind: .contact, at: reading)

  /// Texts that have broken JSON and CSV before: quotes, line ends, NUL, the ends of UTF-8's ranges, composed and
  /// decomposed letters (equal for Swift, not for a hash).
  static let texts = [
    "", "\"", "\\", "a\nb", "a\r\nb", "\u{0}", "\u{1F}", "\u{7F}", "é", "e\u{301}", "\u{2028}", "\u{FFFD}", "🙂", "/",
    "</script>", "=1+1", "-5", "a,b",
  ]
}
