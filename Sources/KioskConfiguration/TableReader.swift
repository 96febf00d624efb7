/// A value with the place it came from.
struct Located<Value> {
  var value: Value
  var at: SourcePosition
}

/// Reads the keys of one table, and reports each that is missing, unknown, of another type or outside its range.
/// An accessor that returns nil has reported why, unless the key is simply not there and need not be.
struct TableReader {
  let table: TOMLTable
  /// As messages name it: `[filter]`, `button "happy"`, `the file`.
  let place: String
  let problems: ProblemList
  /// Whether it has a key that nobody reads, perhaps one that is missed elsewhere.
  let hasUnknownKeys: Bool

  /// More than these are no slips of the hand but another kind of file: they are told in one line.
  private static let mostUnknownKeys = 100
  /// More texts than any list has use for.
  private static let mostTexts = 256

  /// - Parameter keys: every key the table may have; any other is reported.
  init(_ table: TOMLTable, place: String, keys: [String], problems: ProblemList) {
    self.table = table
    self.place = place
    self.problems = problems
    let unknown = table.entries.filter { !keys.contains($0.key) }
    hasUnknownKeys = !unknown.isEmpty
    let allowed = "\(place) takes \(alternatives(keys, last: "and"))"
    if unknown.count > Self.mostUnknownKeys, let first = unknown.first {
      problems.add(
        .unknownKey, at: first.keyAt,
        "\(place) has \(unknown.count) keys that it does not take, from \(quoted(first.key)) on",
        write: "remove them; \(allowed)")
      return
    }
    for entry in unknown {
      let remedy: String
      if let near = nearest(to: entry.key, among: keys) {
        remedy = "did you mean \(near)? \(allowed)"
      } else {
        remedy = "remove it; \(allowed)"
      }
      problems.add(.unknownKey, at: entry.keyAt, "\(place) has no key \(quoted(entry.key))", write: remedy)
    }
  }

  func has(_ key: String) -> Bool { table[key] != nil }

  /// Where a key's value stands, the table itself when it is not there.
  func at(_ key: String) -> SourcePosition { table[key]?.value.at ?? table.at }

  func missing(_ key: String, write example: String) {
    problems.add(.missingKey, at: table.at, "\(place) has no \(key)", write: "add \(example)")
  }

  private func wrongType(_ entry: TOMLTable.Entry, takes: String, write example: String) {
    problems.add(
      .wrongType, at: entry.value.at, "\(entry.key) of \(place) is \(entry.value.described), but takes \(takes)",
      write: "write \(example)")
  }

  // MARK: - Text

  /// Text; reported when absent and `isRequired`.
  func string(_ key: String, example: String, isRequired: Bool = false) -> Located<String>? {
    guard let entry = table[key] else {
      if isRequired { missing(key, write: "\(key) = \(example)") }
      return nil
    }
    switch entry.value.content {
    case .string(let text): return Located(value: text, at: entry.value.at)
    case .integer(let number):
      wrongType(entry, takes: "text", write: "\(key) = \"\(number)\" in double quotes, if that is what is meant")
    default: wrongType(entry, takes: "text", write: "\(key) = \(example)")
    }
    return nil
  }

  /// A name as it goes into the journal and onto command lines: lower-case letters, digits and hyphens, at most 32.
  func name(_ key: String, example: String) -> Located<String>? {
    guard let text = string(key, example: "\"\(example)\"", isRequired: true) else { return nil }
    guard isName(text.value) else {
      problems.add(
        .invalidValue, at: text.at,
        "\(key) of \(place) is \(quoted(text.value)), but a name has 1 to 32 lower-case letters, digits and hyphens, and "
          + "begins with a letter or digit",
        write: "write \(key) = \"\(nameProposal(text.value) ?? example)\"")
      return nil
    }
    return text
  }

