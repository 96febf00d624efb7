import Feedback

private enum ActiveLevel: String, CaseIterable {
  case low
  case high
}

/// Gathers the buttons, lamps and buzzers of a panel and holds each against those before it.
struct PanelParts {
  private(set) var buttons: [ButtonSettings] = []
  private(set) var lamps: [LampSettings] = []
  /// In the order of the file; nil where the name itself is wrong.
  private var names: [String?] = []
  /// Nil when they are not all known, so that nothing can be said about a name that is not among them.
  var buttonNames: [String]? { names.isEmpty || names.contains(nil) ? nil : names.compactMap { $0 } }

  private var resolver: LineResolver
  private let isBoardKnown: Bool
  private let problems: ProblemList
  private var placesByName: [String: (place: String, at: SourcePosition)] = [:]
  private var placesByLine: [String: (place: String, at: SourcePosition)] = [:]
  private var placesByKey: [Character: (place: String, at: SourcePosition)] = [:]

  /// - Parameter isBoardKnown: false leaves lines unchecked, for nothing can be said about them.
  init(board: Board, isBoardKnown: Bool, problems: ProblemList) {
    self.resolver = LineResolver(board: board, problems: problems)
    self.isBoardKnown = isBoardKnown
    self.problems = problems
  }

  /// Notes which lines the file uses, right or wrong, so that advice does not propose one of them.
  mutating func noteLines(_ file: TableReader) {
    for key in ["button", "lamp", "buzzer"] {
      guard case .array(let values)? = file.table[key]?.value.content else { continue }
      for value in values {
        guard case .table(let table) = value.content else { continue }
        for key in ["line", "offset"] {
          if let offset = table[key].flatMap({ resolver.headerOffset(of: $0.value) }) { resolver.taken.insert(offset) }
        }
      }
    }
  }

  mutating func addButtons(_ file: TableReader) {
    guard let tables = file.tables("button", header: "[[button]]"), isFew(tables, "buttons") else { return }
    if tables.isEmpty {
      problems.add(
        .missingKey, at: file.at("button"), "the panel has no button",
        write: "add [[button]] with name = \"very-happy\" and the line it is wired to")
    }
    for (index, table) in tables.enumerated() {
      let reader = reader(table, "button", index, keys: ["name", "line", "offset", "bias", "active", "key"])
      let name = name(in: reader)
      names.append(name)
      let bias: Located<LineBias>? = reader.choice("bias")
      let active: Located<ActiveLevel>? = reader.choice("active")
      let key = key(in: reader)
      guard let line = line(in: reader, name: name) else { continue }
      if line.hasFixedPullUp, bias?.value == .pullDown {
        problems.add(
          .contradiction, at: reader.at("bias"),
          "\(reader.place) asks for a pull-down on \(line.name), which a fixed 1.8 kΩ resistor on the board pulls up",
          write: "write bias = \"pull-up\" and wire the button to ground, or use another line, such as \"GPIO17\"")
        continue
      }
      guard let name else { continue }
      buttons.append(
        ButtonSettings(
          name: name, line: line.selector, bias: bias?.value ?? .pullUp, isActiveLow: active?.value != .high, key: key))
    }
  }

  mutating func addLamps(_ file: TableReader, _ kind: LampSettings.Kind) {
    guard let tables = file.tables(kind.rawValue, header: "[[\(kind.rawValue)]]"), isFew(tables, "\(kind.rawValue)s")
    else { return }
    for (index, table) in tables.enumerated() {
      let reader = reader(
        table, kind.rawValue, index, keys: ["name", "line", "offset", "active", "shows", "button"])
      let name = name(in: reader)
      let active: Located<ActiveLevel>? = reader.choice("active")
      let shows = shows(in: reader)
      let button = button(in: reader)
      guard let line = line(in: reader, name: name), let name, let shows else { continue }
      lamps.append(
        LampSettings(
          name: name, kind: kind, line: line.selector, isActiveLow: active?.value == .low, shows: shows, button: button)
      )
    }
  }

  private func isFew(_ tables: [TOMLTable], _ what: String) -> Bool {
    guard tables.count > PanelFile.mostButtons else { return true }
    problems.add(
      .outOfRange, at: tables[PanelFile.mostButtons].at, "the panel has \(tables.count) \(what)",
      write: "keep at most \(PanelFile.mostButtons)")
    return false
  }

  private func reader(_ table: TOMLTable, _ kind: String, _ index: Int, keys: [String]) -> TableReader {
    var place = "\(kind) number \(index + 1)"
    if case .string(let name)? = table["name"]?.value.content { place = "\(kind) \(quoted(name))" }
    return TableReader(table, place: place, keys: keys, problems: problems)
  }

  private mutating func name(in reader: TableReader) -> String? {
    guard let name = reader.name("name", example: "very-happy") else { return nil }
    if let other = placesByName[name.value] {
      problems.add(
        .duplicate, at: name.at, "\(reader.place) has the name of the \(other.place) in \(other.at.name)",
        write: "give each button, lamp and buzzer a name of its own, such as \(quoted(name.value + "-2"))")
      return name.value
    }
    placesByName[name.value] = (reader.place, name.at)
    return name.value
  }

  private mutating func line(in reader: TableReader, name: String?) -> LineResolver.Resolved? {
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

  private mutating func key(in reader: TableReader) -> Character? {
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
        write: "give each button a key of its own")
      return nil
    }
    placesByKey[key] = (reader.place, text.at)
    return key
  }

  private func shows(in reader: TableReader) -> Set<Acknowledgement>? {
    let words = Acknowledgement.allCases.map(\.rawValue)
    guard let texts = reader.strings("shows", example: "[\"counted\"]", isRequired: true) else { return nil }
    guard !texts.isEmpty else {
      problems.add(
        .outOfRange, at: reader.at("shows"), "shows of \(reader.place) is empty, so it would never light or sound",
        write: "write one or more of " + alternatives(words.map { "\"\($0)\"" }))
      return nil
    }
    var shows: Set<Acknowledgement> = []
    for text in texts {
      guard let acknowledgement = Acknowledgement(rawValue: text.value) else {
        reader.reportChoice("shows", text, words: words)
        return nil
      }
      guard shows.insert(acknowledgement).inserted else {
        problems.add(
          .duplicate, at: text.at, "shows of \(reader.place) holds \(quoted(text.value)) twice", write: "write it once")
        return nil
      }
    }
    return shows
  }

  private func button(in reader: TableReader) -> ButtonIndex? {
    guard let text = reader.string("button", example: "\"very-happy\"") else { return nil }
    if let index = names.firstIndex(of: text.value) { return ButtonIndex(index) }
    if let buttonNames {
      reportUnknownButton(text.value, at: text.at, of: reader.place, among: buttonNames, problems: problems)
    }
    return nil
  }
}

/// Says that there is no such button, and which there are.
func reportUnknownButton(
  _ name: String, at position: SourcePosition, of place: String, among names: [String], problems: ProblemList
) {
  let listed = names.prefix(12).map { "\"\($0)\"" }
  let known = "the panel's buttons are \(alternatives(listed, last: "and"))"
  let proposal = nearest(to: name, among: names).map { "did you mean button = \"\($0)\"? " } ?? ""
  problems.add(
    .unknownReference, at: position, "\(place) names the button \(quoted(name)), which the panel has not",
    write: proposal.isEmpty ? "write a button of panel.toml; \(known)" : proposal + known)
}
