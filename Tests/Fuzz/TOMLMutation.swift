/// Ways to spoil one file: as bytes, as lines, and as TOML.
struct TOMLMutation {
  /// A file does not grow beyond this by small steps; large ones are made on purpose (`LargeFiles`).
  static let longest = 64 * 1024

  let corpus: Corpus
  var random: Randomness

  mutating func spoil(_ bytes: inout [UInt8]) {
    switch random.below(20) {
    case 0..<4: spoilBytes(&bytes)
    case 4..<9: spoilLines(&bytes)
    case 9..<19: spoilStructure(&bytes)
    default: splice(&bytes)
    }
    if bytes.count > Self.longest { bytes.removeLast(bytes.count - Self.longest) }
  }

  // MARK: - As bytes

  private mutating func spoilBytes(_ bytes: inout [UInt8]) {
    let at = random.number(0...bytes.count)
    switch random.below(9) {
    case 0 where at < bytes.count: bytes[at] = random.byte()
    case 1 where at < bytes.count: bytes[at] ^= 1 << UInt8(random.below(8))
    case 2: bytes.removeSubrange(random.part(of: bytes.count))
    case 3: bytes.insert(contentsOf: Array(bytes[random.part(of: bytes.count)]), at: at)
    case 4: bytes.removeSubrange(at...)
    case 5: bytes.removeSubrange(..<at)
    case 6: for _ in 0..<random.number(1...40) { bytes.insert(random.byte(), at: random.number(0...bytes.count)) }
    default: bytes.insert(contentsOf: random.pick(TOMLPieces.signs) ?? [], at: at)
    }
  }

  /// The beginning of this file and the end of another.
  private mutating func splice(_ bytes: inout [UInt8]) {
    let other = random.pick(corpus.files) ?? []
    bytes = Array(bytes.prefix(random.number(0...bytes.count)) + other.suffix(random.number(0...other.count)))
  }

  // MARK: - As lines

  private mutating func spoilLines(_ bytes: inout [UInt8]) {
    var lines = bytes.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    let at = random.below(lines.count)
    switch random.below(10) {
    case 0: lines.remove(at: at)
    case 1: lines.insert(lines[at], at: random.number(0...lines.count))
    case 2: lines.swapAt(at, random.below(lines.count))
    case 3: lines.removeSubrange(random.part(of: lines.count, atMost: 12))
    case 4:
      // A table twice, or fifty times.
      let part = Array(lines[random.part(of: lines.count, atMost: 8)])
      let place = random.number(0...lines.count)
      for _ in 0..<(random.onceIn(8) ? random.number(2...100) : 1) { lines.insert(contentsOf: part, at: place) }
    case 5: lines.insert(random.pick(corpus.lines) ?? [], at: at)
    case 6: lines[at] = random.pick(corpus.lines) ?? []
    case 7: lines[at] = Array(lines[at].prefix(random.number(0...lines[at].count)))
    case 8: lines = lines.map { $0 + [UInt8(ascii: "\r")] }
    default: lines[at] = Array(lines[at].reversed())
    }
    bytes = Array(lines.joined(separator: [newline]))
  }

  // MARK: - As TOML

  private mutating func spoilStructure(_ bytes: inout [UInt8]) {
    var lines = bytes.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    let settings = lines.indices.filter { lines[$0].contains(equals) && lines[$0].first != UInt8(ascii: "#") }
    let headers = lines.indices.filter { lines[$0].first == UInt8(ascii: "[") }
    guard let line = random.pick(settings), let other = random.pick(settings) else {
      bytes += random.pick(TOMLPieces.headers) ?? []
      return
    }
    let (key, value) = taken(lines[line])
    switch random.below(14) {
    case 0..<5: lines[line] = key + spaced(anyValue())
    case 5: lines[line] = anyKey() + spaced(value)
    case 6: lines.insert(anyKey() + spaced(anyValue()), at: line)
    case 7:
      // Two values, or two keys, in each other's place.
      let (otherKey, otherValue) = taken(lines[other])
      lines[line] = random.onceIn(3) ? otherKey + spaced(value) : key + spaced(otherValue)
      lines[other] = random.onceIn(3) ? key + spaced(otherValue) : otherKey + spaced(value)
    case 8: lines.insert(key + spaced(anyValue()), at: line)
    case 9: lines.insert(anyHeader(), at: random.number(0...lines.count))
    case 10: if let header = random.pick(headers) { lines[header] = anyHeader() }
    case 11: if let header = random.pick(headers) { lines.remove(at: header) }
    case 12:
      // A known value in an unknown place: below dots, in a table of its own, in a list.
      let wrapped: [[UInt8]] = [
        Array("a.".utf8) + lines[line], Array("x = {".utf8) + lines[line] + Array("}".utf8),
        key + spaced(Array("[".utf8) + value + Array("]".utf8)),
      ]
      lines[line] = random.pick(wrapped) ?? []
    default: lines[line] = spoilDigits(lines[line])
    }
    bytes = Array(lines.joined(separator: [newline]))
  }

  private let equals = UInt8(ascii: "=")

  private func taken(_ line: [UInt8]) -> (key: [UInt8], value: [UInt8]) {
    guard let place = line.firstIndex(of: equals) else { return (line, []) }
    return (Array(line[..<place]), Array(line[(place + 1)...]))
  }

  private func spaced(_ value: [UInt8]) -> [UInt8] { Array(" = ".utf8) + value }

  private mutating func anyKey() -> [UInt8] {
    random.pick(random.onceIn(2) ? corpus.keys : TOMLPieces.keys) ?? []
  }

  private mutating func anyHeader() -> [UInt8] {
    random.pick(random.onceIn(2) ? corpus.headers : TOMLPieces.headers) ?? []
  }

  private mutating func anyValue() -> [UInt8] {
    switch random.below(24) {
    case 0:
      // Deep.
      let depth = random.onceIn(6) ? random.number(1...3000) : random.number(1...24)
      return random.onceIn(2)
        ? Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth)
        : Array(String(repeating: "{a=", count: depth).utf8) + Array("1".utf8)
          + Array(repeating: UInt8(ascii: "}"), count: depth)
    case 1:
      // Long.
      let piece = random.pick(["x", "ü", "\\n", "\\\"", "\u{1F600}", " ", "9", "1,", "\"a\","]) ?? "x"
      let text = String(repeating: piece, count: random.onceIn(5) ? random.number(1...9000) : random.number(1...300))
      return Array((piece.hasSuffix(",") ? "[\(text)]" : piece == "9" ? text : "\"\(text)\"").utf8)
    case 2..<10: return random.pick(corpus.values) ?? []
    default: return random.pick(TOMLPieces.values) ?? []
    }
  }

  private mutating func spoilDigits(_ line: [UInt8]) -> [UInt8] {
    line.flatMap { byte -> [UInt8] in
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), random.onceIn(2) else { return [byte] }
      return random.onceIn(4)
        ? Array(repeating: UInt8(ascii: "9"), count: random.number(1...25))
        : [UInt8(ascii: "0") + UInt8(random.below(10))]
    }
  }
}
