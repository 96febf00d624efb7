// The durable, append-only record of everything that happened at the kiosk: one SQLite file per epoch, written by one
// process, read by others while it is written. Here live the file's schema, the append path, the hash chain, the
// counters and the readers.
//
// What does not live here: what an event means (`Feedback`), which events there are (`KioskDaemon`), the wire form and
// who has read how far (`Uplink`). Nothing here reads a clock: times come in with the events.

import Feedback

/// Which boot of the machine this is.
public struct BootIdentity: Sendable, Hashable {
  /// The kernel's random boot id (/proc/sys/kernel/random/boot_id).
  public var bootID: String

  public init(bootID: String) {
    self.bootID = bootID
  }
}

/// The journal, as its one writer holds it. Not Sendable: it is opened, used and closed by one thread.
///
/// An event that `append` has returned is on disk. An event that it has not returned does not exist, with one exception
/// that cannot be had otherwise: power or process lost *during* `append` may leave the whole of it, never a part.
public final class Journal {
  /// How the file was found.
  public enum Opening: Sendable, Hashable {
    /// There was none: a new epoch.
    case created
    /// The epoch goes on.
    case continued
    /// There was one that could not be used: a new epoch.
    case replaced(SetAside)
  }

  /// Longest text in an event and most events in one append; far above what a kiosk makes, so that a mistake elsewhere
  /// cannot fill the disk.
  public static let longestText = 65_536
  public static let mostDrafts = 4_096

  public let openedAs: Opening
  public let path: String
  public let device: String
  /// Random and minted with the file, 32 hexadecimal digits. (device, epoch, sequence) names an event for ever.
  public let epoch: String
  /// Number of the present boot in this epoch, from 1.
  public private(set) var boot: Int64 = 0
  /// True after SQLite found damage or could not end a transaction: close this journal and open it again. After any
  /// other failure keep it and try again: the log then has one writer, and an attempt that failed cannot come back.
  public private(set) var mustReopen = false

  private(set) var lastSequence: Int64
  private var lastChain: [UInt8]
  private(set) var countedThrough: Int64
  let tuning: JournalTuning
  let files: JournalFiles
  /// Every consumer has the events up to here; none of them is deleted before that.
  public internal(set) var acknowledgedThrough: Int64
  /// How far the file says so; it follows, and is never ahead.
  var acknowledgedOnDisk: Int64
  /// Retention has looked at all events up to here for what may go before presses do.
  var searchedThrough: Int64 = 0
  private var store: Store?

  /// What is gone once the journal is closed.
  struct Store {
    let connection: Connection
    let begin: Statement
    let insert: Statement
    let commit: Statement
    let anchor: Statement
  }

  /// Takes over a connection whose file has been found to be in order.
  init(
    openedAs: Opening, identity: Identity, connection: Connection, files: JournalFiles, tuning: JournalTuning
  ) throws(JournalError) {
    self.openedAs = openedAs
    self.files = files
    self.tuning = tuning
    path = files.path
    device = identity.device
    epoch = identity.epoch
    (lastSequence, lastChain) = try identity.head(in: connection)
    countedThrough = identity.countedThrough
    (acknowledgedThrough, acknowledgedOnDisk) = (identity.acknowledgedThrough, identity.acknowledgedThrough)
    store = Store(
      connection: connection,
      begin: try connection.prepare("BEGIN IMMEDIATE"),
      insert: try connection.prepare(EventRow.insert),
      commit: try connection.prepare("COMMIT"),
      anchor: try connection.prepare("INSERT INTO anchors (seq, boot, boottime_ns, wall_ms) VALUES (?, ?, ?, ?)"))
  }

  /// The number the first event of the next append will get; the following ones count up from it. A caller may use these
  /// numbers in `visit` and `replaces` of the drafts it is about to append.
  public var nextSequence: Int64 { lastSequence + 1 }

  /// Writes the events in one transaction with one fsync; when it returns, they are on disk. A draft without a visit opens
  /// one of its own. Throws, and nothing is written: `.diskFull`, `.inputOutput`, `.readOnly`, `.busy` (another program
  /// writes to the file) and `.system` may pass, so try again with the same drafts; `.tooLarge` will not; after
  /// `.damaged` and `.closed` the journal must be opened again.
  public func append(_ drafts: [EventDraft]) throws(JournalError) -> [Event] {
    guard !drafts.isEmpty else { return [] }
    try check(drafts)
    let store = try usable()
    guard !store.connection.hasMoved else {
      mustReopen = true
      throw JournalError(
        .damaged, "\(path) was removed or replaced while the kiosk was running",
        hint: "leave the journal's files alone while kioskd runs; it starts a new one")
    }
    // On an ext4 that was made read-only by force (emergency remount), fsync says that all is well and writes nothing.
    guard !files.isReadOnly else {
      throw JournalError(.readOnly, "\(path): the file system has become read-only")
    }
    do throws(JournalError) {
      return try inTransaction(store) { () throws(JournalError) in try insert(drafts, store) }
    } catch {
      // What the reserve is for: the press at hand.
      guard error.code == .diskFull, !mustReopen, files.releaseReserve() else { throw error }
      return try inTransaction(store) { () throws(JournalError) in try insert(drafts, store) }
    }
  }

