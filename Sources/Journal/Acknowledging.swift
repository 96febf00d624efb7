/// How far every consumer has the events. It is told with every batch that is delivered, so it is kept in memory and written
/// with what is written anyway: one that a power cut takes away is told again, and until then nothing is deleted too early.
extension Journal {
  /// Notes that every consumer has the events up to and including `sequence`, and puts that on disk: from now on they may
  /// be deleted, not before. Throws as `noteAcknowledged` does, and what `append` throws.
  public func acknowledge(through sequence: Int64) throws(JournalError) {
    try noteAcknowledged(through: sequence)
    try keepAcknowledgement()
  }

  /// Notes the same in memory only; costs nothing. It reaches the disk with `keepAcknowledgement`, with the counters, with
  /// the first event that is deleted because of it, and when the journal is closed. Whoever calls this answers for all
  /// consumers. A smaller number than before changes nothing. Throws `.unknownEvent` when there is no such event yet.
  public func noteAcknowledged(through sequence: Int64) throws(JournalError) {
    guard sequence >= 0, sequence <= lastSequence else {
      throw JournalError(
        .unknownEvent, "event \(sequence) is acknowledged, but epoch \(epoch) has got to event \(lastSequence)",
        hint: "acknowledge what has been read of this epoch, and nothing beyond it")
    }
    acknowledgedThrough = max(acknowledgedThrough, sequence)
  }

  /// Whether more has been noted than is on disk.
  public var hasUnwrittenAcknowledgement: Bool { acknowledgedThrough > acknowledgedOnDisk }

  /// Puts what was noted on disk: one transaction, or nothing when there is nothing new.
  public func keepAcknowledgement() throws(JournalError) {
    guard hasUnwrittenAcknowledgement else { return }
    let store = try usable()
    try inTransaction(store) { () throws(JournalError) in try writeAcknowledgement(store) }
  }

  /// Runs inside a transaction.
  func writeAcknowledgement(_ store: Store) throws(JournalError) {
    guard hasUnwrittenAcknowledgement else { return }
    try store.connection.prepare("UPDATE journal SET acknowledged_through = ?").run(.integer(acknowledgedThrough))
    acknowledgedOnDisk = acknowledgedThrough
  }
}
