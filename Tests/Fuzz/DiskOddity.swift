import Glibc
import JournalTestKit
import KioskConfiguration

/// What may stand in the place of a file, or beside one.
enum DiskOddity: CaseIterable {
  case directory, fifo, danglingLink, linkToItself, linkToAbove, device, missing, hugeFile, hiddenFile, oddNames,
    manyNames
  case fileForDirectory, unreadableDirectory, longName

  static func any(_ random: inout Randomness) -> DiskOddity { random.pick(allCases) ?? .missing }

  /// Does it to a configuration directory.
  func put(into directory: String) {
    let file = "\(directory)/surveys/loyalty.toml"
    switch self {
    case .directory: replace(file) { mkdir($0, 0o755) }
    case .fifo: replace(file) { mkfifo($0, 0o644) }
    case .danglingLink: replace(file) { symlink("nowhere", $0) }
    case .linkToItself: replace(file) { symlink("loyalty.toml", $0) }
    case .device: replace(file) { symlink("/dev/zero", $0) }
    case .linkToAbove: _ = symlink("..", "\(directory)/kiosk.d")
    case .missing: unlink("\(directory)/panel.toml")
    case .hugeFile: _ = truncate("\(directory)/kiosk.toml", 1 << 30)
    case .hiddenFile: write(directory, "surveys/.hidden.toml")
    case .oddNames:
      for name in ["\u{1B}[31m.toml", "a\nb.toml", ".toml", "x.toml~", "ü.toml", "\u{202E}.toml"] {
        write(directory, "surveys/\(name)")
      }
      // A name that is no text.
      let name = Array("\(directory)/surveys/".utf8) + [0xFF, 0xFE] + Array(".toml".utf8) + [0]
      let descriptor = open(name.map { CChar(bitPattern: $0) }, O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
      if descriptor >= 0 { close(descriptor) }
    case .manyNames:
      mkdir("\(directory)/panel.d", 0o755)
      for number in 0..<1200 { write(directory, "panel.d/\(number).toml") }
    case .fileForDirectory:
      write(directory, "panel.d")
      write(directory, "kiosk.d")
    case .unreadableDirectory: chmod("\(directory)/surveys", 0)
    case .longName: write(directory, "surveys/" + String(repeating: "n", count: 250) + ".toml")
    }
  }

  private func replace(_ file: String, by make: (String) -> Int32) {
    unlink(file)
    _ = make(file)
  }

  private func write(_ directory: String, _ name: String) {
    let descriptor = open("\(directory)/\(name)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
    if descriptor >= 0 { close(descriptor) }
  }
}

/// A configuration directory that is filled anew for each input.
final class ConfigurationOnDisk {
  private let scratch: ScratchDirectory
  let path: String

  init?() {
    guard let scratch = try? ScratchDirectory() else { return nil }
    self.scratch = scratch
    path = "\(scratch.path)/c"
  }

  deinit {
    remove(Array(path.utf8))
  }

  func fill(_ sources: [ConfigurationSource], _ oddities: [DiskOddity]) {
    remove(Array(path.utf8))
    mkdir(path, 0o755)
    for name in ["surveys", "kiosk.d", "panel.d"] where sources.contains(where: { $0.path.hasPrefix(name + "/") }) {
      mkdir("\(path)/\(name)", 0o755)
    }
    for source in sources {
      let descriptor = open("\(path)/\(source.path)", O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { continue }
      _ = source.bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      close(descriptor)
    }
    for oddity in oddities { oddity.put(into: path) }
  }

  /// Removes a file or a directory with what is in it; links are not followed.
  private func remove(_ name: [UInt8]) {
    let path = (name + [0]).map { CChar(bitPattern: $0) }
    guard unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
    chmod(path, 0o755)
    for below in Self.names(in: path) where below != [46] && below != [46, 46] {
      remove(name + [47] + below)
    }
    rmdir(path)
  }

  /// As bytes, for a name need not be text.
  private static func names(in path: [CChar]) -> [[UInt8]] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
    }
    return names
  }
}
