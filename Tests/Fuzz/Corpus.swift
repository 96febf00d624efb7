import Glibc
import KioskConfiguration

/// The configurations that inputs are made from: every directory below the examples that has a `kiosk.toml`.
struct Corpus {
  /// Complete configurations.
  let configurations: [[ConfigurationSource]]
  /// Every file, for splices.
  let files: [[UInt8]]
  /// Every line of every file, without its end.
  let lines: [[UInt8]]
  /// What stands left and right of the equals signs, and between brackets: each once.
  let keys: [[UInt8]]
  let values: [[UInt8]]
  let headers: [[UInt8]]

  /// Nil when there is not a single one.
  init?(examples: String) {
    var configurations: [[ConfigurationSource]] = []
    var waiting = [examples]
    while let directory = waiting.popLast() {
      let found = entries(of: directory)
      waiting += found.filter(\.isDirectory).map { "\(directory)/\($0.name)" }
      guard found.contains(where: { $0.name == "kiosk.toml" }) else { continue }
      var sources: [ConfigurationSource] = []
      for name in ["", "kiosk.d", "panel.d", "surveys"] {
        let place = name.isEmpty ? directory : "\(directory)/\(name)"
        for entry in entries(of: place) where !entry.isDirectory && entry.name.hasSuffix(".toml") {
          guard let bytes = contents(of: "\(place)/\(entry.name)") else { continue }
          sources.append(ConfigurationSource(path: name.isEmpty ? entry.name : "\(name)/\(entry.name)", bytes: bytes))
        }
      }
      configurations.append(sources)
    }
    guard !configurations.isEmpty else { return nil }
    self.configurations = configurations
    files = configurations.flatMap { $0.map(\.bytes) }
    lines = files.flatMap { $0.split(separator: newline, omittingEmptySubsequences: true).map(Array.init) }
    let settings = lines.filter { $0.first != UInt8(ascii: "#") }.compactMap { line in
      line.firstIndex(of: UInt8(ascii: "=")).map { (Array(line[..<$0]), Array(line[($0 + 1)...])) }
    }
    keys = Self.unique(settings.map(\.0))
    values = Self.unique(settings.map(\.1))
    headers = Self.unique(lines.filter { $0.first == UInt8(ascii: "[") })
  }

  private static func unique(_ texts: [[UInt8]]) -> [[UInt8]] {
    var seen: Set<[UInt8]> = []
    return texts.filter { seen.insert($0).inserted }
  }
}

let newline = UInt8(ascii: "\n")

/// What is in a directory, in the order of names, so that an input is the same on every machine.
private func entries(of directory: String) -> [(name: String, isDirectory: Bool)] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var entries: [(name: String, isDirectory: Bool)] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    var status = stat()
    guard !name.hasPrefix("."), stat("\(directory)/\(name)", &status) == 0 else { continue }
    entries.append((name, status.st_mode & S_IFMT == S_IFDIR))
  }
  return entries.sorted { $0.name < $1.name }
}
