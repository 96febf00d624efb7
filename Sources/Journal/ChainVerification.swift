import Feedback

/// What checking the hash chain found.
public struct ChainVerification: Sendable, Hashable {
  public enum Fault: String, Sendable, Hashable, CaseIterable {
    /// The file's own device or epoch is not the one the chain began with.
    case genesis
    /// The event is not there, and nothing says that it was deleted after it had been acknowledged.
    case missing
    /// The event, or its chain value, is not what was written.
    case altered
    /// The event cannot be read.
    case unreadable
  }

  public struct BrokenLink: Sendable, Hashable {
    /// The event concerned; 0 for the genesis.
    public var sequence: Int64
    public var fault: Fault
    /// In words.
    public var finding: String
  }

  /// Number of events whose link holds.
  public var verified: Int64
  /// Events up to here were deleted after they had been acknowledged; the chain was checked from there on.
  public var expiredThrough: Int64
  /// Events deleted from the middle to make room, as the file says; the chain was checked around them.
  public var sacrificed: Int64 = 0
  /// The newest event of the unbroken chain and its value: noted elsewhere, it proves later that nothing before it was
  /// changed since.
  public var lastSequence: Int64
  public var lastChain: [UInt8]
  /// The first link that does not hold; nil: the chain is whole.
  public var firstBroken: BrokenLink?

  /// The number that must follow. A damaged file may claim the highest there is, after which none does.
  var nextSequence: Int64 { lastSequence == .max ? .max : lastSequence + 1 }

  public var isWhole: Bool { firstBroken == nil }
}

extension JournalReader {
  /// Checks every link of the chain, oldest first, and stops at the first that does not hold. Reads in batches, so that
  /// neither memory nor the writer's log grows with the length of the journal.
  public func verifyChain() throws(JournalError) -> ChainVerification {
    let identity = try Identity(in: connection)
    var state = ChainVerification(
      verified: 0, expiredThrough: 0, lastSequence: 0,
      lastChain: Chain.genesis(device: identity.device, epoch: identity.epoch), firstBroken: nil)
    guard state.lastChain == identity.genesis else {
      state.firstBroken = .init(
        sequence: 0, fault: .genesis, finding: "the chain does not begin with this device and epoch")
      return state
    }
    while state.isWhole {
      let goesOn = try connection.transaction("BEGIN") { () throws(JournalError) in try verifyBatch(&state) }
      if !goesOn { break }
    }
    return state
  }

  /// Checks up to 1,000 events; false when there are none left.
  private func verifyBatch(_ state: inout ChainVerification) throws(JournalError) -> Bool {
    try skipExpired(&state)
    let rows = try connection.prepare(EventRow.select)
    rows.bind([.integer(state.lastSequence), .integer(1_000)])
    var count = 0
    while try rows.step() {
      count += 1
      while rows.integer(0) != state.nextSequence, try skipSacrificed(&state) {}
      let expected = state.nextSequence
      guard rows.integer(0) == expected else {
        state.firstBroken = .init(
          sequence: expected, fault: .missing,
          finding: "event \(expected) is missing; event \(rows.integer(0) ?? 0) comes next")
        return false
      }
      let event: Event
      do throws(JournalError) {
        event = try EventRow.event(rows)
      } catch  where error.code == .damaged && error.cause == nil {
        state.firstBroken = .init(sequence: expected, fault: .unreadable, finding: error.message)
        return false
      }
      guard Chain.link(after: state.lastChain, event) == event.chain, try bootAgrees(event) else {
        state.firstBroken = .init(
          sequence: expected, fault: .altered, finding: "event \(expected) is not what was written")
        return false
      }
      (state.lastSequence, state.lastChain) = (event.sequence, event.chain)
      state.verified += 1
    }
    if count == 0 { try verifyEnd(&state) }
    return count > 0
  }

  /// Retention deletes from the oldest event on and leaves the value of the last deleted one behind.
  private func skipExpired(_ state: inout ChainVerification) throws(JournalError) {
    let checkpoint = try connection.prepare(
      """
      SELECT seq, chain FROM checkpoints WHERE seq > ?1
        AND NOT EXISTS (SELECT 1 FROM events WHERE seq > ?1 AND seq <= checkpoints.seq) ORDER BY seq DESC LIMIT 1
      """)
    checkpoint.bind([.integer(state.lastSequence)])
    guard try checkpoint.step() else { return }
    defer { checkpoint.reset() }
    // Only if nothing older is left: a hole in the middle is no expiry.
    guard let sequence = checkpoint.integer(0), let chain = checkpoint.blob(1),
      try connection.integer("SELECT count(*) FROM (SELECT 1 FROM events WHERE seq <= \(sequence) LIMIT 1)") == 0
    else { return }
    (state.expiredThrough, state.lastSequence, state.lastChain) = (sequence, sequence, chain)
  }

  /// To make room, events may have been deleted from the middle; the value of the last one of each run is kept. False
  /// when the next event is none of those.
  private func skipSacrificed(_ state: inout ChainVerification) throws(JournalError) -> Bool {
    let run = try connection.prepare(
      """
      SELECT last_seq, chain FROM sacrifices WHERE first_seq = ?1 AND last_seq >= ?1
        AND NOT EXISTS (SELECT 1 FROM events WHERE seq BETWEEN ?1 AND last_seq)
      """)
    run.bind([.integer(state.nextSequence)])
    guard try run.step() else { return false }
    defer { run.reset() }
    guard let last = run.integer(0), let chain = run.blob(1) else { return false }
    state.sacrificed &+= last &- state.lastSequence
    (state.lastSequence, state.lastChain) = (last, chain)
    return true
  }

  /// The boot's number in an event means what the table of boots says, which the chain does not cover by itself.
  private func bootAgrees(_ event: Event) throws(JournalError) -> Bool {
    guard event.content.kind == .clock, event.content.code == "boot" || event.content.code == "start" else {
      return true
    }
    let boot = try connection.prepare("SELECT boot_id, first_seq FROM boots WHERE number = ?")
    boot.bind([.integer(event.boot)])
    guard try boot.step() else { return false }
    defer { boot.reset() }
    return boot.text(0) == event.content.detail
      && (event.content.code == "start" || boot.integer(1) == event.sequence)
  }

  /// The file remembers now and then how far it had got, so that the newest events cannot simply be cut off.
  private func verifyEnd(_ state: inout ChainVerification) throws(JournalError) {
    let identity = try Identity(in: connection)
    let known = max(identity.countedThrough, identity.removedThrough)
    guard state.lastSequence < known else { return }
    state.firstBroken = .init(
      sequence: state.nextSequence, fault: .missing,
      finding: "event \(state.nextSequence) is missing; the journal had got to event \(known)")
  }
}
