import Glibc

/// The service manager's end of sd_notify: a datagram socket that keeps what it is told.
public final class NotificationSocket {
  public let path: String
  private let descriptor: Int32
  private var kept: [String] = []

  public init(in directory: TemporaryDirectory) {
    path = "\(directory.path)/notify"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  deinit { close(descriptor) }

  /// Everything told so far, one string a datagram.
  public var messages: [String] {
    while true {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return kept }
      kept.append(String(decoding: buffer.prefix(count), as: UTF8.self))
    }
  }
}
