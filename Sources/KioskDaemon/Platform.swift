import Glibc

/// The system calls of this module in one place.
enum Platform {
  /// The kernel's id of this boot; nil where /proc/sys is hidden.
  static func bootID() -> String? {
    guard let text = readSmallFile("/proc/sys/kernel/random/boot_id") else { return nil }
    let line = text.prefix { $0 != "\n" }
    return line.isEmpty ? nil : String(line)
  }

  /// Nanoseconds on CLOCK_BOOTTIME at which this process was started; nil when /proc does not tell. In steps of 10 ms.
  static func processStartNanoseconds() -> Int64? {
    // Field 22 of /proc/self/stat, counted after the command's closing parenthesis (field 2), for it may hold spaces.
    guard let text = readSmallFile("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, let ticks = Int64(fields[19]) else { return nil }
    let perSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
    return perSecond > 0 ? ticks * (1_000_000_000 / perSecond) : nil
  }

  /// A file of at most 4 KiB as text.
  static func readSmallFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, used in
      count = read(descriptor, buffer.baseAddress, 4096)
      used = max(0, count)
    }
    return count > 0 ? String(decoding: bytes, as: UTF8.self) : nil
  }

  /// Writes all of it to a descriptor; gives up when the other end is gone.
  static func write(_ text: String, to descriptor: Int32) {
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
  static func sendDatagram(_ bytes: [UInt8], to name: String) -> Bool {
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

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
