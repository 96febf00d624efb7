import Feedback
import Glibc
import KioskConfiguration

/// What the board tells of itself: temperature, supply voltage, room on the disk. Read by the main thread when the watchdog
/// wakes it anyway; a board that tells nothing is healthy.
struct BoardHealth {
  /// Between two looks. Heat and disks change slowly, and each look opens a few files.
  static let interval = Duration.seconds(60)
  /// Below the limit by so much it has cooled down, so that it is not told each time it crosses the limit.
  static let hysteresisDegrees = 5

  /// Where the kernel tells of the hardware; another directory in tests.
  let root: String
  /// The journal's directory.
  let state: String

  /// What was read; nil: the board does not tell.
  struct Reading: Sendable, Equatable {
    var degrees: Int?
    var isVoltageLow: Bool?
    var freeMebibytes: Int?
  }

  func read() -> Reading {
    Reading(degrees: degrees, isVoltageLow: isVoltageLow, freeMebibytes: freeMebibytes)
  }

  /// The hottest zone.
  private var degrees: Int? {
    (0..<8).compactMap { zone in
      number("\(root)/class/thermal/thermal_zone\(zone)/temp").map { $0 / 1000 }
    }.max()
  }

  /// The Raspberry Pi's firmware raises this alarm below some 4.63 V (driver raspberrypi-hwmon, `in0_lcrit_alarm`).
  private var isVoltageLow: Bool? {
    for index in 0..<16 {
      let directory = "\(root)/class/hwmon/hwmon\(index)"
      guard let name = text("\(directory)/name"), name == "rpi_volt" else { continue }
      return number("\(directory)/in0_lcrit_alarm").map { $0 != 0 }
    }
    return nil
  }

  private var freeMebibytes: Int? {
    var status = statvfs()
    guard statvfs(state, &status) == 0 else { return nil }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? nil : Int(bytes >> 20)
  }

  private func number(_ path: String) -> Int? { text(path).flatMap { Int($0) } }

  private func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return String(decoding: bytes.prefix(count).prefix { $0 > 32 && $0 < 127 }, as: UTF8.self)
  }
}
