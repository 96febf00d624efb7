import Feedback
import Journal

/// Decides what a push uplink does next: which events to offer, when, and what an answer means for them and for the
/// uplink's health. It knows neither clock nor network nor chance; these come in as values. What it may never do, whatever
/// a server answers: take an event for delivered that was not sent and accepted, or pass over one that was not found to
/// be the one the server does not take.
public struct PushMachine: Sendable {
  /// What to read from the journal and send.
  public struct Request: Sendable, Hashable {
    public var after: ArrivalCursor
    public var limit: BatchLimit
  }

  /// What has to be kept before anything else is done.
  public enum Effect: Sendable, Hashable {
    /// Everything of this epoch is done with up to here.
    case advance(epoch: String, sequence: Int64)
    /// The server takes other events but not this one; the next effect passes over it.
    case isolate(IsolatedEvent)
  }

  /// How long new events are left to gather when everything before has been delivered: fewer, smaller requests.
  public let gather: Duration
  /// A kiosk that the server does not know asks again after about this time: whoever lets it in on the server should not
  /// have to travel to it.
  public static let unauthorisedRetry = Duration.seconds(60 * 60)
  /// A journal that cannot be read is tried again after this time.
  public static let unreadableRetry = Duration.seconds(10)
  /// Batches accepted in a row before more is offered again to a server that found a batch too large.
  static let successesBeforeGrowth = 32
  /// A server that refuses everything is offered many events only at each such attempt.
  static let attemptsBetweenSearches = 8

  /// Everything up to here is done with.
  public private(set) var cursor: ArrivalCursor
  public private(set) var health = UplinkHealth.starting
  /// Somebody wants it to rest.
  public private(set) var isPaused = false

  private var backoff: Backoff
  /// There may be events to send.
  private var hasWork = true
  private var notBefore: MonotonicTime?
  /// The server has asked for patience until then, whatever else happens.
  private var askedUntil: MonotonicTime?
  private var hasTried = false
  private var underWay: Purpose?
  /// The link came up while a request was under way, which is likely to be lost.
  private var resumesSoon = false
  /// Most events the server is known to take at once, and how many batches it has taken since it last found one too large.
  private var ceiling = BatchLimit.most.events
  private var successes = 0
  /// There is an event up to here that the server does not take, and so many are offered next to find it.
  private var suspects: (epoch: String, through: Int64, limit: Int)?
  private var trial: EventTrial?
  /// The trial that found no other event that the server takes, and how many attempts have failed since.
  private var fruitless: (trial: EventTrial, attempts: Int)?
  /// An event that the server took while others were on trial; the next trial asks about it first.
  private var lastWitness: EventTrial.Position?

  private enum Purpose: Sendable {
    case deliver
    case trial
  }

  /// - Parameters:
  ///   - cursor: what was delivered before.
  ///   - gather: how long new events are left to gather.
  ///   - retry: how long to wait after failures.
  ///   - start: when the uplink may first be used (`Backoff.firstContact`).
  public init(
    cursor: ArrivalCursor, gather: Duration = .seconds(2), retry: Backoff.Limits = .usual, start: MonotonicTime
  ) {
    self.cursor = cursor
    backoff = Backoff(limits: retry)
    self.gather = gather
    notBefore = start
  }

  /// When `next` has something to do; nil: not before something is told.
  public var nextDeadline: MonotonicTime? {
    isPaused || underWay != nil || !hasWork ? nil : notBefore ?? MonotonicTime(nanoseconds: .min)
  }

  /// What to read and send now; nil: nothing. After a request has been given out there is no other one until `finished`,
  /// `nothingLeft` or `unreadable` has told what came of it.
  public mutating func next(at now: MonotonicTime) -> Request? {
    guard let deadline = nextDeadline, deadline <= now else { return nil }
    hasTried = true
    guard let trial else {
      underWay = .deliver
      let events = min(ceiling, suspects?.limit ?? ceiling)
      return Request(after: cursor, limit: BatchLimit(events: events, bytes: BatchLimit.most.bytes))
    }
    underWay = .trial
    return Request(after: trial.after(cursor), limit: BatchLimit(events: 1, bytes: BatchLimit.most.bytes))
  }

  // MARK: - What happens around it

  /// There may be new events.
  public mutating func eventsArrived(at now: MonotonicTime) {
    guard !hasWork else { return }
    hasWork = true
    notBefore = max(notBefore ?? now, now + gather)
  }

