import Glibc

/// Names of time zones, held against the time zone database where it is installed.
struct TimeZoneName {
  /// Where Debian's package tzdata puts the database.
  static let systemDatabase = "/usr/share/zoneinfo"

  let database: String

  enum Finding {
    case known
    /// Not of the form of a name.
    case malformed
    /// Not in the database; what may have been meant.
    case unknown(proposal: String?)
  }

  func look(up name: String) -> Finding {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    // The form keeps a name from leading out of the database: no part is empty or begins with a point.
    guard (1...64).contains(name.utf8.count), parts.count <= 3,
      parts.allSatisfy({ part in part.utf8.first.map(Self.isLetter) ?? false && part.utf8.allSatisfy(Self.isAllowed) })
    else { return .malformed }
    var status = stat()
    // A small system may do without the database; then the form is all that can be checked.
    guard stat(database, &status) == 0, isKind(status, S_IFDIR) else { return .known }
    if isZone(name) { return .known }
    let region = parts.count > 1 ? parts.dropLast().joined(separator: "/") : ""
    var candidates = names(in: region).map { region.isEmpty ? $0 : "\(region)/\($0)" }
    if parts.count == 1 {
      // "Berlin" without its region.
      for area in ["Europe", "America", "Asia", "Africa", "Australia", "Pacific", "Atlantic"] {
        if isZone("\(area)/\(name)") { return .unknown(proposal: "\(area)/\(name)") }
      }
    } else if candidates.isEmpty, let area = nearest(to: region, among: names(in: "")) {
      candidates = names(in: area).map { "\(area)/\($0)" }
    }
    let proposal = nearest(to: name, among: candidates)
    return .unknown(proposal: proposal.flatMap { isZone($0) ? $0 : nil })
  }

  /// Whether the database has a compiled zone of that name: such files begin with "TZif" (RFC 8536).
  private func isZone(_ name: String) -> Bool {
    let descriptor = open("\(database)/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var magic = [UInt8](repeating: 0, count: 4)
    return read(descriptor, &magic, 4) == 4 && magic == Array("TZif".utf8)
  }

  private func names(in region: String) -> [String] {
    guard let stream = opendir(region.isEmpty ? database : "\(database)/\(region)") else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream), names.count < 1000 {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
          String(decoding: UnsafeBufferPointer(start: bytes, count: strnlen(bytes, 256)), as: UTF8.self)
        }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+")].contains(byte)
  }
}
