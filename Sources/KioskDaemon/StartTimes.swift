import CKioskPlatform
import Feedback

/// How long the start took.
struct StartTimes: Sendable {
  /// When the process was started.
  let process: MonotonicTime
  /// When the lines were armed.
  let armed: MonotonicTime

  var armedAfterMicroseconds: Int64 { (armed - process).wholeNanoseconds / 1000 }

  /// - Parameter entered: when the program's own code began; what the kernel says of the process's start comes in steps of
  ///   10 ms and is believed only where it is earlier.
  init(entered: MonotonicTime, armed: MonotonicTime) {
    self.armed = armed
    let asleep = kiosk_clock_boottime() - kiosk_clock_monotonic()
    let told = Platform.processStartNanoseconds().map { MonotonicTime(nanoseconds: $0 - asleep) }
    process = told.map { min($0, entered) } ?? entered
  }
}