  /// The link has come up. True: a request is under way that was begun before and should be given up.
  public mutating func linkReturned(
    at now: MonotonicTime, using random: inout some RandomNumberGenerator
  ) -> Bool {
    // The first contact keeps its spread: after a power cut all links come up together.
    guard hasTried else { return false }
    let soon = now + backoff.linkReturned(using: &random)
    if underWay != nil {
      resumesSoon = true
      return true
    }
    hurry(to: soon)
    return false
  }

  /// The clock has become right: certificates may be valid now.
  public mutating func clockBecameTrusted(at now: MonotonicTime) {
    guard case .unanswered(let failure) = health, case .certificate = failure.kind else { return }
    hurry(to: now)
  }

  /// Token, certificate or address are new.
  public mutating func settingsChanged(at now: MonotonicTime) {
    backoff.reset()
    (ceiling, successes, suspects) = (BatchLimit.most.events, 0, nil)
    (trial, fruitless, lastWitness) = (nil, nil, nil)
    askedUntil = nil
    hasWork = true
    hurry(to: now)
  }

  /// Somebody wants delivery now.
  public mutating func syncNow(at now: MonotonicTime) {
    askedUntil = nil
    hasWork = true
    hurry(to: now)
  }

  /// Nothing is sent until `resume`.
  public mutating func pause() {
    isPaused = true
    health = .paused
  }

  public mutating func resume(at now: MonotonicTime) {
    guard isPaused else { return }
    isPaused = false
    health = .starting
    syncNow(at: now)
  }

  private mutating func hurry(to moment: MonotonicTime) {
    guard let planned = notBefore else { return }
    notBefore = min(planned, max(moment, askedUntil ?? moment))
  }

  // MARK: - What came of a request

  /// There was nothing to read.
  public mutating func nothingLeft(at now: MonotonicTime, using random: inout some RandomNumberGenerator) {
    guard let purpose = underWay else { return }
    (underWay, resumesSoon) = (nil, false)
    if purpose == .trial, var current = trial {
      let goesOn = current.foundNothing()
      trial = current
      if !goesOn { concludeWithoutWitness(at: now, using: &random) }
      return
    }
    trial = nil
    hasWork = false
    settle(.upToDate)
  }

  /// The journal could not be read.
  public mutating func unreadable(_ message: String, at now: MonotonicTime) {
    guard underWay != nil else { return }
    (underWay, resumesSoon, trial) = (nil, false, nil)
    settle(.journalUnreadable(message))
    notBefore = now + Self.unreadableRetry
  }

  /// The batch read for the request was sent, and this came of it. The effects have to be kept, in order, before `next`.
  public mutating func finished(
    _ batch: EventBatch, _ reply: PushReply, at now: MonotonicTime, using random: inout some RandomNumberGenerator
  ) -> [Effect] {
    guard var purpose = underWay else { return [] }
    underWay = nil
    defer { resumesSoon = false }
    if let trial, trial.isAboutAccused, !trial.isAccused(batch) {
      // Another event has come before it meanwhile: an epoch that was salvaged.
      (self.trial, purpose) = (nil, .deliver)
    }
    switch reply {
    case .accepted(let acknowledgement, _):
      if purpose == .trial, var current = trial {
        // Nothing moves on for another event, whatever the server acknowledges: what comes before it is not delivered.
        guard current.isAboutAccused else {
          current.taken(batch)
          (trial, lastWitness) = (current, current.witness)
          return []
        }
        // It was not the event's fault.
        trial = nil
      }
      return accept(batch, acknowledgement, at: now, using: &random)
    case .tooLarge(let refusal):
      guard batch.count > 1 else { return refuse(batch, refusal, purpose, at: now, using: &random) }
      (ceiling, successes) = (batch.count / 2, 0)
      return []
    case .wrongPlace(let refusal): wait(.refused(refusal), at: now, using: &random)
    case .refused(let refusal): return refuse(batch, refusal, purpose, at: now, using: &random)
    case .unauthorised(let refusal):
      trial = nil
      settle(.unauthorised(refusal))
      let part = Self.unauthorisedRetry / 4
      notBefore = now + Self.unauthorisedRetry - part + Backoff.drawn(from: part * 2, using: &random)
    case .busy(let refusal, let retryAfter):
      wait(.busy(refusal), asked: retryAfter, at: now, using: &random)
    case .serverFailed(let refusal): wait(.serverFailed(refusal), at: now, using: &random)
    case .redirected(let refusal): wait(.redirected(refusal), at: now, using: &random)
    case .failed(let failure): wait(.unanswered(failure), at: now, using: &random)
    }
    return []
  }

