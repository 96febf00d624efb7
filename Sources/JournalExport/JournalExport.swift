// Exports of a journal: events read in batches and handed out in one of the forms of `Wire`, and exported bytes checked
// against their own hash chain. Both in memory that does not grow with the number of events.
//
// What does not live here: files and the command line (`kioskctl`), the forms themselves (`Wire`), the chain (`Journal`).

import Feedback
import Journal
import Wire

/// The forms an export can have.
public enum ExportFormat: String, Sendable, Hashable, CaseIterable {
  /// For spreadsheets; see `CommaSeparatedForm`.
  case csv
  /// One flat JSON object a line.
  case jsonl
  /// A CloudEvents JSON batch: an array with one event a line, so that it can be read line by line as well.
  case cloudevents
}

/// What an export contains.
public struct ExportSummary: Sendable, Hashable {
  public var events: Int64 = 0
  /// nil: no events.
  public var firstSequence: Int64?
  public var lastSequence: Int64?
  /// Chain value of the last event: noted elsewhere, it proves later that nothing up to it was changed.
  public var lastChain: [UInt8]?
}

extension JournalReader {
  /// Events read at once.
  private static let batch = 500

  /// Hands out the events after `sequence`, oldest first, at most `limit` of them, in pieces of bytes that follow one
  /// another. Events that arrive meanwhile are not waited for.
  public func export(
    _ format: ExportFormat, after sequence: Int64 = 0, limit: Int64 = .max, to write: ([UInt8]) throws -> Void
  ) throws -> ExportSummary {
    var summary = ExportSummary()
    switch format {
    case .csv: try write(CommaSeparatedForm.header)
    case .cloudevents: try write(Array("[\n".utf8))
    case .jsonl: break
    }
    try wireEvents(after: sequence, limit: limit, through: summaryEnd()) { event in
      switch format {
      case .csv: try write(CommaSeparatedForm.bytes(event))
      case .jsonl: try write(JSONForm.record.bytes(event) + [0x0A])
      case .cloudevents:
        try write((summary.events == 0 ? [] : Array(",\n".utf8)) + JSONForm.cloudEvent.bytes(event))
      }
      summary.events += 1
      summary.firstSequence = summary.firstSequence ?? event.event.sequence
      summary.lastSequence = event.event.sequence
      summary.lastChain = event.event.chain
    }
    if format == .cloudevents { try write(Array((summary.events == 0 ? "]\n" : "\n]\n").utf8)) }
    return summary
  }

  /// The newest event by now. A journal that grows faster than it can be exported must not make the export endless.
  private func summaryEnd() throws -> Int64 { try summary().lastSequence ?? 0 }

  /// Hands out the events after `sequence` up to `last` with their names and the chain values before them.
  public func wireEvents(
    after sequence: Int64, limit: Int64 = .max, through last: Int64 = .max, _ body: (WireEvent) throws -> Void
  ) throws {
    let summary = try summary()
    guard let genesis = try chain(at: 0) else { return }
    var cursor = sequence
    var left = limit
    var before: (sequence: Int64, chain: [UInt8])?
    while left > 0 {
      let events = try events(after: cursor, limit: Int(min(left, Int64(Self.batch))))
      for event in events {
        guard event.sequence <= last else { return }
        if before?.sequence != event.sequence - 1 {
          before = try chain(at: event.sequence - 1).map { (event.sequence - 1, $0) }
        }
        try body(
          WireEvent(
            device: summary.device, epoch: summary.epoch, event: event, genesis: genesis,
            previousChain: before?.chain))
        (before, cursor, left) = ((event.sequence, event.chain), event.sequence, left - 1)
      }
      if events.isEmpty { return }
    }
  }
}
