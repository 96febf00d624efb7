// How messages show what the files say: quoted, short, and free of anything that could disturb a log or a terminal.

/// In quotes, cut at 48 characters, control characters replaced.
func quoted(_ text: String) -> String { "\"\(printable(text, limit: 48))\"" }

/// A file's name as a message shows it: whole, for a directory's name and a file's have 255 bytes at most each.
func printableName(_ file: String) -> String { printable(file, limit: 512) }

/// Cut, and control characters replaced.
func printable(_ text: String, limit: Int) -> String {
  var shown = ""
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < limit else { return shown + "…" }
    count += 1
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
      shown += "\u{FFFD}"
    default: shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

/// Without white space at both ends.
func trimmed(_ text: String) -> String {
  var rest = Substring(text)
  while let first = rest.unicodeScalars.first, first.properties.isWhitespace { rest.unicodeScalars.removeFirst() }
  while let last = rest.unicodeScalars.last, last.properties.isWhitespace { rest.unicodeScalars.removeLast() }
  return String(rest)
}

/// `a`, `a or b`, `a, b or c`.
func alternatives(_ words: [String], last: String = "or") -> String {
  guard words.count > 1, let final = words.last else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " \(last) " + final
}

extension TOMLValue {
  /// As a message names what was found.
  var described: String {
    switch content {
    case .table: "a table"
    case .array(let values): values.isEmpty ? "an empty list" : "a list"
    case .string(let text): "the text \(quoted(text))"
    case .integer(let number): "the number \(number)"
    case .float(let number): "the number \(number)"
    case .boolean(let flag): "\(flag)"
    case .date(let text): "the date or time \(text)"
    }
  }
}

/// The candidate that a misspelt word was most likely meant to be; nil when none is near. Case, hyphens and underscores
/// do not count. Something must be the same: of names of one letter none is near another.
func nearest(to word: String, among candidates: [String]) -> String? {
  func folded(_ text: String) -> [UInt8] {
    text.utf8.prefix(64).compactMap { byte in
      switch byte {
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: " "): nil
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
      default: byte
      }
    }
  }
  let wanted = folded(word)
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let other = folded(candidate)
    let distance = editDistance(wanted, other)
    let limit = max(1, max(wanted.count, other.count) / 3)
    guard distance <= limit, distance == 0 || distance < max(wanted.count, other.count) else { continue }
    if distance < (best?.distance ?? .max) { best = (candidate, distance) }
  }
  return best?.candidate
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for i in 0..<left.count {
    var row = [i + 1]
    row.reserveCapacity(right.count + 1)
    for j in 0..<right.count {
      var distance = min(row[j] + 1, last[j + 1] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
      if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
        distance = min(distance, beforeLast[j - 1] + 1)
      }
      row.append(distance)
    }
    beforeLast = last
    last = row
  }
  return last[right.count]
}
