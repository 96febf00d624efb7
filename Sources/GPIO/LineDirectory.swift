import Feedback

/// The lines of a chip by name, and how a selector finds one. Real and simulated chips share it, so a panel file that works
/// on one works on the other.
public struct LineDirectory: Sendable, Hashable {
  /// Lines one request may hold: the kernel's own limit (GPIO_V2_LINES_MAX).
  public static let requestLimit = 64

  /// How the chip is called in messages.
  public let chip: String
  /// The names by offset; empty where a line has none.
  public let names: [String]

  public init(chip: String, names: [String]) {
    self.chip = chip
    self.names = names
  }

  /// The offset of a line.
  /// - Parameter purpose: what is connected to it, for the message.
  /// - Throws: `GPIOError` with code `noLine`, naming the lines that are nearly called so.
  public func offset(of selector: LineSelector, for purpose: String) throws(GPIOError) -> Int {
    switch selector {
    case .offset(let offset):
      guard names.indices.contains(offset) else {
        throw GPIOError(.noLine, "\(chip) has no line \(offset) (for “\(purpose)”)", hint: offsetHint)
      }
      return offset
    case .named(let wanted, let fallback):
      for name in wanted where !name.isEmpty {
        if let offset = names.firstIndex(of: name) { return offset }
      }
      if let fallback, names.indices.contains(fallback) { return fallback }
      let called = wanted.map { "“\($0)”" }.joined(separator: " or ")
      throw GPIOError(
        .noLine, "\(chip) has no line called \(called.isEmpty ? "(no name given)" : called) (for “\(purpose)”)",
        hint: nameHint(for: wanted))
    }
  }

  /// Resolves all lines of a request.
  /// - Throws: `GPIOError` also when there are none, too many, or two on the same line.
  func offsets(of lines: [(purpose: String, selector: LineSelector)]) throws(GPIOError) -> [Int] {
    guard !lines.isEmpty else {
      throw GPIOError(.noLine, "no lines were asked for on \(chip)", hint: "give at least one line")
    }
    guard lines.count <= Self.requestLimit else {
      throw GPIOError(
        .noLine, "\(lines.count) lines were asked for on \(chip)", hint: "at most \(Self.requestLimit) are possible")
    }
    var offsets: [Int] = []
    for line in lines {
      let offset = try offset(of: line.selector, for: line.purpose)
      if let other = offsets.firstIndex(of: offset) {
        throw GPIOError(
          .lineInUse, "“\(lines[other].purpose)” and “\(line.purpose)” are both on \(describe(offset)) of \(chip)",
          hint: "give each a line of its own")
      }
      offsets.append(offset)
    }
    return offsets
  }

  /// A line in words: its name and offset.
  public func describe(_ offset: Int) -> String {
    guard names.indices.contains(offset), !names[offset].isEmpty else { return "line \(offset)" }
    return "line \(names[offset]) (offset \(offset))"
  }

  private var offsetHint: String {
    names.isEmpty ? "the chip has no lines at all" : "its lines are 0 to \(names.count - 1)"
  }

  private func nameHint(for wanted: [String]) -> String {
    let near = NearestNames.of(wanted.first ?? "", among: names)
    guard !near.isEmpty else { return "its lines have no names: write an offset; \(offsetHint)" }
    return "the nearest names are \(near.joined(separator: ", "))"
  }
}

/// The names a mistyped one may have meant.
enum NearestNames {
  /// At most three names, the likeliest first; names of the same distance stay in their order.
  static func of(_ wanted: String, among names: [String]) -> [String] {
    var seen: Set<String> = []
    let known = names.filter { !$0.isEmpty && seen.insert($0).inserted }
    // A name given by a configuration file is at most a line long; the kernel's have 31 bytes.
    let letters = Array(wanted.lowercased().utf8.prefix(64))
    return known.enumerated()
      .map { (distance: distance(letters, Array($0.element.lowercased().utf8)), $0.offset, $0.element) }
      .sorted { ($0.distance, $0.1) < ($1.distance, $1.1) }
      .prefix(3)
      .map(\.2)
  }

  /// Single-letter changes that turn one into the other (Levenshtein).
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let changed = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }
}