  private mutating func accept(
    _ batch: EventBatch, _ acknowledgement: PushReply.Acknowledgement, at now: MonotonicTime,
    using random: inout some RandomNumberGenerator
  ) -> [Effect] {
    var through = batch.lastSequence
    if case .through(let epoch, let sequence) = acknowledgement {
      // Never ahead of what was sent. Another epoch, or nothing of this batch: then nobody has said that these are safe.
      guard epoch == batch.epoch, sequence >= batch.firstSequence else {
        wait(.acknowledgement, at: now, using: &random)
        return []
      }
      through = min(sequence, through)
    }
    backoff.reset()
    (notBefore, askedUntil) = (nil, nil)
    settle(.delivering)
    successes += 1
    if successes >= Self.successesBeforeGrowth {
      (ceiling, successes) = (min(BatchLimit.most.events, ceiling * 2), 0)
    }
    advance(batch.epoch, through)
    if let known = suspects, known.epoch == batch.epoch {
      // The rest of them holds the event: half of it next.
      let rest = known.through.subtractingReportingOverflow(through)
      suspects?.limit = max(1, Int(clamping: rest.overflow ? .max : rest.partialValue) / 2)
    }
    return [.advance(epoch: batch.epoch, sequence: through)]
  }

  private mutating func advance(_ epoch: String, _ through: Int64) {
    fruitless = nil
    cursor.sequences[epoch] = through
    if let known = suspects, known.epoch != epoch || known.through <= through { suspects = nil }
  }

  private mutating func refuse(
    _ batch: EventBatch, _ refusal: PushReply.Refusal, _ purpose: Purpose, at now: MonotonicTime,
    using random: inout some RandomNumberGenerator
  ) -> [Effect] {
    guard batch.count == 1 else {
      suspects = (batch.epoch, batch.lastSequence, batch.count / 2)
      return []
    }
    lastRefusal = refusal
    guard purpose == .trial, var current = trial else {
      // Every few attempts all of them are asked again.
      let before = fruitless.flatMap { $0.attempts % Self.attemptsBetweenSearches == 0 ? nil : $0.trial }
      trial = EventTrial(of: batch, lastWitness: lastWitness, before: before)
      return []
    }
    switch current.refused(batch) {
    case .goesOn:
      trial = current
      return []
    case .nobodyKnows:
      trial = current
      concludeWithoutWitness(at: now, using: &random)
      return []
    case .guilty:
      trial = nil
      backoff.reset()
      settle(.delivering)
      advance(batch.epoch, batch.lastSequence)
      // The rest of the suspects may well be innocent: all of them next.
      suspects?.limit = BatchLimit.most.events
      let event = IsolatedEvent(epoch: batch.epoch, sequence: batch.lastSequence, refusal: refusal)
      return [.isolate(event), .advance(epoch: batch.epoch, sequence: batch.lastSequence)]
    }
  }

  /// What the server said last when it refused an event.
  private var lastRefusal = PushReply.Refusal(status: 0)

  /// The server takes none of those that were offered, or there are no others: nobody can say that the event is to blame.
  private mutating func concludeWithoutWitness(
    at now: MonotonicTime, using random: inout some RandomNumberGenerator
  ) {
    if let accused = trial?.accused, suspects == nil { suspects = (accused.epoch, accused.sequence, 1) }
    suspects?.limit = 1
    if let trial, trial.witness == nil { fruitless = (trial, (fruitless?.attempts ?? 0) + 1) }
    wait(.refused(lastRefusal), at: now, using: &random)
  }

  private mutating func wait(
    _ state: UplinkHealth, asked: Duration? = nil, at now: MonotonicTime,
    using random: inout some RandomNumberGenerator
  ) {
    // What was found out about an event before the wait need not hold after it.
    trial = nil
    settle(state)
    let delay = backoff.delay(asked: asked, using: &random)
    askedUntil = asked.map { now + min(max($0, .zero), Backoff.longestAsked) }
    notBefore = now + delay
    if resumesSoon { hurry(to: now + Backoff.drawn(from: Backoff.linkReturnSpread, using: &random)) }
  }

  private mutating func settle(_ state: UplinkHealth) {
    health = isPaused ? .paused : state
  }
}
