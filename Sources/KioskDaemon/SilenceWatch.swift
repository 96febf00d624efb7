import Feedback

/// Notices a panel that nobody presses although the place is open: a cable pulled, a box turned to the wall, a button row
/// that has died. A value; it is looked at in rounds that take place anyway.
struct SilenceWatch: Sendable {
  /// Open time without a press.
  private var silent = Duration.zero
  private var lastLook: MonotonicTime?
  private(set) var isSilent = false

  /// Somebody pressed. Returns whether the panel had been silent.
  mutating func press(at time: MonotonicTime) -> Bool {
    defer { isSilent = false }
    silent = .zero
    lastLook = max(lastLook ?? time, time)
    return isSilent
  }

  /// Adds the time since the last look if the place was open. Returns whether the panel has just become silent.
  mutating func look(at time: MonotonicTime, isOpen: Bool, limit: Duration) -> Bool {
    defer { lastLook = time }
    guard let lastLook, isOpen, limit > .zero else { return false }
    silent += max(time - lastLook, .zero)
    guard !isSilent, silent >= limit else { return false }
    isSilent = true
    return true
  }
}
