import CTOML

/// A parser's complaint, put into words that say what to write.
struct SyntaxProblem {
  private let failure: ctoml_error
  private let source: ConfigurationSource

  init(_ failure: ctoml_error, in source: ConfigurationSource) {
    self.failure = failure
    self.source = source
  }

  func report(to problems: ProblemList) {
    let position =
      failure.line > 0
      ? SourcePosition(file: source.path, line: Int(failure.line), column: Int(failure.column))
      : .whole(source.path)
    switch failure.kind {
    case CTOML_ERROR_TOO_LARGE:
      problems.add(
        .tooLarge, at: position, "the file is too large", write: "keep it below \(CTOML_MAX_BYTES / 1024) KiB")
    case CTOML_ERROR_TOO_DEEP:
      problems.add(
        .syntax, at: position, "too many names are joined by dots here",
        write: "use the tables named in docs/CONFIGURATION.md; none is nested deeper than three")
    case CTOML_ERROR_MEMORY:
      problems.add(.unreadable, at: position, "there is not enough memory to read it", write: "free memory and retry")
    default:
      problems.add(.syntax, at: position, "this is not valid TOML: \(description)", write: remedy)
    }
  }

  /// The parser's words without its preamble and its own macro names.
  private var description: String {
    var words = withUnsafeBytes(of: failure.description) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if words.hasPrefix("Error while parsing ") {
      words = "in the " + words.dropFirst("Error while parsing ".count)
    }
    if words.hasSuffix(" (TOML_MAX_NESTED_VALUES)") { words.removeLast(" (TOML_MAX_NESTED_VALUES)".count) }
    return printable(words, limit: 200)
  }

  /// What the technician most likely meant, judged by the line the parser stopped at.
  private var remedy: String {
    let words = description
    let line = source.line(Int(failure.line))
    if words.contains("redefine") || words.contains("already") {
      return "write each key and each [table] once; repeated things are [[button]], with two brackets"
    }
    if words.contains("nested value depth") {
      return "use the tables named in docs/CONFIGURATION.md; none needs lists in lists"
    }
    if words.contains("64 bits") { return "write a smaller number; docs/CONFIGURATION.md names the range of each" }
    if let (key, value) = Self.keyAndValue(line) {
      if value.isEmpty { return "write a value after the equals sign: \(key) = \"…\"" }
      if let first = value.unicodeScalars.first {
        if first == "\"" || first == "'" {
          return "close the text with the quote it begins with: \(key) = \"…\""
        }
        if first == "“" || first == "”" || first == "„" || first == "‘" || first == "’" {
          return "use straight quotes: \(key) = \"…\""
        }
        if first != "[" && first != "{" {
          let bare = value.prefix { $0 != "#" && $0 != "\"" }
          return "put text, names and durations in double quotes: \(key) = \(quoted(trimmed(String(bare))))"
        }
        return "close the list or table with its bracket, and put commas between its values"
      }
    }
    if line.contains("[") { return "close the table's name with as many brackets as it opens with: [name] or [[name]]" }
    return "write key = value, one on a line; comments begin with #"
  }

  /// `key = value` taken apart without knowing whether it is right.
  private static func keyAndValue(_ line: String) -> (key: String, value: String)? {
    guard let equals = line.firstIndex(of: "=") else { return nil }
    let key = trimmed(String(line[..<equals]))
    guard !key.isEmpty, key.utf8.count <= 40,
      key.unicodeScalars.allSatisfy({ $0 == "_" || $0 == "-" || $0 == "." || $0.properties.isAlphabetic })
    else { return nil }
    return (key, trimmed(String(line[line.index(after: equals)...])))
  }
}
