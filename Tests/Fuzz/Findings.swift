import Glibc

/// What went wrong, told as it is found. Keeps count; ends the run when there are too many, for one fault seldom comes
/// alone.
struct Findings {
  static let most = 20
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }
  var areTooMany: Bool { count >= Self.most }

  mutating func add(_ text: String) {
    count += 1
    if count <= Self.most { say("finding: \(text)") }
  }

  /// Counts one that a child has told already.
  mutating func noteTold() { count += 1 }
}

/// One line on standard output, in one piece.
func say(_ text: String) {
  var text = text + "\n"
  text.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
}

/// Keeps an input that did harm, for a person to look at and for `replay`.
enum SavedInput {
  static let directory = ".build-fuzz"

  /// Writes files below a directory of that name; the directory's path.
  static func write(_ name: String, _ files: [(name: String, bytes: [UInt8])]) -> String {
    let path = "\(directory)/\(name)"
    mkdir(directory, 0o755)
    mkdir(path, 0o755)
    for (number, file) in files.enumerated() {
      // Names may be hostile too: what is no plain name is replaced, and the number keeps them apart.
      let plain = String(
        decoding: file.name.utf8.map { isPlain($0) ? $0 : UInt8(ascii: "_") }.suffix(80), as: UTF8.self)
      let descriptor = open("\(path)/\(number)-\(plain)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var rest = file.bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { break }
        rest = rest.dropFirst(count)
      }
    }
    return path
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
