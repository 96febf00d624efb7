import Glibc

/// A directory of its own, gone with this value. Holds files only.
public final class ScratchDirectory {
  public let path: String

  /// - Parameter parent: where; nil: in memory where the system has such a place, so that a disk's latency does not
  ///   limit how much is tried, else in /tmp.
  public init(in parent: String? = nil) throws(ScratchFailure) {
    let place = parent ?? (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")
    var template = Array("\(place)/journal-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ScratchFailure(place: place, number: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    empty()
    rmdir(path)
  }

  public func empty() {
    for name in names { unlink("\(path)/\(name)") }
  }

  /// What is in it, in order.
  public var names: [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  public var database: String { "\(path)/ratings.db" }
}

public struct ScratchFailure: Error, CustomStringConvertible {
  var place: String
  var number: Int32

  public var description: String { "cannot make a directory in \(place): \(String(cString: strerror(number)))" }
}