  /// One of a few words.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, isRequired: Bool = false, _: Choice.Type = Choice.self
  ) -> Located<Choice>? where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    guard let text = string(key, example: "\"\(words.first ?? "")\"", isRequired: isRequired) else { return nil }
    guard let choice = Choice(rawValue: text.value) else {
      reportChoice(key, text, words: words)
      return nil
    }
    return Located(value: choice, at: text.at)
  }

  func reportChoice(_ key: String, _ text: Located<String>, words: [String]) {
    let remedy =
      nearest(to: text.value, among: words).map { "did you mean \"\($0)\"? It can be " } ?? "write one of "
    problems.add(
      .invalidValue, at: text.at, "\(key) of \(place) cannot be \(quoted(text.value))",
      write: remedy + alternatives(words.map { "\"\($0)\"" }))
  }

  // MARK: - Numbers

  func integer(_ key: String, in range: ClosedRange<Int>, example: Int, isRequired: Bool = false) -> Located<Int>? {
    guard let entry = table[key] else {
      if isRequired { missing(key, write: "\(key) = \(example)") }
      return nil
    }
    let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    switch entry.value.content {
    case .integer(let number):
      guard let value = Int(exactly: number), range.contains(value) else {
        problems.add(
          .outOfRange, at: entry.value.at, "\(key) of \(place) is \(number), which is out of range",
          write: "write \(allowed), such as \(key) = \(example)")
        return nil
      }
      return Located(value: value, at: entry.value.at)
    case .string(let text):
      if let number = Int(trimmed(text)), range.contains(number) {
        wrongType(entry, takes: allowed, write: "\(key) = \(number) without quotes")
      } else {
        wrongType(entry, takes: allowed, write: "\(key) = \(example)")
      }
    default: wrongType(entry, takes: allowed, write: "\(key) = \(example)")
    }
    return nil
  }

  func duration(_ key: String, in range: ClosedRange<Duration>, example: Duration) -> Located<Duration>? {
    guard let entry = table[key] else { return nil }
    let allowed = "a duration from \(range.lowerBound.configured) to \(range.upperBound.configured)"
    let written = "\(key) = \"\(example.configured)\""
    switch entry.value.content {
    case .string(let text):
      guard let value = Duration(configured: text) else {
        problems.add(
          .invalidValue, at: entry.value.at, "\(key) of \(place) is \(quoted(text)), which is not a duration",
          write: "write a number with the unit us, ms, s, min or h, such as \(written)")
        return nil
      }
      guard range.contains(value) else {
        problems.add(
          .outOfRange, at: entry.value.at, "\(key) of \(place) is \(quoted(text)), which is out of range",
          write: "write \(allowed), such as \(written)")
        return nil
      }
      return Located(value: value, at: entry.value.at)
    case .integer(let number):
      wrongType(entry, takes: "a duration with its unit", write: proposals(key, "\(number)", range) ?? written)
    case .float(let number):
      wrongType(entry, takes: "a duration with its unit", write: proposals(key, "\(number)", range) ?? written)
    default: wrongType(entry, takes: "a duration in quotes", write: written)
    }
    return nil
  }

  /// What a bare number could have meant: `debounce = "20ms" or "20s"`, as far as that is in the range.
  private func proposals(_ key: String, _ number: String, _ range: ClosedRange<Duration>) -> String? {
    let fitting = ["ms", "s", "min"].map { number + $0 }.filter { text in
      Duration(configured: text).map(range.contains) ?? false
    }
    guard !fitting.isEmpty else { return nil }
    return "\(key) = " + alternatives(fitting.map { "\"\($0)\"" })
  }

  // MARK: - True or false

  func boolean(_ key: String, example: Bool) -> Located<Bool>? {
    guard let entry = table[key] else { return nil }
    switch entry.value.content {
    case .boolean(let flag): return Located(value: flag, at: entry.value.at)
    case .string(let text) where text == "true" || text == "false":
      wrongType(entry, takes: "true or false", write: "\(key) = \(text) without quotes")
    default: wrongType(entry, takes: "true or false", write: "\(key) = \(example)")
    }
    return nil
  }

  // MARK: - Tables and lists

  /// A table such as `[filter]` that may be left out, ready to be read.
  func reader(_ key: String, keys: [String]) -> TableReader? {
    table(key, write: "[\(key)] on a line of its own").map {
      TableReader($0, place: "[\(key)]", keys: keys, problems: problems)
    }
  }

  func table(_ key: String, isRequired: Bool = false, write example: String) -> TOMLTable? {
    guard let entry = table[key] else {
      if isRequired { missing(key, write: example) }
      return nil
    }
    guard case .table(let table) = entry.value.content else {
      wrongType(entry, takes: "a table", write: example)
      return nil
    }
    return table
  }

  /// The tables of a `[[key]]`; empty when there is none, nil when something else stands there.
  func tables(_ key: String, header: String) -> [TOMLTable]? {
    guard let entry = table[key] else { return [] }
    switch entry.value.content {
    case .array(let values):
      var tables: [TOMLTable] = []
      for value in values {
        if case .table(let table) = value.content {
          tables.append(table)
          continue
        }
        problems.add(
          .wrongType, at: value.at, "\(key) of \(place) holds \(value.described), but each of them is a table",
          write: "write \(header) on a line of its own and its keys below")
        return nil
      }
      return tables
    case .table:
      wrongType(entry, takes: "as many tables as you like", write: "\(header) with two brackets on either side")
    default: wrongType(entry, takes: "tables", write: "\(header) on a line of its own and its keys below")
    }
    return nil
  }

  /// A list of texts; a single text is told to become a list.
  func strings(_ key: String, example: String, isRequired: Bool = false) -> [Located<String>]? {
    guard let entry = table[key] else {
      if isRequired { missing(key, write: "\(key) = \(example)") }
      return nil
    }
    switch entry.value.content {
    case .array(let values):
      guard values.count <= Self.mostTexts else {
        problems.add(
          .outOfRange, at: values[Self.mostTexts].at, "\(key) of \(place) holds \(values.count) texts",
          write: "keep at most \(Self.mostTexts), such as \(key) = \(example)")
        return nil
      }
      var texts: [Located<String>] = []
      for value in values {
        guard case .string(let text) = value.content else {
          problems.add(
            .wrongType, at: value.at, "\(key) of \(place) holds \(value.described), but is a list of texts",
            write: "write \(key) = \(example)")
          return nil
        }
        texts.append(Located(value: text, at: value.at))
      }
      return texts
    case .string(let text): wrongType(entry, takes: "a list", write: "\(key) = [\(quoted(text))] in brackets")
    default: wrongType(entry, takes: "a list of texts", write: "\(key) = \(example)")
    }
    return nil
  }
}

/// The form of names of buttons, lamps, surveys and questions (Sources/Feedback/Survey.swift).
func isName(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  guard (1...32).contains(bytes.count), bytes.first != UInt8(ascii: "-") else { return false }
  return bytes.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }
}

/// The nearest thing to some text that is a name: `Very Happy` becomes `very-happy`.
private func nameProposal(_ text: String) -> String? {
  var name = ""
  for scalar in text.lowercased().unicodeScalars.prefix(32) {
    switch scalar {
    case "a"..."z", "0"..."9": name.unicodeScalars.append(scalar)
    default: if !name.isEmpty, !name.hasSuffix("-") { name += "-" }
    }
  }
  while name.hasSuffix("-") { name.removeLast() }
  return isName(name) ? name : nil
}
