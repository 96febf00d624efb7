import Feedback
import Glibc

extension TimeZoneName {
  /// Bytes a compiled zone may have. The largest of the database has 4 KB.
  static let mostBytes = 65_536

  /// What came of looking for the rules of a zone.
  enum Loading {
    case loaded(TimeZoneRules)
    /// There is no database on this system.
    case noDatabase
    case unreadable(why: String, hint: String)
  }

  /// The rules of a zone; nil when they cannot be had.
  ///
  /// UTC needs no database. Any other name does: without the package tzdata a kiosk can count presses, but cannot tell
  /// what the clocks of the place show. So a named zone is refused there only if something asks for local time
  /// (`rules(for:at:neededBy:problems:)`); to take UTC in its place would open and close the shop at wrong hours.
  func load(_ name: String) -> TimeZoneRules? {
    if case .loaded(let rules) = loading(name) { rules } else { nil }
  }

  /// The rules of the kiosk's zone, for something in the configuration that needs them; nil has been reported.
  /// - Parameters:
  ///   - at: where the zone is written, or where what needs it is when no zone is written.
  ///   - need: what needs it, as messages name it: `[opening_hours]`.
  func rules(
    for name: String, at place: SourcePosition, neededBy need: String, problems: ProblemList
  ) -> TimeZoneRules? {
    switch loading(name) {
    case .loaded(let rules): return rules
    case .noDatabase:
      problems.add(
        .unreadable, at: place,
        "\(need) needs the rules of the time zone \(quoted(name)), but there is no time zone database in \(database)",
        write: "install the package tzdata, or write time_zone = \"UTC\" and all times in UTC")
    case .unreadable(let why, let hint):
      problems.add(
        .unreadable, at: place, "\(need) needs the rules of the time zone \(quoted(name)), but \(why)", write: hint)
    }
    return nil
  }

  func loading(_ name: String) -> Loading {
    if name == "UTC" || name == "Etc/UTC" { return .loaded(.utc) }
    switch look(up: name) {
    case .known: break
    case .malformed, .unknown:
      return .unreadable(
        why: "the time zone database does not know it", hint: "write a name that timedatectl list-timezones shows")
    }
    var status = stat()
    guard stat(database, &status) == 0 else { return .noDatabase }
    let path = "\(database)/\(name)"
    let bytes: [UInt8]
    do throws(Failure) {
      bytes = try Self.bytes(of: path)
    } catch {
      return .unreadable(why: "\(path) \(error.why)", hint: "install the package tzdata again")
    }
    do throws(TimeZoneRulesError) {
      return .loaded(try TimeZoneRules(tzif: bytes))
    } catch {
      return .unreadable(why: "\(path) cannot be used: \(error.message)", hint: error.hint)
    }
  }

  private struct Failure: Error {
    var why: String
  }

  /// The content of a file of ordinary size. Links are followed: the database is full of them, and only the system's owner
  /// can make one.
  private static func bytes(of path: String) throws(Failure) -> [UInt8] {
    // Not blocking: it could be a pipe that nobody writes to.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Failure(why: "cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, isKind(status, S_IFREG) else { throw Failure(why: "is no file") }
    var bytes = [UInt8](repeating: 0, count: mostBytes + 1)
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
      }
      if more < 0, errno == EINTR { continue }
      guard more >= 0 else { throw Failure(why: "cannot be read: \(String(cString: strerror(errno)))") }
      if more == 0 { break }
      count += more
    }
    guard count <= mostBytes else { throw Failure(why: "is too large to be a time zone") }
    return Array(bytes[..<count])
  }
}
