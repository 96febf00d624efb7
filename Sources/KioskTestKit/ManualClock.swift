import Feedback
import GPIO
import Synchronization

/// Clocks that stand still until a test moves them: the monotonic one is a simulated chip's, the wall clock is set by hand
/// and stands still or runs with the chip's.
public final class ManualClock: Sendable {
  private let chip: SimulatedChip
  private let wall: Mutex<Wall>

  private struct Wall {
    var milliseconds: Int64
    var state: ClockState
    /// Since when it runs; nil: it stands still.
    var runsSince: MonotonicTime?
  }

  /// - Parameter chip: one with a manual clock.
  public init(
    of chip: SimulatedChip, wallMilliseconds: Int64 = 1_800_000_000_000, state: ClockState = .synchronised
  ) {
    self.chip = chip
    wall = Mutex(Wall(milliseconds: wallMilliseconds, state: state))
  }

  public func read() -> ClockReading {
    let now = chip.now
    let wall = wall.withLock { $0 }
    let run = wall.runsSince.map { (now - $0).wholeMilliseconds } ?? 0
    return ClockReading(
      monotonic: now, bootTimeNanoseconds: now.nanoseconds, wallMilliseconds: wall.milliseconds + run, state: wall.state
    )
  }

  public func setWall(milliseconds: Int64, state: ClockState) {
    wall.withLock { $0 = Wall(milliseconds: milliseconds, state: state) }
  }

  /// Sets the wall clock, which runs on from there with the chip's.
  public func runWall(milliseconds: Int64, state: ClockState) {
    wall.withLock { $0 = Wall(milliseconds: milliseconds, state: state, runsSince: chip.now) }
  }
}
