import Feedback
import Journal
import Panel

/// Keeps the journal open and everything that could not be written yet. A full or failing disk stops no press: events wait
/// in memory, in order and unacknowledged, and are committed with their own stamps once the disk takes them again.
struct JournalKeeper: ~Copyable {
  /// The journal's file in its directory.
  static let fileName = "ratings.db"
  /// Events held in memory at most, a few hundred bytes each: hours of a busy panel, and one transaction afterwards.
  static let mostWaiting = Journal.mostDrafts
  /// Between two attempts to write to a disk that refuses, doubling from the first to the second.
  static let retryDelays: ClosedRange<Duration> = .seconds(1)...(.seconds(30))
  /// Between two writes of nothing but what was acknowledged: a card's flash need not wear for what would be told again.
  static let acknowledgementInterval = Duration.seconds(60)
  /// Presses whose sequence numbers are remembered for later events that withdraw them.
  static let mostRemembered = 512

  /// What an attempt to commit came to.
  struct Outcome {
    var committed: [(pending: PendingEvent, event: Event)] = []
    /// Set when the journal could not be written this time.
    var failure: JournalError?
    /// A file that could not be the journal has just been set aside.
    var setAside: SetAside?
    /// Presses dropped for want of room.
    var dropped = 0
  }

  let directory: String
  let device: String
  let boot: BootIdentity
  private let tuning: JournalTuning
  private var journal: Journal?
  private(set) var waiting: [PendingEvent] = []
  /// Before this nothing is attempted.
  private var nextRetry: MonotonicTime?
  private var delay = retryDelays.lowerBound
  private var places: [PressNumber: (sequence: Int64, visit: Int64)] = [:]
  private var remembered: [PressNumber] = []
  private(set) var commits: Int64 = 0
  /// When what was acknowledged was last written for its own sake.
  private var acknowledgementKept: MonotonicTime?
  /// The append that failed last, until it is known not to be in the file.
  private var attempt: Attempt?

  private struct Attempt {
    var epoch: String
    var first: Int64
    var drafts: [EventDraft]
    var visits: [VisitNumber: Int64]
  }
  /// The sequence numbers of the events that opened the latest visits.
  private var visits: [VisitNumber: Int64] = [:]
  private var visitOrder: [VisitNumber] = []
  /// A damaged file that is being read, and whether to look for one.
  private var salvage: Salvage?
  private var looksForSalvage = false

  init(directory: String, device: String, boot: BootIdentity, tuning: JournalTuning = JournalTuning()) {
    self.tuning = tuning
    self.directory = directory
    self.device = device
    self.boot = boot
  }

  /// When to call `commit` again though nothing new has come; nil: all is written.
  var nextAttempt: MonotonicTime? { nextRetry }
  var isOpen: Bool { journal != nil }
  var epoch: String? { journal?.epoch }
  var lastSequence: Int64? { journal.map { $0.nextSequence - 1 } }

  /// Commits the events, those that wait first, in one transaction. With nothing to commit it opens the journal where
  /// that is still to be done.
  mutating func commit(_ new: [PendingEvent], at reading: ClockReading) -> Outcome {
    var outcome = Outcome()
    let room = Self.mostWaiting - waiting.count
    waiting += new.prefix(max(0, room))
    outcome.dropped = max(0, new.count - room)
    if let nextRetry, reading.monotonic < nextRetry { return outcome }
    do throws(JournalError) {
      if journal == nil {
        let opened = try Journal.open(
          directory: directory, device: device, boot: boot, reading: reading, tuning: tuning)
        journal = opened
        looksForSalvage = true
        switch opened.openedAs {
        case .continued: recognise(in: opened, &outcome)
        case .created: forget()
        case .replaced(let setAside):
          outcome.setAside = setAside
          forget()
        }
      }
      try append(&outcome)
      nextRetry = nil
      delay = Self.retryDelays.lowerBound
    } catch {
      outcome.failure = error
      // It was moved away before the disk refused: the next attempt will find nothing there.
      outcome.setAside = outcome.setAside ?? error.setAside
      if let journal, journal.mustReopen || error.code == .closed { letGo() }
      nextRetry = reading.monotonic + delay
      delay = min(delay * 2, Self.retryDelays.upperBound)
    }
    return outcome
  }

  /// Whether the journal is open and nothing waits for it.
  var canTidy: Bool { journal != nil && waiting.isEmpty && nextRetry == nil }

  /// Notes how far every consumer has the events of an epoch. One that is not written any more keeps its events whatever is
  /// acknowledged, so that is no mistake and changes nothing. Throws `.unknownEvent` beyond what is recorded.
  func noteAcknowledged(epoch: String, through sequence: Int64) throws(JournalError) {
    guard let journal else {
      throw JournalError(.closed, "the journal cannot be opened at the moment", hint: "acknowledge it again later")
    }
    if epoch == journal.epoch { try journal.noteAcknowledged(through: sequence) }
  }

  /// One bounded step of retention. What fails here is tried again later; whether presses can be written, `commit` finds.
  mutating func tidy(
    _ policy: RetentionPolicy, at reading: ClockReading
  ) -> (step: RetentionStep, failure: JournalError?) {
    guard let journal, canTidy else { return (RetentionStep(), nil) }
    do throws(JournalError) {
      if journal.hasUnwrittenAcknowledgement,
        acknowledgementKept.map({ reading.monotonic - $0 >= Self.acknowledgementInterval }) ?? true
      {
        acknowledgementKept = reading.monotonic
        try journal.keepAcknowledgement()
        var step = RetentionStep()
        step.hasMore = true
        return (step, nil)
      }
      return (try journal.maintain(policy, at: reading), nil)
    } catch {
      if journal.mustReopen || error.code == .closed {
        letGo()
        nextRetry = reading.monotonic
      }
      return (RetentionStep(), error)
    }
  }

