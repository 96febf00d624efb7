import CKioskPlatform
import Glibc

/// The ways this kiosk has to a network at a moment: addresses of interfaces that carry data, and default routes. When there
/// is one more than before, what failed before may work now.
struct NetworkPaths: Sendable, Hashable {
  var paths: Set<String>

  /// Whether there is a path that there was not before. A lease renewed, or a link going down, is none.
  func hasMore(than before: NetworkPaths) -> Bool { !paths.isSubset(of: before.paths) }

  /// As they are now; empty when the system does not tell.
  static func current() -> NetworkPaths {
    var paths: Set<String> = []
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return NetworkPaths(paths: []) }
    defer { freeifaddrs(list) }
    var entry = list
    while let interface = entry?.pointee {
      entry = interface.ifa_next
      guard kiosk_interface_carries(interface.ifa_flags), let address = interface.ifa_addr,
        let text = numeric(address)
      else { continue }
      paths.insert("\(String(cString: interface.ifa_name)) \(text)")
    }
    paths.formUnion(defaultRoutes(of: "/proc/net/route"))
    paths.formUnion(defaultRoutes6(of: "/proc/net/ipv6_route"))
    return NetworkPaths(paths: paths)
  }

  /// An address in digits; nil for what is no IP address.
  private static func numeric(_ address: UnsafeMutablePointer<sockaddr>) -> String? {
    let length: Int
    switch Int32(address.pointee.sa_family) {
    case AF_INET: length = MemoryLayout<sockaddr_in>.size
    case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
    default: return nil
    }
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard getnameinfo(address, socklen_t(length), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
      return nil
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Interface and gateway of the routes to everywhere (proc_pid_net(5): the second column is the destination, the
  /// eighth its mask; half of everything, as tunnels have it, has a mask).
  static func defaultRoutes(of file: String) -> Set<String> {
    guard let bytes = try? Credentials.read(file) else { return [] }
    var routes: Set<String> = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
      let columns = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
      guard columns.count > 7, columns[1] == "00000000", columns[7] == "00000000" else { continue }
      routes.insert("route \(columns[0]) \(columns[2])")
    }
    return routes
  }

  /// The same for IPv6: destination, length of its prefix, and after more of the kind the next hop and, at the end, the
  /// interface. The kernel keeps one on the loopback interface that says that nothing can be reached.
  static func defaultRoutes6(of file: String) -> Set<String> {
    guard let bytes = try? Credentials.read(file) else { return [] }
    var routes: Set<String> = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let columns = line.split(separator: " ")
      guard columns.count > 9, columns[0].allSatisfy({ $0 == "0" }), columns[1] == "00", columns[9] != "lo" else {
        continue
      }
      routes.insert("route \(columns[9]) \(columns[4])")
    }
    return routes
  }
}
