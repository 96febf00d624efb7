import Feedback
import Wire

/// A journal event as a line for a person.
enum EventText {
  static func line(_ event: Event) -> String {
    let content = event.content
    let time =
      Timestamp.text(milliseconds: content.wallMilliseconds) ?? "\(content.wallMilliseconds) ms"
    let number = String(event.sequence)
    var words = [String(repeating: " ", count: max(0, 9 - number.count)) + number]
    // A time that nobody vouches for is marked, one that is certainly wrong twice.
    let mark =
      switch content.clockState {
      case .synchronised: "  "
      case .unsynchronised: "? "
      case .implausible: "??"
      }
    words.append(Output.coloured(time + mark, Output.dim))
    words.append(Output.padded(content.kind.name, 8))
    words.append(Output.padded(harmless(content.button ?? ""), 16))
    if let verdict = content.verdict {
      words.append(
        Output.coloured(Output.padded(verdict.name, 10), verdict == .counted ? Output.green : Output.yellow))
    }
    if let value = content.value { words.append("\(value) on \(harmless(content.scale ?? "no scale"))") }
    if let code = content.code { words.append(harmless(code)) }
    if let replaces = content.replaces { words.append("in place of event \(replaces)") }
    if let context = content.context { words.append("context \(harmless(context))") }
    if let detail = content.detail { words.append(harmless(detail)) }
    return words.joined(separator: " ")
  }

  /// Without control characters: texts in the journal may come from other systems, and a terminal obeys such characters.
  static func harmless(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
    }
    return String(result)
  }
}
