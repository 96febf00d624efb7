import Glibc

/// Reads a file that a person named.
enum InputFile {
  /// The whole file; "-" is standard input.
  /// - Parameters:
  ///   - limit: bytes it may have.
  ///   - hint: what to do about one that has more.
  static func bytes(_ path: String, atMost limit: Int, hint: String) throws(JournalProblem) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno, "check the path") }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      var count = 0
      bytes += [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, used in
        repeat { count = read(descriptor, buffer.baseAddress, 65_536) } while count < 0 && errno == EINTR
        used = max(0, count)
      }
      if count < 0 { throw unreadable(path, errno, "is it a file?") }
      if count == 0 { return bytes }
    }
    throw JournalProblem(.noInput, "too-large", "\(path) is larger than \(limit) bytes", hint)
  }

  private static func unreadable(_ path: String, _ number: Int32, _ hint: String) -> JournalProblem {
    JournalProblem(
      number == EACCES ? .noPermission : .noInput, number == EACCES ? "not-permitted" : "missing",
      "\(path) cannot be read: \(String(cString: strerror(number)))", hint)
  }
}
