import KioskConfiguration

/// One configuration to try: made from its number and the seed alone.
struct ConfigurationInput {
  var sources: [ConfigurationSource]
  /// Written to a directory and read from there, with things in the place of files.
  var onDisk: [DiskOddity]?

  static func make(_ corpus: Corpus, seed: UInt64, number: UInt64) -> ConfigurationInput {
    var maker = Maker(corpus: corpus, random: generator(seed: seed, number: number))
    return maker.make()
  }

  /// Writes the files down for a person; returns where and how to run it again.
  func save(seed: UInt64, number: UInt64) -> String {
    let path = SavedInput.write("configuration-\(seed)-\(number)", sources.map { ($0.path, $0.bytes) })
    return "\(path), fuzz replay configuration \(number) \(seed) docs/examples"
  }

  private struct Maker {
    let corpus: Corpus
    var random: Randomness

    mutating func make() -> ConfigurationInput {
      var sources = random.pick(corpus.configurations) ?? []
      if !random.onceIn(20) { keepFewSurveys(&sources) }
      // Large ones take a thousand times as long as the others.
      if random.onceIn(5000) {
        large(&sources)
        return ConfigurationInput(sources: sources)
      }
      switch random.below(1000) {
      case 0..<700: spoilFiles(&sources)
      case 700..<850: addDropIns(&sources)
      case 850..<900: moveFiles(&sources)
      case 900..<930: noise(&sources)
      case 930..<935: multiply(&sources)
      case 935..<960: empty(&sources)
      case 960..<975:
        spoilFiles(&sources)
        return ConfigurationInput(
          sources: sources, onDisk: (0..<random.number(0...3)).map { _ in DiskOddity.any(&random) })
      default:
        spoilFiles(&sources)
        addDropIns(&sources)
        moveFiles(&sources)
      }
      return ConfigurationInput(sources: sources)
    }

    /// Of many surveys those that the panel names and one more, for time is better spent on other inputs.
    private mutating func keepFewSurveys(_ sources: inout [ConfigurationSource]) {
      let panel = String(decoding: sources.first { $0.path == "panel.toml" }?.bytes ?? [], as: UTF8.self)
      let other = random.pick(sources)?.path
      sources.removeAll { source in
        guard source.path.hasPrefix("surveys/"), source.path != other else { return false }
        return !panel.contains("\"\(source.path.dropFirst(8).dropLast(5))\"")
      }
    }

    private mutating func spoilFiles(_ sources: inout [ConfigurationSource]) {
      var mutation = TOMLMutation(corpus: corpus, random: random)
      for _ in 0..<random.number(1...2) {
        let index = random.below(sources.count)
        for _ in 0..<random.number(1...3) { mutation.spoil(&sources[index].bytes) }
      }
      random = mutation.random
    }

    /// Pieces of the main files, spoilt or not, laid over them.
    private mutating func addDropIns(_ sources: inout [ConfigurationSource]) {
      for number in 0..<random.number(1...4) {
        let name = random.onceIn(2) ? "kiosk" : "panel"
        let main = sources.first { $0.path == "\(name).toml" }?.bytes ?? []
        let lines = main.split(separator: newline, omittingEmptySubsequences: false)
        let part = random.part(of: lines.count, atMost: 20)
        var bytes = random.onceIn(4) ? main : Array(lines[part].joined(separator: [newline]))
        if random.onceIn(2) {
          var mutation = TOMLMutation(corpus: corpus, random: random)
          mutation.spoil(&bytes)
          random = mutation.random
        }
        sources.append(ConfigurationSource(path: "\(name).d/\(number)0-x.toml", bytes: bytes))
      }
    }

    /// Files in the place of others, under other names, twice, or not there.
    private mutating func moveFiles(_ sources: inout [ConfigurationSource]) {
      let paths = [
        "kiosk.toml", "panel.toml", "surveys/loyalty.toml", "surveys/a.toml", "surveys/\u{1B}[31m.toml",
        "kiosk.d/a.toml",
        "panel.d/a\nb.toml", "surveys/.toml", "surveys/", "", "/", "elsewhere.toml", "kiosk.d/../panel.toml",
        "surveys/\u{202E}x.toml", "surveys/" + String(repeating: "n", count: 3000), "surveys/ü\u{0}.toml",
      ]
      for _ in 0..<random.number(1...2) where !sources.isEmpty {
        let index = random.below(sources.count)
        switch random.below(6) {
        case 0: sources.remove(at: index)
        case 1: sources[index].bytes = random.pick(corpus.files) ?? []
        case 2: sources[index].path = random.pick(paths) ?? ""
        case 3: sources.append(ConfigurationSource(path: random.pick(paths) ?? "", bytes: sources[index].bytes))
        case 4: sources.swapAt(index, random.below(sources.count))
        default:
          let other = random.below(sources.count)
          (sources[index].bytes, sources[other].bytes) = (sources[other].bytes, sources[index].bytes)
        }
      }
    }

    private mutating func noise(_ sources: inout [ConfigurationSource]) {
      let index = random.below(sources.count)
      var bytes: [UInt8] = []
      for _ in 0..<random.number(1...200) {
        switch random.below(6) {
        case 0: bytes.append(random.byte())
        case 1: bytes += random.pick(TOMLPieces.headers) ?? []
        case 2: bytes += random.pick(TOMLPieces.keys) ?? []
        case 3: bytes += [UInt8(ascii: "=")] + (random.pick(TOMLPieces.values) ?? [])
        case 4: bytes.append(newline)
        default: bytes += random.pick(TOMLPieces.signs) ?? []
        }
      }
      sources[index].bytes = bytes
    }

    /// As many files as there may be, and more.
    private mutating func multiply(_ sources: inout [ConfigurationSource]) {
      let source = random.pick(sources)
      let directory = random.pick(["surveys", "kiosk.d", "panel.d"]) ?? "surveys"
      for number in 0..<random.number(2...300) {
        sources.append(ConfigurationSource(path: "\(directory)/\(number).toml", bytes: source?.bytes ?? []))
      }
    }

    private mutating func empty(_ sources: inout [ConfigurationSource]) {
      let nothing: [[UInt8]] = [
        [], [newline], [0], Array("# only a remark".utf8), [0xEF, 0xBB, 0xBF], [UInt8(ascii: " ")],
      ]
      if random.onceIn(10) { sources = [] }
      for index in sources.indices where random.onceIn(2) { sources[index].bytes = random.pick(nothing) ?? [] }
    }

    private mutating func large(_ sources: inout [ConfigurationSource]) {
      let kind = random.below(LargeFiles.kinds)
      let index = random.below(sources.count)
      if random.onceIn(2) { sources[index].bytes = [] }
      sources[index].bytes += LargeFiles.make(kind, &random)
      // Large drop-ins laid over a large file, mostly of the same things.
      let name = sources[index].path.hasPrefix("kiosk") ? "kiosk" : "panel"
      for number in 0..<random.number(0...3) {
        let other = random.onceIn(4) ? random.below(LargeFiles.kinds) : kind
        sources.append(
          ConfigurationSource(path: "\(name).d/\(number).toml", bytes: LargeFiles.make(other, &random)))
      }
      guard random.onceIn(3) else { return }
      for number in 0..<random.number(1...14) {
        sources.append(ConfigurationSource(path: "surveys/\(number).toml", bytes: LargeFiles.make(kind, &random)))
      }
    }
  }
}
