import Feedback
import Glibc
import Journal
import JournalTestKit

/// The writer that is killed, and what looks at the journal afterwards.
extension JournalWriter {
  static func torture(
    _ directory: String, seed: UInt64, synchronous: JournalTuning.Synchronous
  ) throws(JournalError) {
    var random = SeededGenerator(seed: seed)
    var tuning = JournalTuning()
    tuning.synchronous = synchronous
    // Copying the log into the file and writing the totals happen so often that a kill meets them.
    tuning.checkpointPages = Int.random(in: 20...200, using: &random)
    tuning.countersEvery = Int64.random(in: 5...100, using: &random)
    let journal = try Journal.open(
      directory: directory, device: "test", boot: BootIdentity(bootID: "boot-\(seed % 7)"), reading: reading(),
      tuning: tuning)
    let opening =
      switch journal.openedAs {
      case .created: "created"
      case .continued: "continued"
      case .replaced: "replaced"
      }
    let start = try JournalReader.open(journal.path).events(after: journal.nextSequence - 2, limit: 1)
    guard let event = start.last else {
      say("the journal was opened, and there is no event in it\n")
      exit(1)
    }
    say("open \(opening) \(journal.epoch) \(event.sequence) \(hexadecimal(event.chain))\n")
    while true {
      let drafts = RandomDrafts.batch(
        of: Int.random(in: 1...4, using: &random), next: journal.nextSequence, using: &random)
      if let event = try journal.append(drafts).last { say("\(event.sequence) \(hexadecimal(event.chain))\n") }
    }
  }

  /// The chain value of an event covers everything up to it, so one acknowledged value proves all that were acknowledged
  /// before. Prints `check kept|lost acknowledged <n> stored <n> lost <n> <chain of the last>`, and
  /// `check broken …` when the journal itself is not in order.
  static func check(_ directory: String, through sequence: Int64, chain: String) throws(JournalError) {
    let reader = try JournalReader.open("\(directory)/ratings.db")
    let chained = try reader.verifyChain()
    if let broken = chained.firstBroken {
      say("check broken \(broken.finding)\n")
      return
    }
    var model = CounterModel()
    var after = chained.expiredThrough
    while true {
      let events = try reader.events(after: after, limit: 1_000)
      guard let last = events.last else { break }
      for event in events { model.add(event) }
      after = last.sequence
    }
    let counters = try reader.counters()
    guard chained.expiredThrough > 0 || model.counters == counters else {
      say("check broken the counters do not agree with the events\n")
      return
    }
    let stored = chained.lastSequence
    if sequence > 0 {
      let there = try reader.events(after: sequence - 1, limit: 1).first.map { hexadecimal($0.chain) }
      if stored >= sequence, there != chain {
        say("check broken event \(sequence) is not the one that was acknowledged\n")
        return
      }
    }
    let lost = max(sequence - stored, 0)
    let verdict = lost == 0 ? "kept" : "lost"
    let head = hexadecimal(chained.lastChain)
    say("check \(verdict) acknowledged \(sequence) stored \(stored) lost \(lost) \(head)\n")
  }
}