  /// One bounded step of reading a damaged file that was set aside; the report when that is over. What fails here is
  /// tried again at the next start.
  mutating func salvageOn() -> SalvageReport? {
    if salvage == nil, looksForSalvage {
      let next = Salvage.next(in: directory)
      salvage = next.salvage
      looksForSalvage = next.unreadable != nil
      if let unreadable = next.unreadable { return unreadable }
    }
    do throws(JournalError) {
      guard let report = try salvage?.step() else { return nil }
      salvage = nil
      looksForSalvage = true
      return report
    } catch {
      salvage = nil
      return nil
    }
  }

  /// The newest events of some kinds.
  struct History {
    var events: [Event]
    /// The present boot's number.
    var boot: Int64
    /// The last moment known of each boot that has one of these events, CLOCK_BOOTTIME.
    var lastBootTime: [Int64: Int64]
  }

  /// Events of these kinds among the newest so many; nil when the journal is not open or cannot be read.
  func history(kinds: [EventKind], within count: Int64) -> History? {
    guard let journal, let reader = try? JournalReader.open(journal.path),
      let found = try? reader.recent(kinds: kinds, within: count)
    else { return nil }
    return History(events: found.events, boot: journal.boot, lastBootTime: found.lastBootTime)
  }

  /// Notes which event opened a visit that began before this start of the daemon.
  mutating func take(visit: VisitNumber?, openedBy sequence: Int64) {
    if let visit { remember([visit: sequence]) }
  }

  /// Writes what is left and closes. Returns how many events could not be written.
  mutating func close(at reading: ClockReading) -> Int {
    nextRetry = nil
    if !waiting.isEmpty { _ = commit([], at: reading) }
    journal?.close()
    journal = nil
    return waiting.count
  }

  private mutating func append(_ outcome: inout Outcome) throws(JournalError) {
    guard let journal, !waiting.isEmpty else { return }
    let first = journal.nextSequence
    var drafts: [EventDraft] = []
    drafts.reserveCapacity(waiting.count)
    // Known for good only once they are on disk: after a failure the same events may get other numbers.
    var opened: [VisitNumber: Int64] = [:]
    for (offset, pending) in waiting.enumerated() {
      var draft = pending.draft
      let sequence = first + Int64(offset)
      if let replaced = pending.replaces.flatMap({ places[$0] }) {
        draft.replaces = replaced.sequence
        draft.visit = replaced.visit
      }
      if let visit = pending.visit {
        draft.visit = draft.visit ?? opened[visit] ?? visits[visit] ?? sequence
        if opened[visit] == nil, visits[visit] == nil { opened[visit] = draft.visit }
      }
      if let press = pending.press { remember(press.number, sequence: sequence, visit: draft.visit ?? sequence) }
      drafts.append(draft)
    }
    attempt = Attempt(epoch: journal.epoch, first: first, drafts: drafts, visits: opened)
    let events = try journal.append(drafts)
    attempt = nil
    remember(opened)
    commits += 1
    outcome.committed += Array(zip(waiting, events).map { (pending: $0, event: $1) })
    waiting.removeAll(keepingCapacity: true)
  }

  /// Drops a journal that must be opened again. It is not closed in order, for nothing more may be written through it.
  mutating func letGo() {
    journal = nil
  }

  /// An append that was reported as failed may be found whole when the file is opened again: its frames had reached the
  /// log before the error came. Then it is not written a second time.
  private mutating func recognise(in journal: Journal, _ outcome: inout Outcome) {
    guard let attempt else { return }
    self.attempt = nil
    guard attempt.epoch == journal.epoch, attempt.drafts.count <= waiting.count,
      let events = try? JournalReader.open(journal.path).events(
        after: attempt.first - 1, limit: attempt.drafts.count),
      events.count == attempt.drafts.count
    else { return }
    for (event, draft) in zip(events, attempt.drafts) {
      var written = draft
      written.visit = draft.visit ?? event.sequence
      guard event.content == written else { return }
    }
    remember(attempt.visits)
    outcome.committed += Array(zip(waiting, events).map { (pending: $0, event: $1) })
    waiting.removeFirst(events.count)
  }

  private mutating func remember(_ press: PressNumber, sequence: Int64, visit: Int64) {
    if places.updateValue((sequence, visit), forKey: press) == nil { remembered.append(press) }
    if remembered.count > Self.mostRemembered * 2 {
      for old in remembered.prefix(Self.mostRemembered) { places.removeValue(forKey: old) }
      remembered.removeFirst(Self.mostRemembered)
    }
  }

  private mutating func remember(_ opened: [VisitNumber: Int64]) {
    for (visit, sequence) in opened where visits.updateValue(sequence, forKey: visit) == nil {
      visitOrder.append(visit)
    }
    if visitOrder.count > Self.mostRemembered * 2 {
      for old in visitOrder.prefix(Self.mostRemembered) { visits.removeValue(forKey: old) }
      visitOrder.removeFirst(Self.mostRemembered)
    }
  }

  /// Numbers of another epoch mean nothing in this one.
  private mutating func forget() {
    places.removeAll()
    remembered.removeAll()
    visits.removeAll()
    visitOrder.removeAll()
  }
}
