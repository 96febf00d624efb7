import Feedback

/// Reads `[[sensor]]`.
extension PanelParts {
  private enum KindWord: String, CaseIterable {
    case pir
    case lightBarrier = "light-barrier"
    case presence
    case tamper
  }

  /// What only sensors that count people have.
  private static let contactKeys = ["dwell", "hold_off", "double_pass", "blocked_after"]

  mutating func addSensors(_ file: TableReader, debounce: Duration) {
    guard let tables = tables("sensor", in: file) else { return }
    for (index, table) in tables.enumerated() {
      let reader = reader(
        table, "sensor", index,
        keys: ["name", "kind", "line", "offset", "bias", "active", "key", "debounce"] + Self.contactKeys)
      let name = name(in: reader)
      let kind: Located<KindWord>? = reader.choice("kind", isRequired: true)
      let bias: Located<LineBias>? = reader.choice("bias")
      let active: Located<ActiveLevel>? = reader.choice("active")
      let key = key(in: reader)
      let debounce = reader.duration("debounce", in: PanelFile.debounces, example: debounce)?.value ?? debounce
      let use = kind.map { self.use(in: reader, $0.value) }
      guard let line = line(in: reader, name: name), let bias = self.bias(in: reader, on: line, bias), let name, let use
      else { continue }
      sensors.append(
        SensorSettings(
          name: name, line: line.selector, bias: bias, isActiveLow: active?.value != .high, key: key,
          debounce: debounce, use: use))
    }
  }

  private func use(in reader: TableReader, _ word: KindWord) -> SensorSettings.Use {
    guard let kind = ContactRules.Kind(rawValue: word.rawValue) else {
      for key in Self.contactKeys where reader.has(key) {
        problems.add(
          .contradiction, at: reader.at(key),
          "\(key) is for sensors that count people, but \(reader.place) is a tamper sensor",
          write: "remove \(key), or write kind = \"presence\"")
      }
      return .tamper
    }
    let standard = ContactRules(kind: kind)
    func read(_ key: String, _ range: ClosedRange<Duration>, example: Duration) -> Duration? {
      reader.duration(key, in: range, example: example)?.value
    }
    let rules = ContactRules(
      kind: kind, dwell: read("dwell", .zero ... .seconds(600), example: standard.dwell),
      holdOff: read("hold_off", .zero ... .seconds(600), example: standard.holdOff),
      doublePass: read("double_pass", .zero ... .seconds(3600), example: standard.doublePass),
      blockedAfter: read("blocked_after", .zero ... .seconds(86_400), example: standard.blockedAfter))
    if rules.blockedAfter > .zero, rules.blockedAfter <= rules.dwell {
      problems.add(
        .contradiction, at: reader.has("blocked_after") ? reader.at("blocked_after") : reader.at("dwell"),
        "\(reader.place) is taken for blocked after \(rules.blockedAfter.configured), before anybody has been there for "
          + "its dwell of \(rules.dwell.configured)",
        write: "write a shorter dwell or a longer blocked_after, or blocked_after = \"0s\" for never")
    }
    return .contact(rules)
  }
}
