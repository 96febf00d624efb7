import Glibc

/// The socket calls of this module in one place.
enum UnixSocket {
  /// A non-blocking, close-on-exec stream socket, or -1 and errno.
  static func make() -> Int32 {
    socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  }

  /// Longest path of a unix socket in bytes (`sun_path` less its closing zero).
  static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// Calls `body` with the address of `path`; nil when the path is too long for a socket.
  static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result? {
    let bytes = Array(path.utf8)
    guard bytes.count <= longestPath else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// Writes what fits now; never raises SIGPIPE. Returns the count, 0 when the peer is not taking any, -1 when it is gone.
  static func send(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
    guard !bytes.isEmpty else { return 0 }
    while true {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 { return count }
      if errno == EINTR { continue }
      return errno == EAGAIN ? 0 : -1
    }
  }

  /// Reads what is there. Returns nil when there is nothing yet; an empty array when the peer is gone.
  static func receive(_ descriptor: Int32, atMost limit: Int) -> [UInt8]? {
    while true {
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, used in
        count = Glibc.recv(descriptor, buffer.baseAddress, limit, 0)
        used = max(0, count)
      }
      if count >= 0 { return bytes }
      if errno == EINTR { continue }
      return errno == EAGAIN ? nil : []
    }
  }

  static var lastError: String { String(cString: strerror(errno)) }
}
