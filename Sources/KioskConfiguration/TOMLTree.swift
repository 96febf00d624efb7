import CTOML

/// Where in the files something stands; line 0 means the whole file.
struct SourcePosition: Hashable {
  var file: String
  var line: Int
  var column: Int

  static func whole(_ file: String) -> SourcePosition { SourcePosition(file: file, line: 0, column: 0) }

  /// As a message names another place.
  var name: String { line > 0 ? "\(printableName(file)):\(line)" : printableName(file) }
}

/// A value as the file has it.
struct TOMLValue {
  indirect enum Content {
    case table(TOMLTable)
    case array([TOMLValue])
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    /// A date, a time or both, as TOML writes it.
    case date(String)
  }

  var at: SourcePosition
  var content: Content
}

/// Keys and values in the order of the file.
struct TOMLTable {
  struct Entry {
    var key: String
    var keyAt: SourcePosition
    var value: TOMLValue
  }

  var at: SourcePosition
  var entries: [Entry] = []

  subscript(key: String) -> Entry? { entries.first { $0.key == key } }
}

extension TOMLTable {
  /// Reads one file; nil and a problem when it is empty, no UTF-8 or no TOML.
  static func parse(_ source: ConfigurationSource, problems: ProblemList) -> TOMLTable? {
    let whole = SourcePosition.whole(source.path)
    guard source.bytes.count <= ConfigurationSource.mostBytes else {
      problems.add(
        .tooLarge, at: whole, "the file has \(source.bytes.count) bytes",
        write: "keep it below \(ConfigurationSource.mostBytes / 1024) KiB; is it a configuration file at all?")
      return nil
    }
    if let place = source.firstInvalidByte() {
      problems.add(
        .encoding, at: place.position, "the byte \(hexadecimal(place.byte)) is not UTF-8 text",
        write: "save the file in the encoding UTF-8, or write the character again in an editor set to UTF-8")
      return nil
    }
    var failure = ctoml_error()
    let document = source.bytes.withUnsafeBytes { bytes in
      ctoml_parse(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, &failure)
    }
    guard let document else {
      SyntaxProblem(failure, in: source).report(to: problems)
      return nil
    }
    defer { ctoml_free(document) }
    var reader = NodeReader(document: document, file: source.path)
    guard case .table(let root)? = reader.next()?.value.content else { return nil }
    return TOMLTable(at: whole, entries: root.entries)
  }
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return "0x" + (digits.count < 2 ? "0" : "") + digits
}

/// Turns the flat list of nodes into values. The depth is bounded by `CTOML_MAX_DEPTH`.
private struct NodeReader {
  let document: OpaquePointer
  let file: String
  var index = 0

  mutating func next() -> TOMLTable.Entry? {
    var node = ctoml_node()
    guard ctoml_node_at(document, index, &node) else { return nil }
    index += 1
    let at = SourcePosition(file: file, line: Int(node.line), column: Int(node.column))
    let content: TOMLValue.Content
    switch node.type {
    case CTOML_TABLE:
      var table = TOMLTable(at: at)
      for _ in 0..<node.child_count {
        guard let entry = next() else { break }
        table.entries.append(entry)
      }
      content = .table(table)
    case CTOML_ARRAY:
      var values: [TOMLValue] = []
      for _ in 0..<node.child_count {
        guard let entry = next() else { break }
        values.append(entry.value)
      }
      content = .array(values)
    case CTOML_STRING: content = .string(text(node.text))
    case CTOML_INTEGER: content = .integer(node.integer)
    case CTOML_FLOAT: content = .float(node.floating)
    case CTOML_BOOLEAN: content = .boolean(node.boolean)
    default: content = .date(text(node.text))
    }
    let keyAt =
      node.key_line > 0
      ? SourcePosition(file: file, line: Int(node.key_line), column: Int(node.key_column)) : at
    return TOMLTable.Entry(key: text(node.key), keyAt: keyAt, value: TOMLValue(at: at, content: content))
  }

  private func text(_ text: ctoml_text) -> String {
    String(decoding: UnsafeRawBufferPointer(start: text.bytes, count: text.length), as: UTF8.self)
  }
}
