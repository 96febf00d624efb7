import Feedback
import Journal
import JournalTestKit

/// A full or failing disk at every step of a scenario (opening, appends, copying the log, totals, closing): once, and
/// again so that the fault lasts until it has been met three times. Nothing that was acknowledged may be missing, nothing
/// that failed may be there, and the same events go in once the disk is well again.
struct StorageErrors {
  struct Case {
    var call: FaultVFS.Call
    var fault: FaultVFS.Fault
    var name: String
    var codes: Set<JournalError.Code>
  }

  static let cases: [Case] = [
    Case(call: .write, fault: .diskFull, name: "ENOSPC", codes: [.diskFull]),
    Case(call: .sync, fault: .diskFull, name: "ENOSPC", codes: [.diskFull]),
    Case(call: .write, fault: .writeFailed, name: "EIO", codes: [.inputOutput]),
    Case(call: .sync, fault: .syncFailed, name: "EIO", codes: [.inputOutput]),
    // As SQLite's own layer reports it; where SQLite does not hand errno on, it is an input/output error.
    Case(call: .write, fault: .madeReadOnly, name: "EROFS", codes: [.readOnly, .inputOutput]),
    Case(call: .truncate, fault: .writeFailed, name: "EIO", codes: [.inputOutput]),
    Case(call: .open, fault: .cannotOpen, name: "EIO", codes: [.inputOutput]),
    Case(call: .read, fault: .readFailed, name: "EIO", codes: [.inputOutput]),
  ]

  struct Figures {
    var injected = 0
    var reported = 0
    var acknowledged = 0
    var lost = 0
    var setAside = 0
  }

  let scenarios: Int
  let seed: UInt64

  func run(_ findings: inout Findings) throws {
    var figures: [String: Figures] = [:]
    let directory = try ScratchDirectory()
    for number in 0..<UInt64(scenarios) {
      let scenario = Scenario(seed: seed &+ number)
      for example in Self.cases {
        for lasting in [false, true] {
          var nth = 1
          while try fail(
            scenario, example, nth, lasting, in: directory, &figures[example.name, default: Figures()], &findings)
          {
            nth += 1
          }
        }
      }
    }
    for (name, figure) in figures.sorted(by: { $0.key < $1.key }) {
      JournalFaults.say(
        "figures: \(name) at every step: \(figure.injected) injected, \(figure.reported) reported, "
          + "\(figure.acknowledged) events acknowledged, \(figure.lost) lost, "
          + "\(figure.setAside) times set aside for a page that stayed unreadable")
      findings.expect(figure.reported > 0, "\(name) never came out of the journal, so the lane proves nothing")
    }
  }

  /// How many are not there, or not the same, except what may be gone because every consumer has it.
  private static func missing(_ acknowledged: [Event], in left: [Event], deletable: Int64) -> Int {
    let stored = Dictionary(uniqueKeysWithValues: left.map { ($0.sequence, $0) })
    return acknowledged.count { stored[$0.sequence] != $0 && (stored[$0.sequence] != nil || $0.sequence > deletable) }
  }

  /// False: the scenario has fewer such calls.
  private func fail(
    _ scenario: Scenario, _ example: Case, _ nth: Int, _ lasting: Bool, in directory: ScratchDirectory,
    _ figures: inout Figures, _ findings: inout Findings
  ) throws -> Bool {
    directory.empty()
    let vfs = FaultVFS()
    let tuning = scenario.tuning(vfs)
    let name =
      "scenario \(scenario.seed), \(example.call) \(nth) with \(example.name)\(lasting ? ", lasting" : "")"
    vfs.fail(example.call, nth: nth, with: example.fault, lasting: lasting)
    var errors: [JournalError] = []
    var acknowledged: [Event] = []
    var lost = 0
    var deletable: Int64 = 0

    /// Tries until it succeeds; the disk is well again after the first failure, or after the third.
    func insist<Result>(_ body: () throws(JournalError) -> Result) throws(JournalError) -> Result {
      for attempt in 1... {
        do throws(JournalError) {
          return try body()
        } catch {
          errors.append(error)
          if !lasting || attempt >= 3 { vfs.heal() }
          guard attempt < 6 else { throw error }
        }
      }
      preconditionFailure("the loop above ends by returning or throwing")
    }

    var life: Journal?
    for step in scenario.steps {
      if life == nil {
        let before = errors.count
        life = try insist { () throws(JournalError) in try Scenario.open(directory, tuning) }
        // Told either by the journal that takes its place or, when that could not be made at once, by the error.
        let opened: SetAside? = if case .replaced(let aside)? = life?.openedAs { aside } else { nil }
        if let aside = opened ?? errors.dropFirst(before).lazy.compactMap(\.setAside).first {
          // A page that stays unreadable is damage; then what was acknowledged must be in the file that was set aside.
          findings.expect(example.call == .read && lasting, "\(name): set aside: \(aside.finding)")
          let old = try JournalReader.open(aside.path).events(after: 0, limit: JournalReader.largestLimit)
          lost += Self.missing(acknowledged, in: old, deletable: deletable)
          figures.acknowledged += acknowledged.count
          figures.setAside += 1
          acknowledged = []
          deletable = 0
        }
      }
      guard let journal = life else { break }
      switch step {
      case .append(let count):
        let next = journal.nextSequence
        let drafts = scenario.drafts(count, next: next)
        let before = errors.count
        let events = try insist { () throws(JournalError) in
          if journal.mustReopen { throw JournalError(.closed, "must be opened again") }
          if errors.count > before {
            findings.expect(journal.nextSequence == next, "\(name): a failed append used a number")
          }
          return try journal.append(drafts)
        }
        findings.expect(events.first?.sequence == next, "\(name): a number was left out")
        acknowledged += events
      case .expire:
        deletable = max(deletable, journal.nextSequence - 4)
        try insist { () throws(JournalError) in
          if journal.mustReopen { throw JournalError(.closed, "must be opened again") }
          try journal.acknowledge(through: deletable)
          _ = try journal.maintain(RetentionPolicy(days: 1), at: .muchLater)
        }
      case .restart:
        journal.close()
        life = nil
      case .crash:
        life = nil
      }
    }
    let wasReached = vfs.count(example.call) >= nth
    life?.close()
    life = nil
    vfs.heal()
    guard wasReached else { return false }

    figures.injected += 1
    figures.reported += errors.count
    figures.acknowledged += acknowledged.count
    for error in errors where !example.codes.contains(error.code) {
      findings.add("\(name): reported as \(error.code): \(error)")
    }
    let journal = try Scenario.open(directory, tuning)
    let reader = try JournalReader.open(journal.path)
    let left = try reader.events(after: 0, limit: JournalReader.largestLimit)
    let expired = try reader.summary().expiredThrough
    lost += Self.missing(acknowledged, in: left, deletable: min(deletable, expired))
    findings.expect(expired <= deletable, "\(name): events were deleted that not every consumer has")
    figures.lost += lost
    findings.expect(lost == 0, "\(name): \(lost) events are lost")
    let starts = left.count { $0.content.kind == .clock && $0.content.detail == "boot" }
    findings.expect(left.count - starts <= acknowledged.count, "\(name): an append that failed is there all the same")
    findings.expect(try reader.verifyChain().isWhole, "\(name): the chain is broken")
    // What was deleted is counted, too; there the model lane compares.
    guard expired == 0 else { return true }
    findings.expect(try reader.counters() == CounterModel(left).counters, "\(name): the counters do not agree")
    return true
  }
}
