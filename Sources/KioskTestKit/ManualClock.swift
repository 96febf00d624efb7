import Feedback
import GPIO
import Synchronization

/// Clocks that stand still until a test moves them: the monotonic one is a simulated chip's, the wall clock is set by hand.
public final class ManualClock: Sendable {
  private let chip: SimulatedChip
  private let wall: Mutex<(milliseconds: Int64, state: ClockState)>

  /// - Parameter chip: one with a manual clock.
  public init(
    of chip: SimulatedChip, wallMilliseconds: Int64 = 1_800_000_000_000, state: ClockState = .synchronised
  ) {
    self.chip = chip
    wall = Mutex((wallMilliseconds, state))
  }

  public func read() -> ClockReading {
    let now = chip.now
    let (milliseconds, state) = wall.withLock { $0 }
    return ClockReading(
      monotonic: now, bootTimeNanoseconds: now.nanoseconds, wallMilliseconds: milliseconds, state: state)
  }

  public func setWall(milliseconds: Int64, state: ClockState) {
    wall.withLock { $0 = (milliseconds, state) }
  }
}
