import Glibc

/// A file that is written under a name of its own beside its final one, so that nobody ever sees a part of it under that:
/// `finish` makes it last and gives it its name. Without that it is removed again. Mode 0600.
final class PartialFile {
  let descriptor: Int32
  /// Where it is until it is finished.
  let path: String
  private let target: String
  private let directory: String
  private var isFinished = false

  /// - Parameter journal: the journal in use, which is never replaced, whatever its name.
  init(for target: String, keeping journal: String) throws(JournalProblem) {
    self.target = target
    directory = Self.directory(of: target)
    var status = stat()
    // A rename would put a file in the place of a device or a directory.
    if lstat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw JournalProblem(
        .cannotCreate, "exists", "\(target) is there and is not a regular file", "name another file")
    }
    for file in [journal, "\(journal)-wal", "\(journal)-shm"] where Self.isSame(file, target) {
      throw JournalProblem(
        .cannotCreate, "exists", "\(target) belongs to the journal that is being read", "name another file")
    }
    path = "\(target).partial-\(getpid())"
    descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw JournalProblem(errno, "\(path) cannot be made") }
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(path) }
  }

  func finish() throws(JournalProblem) {
    guard fsync(descriptor) == 0 else { throw JournalProblem(errno, "\(path) cannot be written") }
    guard rename(path, target) == 0 else { throw JournalProblem(errno, "\(path) cannot be renamed to \(target)") }
    isFinished = true
    Self.synchronise(directory)
  }

  private static func isSame(_ first: String, _ second: String) -> Bool {
    var (left, right) = (stat(), stat())
    return stat(first, &left) == 0 && stat(second, &right) == 0 && left.st_ino == right.st_ino
      && left.st_dev == right.st_dev
  }

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes a rename last. Some file systems of memory sticks cannot; they have no names to lose then.
  static func synchronise(_ directory: String) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// Bytes on their way to a descriptor, in large pieces.
final class ByteSink {
  private let descriptor: Int32
  private let name: String
  private var waiting: [UInt8] = []

  init(_ descriptor: Int32, _ name: String) {
    (self.descriptor, self.name) = (descriptor, name)
  }

  func write(_ bytes: [UInt8]) throws(JournalProblem) {
    waiting += bytes
    if waiting.count >= 65_536 { try flush() }
  }

  func flush() throws(JournalProblem) {
    var rest = waiting[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw JournalProblem(errno, "\(name) cannot be written") }
      rest = rest.dropFirst(count)
    }
    waiting.removeAll(keepingCapacity: true)
  }
}
