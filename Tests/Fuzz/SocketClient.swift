import Glibc

/// A client of a control socket that sends what it likes and never waits, unless it is told to.
final class SocketClient {
  private(set) var descriptor: Int32
  /// What came and has not been taken as lines yet.
  private var received: [UInt8] = []
  /// True once the server has closed.
  private(set) var isEnded = false

  /// Nil when the server takes no more.
  init?(path: String) {
    descriptor = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8.prefix($0.count - 1))) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      Glibc.close(descriptor)
      descriptor = -1
      return nil
    }
  }

  deinit { close() }

  func close() {
    guard descriptor >= 0 else { return }
    Glibc.close(descriptor)
    descriptor = -1
  }

  /// Says that nothing more will be sent; answers can still come.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// How many bytes were taken; 0 where none are taken now.
  func send(_ bytes: ArraySlice<UInt8>) -> Int {
    let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if count < 0, errno != EAGAIN, errno != EINTR { isEnded = true }
    return max(0, count)
  }

  /// Takes what has come; whole lines without their ends.
  func lines() -> [ArraySlice<UInt8>] {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isEnded {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { break }
      guard count > 0 else {
        isEnded = true
        break
      }
      received += buffer.prefix(count)
    }
    guard let last = received.lastIndex(of: newline) else { return [] }
    let whole = received[..<last]
    received = Array(received[(last + 1)...])
    return whole.split(separator: newline, omittingEmptySubsequences: false)
  }

  /// Waits until it can be read, or written; false when that takes too long.
  func wait(for events: Int32, milliseconds: Int32) -> Bool {
    var wanted = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return poll(&wanted, 1, milliseconds) > 0
  }
}
