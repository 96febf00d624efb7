/// What a request is for: the path in its parts and the query, percent signs resolved. Nothing is made of dots and double
/// slashes: a path is one of ours, letter for letter, or none.
struct RequestTarget: Sendable {
  enum Operation: Sendable, Hashable {
    case events
    case cursor(String)
    case status
    case health
    case metrics

    var methods: [String] {
      if case .cursor = self { ["GET", "PUT"] } else { ["GET"] }
    }
  }

  /// Nil: there is nothing there.
  var operation: Operation?
  /// As it was sent.
  var query: Substring?

  init(_ text: String) {
    let path = text.prefix { $0 != "?" && $0 != "#" }
    let rest = text[path.endIndex...]
    if rest.hasPrefix("?") { query = rest.dropFirst().prefix { $0 != "#" } }
    guard path.hasPrefix("/") else { return }
    var parts: [String] = []
    for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard parts.count < 8, let plain = Self.plain(part) else { return }
      parts.append(plain)
    }
    switch parts {
    case ["v1", "events"]: operation = .events
    case ["v1", "status"]: operation = .status
    case ["healthz"]: operation = .health
    case ["metrics"]: operation = .metrics
    case let parts where parts.count == 4 && parts[0] == "v1" && parts[1] == "consumers" && parts[3] == "cursor":
      operation = .cursor(parts[2])
    default: break
    }
  }

  /// The parameters of the query, each of which may be there once.
  /// - Returns: nil when one has a name that is not asked for, comes twice, or is not written as it should be.
  func parameters(_ names: Set<String>) -> [String: String]? {
    var found: [String: String] = [:]
    for pair in (query ?? "").split(separator: "&") {
      let name = pair.prefix { $0 != "=" }
      guard let key = Self.plain(name), names.contains(key), found[key] == nil,
        let value = Self.plain(pair[name.endIndex...].dropFirst())
      else { return nil }
      found[key] = value
    }
    return found
  }

  /// Resolves percent signs; nil when what follows one is no byte, or the bytes are no text.
  private static func plain(_ text: Substring) -> String? {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

/// Whether a client takes answers packed with gzip (RFC 9110, `Accept-Encoding`).
enum AcceptedEncoding {
  static func allowsGzip(_ fields: [String]) -> Bool {
    var byAny = false
    for item in fields.joined(separator: ",").lowercased().split(separator: ",").prefix(32) {
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      guard let name = parts.first else { continue }
      // q=0, with as many zeros after the point as may be: not wanted.
      let isRefused = parts.dropFirst().contains { part in
        part.hasPrefix("q=") && !part.dropFirst(2).contains { ("1"..."9").contains($0) }
      }
      switch name {
      case "gzip", "x-gzip": return !isRefused
      case "*": byAny = !isRefused
      default: break
      }
    }
    return byAny
  }
}
