import Journal
import Uplink

/// Reads the journal for all who fetch, one after the other: memory grows with one answer, however many wait.
actor PullReader {
  struct Found: Sendable {
    var batch: EventBatch
    var next: ArrivalCursor
  }

  private let directory: String
  private let batches: BatchReader

  init(directory: String) {
    self.directory = directory
    batches = BatchReader(directory: directory)
  }

  /// The next events after a cursor; nil when there are none.
  /// - Throws: when the journal cannot be read at the moment.
  func batch(after cursor: ArrivalCursor, limit: Int, compresses: Bool) throws(JournalError) -> Found? {
    let limit = BatchLimit(events: limit, bytes: BatchLimit.most.bytes)
    if let batch = try batches.batch(after: cursor, limit: limit, compresses: compresses) {
      var next = cursor
      next.sequences[batch.epoch] = batch.lastSequence
      return Found(batch: batch, next: next)
    }
    // What cannot be opened is left out of a reading; that there is nothing new is only known of a journal that is there.
    guard JournalEpochs.all(in: directory).contains(where: \.isCurrent) else {
      throw JournalError(
        .system, "there is no journal in \(directory), or it cannot be opened", hint: "see `kioskctl status`")
    }
    return nil
  }

  /// The epochs that there are.
  func epochs() -> Set<String> { Set(JournalEpochs.all(in: directory).map(\.epoch)) }
}