  /// Brings the counters and what was acknowledged up to date, copies the log into the file and lets go of it. Log and index stay beside the file,
  /// so that readers under another user can still open it. Never fails: what could not be brought up to date is so at
  /// the next opening.
  public func close() {
    if let store, !mustReopen, countedThrough < lastSequence || hasUnwrittenAcknowledgement {
      _ = try? inTransaction(store) { () throws(JournalError) in
        if countedThrough < lastSequence { try fold(store) }
        try writeAcknowledgement(store)
      }
    }
    store?.connection.checkpointsOnClose = true
    let connection = store?.connection
    store = nil
    connection?.close()
    files.release()
  }

  // MARK: - Steps of an append

  func usable() throws(JournalError) -> Store {
    guard let store else { throw JournalError(.closed, "the journal \(path) is closed") }
    guard !mustReopen else { throw JournalError(.closed, "the journal \(path) must be opened again") }
    return store
  }

  private func check(_ drafts: [EventDraft]) throws(JournalError) {
    guard drafts.count <= Self.mostDrafts else {
      throw JournalError(
        .tooLarge, "\(drafts.count) events in one append, at most \(Self.mostDrafts)", hint: "append them in parts")
    }
    for draft in drafts {
      let texts = [
        draft.button, draft.survey, draft.question, draft.scale, draft.code, draft.language, draft.context,
        draft.detail,
      ]
      for text in texts {
        if let text, text.utf8.count > Self.longestText {
          throw JournalError(
            .tooLarge, "a text of an event has \(text.utf8.count) bytes, at most \(Self.longestText) are stored")
        }
      }
    }
  }

  /// Runs `body` and commits; keeps the numbers in memory and on disk in step.
  func inTransaction<Result>(
    _ store: Store, _ body: () throws(JournalError) -> Result
  ) throws(JournalError) -> Result {
    let before = (lastSequence, lastChain, countedThrough, acknowledgedOnDisk)
    do throws(JournalError) {
      try store.begin.run()
      let result = try body()
      try store.commit.run()
      return result
    } catch {
      (lastSequence, lastChain, countedThrough, acknowledgedOnDisk) = before
      store.connection.rollBack()
      if !store.connection.isIdle { mustReopen = true }
      if error.code == .damaged {
        mustReopen = true
        files.markDamaged()
      }
      throw error
    }
  }

  func insert(_ drafts: [EventDraft], _ store: Store) throws(JournalError) -> [Event] {
    var events: [Event] = []
    events.reserveCapacity(drafts.count)
    for draft in drafts {
      var event = Event(sequence: nextSequence, boot: boot, content: draft, chain: [])
      event.content.visit = draft.visit ?? event.sequence
      event.chain = Chain.link(after: lastChain, event)
      store.insert.bind(EventRow.values(of: event))
      while try store.insert.step() {}
      if draft.kind == .clock, draft.clockState == .synchronised {
        try store.anchor.run(
          .integer(event.sequence), .integer(boot), .integer(draft.bootTimeNanoseconds),
          .integer(draft.wallMilliseconds))
      }
      (lastSequence, lastChain) = (event.sequence, event.chain)
      events.append(event)
    }
    if lastSequence - countedThrough >= tuning.countersEvery { try fold(store) }
    return events
  }

  func fold(_ store: Store) throws(JournalError) {
    try CounterTally.fold(
      after: countedThrough, through: lastSequence, chain: lastChain, in: store.connection)
    countedThrough = lastSequence
    // The same row is written anyway.
    try writeAcknowledgement(store)
  }

  /// Notes the boot, if it is a new one, and that the kiosk has started. Runs inside the transaction of the opening.
  func start(_ identity: BootIdentity, _ reading: ClockReading) throws(JournalError) {
    let store = try usable()
    let known = try store.connection.prepare("SELECT number FROM boots WHERE boot_id = ? ORDER BY number DESC LIMIT 1")
    known.bind([.text(identity.bootID)])
    let isKnown = try known.step()
    if isKnown {
      boot = known.integer(0) ?? 0
      known.reset()
    } else {
      boot = try store.connection.integer("SELECT ifnull(max(number), 0) + 1 FROM boots")
      try store.connection.prepare("INSERT INTO boots (number, boot_id, first_seq) VALUES (?, ?, ?)")
        .run(.integer(boot), .text(identity.bootID), .integer(nextSequence))
    }
    let event = EventDraft(kind: .clock, at: reading, code: isKnown ? "start" : "boot", detail: identity.bootID)
    _ = try insert([event], store)
  }
}
