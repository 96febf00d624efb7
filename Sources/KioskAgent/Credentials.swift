import Glibc
import NIOCore

/// The secrets handed to the agent, one file each, as systemd's `LoadCredential=` places them in `$CREDENTIALS_DIRECTORY`.
/// Read when they are used, so that a new one takes effect without telling anybody.
public struct Credentials: Sendable, Hashable {
  /// Bytes a credential may have: a chain of certificates has some thousands.
  public static let mostBytes = 256 * 1024

  /// Nil: there are none.
  public var directory: String?

  public init(directory: String?) { self.directory = directory }

  /// A credential's content; nil when there is none of that name.
  /// - Throws: `AgentError` when it is there and cannot be read, or is too large.
  public func bytes(_ name: String) throws(AgentError) -> [UInt8]? {
    guard let directory else { return nil }
    return try Self.read("\(directory)/\(name)")
  }

  /// A credential that is one line of text, such as a token, without the line's end.
  /// - Throws: `AgentError`, also when it is no single line of visible ASCII characters.
  public func line(_ name: String) throws(AgentError) -> String? {
    guard var bytes = try bytes(name) else { return nil }
    while let last = bytes.last, last == 10 || last == 13 || last == 32 { bytes.removeLast() }
    guard !bytes.isEmpty, bytes.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw AgentError(
        .credential, "the credential \(name) is no single line of text", hint: "write nothing but the secret into it")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A whole file; nil when there is none.
  static func read(_ path: String) throws(AgentError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      let number = errno
      if number == ENOENT { return nil }
      throw AgentError(
        .credential, "\(path) cannot be read: \(String(cString: strerror(number)))",
        hint: "give the agent's user read permission on it")
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while bytes.count <= mostBytes {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw AgentError(
          .credential, "\(path) cannot be read: \(String(cString: strerror(errno)))", hint: "is it a file?")
      }
      bytes += chunk.prefix(count)
    }
    throw AgentError(.credential, "\(path) has more than \(mostBytes) bytes", hint: "is it the right file?")
  }
}
