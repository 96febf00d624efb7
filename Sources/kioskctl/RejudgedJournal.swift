import Feedback
import Journal
import KioskConfiguration
import Panel

/// The journal of all epochs, run through other rules.
struct RejudgedJournal {
  /// Events read at once.
  private static let batch = 2_000

  private struct Epoch {
    var name: String
    var reader: JournalReader
    /// Events that come while we read are not waited for, and both runs see the same.
    var last: Int64
    var bootIDs: [Int64: String]
  }

  private let file: RulesFile
  private let epochs: [Epoch]
  private let clocks: ClockHistory

  /// - Parameter path: the journal's file. Beside the one that kioskd writes stand those that were salvaged.
  init(_ path: String, _ file: RulesFile) throws {
    self.file = file
    let device = try JournalReader.open(path).summary().device
    var names: [(name: String, path: String)] = []
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    if parts.last == "ratings.db" {
      let all = JournalEpochs.all(in: parts.count > 1 ? parts.dropLast().joined(separator: "/") : ".")
      names = all.filter { Array($0.device.utf8) == Array(device.utf8) }.map { ($0.epoch, $0.path) }
    }
    if names.isEmpty { names = [(try JournalReader.open(path).summary().epoch, path)] }
    var clocks = ClockHistory()
    epochs = try names.map { epoch in
      let reader = try JournalReader.open(epoch.path)
      try reader.add(to: &clocks)
      return Epoch(
        name: epoch.name, reader: reader, last: try reader.summary().lastSequence ?? 0,
        bootIDs: try Self.bootIDs(reader))
    }
    self.clocks = clocks
  }

  var epochNames: [String] { epochs.map(\.name) }

  /// Hands out each press with what it counted as and what it would count as, in their order.
  func findings(_ body: (Rejudgement.Finding, _ epoch: String, EventTime) throws -> Void) throws {
    var choices = ChoiceQuestions()
    for epoch in epochs { try Self.events(epoch) { choices.note($0) } }
    var rejudgement = Rejudgement(rules: file.rules, choices: choices)
    for epoch in epochs {
      func hand(_ findings: [Rejudgement.Finding]) throws {
        for finding in findings { try body(finding, epoch.name, time(of: finding.event, epoch)) }
      }
      try Self.events(epoch) { try hand(rejudgement.take($0, opening(at: $0, epoch))) }
      try hand(rejudgement.finish())
    }
  }

  private static func events(_ epoch: Epoch, _ body: (Event) throws -> Void) throws {
    var cursor: Int64 = 0
    while cursor < epoch.last {
      let events = try epoch.reader.events(after: cursor, limit: batch)
      guard let last = events.last else { return }
      for event in events where event.sequence <= epoch.last { try body(event) }
      cursor = last.sequence
    }
  }

  private static func bootIDs(_ reader: JournalReader) throws -> [Int64: String] {
    var ids: [Int64: String] = [:]
    var cursor = Int64.min
    while true {
      let boots = try reader.boots(after: cursor, limit: batch)
      guard let last = boots.last else { return ids }
      for boot in boots { ids[boot.number] = boot.bootID }
      cursor = last.number
    }
  }

  private func time(of event: Event, _ epoch: Epoch) -> EventTime {
    clocks.time(
      bootID: epoch.bootIDs[event.boot] ?? "", bootTimeNanoseconds: event.content.bootTimeNanoseconds,
      wallMilliseconds: event.content.wallMilliseconds, state: event.content.clockState)
  }

  /// Hours of the file apply where the time is known. A clock that nobody vouches for closes nothing.
  private func opening(at event: Event, _ epoch: Epoch) -> Rejudgement.Opening {
    guard let hours = file.openingHours else { return .asRecorded }
    guard event.content.button != nil, !hours.isAlwaysOpen else { return .open }
    let time = time(of: event, epoch)
    guard time.basis != .bounded else { return .open }
    return hours.isOpen(at: file.zone.local(at: time.milliseconds)) ? .open : .closed
  }
}
