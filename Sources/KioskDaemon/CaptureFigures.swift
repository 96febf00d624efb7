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
  /// By sensor: contacts counted since the start, and whether it sees somebody.
  var contacts: [Int64]
  var isSensorActive: [Bool]
  var activeSellers: [String] = []
  var isStaffCalled = false
  var phase = DisplayState.Phase.idle
  /// Name and version of the survey asked now; nil: that of the configuration.
  var survey: (name: String, version: Int)?

  init(buttons: Int, sensors: Int) {
    presses = Array(repeating: 0, count: buttons)
    isDown = Array(repeating: false, count: buttons)
    contacts = Array(repeating: 0, count: sensors)
    isSensorActive = Array(repeating: false, count: sensors)
  }
}
