import Feedback
import Journal
import Uplink

/// The cursors of all consumers, for those who work at the same time: pushing, and everybody who fetches.
public actor CursorKeeper {
  /// Rings when a cursor has moved.
  public nonisolated let moved = Bell()

  private let store: CursorStore
  private let journal: String

  /// - Parameters:
  ///   - state: directory of `agent.db`.
  ///   - journal: directory of the journal.
  /// - Throws: `CursorStoreError` when there can be no such file.
  public init(state: String, journal: String) throws(CursorStoreError) {
    let store = try CursorStore(directory: state)
    (self.store, openedAs) = (store, store.openedAs)
    self.journal = journal
  }

  /// How the file was found.
  public nonisolated let openedAs: CursorStore.Opening

  /// Makes the consumers those that are configured: new ones are begun, those that are gone are forgotten, so that nothing is
  /// kept for them. When the cursors had been lost they go on from what the journal knows to be acknowledged.
  public func settle(_ consumers: [String]) throws(CursorStoreError) {
    for consumer in store.consumers where !consumers.contains(consumer) { try store.end(consumer) }
    // A consumer that is new beside others begins at the beginning; with a new file nobody knows who is new.
    let start = openedAs == .continued ? ArrivalCursor() : ArrivalCursor.acknowledged(in: journal)
    for consumer in consumers { _ = try store.begin(consumer, at: start) }
  }

  /// How far a consumer has got; nil: there is no such consumer.
  public func cursor(of consumer: String) -> ArrivalCursor? { store.cursor(of: consumer) }

  /// Keeps what came of a batch that was sent.
  public func keep(_ effects: [PushMachine.Effect], for consumer: String, wallMilliseconds: Int64)
    async
    throws(CursorStoreError)
  {
    guard !effects.isEmpty else { return }
    try store.keep(effects, for: consumer, wallMilliseconds: wallMilliseconds)
    await moved.ring()
  }

  /// Why a confirmation is not taken.
  public enum ConfirmationFailure: Error, Sendable, Hashable {
    /// It names events that have not been recorded.
    case ahead
    /// What has been recorded cannot be read at the moment.
    case journal
    case store(CursorStoreError)
  }

  /// Notes that a consumer has everything up to a cursor. It only goes forward. An epoch that the kiosk does not have, or not
  /// at the moment (it is being salvaged), may be in it.
  public func confirm(
    _ consumer: String, _ cursor: ArrivalCursor, wallMilliseconds: Int64
  ) async throws(ConfirmationFailure) {
    let epochs = JournalEpochs.all(in: journal)
    guard epochs.contains(where: \.isCurrent) else { throw .journal }
    for epoch in epochs {
      guard let sequence = cursor.sequences[epoch.epoch], sequence > 0 else { continue }
      guard let summary = try? JournalReader.open(epoch.path).summary() else { throw .journal }
      guard sequence <= max(summary.lastSequence ?? 0, summary.expiredThrough) else { throw .ahead }
    }
    do throws(CursorStoreError) {
      try store.confirm(consumer, cursor, wallMilliseconds: wallMilliseconds)
    } catch {
      throw .store(error)
    }
    await moved.ring()
  }

  /// When a consumer last confirmed events, in milliseconds since 1970; nil: never.
  public func confirmedAt(of consumer: String) -> Int64? { store.confirmedAt(consumer) }

  /// The epochs that there are.
  public func epochs() -> Set<String> { Set(JournalEpochs.all(in: journal).map(\.epoch)) }

  /// Events that a consumer refused for good.
  public func isolatedCount(of consumer: String) throws(CursorStoreError) -> Int64 {
    try store.isolatedCount(of: consumer)
  }

  /// What every consumer is done with, by epoch: what kioskd may be told.
  public func acknowledged() -> [String: Int64] {
    var result: [String: Int64] = [:]
    for epoch in JournalEpochs.all(in: journal) {
      let through = store.acknowledgedByAll(epoch: epoch.epoch)
      if through > 0 { result[epoch.epoch] = through }
    }
    return result
  }

  /// Events that a consumer is not done with; nil when the journal cannot be read.
  public func backlog(of consumer: String) -> Int64? {
    guard let cursor = store.cursor(of: consumer) else { return nil }
    var count: Int64 = 0
    for epoch in JournalEpochs.all(in: journal) {
      guard let summary = try? JournalReader.open(epoch.path).summary() else { return nil }
      guard let first = summary.firstSequence, let last = summary.lastSequence else { continue }
      let behind = max(cursor.sequences[epoch.epoch] ?? 0, first - 1)
      count += max(0, last - behind)
    }
    return count
  }

  /// The journal that is written now; nil when there is none.
  public func currentJournal() -> (epoch: String, lastSequence: Int64)? {
    guard let epoch = JournalEpochs.all(in: journal).first(where: \.isCurrent),
      let summary = try? JournalReader.open(epoch.path).summary()
    else { return nil }
    return (summary.epoch, summary.lastSequence ?? 0)
  }

  /// Lets go of the file.
  public func close() { store.close() }
}
