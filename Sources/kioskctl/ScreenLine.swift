import Glibc

/// One row of the screen, in parts that look differently.
struct ScreenLine {
  enum Style: String {
    case plain = "0"
    case strong = "1"
    case dim = "2"
    case inverse = "7"
    case good = "32"
    case caution = "33"
    case bad = "31"
    /// What must not be overlooked.
    case alarm = "1;7"
  }

  var parts: [(text: String, style: Style)]

  init(_ text: String = "", _ style: Style = .plain) { parts = [(text, style)] }

  init(_ parts: [(text: String, style: Style)]) { self.parts = parts }

  static func + (left: ScreenLine, right: ScreenLine) -> ScreenLine { ScreenLine(left.parts + right.parts) }

  var columns: Int { parts.reduce(0) { $0 + TerminalText.columns($1.text) } }

  /// Filled up with spaces to so many cells, cut off there.
  func padded(to width: Int) -> ScreenLine {
    let missing = width - columns
    if missing >= 0 { return self + ScreenLine(String(repeating: " ", count: missing)) }
    return clipped(to: width)
  }

  private func clipped(to width: Int) -> ScreenLine {
    var left = width
    var kept: [(text: String, style: Style)] = []
    for part in parts {
      let text = TerminalText.clipped(part.text, to: left)
      kept.append((text, part.style))
      left -= TerminalText.columns(text)
      if text != part.text { break }
    }
    return ScreenLine(kept)
  }

  /// As a terminal takes it, in at most so many cells: the text with the codes of ECMA-48 for how it looks.
  func rendered(columns width: Int, hasStyles: Bool) -> String {
    clipped(to: width).parts.map { part in
      guard hasStyles, part.style != .plain, !part.text.isEmpty else { return part.text }
      return "\u{1B}[\(part.style.rawValue)m\(part.text)\u{1B}[0m"
    }.joined()
  }
}
