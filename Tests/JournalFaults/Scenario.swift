import Feedback
import Journal
import JournalTestKit

/// What a kiosk does with its journal, the same for the same seed: opening, appends of a few events, a stop or a crash now
/// and then, and settings under which the log is copied and the totals are written often.
struct Scenario {
  enum Step {
    case append(Int)
    /// Every consumer has all but the newest few; what is old enough is deleted.
    case expire
    /// Ends the process as SIGTERM would, and starts it again.
    case restart
    /// Ends it as SIGKILL would, and starts it again.
    case crash
  }

  let seed: UInt64
  let steps: [Step]
  private let base: JournalTuning

  init(seed: UInt64) {
    self.seed = seed
    var random = SeededGenerator(seed: seed)
    var tuning = JournalTuning()
    tuning.pageSize = [512, 512, 512, 1_024, 4_096].randomElement(using: &random) ?? 512
    tuning.checkpointPages = Int.random(in: 8...60, using: &random)
    tuning.countersEvery = Int64.random(in: 3...30, using: &random)
    tuning.logBytes = Int.random(in: 0...1, using: &random) == 0 ? 16 << 10 : tuning.logBytes
    tuning.reserveBytes = 4_096
    tuning.newestKept = Int64.random(in: 1...10, using: &random)
    tuning.rowsPerStep = Int64.random(in: 2...20, using: &random)
    base = tuning
    steps = (0..<Int.random(in: 24...40, using: &random)).map { _ in
      switch Int.random(in: 0..<20, using: &random) {
      case 0: .restart
      case 1: .crash
      case 2, 3: .expire
      default: .append(Int.random(in: 1...4, using: &random))
      }
    }
  }

  func tuning(_ vfs: FaultVFS, _ synchronous: JournalTuning.Synchronous = .full) -> JournalTuning {
    var tuning = base
    tuning.vfs = vfs.name
    tuning.synchronous = synchronous
    return tuning
  }

  /// The drafts are made of the seed and the number they will get, so that they do not depend on what failed before.
  func drafts(_ count: Int, next: Int64) -> [EventDraft] {
    var random = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(next))
    return RandomDrafts.batch(of: count, next: next, using: &random)
  }

  static func open(_ directory: ScratchDirectory, _ tuning: JournalTuning) throws(JournalError) -> Journal {
    try Journal.open(
      directory: directory.path, device: "kiosk-1", boot: BootIdentity(bootID: "boot"), reading: .sample,
      tuning: tuning)
  }
}

extension ClockReading {
  static let sample = ClockReading(
    monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: 5_000_000_000, wallMilliseconds: 1_700_000_000_123,
    state: .synchronised)

  /// So much later that everything written before is old, whatever it says of its time.
  static let muchLater = ClockReading(
    monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: 6_000_000_000, wallMilliseconds: 1 << 43,
    state: .synchronised)
}

extension Event {
  /// Whether this is what became of a draft.
  func isMade(of draft: EventDraft) -> Bool {
    var expected = draft
    expected.visit = draft.visit ?? sequence
    return content == expected
  }
}
