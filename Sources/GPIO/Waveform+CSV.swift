import Feedback

extension Waveform {
  /// Reads a waveform from rows `microseconds,line,level`.
  ///
  /// Times are whole microseconds from the start and never go back; the level is the physical one, 0 or 1. The first row
  /// may be the header. Empty rows and everything from a `#` on are left out; rows may end in CR LF; spaces around a field
  /// and quotation marks about it do not matter.
  /// - Parameter resolvingLine: the chip offset of a line as written in the file (a button's name, a line's name, an
  ///   offset), or nil when there is none.
  /// - Throws: `WaveformError` with the row.
  public static func parse(
    csv: String, resolvingLine: (String) -> Int?
  ) throws(WaveformError) -> [WaveformStep] {
    var steps: [WaveformStep] = []
    var resolved: [String: Int] = [:]
    var previous: Int64 = 0
    var row = 0
    var mayBeHeader = true
    var rest = csv.utf8[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    while !rest.isEmpty {
      row += 1
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest[line.endIndex...].dropFirst()
      let content = trimmed(line.prefix { $0 != UInt8(ascii: "#") })
      if content.isEmpty { continue }
      let fields = content.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .map { String(Substring(unquoted(trimmed($0)))) }
      let isHeader = mayBeHeader && fields.map { $0.lowercased() } == ["microseconds", "line", "level"]
      mayBeHeader = false
      if isHeader { continue }
      guard steps.count < stepLimit else {
        throw WaveformError(
          "there are more than \(stepLimit) steps", row: row, hint: "play the waveform in several files")
      }
      guard fields.count == 3 else {
        throw WaveformError(
          "\(fields.count) field\(fields.count == 1 ? "" : "s") where there should be 3", row: row,
          hint: "write microseconds,line,level, such as 1500,happy,0")
      }
      let at = try microseconds(fields[0], row: row)
      guard at >= previous else {
        throw WaveformError(
          "the time goes back from \(previous) to \(at)", row: row, hint: "put the rows in the order of their times")
      }
      previous = at
      guard fields[2] == "0" || fields[2] == "1" else {
        throw WaveformError(
          "the level is \(quoted(fields[2]))", row: row, hint: "write the physical level, 0 for low or 1 for high")
      }
      guard let offset = resolved[fields[1]] ?? resolvingLine(fields[1]) else {
        throw WaveformError(
          "there is no line or button \(quoted(fields[1]))", row: row,
          hint: "write the name of a button, the name of a line or its offset on the chip")
      }
      resolved[fields[1]] = offset
      steps.append(WaveformStep(at: .microseconds(at), line: offset, isHigh: fields[2] == "1"))
    }
    guard !steps.isEmpty else {
      throw WaveformError("there is not a single step", hint: "write rows microseconds,line,level, such as 0,happy,0")
    }
    return steps
  }

  private static func microseconds(_ text: String, row: Int) throws(WaveformError) -> Int64 {
    let limit = longest.wholeNanoseconds / 1000
    guard let value = Int64(text) else {
      throw WaveformError(
        "the time is \(quoted(text))", row: row, hint: "write whole microseconds from the start, 0 to \(limit)")
    }
    guard value >= 0 else {
      throw WaveformError("the time \(value) is negative", row: row, hint: "count microseconds from the start, from 0")
    }
    guard value <= limit else {
      throw WaveformError(
        "the time \(value) is later than an hour", row: row,
        hint: "write microseconds up to \(limit); a waveform lasts an hour at most")
    }
    return value
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    let isBlank = { (byte: UInt8) in
      byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
    guard let first = text.firstIndex(where: { !isBlank($0) }), let last = text.lastIndex(where: { !isBlank($0) })
    else { return text.prefix(0) }
    return text[first...last]
  }

  private static func unquoted(_ text: Substring.UTF8View) -> Substring.UTF8View {
    let mark = UInt8(ascii: "\"")
    guard text.count >= 2, text.first == mark, text.last == mark else { return text }
    return trimmed(text.dropFirst().dropLast())
  }

  /// What stands in the file, short enough for a message and without control characters.
  private static func quoted(_ text: String) -> String {
    if text.isEmpty { return "missing" }
    let shown = text.unicodeScalars.prefix(40).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }.joined()
    return "“\(shown)\(text.unicodeScalars.count > 40 ? "…" : "")”"
  }
}
