import Feedback
import Journal
import JournalTestKit

/// Random sequences of what can be done with and to a journal, each compared with a list in memory. Every run is made of
/// its seed alone.
struct ModelRuns {
  let count: Int
  let seed: UInt64

  func run(_ findings: inout Findings) throws {
    var totals = ModelRun.Figures()
    let directory = try ScratchDirectory()
    for number in 0..<UInt64(count) {
      directory.empty()
      let run = ModelRun(seed: seed &+ number, directory: directory)
      do {
        try run.run()
      } catch {
        findings.add("model run with seed \(seed &+ number), step \(run.step) (\(run.doing)): \(error)")
      }
      totals.add(run.figures)
    }
    JournalFaults.say(
      "figures: model: \(count) runs, \(totals.operations) operations, \(totals.appended) events, "
        + "\(totals.expired) expired, \(totals.crashes) crashes, \(totals.cuts) power cuts, \(totals.faults) faults reported"
    )
  }
}

/// A difference between journal and model.
struct Difference: Error, CustomStringConvertible {
  var description: String
}

final class ModelRun {
  struct Figures {
    var operations = 0, appended = 0, expired = 0, crashes = 0, cuts = 0, faults = 0

    mutating func add(_ other: Figures) {
      operations += other.operations
      appended += other.appended
      expired += other.expired
      crashes += other.crashes
      cuts += other.cuts
      faults += other.faults
    }
  }

  private(set) var figures = Figures()
  private(set) var step = 0
  private(set) var doing = "open"
  private var random: SeededGenerator
  private let directory: ScratchDirectory
  private let vfs = FaultVFS(keepsUnsynced: true)
  private let tuning: JournalTuning
  private var journal: Journal?
  private var boot = 1
  private var epoch = ""

  /// The model: all events there ever were, in order, how many of them are deleted, how many every consumer has, and the
  /// counters.
  private var events: [Event] = []
  private var gone = 0
  private var delivered: Int64 = 0
  private var counters = CounterModel()

  init(seed: UInt64, directory: ScratchDirectory) {
    random = SeededGenerator(seed: seed)
    self.directory = directory
    var tuning = JournalTuning()
    tuning.vfs = vfs.name
    tuning.checkpointPages = Int.random(in: 8...80, using: &random)
    tuning.countersEvery = Int64.random(in: 1...40, using: &random)
    tuning.reserveBytes = 4_096
    tuning.newestKept = Int64.random(in: 1...12, using: &random)
    tuning.rowsPerStep = Int64.random(in: 1...30, using: &random)
    self.tuning = tuning
  }

  func run() throws {
    try open()
    epoch = journal?.epoch ?? ""
    for number in 1...Int.random(in: 20...120, using: &random) {
      step = number
      figures.operations += 1
      switch Int.random(in: 0..<28, using: &random) {
      case 0..<12: try append()
      case 12..<15: try read()
      case 15: try refuse()
      case 16: try compareAll()
      case 17: try reopen(closing: true)
      case 18: try reopen(closing: false)
      case 19, 20: try cutPower()
      case 21, 22: try deliver()
      case 23, 24: try expire()
      default: try failOnce()
      }
    }
    doing = "the end"
    try reopen(closing: true)
    try compareAll()
  }

  // MARK: - Operations

  private func drafts() -> [EventDraft] {
    RandomDrafts.batch(
      of: Int.random(in: 1...6, using: &random), next: Int64(events.count) + 1, using: &random)
  }

  private func append() throws {
    doing = "append"
    guard let journal else { throw Difference(description: "no journal is open") }
    take(try journal.append(drafts()))
  }

  private func take(_ appended: [Event]) {
    events += appended
    for event in appended { counters.add(event) }
    figures.appended += appended.count
  }

