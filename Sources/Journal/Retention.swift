import Feedback

/// How long events are kept and how much room they may take.
public struct RetentionPolicy: Sendable, Hashable {
  /// Days after which an event that every consumer has is deleted.
  public static let days = 1...3_650
  /// Bytes; smaller than the lower end the newest events alone would not fit.
  public static let budgets: ClosedRange<Int64> = 1 << 20...1 << 40

  public var days: Int
  /// Bytes the events may take in the file. Room that becomes free in the file is used again; the file does not shrink.
  public var budgetBytes: Int64

  /// Values outside the ranges are brought to their nearer end.
  public init(days: Int = 30, budgetBytes: Int64 = 256 << 20) {
    self.days = min(max(days, Self.days.lowerBound), Self.days.upperBound)
    self.budgetBytes = min(max(budgetBytes, Self.budgets.lowerBound), Self.budgets.upperBound)
  }
}

/// What one step of retention did.
public struct RetentionStep: Sendable, Hashable {
  /// Events deleted because every consumer has them and they were old enough.
  public var expired: Int64 = 0
  /// Events deleted before their time for want of room, which every consumer has.
  public var early: Int64 = 0
  /// Events lost for want of room, which not every consumer has, by kind. A health event in the same transaction says so.
  public var lost: [EventKind: Int64] = [:]
  /// There is no room for the reserve: the disk is nearly full.
  public var isDiskShort = false
  /// Whether another step would find work.
  public var hasMore = false

  public init() {}

  public var lostCount: Int64 { lost.values.reduce(0, +) }

  /// For the journal and the log: `3 rating, 12 health`.
  public var lostInWords: String {
    lost.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.name)" }.joined(separator: ", ")
  }
}

extension Journal {
  /// One step of keeping the journal within its time and its room, to be taken when no press is waiting: at most one
  /// transaction, over at most a few hundred events. In this order, each only if need be:
  ///
  /// 1. events that every consumer has and that are older than the policy's days;
  /// 2. over the budget, or on a disk without room for the reserve: events that every consumer has, oldest first;
  /// 3. what the kiosk says about itself (kinds clock and health), oldest first;
  /// 4. over the budget only: the oldest events, presses too.
  ///
  /// The newest events stay whatever happens, and counters, boots and clock anchors survive.
  ///
  /// - Parameter reading: the clocks, now. By age nothing is deleted unless the clock is trusted.
  public func maintain(_ policy: RetentionPolicy, at reading: ClockReading) throws(JournalError) -> RetentionStep {
    let store = try usable()
    var step = RetentionStep()
    step.isDiskShort = !files.keepReserve(bytes: tuning.reserveBytes)

    let newestDeletable = lastSequence - tuning.newestKept
    guard newestDeletable > 0 else { return step }
    let acknowledged = min(acknowledgedThrough, newestDeletable)
    if reading.state == .synchronised {
      let cutoff = reading.wallMilliseconds - Int64(policy.days) * 86_400_000
      let limit = min(acknowledged, try newestKnown(before: cutoff, store))
      step.expired = try deleteOldest(through: limit, at: reading, store).deleted
      if step.expired > 0 {
        step.hasMore = step.expired == tuning.rowsPerStep
        return step
      }
    }

    let room = try Room(store.connection)
    let isOverBudget = room.used > policy.budgetBytes
    guard isOverBudget || (step.isDiskShort && room.free < tuning.reserveBytes) else { return step }
    step.early = try deleteOldest(through: acknowledged, at: reading, store).deleted
    if step.early == 0 { step.lost = try deleteTalk(through: newestDeletable, at: reading, store, &step) }
    if step.early == 0, step.lost.isEmpty, !step.hasMore, isOverBudget {
      step.lost = try deleteOldest(through: newestDeletable, at: reading, store).lost
    }
    if step.early > 0 || !step.lost.isEmpty { step.hasMore = true }
    return step
  }

  // MARK: - Steps

  /// Bytes in the file that hold something, and that do not.
  private struct Room {
    var used: Int64
    var free: Int64

    init(_ connection: Connection) throws(JournalError) {
      let size = try connection.integer("PRAGMA page_size")
      let pages = try connection.integer("PRAGMA page_count")
      free = try connection.integer("PRAGMA freelist_count") * size
      used = pages * size - free
    }
  }

  /// The newest event that was certainly made before a moment: a trusted clock read earlier than that came after it, and
  /// no trusted clock before it had read later. An event whose own clock was wrong is judged by that, too.
  private func newestKnown(before cutoff: Int64, _ store: Store) throws(JournalError) -> Int64 {
    let newest = try store.connection.prepare(
      """
      SELECT max(seq) FROM anchors WHERE wall_ms <= ?1
        AND seq < (SELECT ifnull(min(seq), \(Int64.max)) FROM anchors WHERE wall_ms > ?1)
      """)
    newest.bind([.integer(cutoff)])
    defer { newest.reset() }
    return try newest.step() ? newest.integer(0) ?? 0 : 0
  }

