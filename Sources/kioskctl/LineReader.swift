import Glibc

/// Lines of a file or of standard input, one at a time.
final class LineReader {
  private let descriptor: Int32
  private let name: String
  private let longest: Int
  private var buffer: [UInt8] = []
  /// Where the next line begins, and up to where no line feed was found after that.
  private var start = 0
  private var searched = 0
  private var isAtEnd = false

  /// - Parameter file: the path; "-" is standard input.
  init(_ file: String, longest: Int) throws(JournalProblem) {
    name = file
    self.longest = longest
    descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let number = errno
      throw JournalProblem(
        number == EACCES ? .noPermission : .noInput, number == EACCES ? "not-permitted" : "missing",
        "\(file) cannot be read: \(String(cString: strerror(number)))", "check the path and its permissions")
    }
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  /// The next line without its line feed, and whether it had one; nil at the end.
  func next() throws(JournalProblem) -> (line: [UInt8], hasLineFeed: Bool)? {
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        let line = Array(buffer[start..<end])
        (start, searched) = (end + 1, end + 1)
        return (line, true)
      }
      searched = buffer.count
      guard searched - start <= longest else {
        throw JournalProblem(
          .wrongData, "not-an-export", "\(name) has a line of more than \(longest) bytes",
          "name a file of journal export --format jsonl or cloudevents")
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        let line = Array(buffer[start...])
        (start, searched) = (buffer.count, buffer.count)
        return (line, false)
      }
      try fill()
    }
  }

  private func fill() throws(JournalProblem) {
    buffer.removeFirst(start)
    searched -= start
    start = 0
    var count = 0
    buffer += [UInt8](unsafeUninitializedCapacity: 65_536) { space, used in
      repeat { count = read(descriptor, space.baseAddress, 65_536) } while count < 0 && errno == EINTR
      used = max(0, count)
    }
    if count < 0 {
      let number = errno
      throw JournalProblem(
        .noInput, "missing", "\(name) cannot be read: \(String(cString: strerror(number)))", "is it a file?")
    }
    isAtEnd = count == 0
  }
}
