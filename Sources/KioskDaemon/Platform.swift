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
}