  private func read() throws {
    doing = "read"
    let after = Int.random(in: -1...events.count + 2, using: &random)
    let limit = Int.random(in: 1...20, using: &random)
    let expected = Array(events.dropFirst(max(after, gone)).prefix(limit))
    try expect(try reader().events(after: Int64(after), limit: limit) == expected, "reads other events after \(after)")
  }

  private func refuse() throws {
    doing = "an append that is refused"
    var draft = EventDraft(kind: .health, at: .sample)
    draft.detail = String(repeating: "x", count: Journal.longestText + 1)
    do {
      _ = try journal?.append([draft])
      throw Difference(description: "a text that is too long was taken")
    } catch let error as JournalError {
      try expect(error.code == .tooLarge, "refused as \(error.code)")
    }
    try expect(try journal?.append([]).isEmpty == true, "an append of nothing")
    try expect(journal?.nextSequence == Int64(events.count) + 1, "a refused append used a number")
  }

  private func compareAll() throws {
    doing = "compare"
    let reader = try reader()
    try expect(
      try reader.events(after: 0, limit: JournalReader.largestLimit) == Array(events.dropFirst(gone)),
      "the events differ")
    try expect(try reader.counters() == counters.counters, "the counters differ")
    let chain = try reader.verifyChain()
    try expect(chain.isWhole && chain.lastSequence == Int64(events.count), "the chain is broken or ends elsewhere")
    let summary = try reader.summary()
    try expect(
      summary.firstSequence == Int64(gone) + 1 && summary.expiredThrough == Int64(gone)
        && summary.lastSequence == Int64(events.count) && summary.epoch == epoch,
      "the summary differs")
  }

  /// Every consumer has the events up to some number; nonsensical numbers are refused.
  private func deliver() throws {
    doing = "acknowledge"
    let through = Int64.random(in: -1...Int64(events.count) + 2, using: &random)
    do {
      try journal?.acknowledge(through: through)
      try expect((0...Int64(events.count)).contains(through), "event \(through) was acknowledged")
      delivered = max(delivered, through)
    } catch let error as JournalError {
      try expect(error.code == .unknownEvent && !(0...Int64(events.count)).contains(through), "refused: \(error)")
    }
    try expect(journal?.acknowledgedThrough == delivered, "acknowledged through another event")
  }

  private func expire() throws {
    doing = "expire"
    guard let step = try journal?.maintain(RetentionPolicy(days: 1), at: .muchLater) else { return }
    try expect(step.early == 0 && step.lost.isEmpty, "events went for want of room: \(step)")
    try expect(step.expired <= tuning.rowsPerStep, "one step deleted \(step.expired) events")
    try delete(Int(step.expired))
  }

  private func delete(_ count: Int) throws {
    gone += count
    figures.expired += count
    let newestDeletable = max(Int64(events.count) - tuning.newestKept, 0)
    try expect(
      count == 0 || Int64(gone) <= min(delivered, newestDeletable), "deleted through \(gone), delivered \(delivered)")
    counters.forget(through: Int64(gone))
    try expect(try reader().summary().expiredThrough == Int64(gone), "expired through another event than was told")
  }

  private func reopen(closing: Bool) throws {
    doing = closing ? "close and open" : "crash and open"
    if closing { journal?.close() } else { figures.crashes += 1 }
    journal = nil
    if Bool.random(using: &random) { boot += 1 }
    try open()
  }

