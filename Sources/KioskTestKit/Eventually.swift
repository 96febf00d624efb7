import CKioskPlatform
import Glibc

/// Looks again and again until the condition holds; false when it has not held within the limit.
///
/// The limit is there for a test that fails; a passing one ends as soon as the condition holds.
public func eventually(within limit: Duration = .seconds(20), _ condition: () throws -> Bool) rethrows -> Bool {
  let end = kiosk_clock_monotonic() + Int64(limit.components.seconds) * 1_000_000_000
  while true {
    if try condition() { return true }
    if kiosk_clock_monotonic() >= end { return false }
    usleep(2_000)
  }
}
