import Feedback
import Journal
import JournalTestKit

/// The power goes off before every write, sync and truncate of one scenario after the other; what was not synced is lost,
/// kept or torn. After every fourth cut it goes off again while the journal is being opened.
struct PowerCuts {
  struct Figures {
    var cuts = 0
    var acknowledged = 0
    var lost = 0
    var sectors = 0
  }

  /// What the last life of the journal left to be compared.
  private struct Expected {
    /// Events whose append returned, by their place.
    var acknowledged: [Event] = []
    /// The journal had told that it had come this far.
    var through: Int64 = 0
    /// What was being appended when the power went.
    var attempted: [EventDraft] = []
    var starts = 0
    /// Up to here every consumer had the events, so they may be gone.
    var deletable: Int64 = 0
  }

  let count: Int
  let seed: UInt64

  func run(_ findings: inout Findings) throws {
    let product = try lane(.full, &findings)
    let control = try lane(.normal, &findings)
    JournalFaults.say(
      "figures: power cuts with FULL: \(product.cuts) cuts, \(product.sectors) sectors thrown away, "
        + "\(product.acknowledged) events acknowledged, \(product.lost) lost; "
        + "control with NORMAL: \(control.cuts) cuts, \(control.acknowledged) acknowledged, \(control.lost) lost")
    findings.expect(product.lost == 0, "\(product.lost) acknowledged events were lost with FULL")
    findings.expect(control.lost > 0, "the control lost nothing, so the lane proves nothing")
  }

  private func lane(
    _ synchronous: JournalTuning.Synchronous, _ findings: inout Findings
  ) throws -> Figures {
    var figures = Figures()
    let directory = try ScratchDirectory()
    var number = seed
    while figures.cuts < count {
      let scenario = Scenario(seed: number)
      for remains in FaultVFS.Remains.allCases {
        var nth = 1
        while try cut(scenario, before: nth, remains, synchronous, in: directory, &figures, &findings) { nth += 1 }
      }
      number += 1
    }
    return figures
  }

  /// False: the scenario came to its end before the power went off.
  private func cut(
    _ scenario: Scenario, before nth: Int, _ remains: FaultVFS.Remains, _ synchronous: JournalTuning.Synchronous,
    in directory: ScratchDirectory, _ figures: inout Figures, _ findings: inout Findings
  ) throws -> Bool {
    directory.empty()
    let vfs = FaultVFS(keepsUnsynced: true)
    let tuning = scenario.tuning(vfs, synchronous)
    let name = "\(synchronous) scenario \(scenario.seed), cut \(nth), \(remains)"
    vfs.cut(before: nth)
    var expected = Expected()
    live(scenario, tuning, directory, &expected)
    guard vfs.isOff else { return false }
    try restore(vfs, remains, seed: UInt64(nth), &figures, name, &findings)

    // Again, while what the first cut left is being opened.
    var random = SeededGenerator(seed: scenario.seed &* 7919 &+ UInt64(nth))
    if UInt8.random(in: 0..<4, using: &random) == 0 {
      vfs.cut(before: Int.random(in: 1...12, using: &random))
      expected.starts += 1
      var journal = try? Scenario.open(directory, tuning)
      if !vfs.isOff, let journal { note(journal, in: &expected) }
      let wentOff = vfs.isOff
      journal = nil
      vfs.cut(before: 0)
      if wentOff { try restore(vfs, remains, seed: UInt64(nth) &+ 1, &figures, name + " and again", &findings) }
    }
    try judge(scenario, expected, tuning, directory, synchronous, name, &figures, &findings)
    return true
  }

  private func restore(
    _ vfs: FaultVFS, _ remains: FaultVFS.Remains, seed: UInt64, _ figures: inout Figures, _ name: String,
    _ findings: inout Findings
  ) throws {
    let dropped = vfs.restore(remains, seed: seed)
    findings.expect(dropped != nil, "\(name): the files could not be put into the state after the cut")
    figures.cuts += 1
    figures.sectors += dropped ?? 0
  }

  /// The kiosk's life until the power goes off.
  private func live(
    _ scenario: Scenario, _ tuning: JournalTuning, _ directory: ScratchDirectory, _ expected: inout Expected
  ) {
    var life: Journal?
    for step in scenario.steps {
      if life == nil {
        expected.starts += 1
        life = try? Scenario.open(directory, tuning)
        if let life { note(life, in: &expected) }
      }
      guard let journal = life else { return }
      switch step {
      case .append(let count):
        let drafts = scenario.drafts(count, next: journal.nextSequence)
        expected.attempted = drafts
        guard let events = try? journal.append(drafts) else { return }
        expected.attempted = []
        expected.acknowledged += events
        expected.through = events.last?.sequence ?? expected.through
      case .expire:
        expected.deletable = max(journal.nextSequence - 4, 0)
        guard (try? journal.acknowledge(through: expected.deletable)) != nil,
          (try? journal.maintain(RetentionPolicy(days: 1), at: .muchLater)) != nil
        else { return }
      case .restart, .crash:
        if case .restart = step { journal.close() }
        life = nil
      }
    }
  }

  private func note(_ journal: Journal, in expected: inout Expected) {
    expected.through = max(expected.through, journal.nextSequence - 1)
    expected.attempted = []
  }

  private func judge(
    _ scenario: Scenario, _ expected: Expected, _ tuning: JournalTuning, _ directory: ScratchDirectory,
    _ synchronous: JournalTuning.Synchronous, _ name: String, _ figures: inout Figures, _ findings: inout Findings
  ) throws {
    let journal = try Scenario.open(directory, tuning)
    let reader = try JournalReader.open(journal.path)
    let left = try reader.events(after: 0, limit: JournalReader.largestLimit)
    let expired = try reader.summary().expiredThrough
    let stored = Dictionary(uniqueKeysWithValues: left.map { ($0.sequence, $0) })
    let lost = expected.acknowledged.filter { event in
      if event.sequence <= expired, event.sequence <= expected.deletable { return false }
      return stored[event.sequence] != event
    }
    figures.acknowledged += expected.acknowledged.count
    figures.lost += lost.count
    guard synchronous == .full else { return }
    findings.expect(lost.isEmpty, "\(name): event \(lost.first?.sequence ?? 0) and \(lost.count - 1) more are lost")
    if case .replaced(let setAside) = journal.openedAs { findings.add("\(name): set aside: \(setAside.finding)") }
    findings.expect(expired <= expected.deletable, "\(name): events were deleted that not every consumer has")
    let newest = left.last?.sequence ?? 0
    findings.expect(newest >= expected.through, "\(name): ends with \(newest), \(expected.through) was told of")
    // Beyond what was acknowledged: the whole append that was under way or nothing of it, and the starts.
    var rest = left.drop { $0.sequence <= expected.through }
    if rest.count >= expected.attempted.count,
      zip(rest, expected.attempted).allSatisfy({ $0.isMade(of: $1) })
    {
      rest = rest.dropFirst(expected.attempted.count)
    }
    findings.expect(
      rest.count <= expected.starts + 1 && rest.allSatisfy { $0.content.kind == .clock && $0.content.detail == "boot" },
      "\(name): there is what was never appended as a whole")
    findings.expect(try reader.verifyChain().isWhole, "\(name): the chain is broken")
    // What was deleted is counted, too; there the model lane compares.
    guard expired == 0 else { return }
    findings.expect(try reader.counters() == CounterModel(left).counters, "\(name): the counters do not agree")
  }
}
