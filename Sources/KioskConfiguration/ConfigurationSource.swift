/// One file of a configuration: what it is called and what it holds.
public struct ConfigurationSource: Sendable, Hashable {
  /// Bytes a file may have: what the parser takes (256 KiB). The examples have two thousand.
  public static let mostBytes = 262_144
  /// Files a configuration may have in all; surveys and drop-ins are counted by the dozen.
  public static let mostFiles = 256
  /// Bytes all files may have together (4 MiB): a hundred surveys in many languages have one. What is read beyond could
  /// take memory and time that the kiosk needs for its presses.
  public static let mostTotalBytes = 4 << 20

  /// Path below the configuration directory: `kiosk.toml`, `kiosk.d/50-shop.toml`, `surveys/loyalty.toml`.
  public var path: String
  public var bytes: [UInt8]

  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  public init(path: String, text: String) {
    self.init(path: path, bytes: Array(text.utf8))
  }

  /// One line of the file, from 1; empty when there is none.
  func line(_ number: Int) -> String {
    guard number > 0 else { return "" }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: number, omittingEmptySubsequences: false)
    guard number <= lines.count else { return "" }
    return String(decoding: lines[number - 1].prefix(400), as: UTF8.self)
  }

  /// The first byte that is not part of valid UTF-8, and where it stands.
  func firstInvalidByte() -> (position: SourcePosition, byte: UInt8)? {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var line = 1
    var column = 1
    var offset = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar):
        offset += scalar.count
        if scalar.first == UInt8(ascii: "\n") {
          line += 1
          column = 1
        } else {
          column += 1
        }
      case .error:
        let byte = offset < bytes.count ? bytes[offset] : 0
        return (SourcePosition(file: path, line: line, column: column), byte)
      case .emptyInput: return nil
      }
    }
  }
}

extension [ConfigurationSource] {
  /// More files, or more in them, than a configuration may have.
  var isBeyondLimits: Bool {
    count > ConfigurationSource.mostFiles || reduce(0) { $0 + $1.bytes.count } > ConfigurationSource.mostTotalBytes
  }

  /// Says which limit is passed, and with which file.
  func reportLimits(to problems: ProblemList) {
    if count > ConfigurationSource.mostFiles {
      problems.add(
        .tooLarge, at: .whole(self[ConfigurationSource.mostFiles].path),
        "the configuration has more than \(ConfigurationSource.mostFiles) files",
        write: "remove surveys and drop-ins until there are at most \(ConfigurationSource.mostFiles)")
    }
    var bytes = 0
    for source in self {
      bytes += source.bytes.count
      guard bytes > ConfigurationSource.mostTotalBytes else { continue }
      problems.add(
        .tooLarge, at: .whole(source.path),
        "with this file the configuration has more than \(ConfigurationSource.mostTotalBytes / 1024) KiB in all",
        write: "remove surveys and drop-ins until there are fewer; are they configuration files at all?")
      return
    }
  }

  /// FNV-1a over paths and contents (64 bits): tells configurations apart, proves nothing.
  var fingerprint: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ bytes: some Sequence<UInt8>) {
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    for source in self {
      mix(source.path.utf8)
      mix(CollectionOfOne(0))
      mix(String(source.bytes.count).utf8)
      mix(CollectionOfOne(0))
      mix(source.bytes)
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
