/// How much room text takes on a terminal. A terminal has cells: most characters take one, those of East Asian scripts and
/// emoji two, accents that stand over the letter before them none. Our own tables, because the C library's depend on a
/// locale that a small system may not have.
enum TerminalText {
  /// Wide and fullwidth characters (Unicode's EastAsianWidth.txt), taken together to whole blocks: all of a block is wide
  /// or not in use.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x25FD...0x25FE, 0x2614...0x2615,
    0x2648...0x2653, 0x26A1...0x26A1, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x2705...0x2705, 0x270A...0x270B,
    0x2728...0x2728, 0x274C...0x274C, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797, 0x2B50...0x2B50,
    0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
    0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD,
  ]

  /// Scripts written from right to left: Hebrew, Arabic and those beside them.
  private static let rightToLeft: [ClosedRange<UInt32>] = [
    0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF,
  ]

  /// Cells that the text takes.
  static func columns(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    // Vowels and finals of Hangul that join the consonant before them.
    if (0x1160...0x11FF).contains(scalar.value) { return 0 }
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  /// Whether some of it is written from right to left. Terminals differ in where they put such text, so nothing stands to
  /// the right of it.
  static func isRightToLeft(_ text: String) -> Bool {
    text.unicodeScalars.contains { scalar in rightToLeft.contains { $0.contains(scalar.value) } }
  }

  /// Without what a terminal would obey instead of show: control characters, and marks that turn the direction of all that
  /// follows.
  static func harmless(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x202A...0x202E, 0x2066...0x2069: continue
      case 0x2028, 0x2029: result.append(" ")
      default: result.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
      }
    }
    return String(result)
  }

  /// What fits into so many cells; the last of them an ellipsis where something was cut off.
  static func clipped(_ text: String, to width: Int) -> String {
    guard columns(text) > width else { return text }
    guard width > 0 else { return "" }
    var result = ""
    var left = width - 1
    for character in text {
      left -= columns(String(character))
      guard left >= 0 else { break }
      result.append(character)
    }
    return result + "…"
  }

  /// Filled up with spaces to so many cells.
  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(text)))
  }

  /// In lines of at most so many cells, broken between words; within one where it is longer than a line, or where the
  /// script puts no spaces between words.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    let width = max(2, width)
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: { $0 == " " || $0.isNewline }) {
      let room = width - columns(line) - (line.isEmpty ? 0 : 1)
      if columns(word) <= room {
        line += (line.isEmpty ? "" : " ") + word
        continue
      }
      if columns(word) <= width, !line.isEmpty {
        lines.append(line)
        line = String(word)
        continue
      }
      if !line.isEmpty { line += " " }
      for character in word {
        if columns(line) + columns(String(character)) > width {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }
}