  /// The power goes off at some point of the next appends; what they had not returned is there as a whole or not at all.
  private func cutPower() throws {
    doing = "power cut"
    vfs.cut(before: Int.random(in: 1...40, using: &random))
    var attempted: [EventDraft] = []
    while !vfs.isOff {
      if delivered > gone, Int.random(in: 0..<3, using: &random) == 0 {
        // On its way when the power goes, it has happened or it has not.
        if let step = try? journal?.maintain(RetentionPolicy(days: 1), at: .muchLater) {
          try delete(Int(step.expired))
        } else {
          try expect(vfs.isOff, "retention failed with the power on")
        }
        continue
      }
      attempted = drafts()
      do {
        take(try journal?.append(attempted) ?? [])
        attempted = []
      } catch {
        try expect(vfs.isOff, "an append failed with the power on: \(error)")
      }
    }
    journal = nil
    figures.cuts += 1
    let remains = FaultVFS.Remains.allCases.randomElement(using: &random) ?? .nothing
    try expect(vfs.restore(remains, seed: random.next()) != nil, "the files could not be restored")
    doing = "open after a power cut"
    let next = Int64(events.count) + 1
    let opened = try openJournal()
    let expired = Int(try reader().summary().expiredThrough)
    try expect(expired >= gone, "deleted events came back")
    if expired > gone { try delete(expired - gone) }
    if opened.nextSequence == next + 1 + Int64(attempted.count), !attempted.isEmpty {
      let more = try reader().events(after: next - 1, limit: attempted.count)
      try expect(zip(more, attempted).allSatisfy { $0.isMade(of: $1) }, "other events than those of the append")
      take(more)
    }
    try started(opened)
  }

  /// One call fails, in an append or in an opening; the journal goes on as if nothing had been tried.
  private func failOnce() throws {
    doing = "fault"
    let faults: [(FaultVFS.Call, FaultVFS.Fault)] = [
      (.write, .diskFull), (.write, .writeFailed), (.sync, .syncFailed), (.sync, .diskFull), (.read, .readFailed),
      (.truncate, .writeFailed),
    ]
    guard let (call, fault) = faults.randomElement(using: &random) else { return }
    let drafts = drafts()
    let expires = Bool.random(using: &random)
    if Int.random(in: 0..<4, using: &random) == 0 { journal = nil }
    vfs.fail(call, nth: Int.random(in: 1...12, using: &random), with: fault)
    var failedOpenings = 0
    for attempt in 1... {
      do {
        if journal == nil {
          failedOpenings += 1
          let opened = try openJournal()
          // On a full disk it gives up the reserve and tries once more by itself.
          try started(opened, after: failedOpenings - (fault == .diskFull ? 0 : 1))
        }
        if expires { try delete(Int(try journal?.maintain(RetentionPolicy(days: 1), at: .muchLater).expired ?? 0)) }
        take(try journal?.append(drafts) ?? [])
        break
      } catch let error as JournalError {
        figures.faults += 1
        try expect([.diskFull, .inputOutput].contains(error.code), "reported as \(error)")
        try expect(attempt == 1, "the same fault is reported again after it is over: \(error)")
        vfs.heal()
      }
    }
    vfs.heal()
  }

  // MARK: - Means

  private func open() throws { try started(try openJournal()) }

  private func openJournal() throws(JournalError) -> Journal {
    try Journal.open(
      directory: directory.path, device: "kiosk-1", boot: BootIdentity(bootID: "boot-\(boot)"), reading: .sample,
      tuning: tuning)
  }

  /// The one event that an opening adds. An opening that failed when its event was to be synced may have left it: it was
  /// written, and whether it would stay nobody could tell.
  private func started(_ opened: Journal, after failedOpenings: Int = 0) throws {
    journal = opened
    let place = Int64(events.count)
    let count = Int(opened.nextSequence - 1 - place)
    try expect(
      (1...1 + failedOpenings).contains(count), "opened with the next number \(opened.nextSequence) after \(place)")
    let added = try reader().events(after: place, limit: count + 1)
    try expect(
      added.count == count && added.allSatisfy { $0.content.kind == .clock && $0.content.detail == "boot-\(boot)" },
      "opening did not add the event of its start")
    try expect(epoch.isEmpty || opened.epoch == epoch, "another epoch")
    take(added)
  }

  private func reader() throws(JournalError) -> JournalReader { try JournalReader.open(directory.database) }

  private func expect(_ condition: Bool, _ text: @autoclosure () -> String) throws {
    if !condition { throw Difference(description: text()) }
  }
}