  /// Deletes from the oldest event on, and leaves a checkpoint for the chain.
  private func deleteOldest(
    through limit: Int64, at reading: ClockReading, _ store: Store
  ) throws(JournalError) -> (deleted: Int64, lost: [EventKind: Int64]) {
    let rows = try store.connection.prepare("SELECT seq, kind, chain FROM events WHERE seq <= ? ORDER BY seq LIMIT ?")
    rows.bind([.integer(limit), .integer(tuning.rowsPerStep)])
    var end: (sequence: Int64, chain: [UInt8])?
    var deleted: Int64 = 0
    var lost: [EventKind: Int64] = [:]
    while try rows.step() {
      let (sequence, kind, chain) = try Self.mustRead(rows)
      if sequence > acknowledgedThrough { lost[kind, default: 0] += 1 }
      end = (sequence, chain)
      deleted += 1
    }
    guard let end else { return (0, [:]) }
    try inTransaction(store) { () throws(JournalError) in
      if countedThrough < lastSequence { try fold(store) }
      let connection = store.connection
      // A file in which events are gone says that they were acknowledged, whenever the power fails.
      try writeAcknowledgement(store)
      try connection.prepare("DELETE FROM events WHERE seq <= ?").run(.integer(end.sequence))
      try connection.execute("DELETE FROM checkpoints")
      try connection.prepare("INSERT INTO checkpoints (seq, chain) VALUES (?, ?)")
        .run(.integer(end.sequence), .blob(end.chain))
      try connection.prepare("DELETE FROM sacrifices WHERE last_seq <= ?").run(.integer(end.sequence))
      // The last anchor of each boot before the checkpoint stays: times of later events depend on it.
      try connection.prepare(
        """
        DELETE FROM anchors WHERE seq <= ?1 AND EXISTS (
          SELECT 1 FROM anchors AS later WHERE later.seq = (SELECT min(seq) FROM anchors AS next
            WHERE next.seq > anchors.seq) AND later.boot = anchors.boot AND later.seq <= ?1)
        """
      ).run(.integer(end.sequence))
      try recordLoss(lost, at: reading, store)
    }
    return (deleted, lost)
  }

  /// Deletes what the kiosk says about itself, except what it says about losses, and keeps the chain's values at the holes.
  private func deleteTalk(
    through limit: Int64, at reading: ClockReading, _ store: Store, _ step: inout RetentionStep
  ) throws(JournalError) -> [EventKind: Int64] {
    // A handful would not be worth the event that reports it.
    guard limit - searchedThrough >= tuning.rowsPerStep else { return [:] }
    let rows = try store.connection.prepare(
      "SELECT seq, kind, chain, code FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?")
    rows.bind([.integer(searchedThrough), .integer(limit), .integer(tuning.rowsPerStep)])
    var runs: [(first: Int64, last: Int64, chain: [UInt8])] = []
    var lost: [EventKind: Int64] = [:]
    var (looked, searched) = (Int64(0), searchedThrough)
    while try rows.step() {
      let (sequence, kind, chain) = try Self.mustRead(rows)
      (looked, searched) = (looked + 1, sequence)
      guard kind == .clock || kind == .health, rows.text(3) != HealthCode.eventsSacrificed.rawValue else { continue }
      lost[kind, default: 0] += 1
      if let last = runs.indices.last, runs[last].last == sequence - 1 {
        (runs[last].last, runs[last].chain) = (sequence, chain)
      } else {
        runs.append((sequence, sequence, chain))
      }
    }
    step.hasMore = looked == tuning.rowsPerStep
    if !runs.isEmpty {
      try inTransaction(store) { () throws(JournalError) in
        if countedThrough < lastSequence { try fold(store) }
        let delete = try store.connection.prepare("DELETE FROM events WHERE seq BETWEEN ? AND ?")
        let keep = try store.connection.prepare("INSERT INTO sacrifices (first_seq, last_seq, chain) VALUES (?, ?, ?)")
        for run in runs {
          try delete.run(.integer(run.first), .integer(run.last))
          try keep.run(.integer(run.first), .integer(run.last), .blob(run.chain))
        }
        try recordLoss(lost, at: reading, store)
      }
    }
    searchedThrough = searched
    return lost
  }

  private static func mustRead(
    _ row: Statement
  ) throws(JournalError) -> (sequence: Int64, kind: EventKind, chain: [UInt8]) {
    guard let sequence = row.integer(0), let kind = row.integer(1).flatMap({ EventKind(rawValue: Int($0)) }),
      let chain = row.blob(2), chain.count == Chain.length
    else { throw JournalError(.damaged, "event \(row.integer(0) ?? 0) holds what no kiosk writes") }
    return (sequence, kind, chain)
  }

  /// In the same transaction, so that no loss goes unsaid.
  private func recordLoss(
    _ lost: [EventKind: Int64], at reading: ClockReading, _ store: Store
  ) throws(JournalError) {
    guard !lost.isEmpty else { return }
    var step = RetentionStep()
    step.lost = lost
    let event = EventDraft(
      kind: .health, at: reading, code: HealthCode.eventsSacrificed.rawValue, detail: step.lostInWords)
    _ = try insert([event], store)
  }
}
