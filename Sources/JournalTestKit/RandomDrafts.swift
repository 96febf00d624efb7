import Feedback

/// Events as a kiosk could write them, and some that it never would: every kind, every verdict, corrections of earlier and
/// of impossible events, texts of no and of many bytes.
public enum RandomDrafts {
  /// - Parameter next: the sequence number that the first of them will get.
  public static func batch(of count: Int, next: Int64, using random: inout some RandomNumberGenerator) -> [EventDraft] {
    (0..<count).map { draft(sequence: next + Int64($0), using: &random) }
  }

  private static func draft(sequence: Int64, using random: inout some RandomNumberGenerator) -> EventDraft {
    let faces = ["very-unhappy", "unhappy", "neutral", "happy", "very-happy"]
    let reading = ClockReading(
      monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: Int64.random(in: 0...1 << 50, using: &random),
      wallMilliseconds: Int64.random(in: -1 << 41...1 << 42, using: &random),
      state: ClockState.allCases.randomElement(using: &random) ?? .unsynchronised)
    var draft = EventDraft(
      kind: .rating, at: reading, button: faces.randomElement(using: &random), survey: "exit", surveyVersion: 1,
      question: "overall", scale: "faces-5", value: Int.random(in: 1...5, using: &random), language: "en",
      verdict: .counted, rulesVersion: 1)
    switch UInt8.random(in: 0..<16, using: &random) {
    case 0...2: draft.verdict = Verdict.allCases.randomElement(using: &random)
    case 3: draft.replaces = Int64.random(in: max(sequence - 8, -1)...sequence + 2, using: &random)
    case 4:
      draft.replaces = Int64.random(in: max(sequence - 8, -1)...sequence, using: &random)
      draft.verdict = Verdict.allCases.randomElement(using: &random)
    case 5: draft.kind = EventKind.allCases.randomElement(using: &random) ?? .rating
    case 6: draft.detail = String(repeating: "ö", count: Int.random(in: 0...400, using: &random))
    case 7:
      draft.button = nil
      draft.verdict = nil
      draft.visit = Int64.random(in: 0...sequence, using: &random)
    default: break
    }
    return draft
  }
}
