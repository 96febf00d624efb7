import Feedback
import Journal

/// Reads a kiosk's journals in order of arrival and makes batches of them. Memory grows with the batch only. Not Sendable:
/// whoever delivers opens its own.
public final class BatchReader {
  private let directory: String
  private let reader: ArrivalReader

  /// - Parameter directory: where kioskd keeps its journal; read permission is enough.
  public init(directory: String) {
    self.directory = directory
    reader = ArrivalReader(directory: directory)
  }

  /// The next events after a cursor, nil when everything has been read. Throws when the journal cannot be read at the
  /// moment: try again later.
  public func batch(
    after cursor: ArrivalCursor, limit: BatchLimit, compresses: Bool = true
  ) throws(JournalError) -> EventBatch? {
    guard let found = try reader.batch(after: cursor, limit: limit.events) else { return nil }
    guard found.events.contains(where: { $0.content.clockState != .synchronised }) else {
      return EventBatch.of(found.events, epoch: found.epoch, limit: limit, compresses: compresses)
    }
    // Rare enough (a kiosk without a time service apart) to be worked out anew each time: what is known grows.
    let history = try reader.clockHistory()
    let boots = try boots(of: found)
    return EventBatch.of(found.events, epoch: found.epoch, limit: limit, compresses: compresses) {
      history.time(of: $0, boots: boots)
    }
  }

  /// The boots that these events happened in.
  private func boots(of batch: ArrivalReader.Batch) throws(JournalError) -> [Boot] {
    let numbers = batch.events.map(\.boot)
    guard let first = numbers.min(), let last = numbers.max() else { return [] }
    let before = first > .min ? first - 1 : first
    let count = last.subtractingReportingOverflow(before)
    return try JournalReader.open(batch.epoch.path).boots(
      after: before, limit: Int(clamping: count.overflow ? .max : count.partialValue))
  }
}

extension ArrivalCursor {
  /// Where every consumer had got to, as the journals in the directory remember it: what to go on from when the cursors
  /// themselves are lost. Some events may be delivered again, none is left out.
  public static func acknowledged(in directory: String) -> ArrivalCursor {
    var cursor = ArrivalCursor()
    for epoch in JournalEpochs.all(in: directory) {
      guard let through = try? JournalReader.open(epoch.path).summary().acknowledgedThrough, through > 0 else {
        continue
      }
      cursor.sequences[epoch.epoch] = through
    }
    return cursor
  }
}
