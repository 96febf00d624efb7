import Glibc
import KioskControl

/// Keeps what upstream has sent in the state directory: one file, always whole. A new one is written beside it, put on disk,
/// and takes its name in one step; a power cut at any moment leaves the old one or the new one.
struct ConfigurationStore: Sendable {
  /// The file's name in the state directory.
  static let fileName = "upstream-configuration"

  /// What is there.
  enum Stored {
    case nothing
    case set(SurveySet)
    /// It cannot be used: why.
    case unusable(String)
  }

  private let directory: String
  private var path: String { "\(directory)/\(Self.fileName)" }
  private var newPath: String { "\(path).new" }

  /// Begins the file; a checksum of the second line follows, so that a card that forgets a bit shows nobody a wrong word.
  private static let mark = "feedback-kiosk upstream-configuration 1 "

  /// - Parameter directory: the state directory.
  init(directory: String) {
    self.directory = directory
  }

  /// Reads what is there, and clears away what a power cut has left half-written.
  func load() -> Stored {
    unlink(newPath)
    // Non-blocking, so that a fifo in the place of the file does not hold up the start.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      let reason = errno
      return reason == ENOENT || reason == ENOTDIR
        ? .nothing : .unusable("\(path): \(String(cString: strerror(reason)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return .unusable("\(path) is not a regular file")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= ControlCodec.longestRequest {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return .unusable("\(path): \(String(cString: strerror(errno)))") }
      if count == 0 { return Self.set(in: bytes).map { .set($0) } ?? .unusable("\(path) is damaged") }
      bytes += chunk.prefix(count)
    }
    return .unusable("\(path) is too large")
  }

  /// Writes the new one beside the old one and puts it on disk. `adopt` gives it its name, `discard` drops it.
  func prepare(_ set: SurveySet) throws(ControlError) {
    let line = try ControlCodec.line(set)
    let bytes = Array(Self.mark.utf8) + Array(Self.checksum(line[...]).utf8) + [UInt8(ascii: "\n")] + line
    let descriptor = open(newPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else { throw Self.failure("cannot make \(newPath)") }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw abandoned("cannot write \(newPath)") }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw abandoned("cannot put \(newPath) on disk") }
  }

  /// What was prepared takes the place of what was there.
  func adopt() throws(ControlError) {
    guard rename(newPath, path) == 0 else { throw abandoned("cannot keep \(path)") }
    try synchronise()
  }

  func discard() { unlink(newPath) }

  /// Forgets what is there.
  func remove() throws(ControlError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw Self.failure("cannot remove \(path)") }
    try synchronise()
  }

  /// Makes a rename or a removal last.
  private func synchronise() throws(ControlError) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("cannot open \(directory)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Self.failure("cannot put \(directory) on disk") }
  }

  private func abandoned(_ what: String) -> ControlError {
    let error = Self.failure(what)
    discard()
    return error
  }

  private static func failure(_ what: String) -> ControlError {
    let reason = errno
    let hint =
      switch reason {
      case ENOSPC, EDQUOT: "free some space on the file system of the state directory"
      case EROFS: "mount it read-write; if the kernel made it read-only, look for disk errors in its log"
      default: "the state directory must exist and belong to the kiosk's user; look for disk errors in the kernel's log"
      }
    return ControlError(.system, "\(what): \(String(cString: strerror(reason)))", hint: hint)
  }

  /// Nil when it is not what was written.
  private static func set(in bytes: [UInt8]) -> SurveySet? {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = bytes[(end + 1)...]
    guard Array(bytes[..<end]) == Array(mark.utf8) + Array(checksum(line).utf8),
      let set = try? ControlCodec.value(SurveySet.self, from: line), (try? set.check()) != nil
    else { return nil }
    return set
  }

  /// FNV-1a, 64 bits: tells damage, proves nothing.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> String {
    String(bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
  }
}
