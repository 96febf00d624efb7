import Feedback

/// What the main thread may show of capture at any moment, even while capture waits for a slow disk.
struct CaptureFigures: Sendable {
  /// Batches taken: progress, for the watchdog.
  var rounds: UInt64 = 0
  var edges: Int64 = 0
  var losses: Int64 = 0
  /// By button: presses since the start, and whether it is down.
  var presses: [Int64]
  var isDown: [Bool]
  var health = HealthRegister()
  var isJournalWritable = false
  var epoch: String?
  var lastSequence: Int64?
  var waiting = 0
  var commits: Int64 = 0

  init(buttons: Int) {
    presses = Array(repeating: 0, count: buttons)
    isDown = Array(repeating: false, count: buttons)
  }
}
