import Feedback

/// Reads `[[lamp]]` and `[[buzzer]]`.
extension PanelParts {
  mutating func addLamps(_ file: TableReader, _ kind: LampSettings.Kind) {
    guard let tables = tables(kind.rawValue, in: file) else { return }
    for (index, table) in tables.enumerated() {
      let reader = reader(
        table, kind.rawValue, index, keys: ["name", "line", "offset", "active", "shows", "button", "pattern"])
      let name = name(in: reader)
      let active: Located<ActiveLevel>? = reader.choice("active")
      let shows = shows(in: reader)
      let button = button(in: reader)
      let patterns = patterns(in: reader, kind, shows: shows)
      guard let line = line(in: reader, name: name), let name, let shows else { continue }
      lamps.append(
        LampSettings(
          name: name, kind: kind, line: line.selector, isActiveLow: active?.value == .low, shows: shows,
          button: button, patterns: patterns))
    }
  }

  private static let words = Acknowledgement.allCases.map(\.rawValue)

  private func shows(in reader: TableReader) -> Set<Acknowledgement>? {
    guard let texts = reader.strings("shows", example: "[\"counted\"]", isRequired: true) else { return nil }
    guard !texts.isEmpty else {
      problems.add(
        .outOfRange, at: reader.at("shows"), "shows of \(reader.place) is empty, so it would never light or sound",
        write: "write one or more of " + alternatives(Self.words.map { "\"\($0)\"" }))
      return nil
    }
    var shows: Set<Acknowledgement> = []
    for text in texts {
      guard let acknowledgement = Acknowledgement(rawValue: text.value) else {
        reader.reportChoice("shows", text, words: Self.words)
        return nil
      }
      guard shows.insert(acknowledgement).inserted else {
        problems.add(
          .duplicate, at: text.at, "shows of \(reader.place) holds \(quoted(text.value)) twice", write: "write it once")
        return nil
      }
      if acknowledgement == .offered, !reader.has("button") {
        problems.add(
          .contradiction, at: text.at,
          "\(reader.place) shows \"offered\", which says that a button means something now, but stands beside no button",
          write: "add button = \"very-happy\" with the button it stands beside, or remove \"offered\"")
      }
    }
    return shows
  }

  private func button(in reader: TableReader) -> ButtonIndex? {
    guard let text = reader.string("button", example: "\"very-happy\"") else { return nil }
    if let index = names.firstIndex(of: text.value) { return ButtonIndex(index) }
    reportUnknownButton(text.value, at: text.at, of: reader.place)
    return nil
  }

  // MARK: - Patterns

  /// What it does in place of the standard patterns; those that are wrong have been reported.
  private func patterns(
    in reader: TableReader, _ kind: LampSettings.Kind, shows: Set<Acknowledgement>?
  ) -> [Acknowledgement: OutputPattern] {
    let header = "[\(kind.rawValue).pattern]"
    guard let table = reader.table("pattern", write: "\(header) with counted = \"on 1500ms\" below it") else {
      return [:]
    }
    _ = TableReader(table, place: "pattern of \(reader.place)", keys: Self.words, problems: problems)
    var patterns: [Acknowledgement: OutputPattern] = [:]
    for entry in table.entries {
      guard let acknowledgement = Acknowledgement(rawValue: entry.key) else { continue }
      let what = "the pattern \(quoted(entry.key)) of \(reader.place)"
      if let shows, !shows.contains(acknowledgement) {
        problems.add(
          .contradiction, at: entry.keyAt,
          "\(reader.place) has a pattern for \(quoted(entry.key)), which it does not show",
          write: "add \(quoted(entry.key)) to shows, or remove the pattern")
      }
      guard case .string(let text) = entry.value.content else {
        problems.add(
          .wrongType, at: entry.value.at, "\(what) is \(entry.value.described), but takes text",
          write: "write \(entry.key) = \"on 400ms off 400ms x2\"")
        continue
      }
      do throws(OutputPatternError) {
        let pattern = try OutputPattern.parse(text)
        patterns[acknowledgement] = pattern
        check(pattern, for: acknowledgement, what, kind, at: entry.value.at)
      } catch {
        problems.add(
          .invalidValue, at: entry.value.at, "\(what) \(printable(error.message, limit: 120))",
          write: printable(error.hint, limit: 120))
      }
    }
    return patterns
  }

  private func check(
    _ pattern: OutputPattern, for acknowledgement: Acknowledgement, _ what: String, _ kind: LampSettings.Kind,
    at place: SourcePosition
  ) {
    if kind == .lamp, pattern.isTooFastForLamps {
      problems.add(
        .outOfRange, at: place,
        "\(what) lights up more often than every \(OutputPattern.shortestFlashPeriod.wholeMilliseconds) ms, which can "
          + "set off seizures",
        write: "write longer steps, such as \"on 400ms off 400ms x2\"")
    }
    if !acknowledgement.isState, pattern.repetitions == nil, pattern.isEverOn {
      problems.add(
        .contradiction, at: place, "\(what) never ends, but it answers one press",
        write: "say how long and how often, such as \"on 1500ms\" or \"on 400ms off 400ms x2\"")
    }
  }
}
