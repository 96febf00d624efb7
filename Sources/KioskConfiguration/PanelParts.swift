import Feedback

/// The level at which a part is at work.
enum ActiveLevel: String, CaseIterable {
  case low
  case high
}

/// Gathers the buttons, sensors, lamps and buzzers of a panel and holds each against those before it: names, lines and
/// keys are one namespace for all of them. What each kind has of its own stands in files of their own.
struct PanelParts {
  var buttons: [ButtonSettings] = []
  var sensors: [SensorSettings] = []
  var lamps: [LampSettings] = []
  /// Of the buttons, in the order of the file; nil where the name itself is wrong.
  var names: [String?] = []
  /// What `role` of the button with a name says; only those that say anything but `answer`.
  var otherRoles: [String: String] = [:]
  /// Nil when they are not all known, so that nothing can be said about a name that is not among them.
  var buttonNames: [String]? { names.isEmpty || names.contains(nil) ? nil : names.compactMap { $0 } }

  let problems: ProblemList
  private var resolver: LineResolver
  private let isBoardKnown: Bool
  private var placesByName: [String: (place: String, at: SourcePosition)] = [:]
  private var placesByLine: [String: (place: String, at: SourcePosition)] = [:]
  private var placesByKey: [Character: (place: String, at: SourcePosition)] = [:]
  /// Tables so far of those that share one request to the kernel.
  private var inputCount = 0
  private var outputCount = 0

  /// What a panel has; the keys of its tables in the file.
  static let kinds = ["button", "sensor", "lamp", "buzzer"]

  /// - Parameter isBoardKnown: false leaves lines unchecked, for nothing can be said about them.
  init(board: Board, isBoardKnown: Bool, problems: ProblemList) {
    self.resolver = LineResolver(board: board, problems: problems)
    self.isBoardKnown = isBoardKnown
    self.problems = problems
  }

  /// Notes which lines the file uses, right or wrong, so that advice does not propose one of them.
  mutating func noteLines(_ file: TableReader) {
    for key in Self.kinds {
      guard case .array(let values)? = file.table[key]?.value.content else { continue }
      for value in values {
        guard case .table(let table) = value.content else { continue }
        for key in ["line", "offset"] {
          if let offset = table[key].flatMap({ resolver.headerOffset(of: $0.value) }) { resolver.taken.insert(offset) }
        }
      }
    }
  }

  // MARK: - What the kinds have in common

  /// The tables of one kind; nil when there are too many, or something else stands there.
  mutating func tables(_ kind: String, in file: TableReader) -> [TOMLTable]? {
    guard let tables = file.tables(kind, header: "[[\(kind)]]") else { return nil }
    let isInput = kind == "button" || kind == "sensor"
    let before = isInput ? inputCount : outputCount
    let what = isInput ? "buttons and sensors" : "lamps and buzzers"
    guard before + tables.count <= PanelFile.mostLines else {
      problems.add(
        .outOfRange, at: tables[max(0, PanelFile.mostLines - before)].at,
        "the panel has \(before + tables.count) \(what)",
        write: "keep at most \(PanelFile.mostLines), for so many lines the kernel takes at once")
      return nil
    }
    if isInput { inputCount += tables.count } else { outputCount += tables.count }
    return tables
  }

  func reader(_ table: TOMLTable, _ kind: String, _ index: Int, keys: [String]) -> TableReader {
    var place = "\(kind) number \(index + 1)"
    if case .string(let name)? = table["name"]?.value.content { place = "\(kind) \(quoted(name))" }
    return TableReader(table, place: place, keys: keys, problems: problems)
  }

  mutating func name(in reader: TableReader) -> String? {
    guard let name = reader.name("name", example: "very-happy") else { return nil }
    if let other = placesByName[name.value] {
      problems.add(
        .duplicate, at: name.at, "\(reader.place) has the name of the \(other.place) in \(other.at.name)",
        write: "give each button, sensor, lamp and buzzer a name of its own, such as \(quoted(name.value + "-2"))")
      return name.value
    }
    placesByName[name.value] = (reader.place, name.at)
    return name.value
  }

  mutating func line(in reader: TableReader, name: String?) -> LineResolver.Resolved? {
    guard isBoardKnown, let line = resolver.resolve(reader, name: name) else { return nil }
    if let other = placesByLine[line.identity] {
      // Lines of a simulated board are made from names, and a name used twice has been reported already.
      if reader.has("line") || reader.has("offset") || other.at != reader.table.at && name == nil {
        problems.add(
          .contradiction, at: line.at,
          "\(reader.place) uses \(line.name), which \(other.place) in \(other.at.name) uses too",
          write: "wire it to another line and write that here")
      }
      return nil
    }
    placesByLine[line.identity] = (reader.place, line.at)
    return line
  }

  /// What holds an input's line at rest; nil when that cannot be on this line, which has been reported.
  func bias(in reader: TableReader, on line: LineResolver.Resolved, _ bias: Located<LineBias>?) -> LineBias? {
    guard line.hasFixedPullUp, bias?.value == .pullDown else { return bias?.value ?? .pullUp }
    let what = reader.place.hasPrefix("sensor") ? "sensor" : "button"
    problems.add(
      .contradiction, at: reader.at("bias"),
      "\(reader.place) asks for a pull-down on \(line.name), which a fixed 1.8 kΩ resistor on the board pulls up",
      write: "write bias = \"pull-up\" and let the \(what) pull it to ground, or use another line, such as \"GPIO17\"")
    return nil
  }

  mutating func key(in reader: TableReader) -> Character? {
    guard let text = reader.string("key", example: "\"1\"") else { return nil }
    guard text.value.utf8.count == 1, let byte = text.value.utf8.first, (0x21...0x7E).contains(byte) else {
      problems.add(
        .invalidValue, at: text.at, "key of \(reader.place) is \(quoted(text.value)), but is one letter, digit or sign",
        write: "write key = \"1\"")
      return nil
    }
    let key = Character(Unicode.Scalar(byte))
    if let other = placesByKey[key] {
      problems.add(
        .contradiction, at: text.at,
        "\(reader.place) has the key \(quoted(text.value)), which \(other.place) in \(other.at.name) has too",
        write: "give each button and sensor a key of its own")
      return nil
    }
    placesByKey[key] = (reader.place, text.at)
    return key
  }

  /// Says that there is no such button, and which there are.
  func reportUnknownButton(_ name: String, key: String = "button", at position: SourcePosition, of place: String) {
    guard let names = buttonNames else { return }
    Self.reportUnknownButton(name, key: key, at: position, of: place, among: names, problems: problems)
  }

  static func reportUnknownButton(
    _ name: String, key: String = "button", at position: SourcePosition, of place: String, among names: [String],
    problems: ProblemList
  ) {
    let listed = names.prefix(12).map { "\"\($0)\"" }
    let known = "the panel's buttons are \(alternatives(listed, last: "and"))" + (names.count > 12 ? " …" : "")
    let proposal =
      (problems.isCrowded ? nil : nearest(to: name, among: names)).map { "did you mean \(key) = \"\($0)\"? " } ?? ""
    problems.add(
      .unknownReference, at: position, "\(place) names the button \(quoted(name)), which the panel has not",
      write: proposal.isEmpty ? "write a button of panel.toml; \(known)" : proposal + known)
  }
}
