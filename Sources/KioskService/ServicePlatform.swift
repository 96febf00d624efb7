import Glibc

/// The system calls of this module in one place.
public enum ServicePlatform {
  /// Writes all of it to a descriptor; gives up when the other end is gone.
  public static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Sends one datagram to a unix socket named by a path or, with a leading `@`, in the abstract namespace, without waiting:
  /// where the receiver's queue is full it is dropped, for the daemon must not hang on whoever reads. False when there is
  /// no receiver.
  public static func sendDatagram(_ bytes: [UInt8], to name: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(name.utf8)
    guard let first = path.first, path.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    if first == UInt8(ascii: "@") { path[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let length = MemoryLayout<sa_family_t>.size + path.count
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let sent = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { destination in
        bytes.withUnsafeBytes {
          sendto(
            descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), destination,
            socklen_t(length))
        }
      }
    }
    return sent == bytes.count || errno == EAGAIN
  }

  public static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
