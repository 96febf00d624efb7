// Drop-ins: small files in kiosk.d/ and panel.d/ laid over kiosk.toml and panel.toml in the order of their names, so that
// one shop's difference does not need a copy of everything. Each value keeps the file and line it came from.

extension TOMLTable {
  /// Lays a later file over this one: its keys win, tables merge, and of `[[button]]` and the like those with a name that
  /// is already there merge with it, the others are added at the end. Any other list is replaced.
  mutating func lay(over later: TOMLTable) {
    // A line is chosen by name or by offset: a drop-in that says the one means "not the other any more".
    for (key, other) in [("line", "offset"), ("offset", "line")] where later[key] != nil && later[other] == nil {
      entries.removeAll { $0.key == other }
    }
    var places = Dictionary(entries.enumerated().map { ($1.key, $0) }) { first, _ in first }
    for entry in later.entries {
      guard let index = places[entry.key] else {
        places[entry.key] = entries.count
        entries.append(entry)
        continue
      }
      switch (entries[index].value.content, entry.value.content) {
      case (.table(var merged), .table(let added)):
        merged.lay(over: added)
        entries[index].value.content = .table(merged)
      case (.array(let present), .array(let added)):
        if let merged = Self.mergedByName(present, added) {
          entries[index].value.content = .array(merged)
        } else {
          entries[index] = entry
        }
      default: entries[index] = entry
      }
    }
  }

  /// Nil when one of the lists holds something else than tables.
  private static func mergedByName(_ present: [TOMLValue], _ added: [TOMLValue]) -> [TOMLValue]? {
    var result = present
    guard present.allSatisfy({ $0.table != nil }), !added.isEmpty else { return nil }
    // Only what earlier files hold is merged with: the same name twice in one file is a mistake to report.
    var places: [String: Int] = [:]
    for (place, value) in present.enumerated() {
      if let name = value.table?.nameText, places[name] == nil { places[name] = place }
    }
    for value in added {
      guard let table = value.table else { return nil }
      if let index = table.nameText.flatMap({ places.removeValue(forKey: $0) }), var merged = result[index].table {
        merged.lay(over: table)
        result[index].content = .table(merged)
      } else {
        result.append(value)
      }
    }
    return result
  }

  private var nameText: String? {
    guard case .string(let text)? = self["name"]?.value.content else { return nil }
    return text
  }
}

extension TOMLValue {
  fileprivate var table: TOMLTable? {
    if case .table(let table) = content { table } else { nil }
  }
}
