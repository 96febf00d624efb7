import Journal

/// Finds out whether one event, refused alone, is to blame, or a server that refuses everything, or refuses by chance. The
/// event is guilty if the server takes another event and then refuses this one again, several times in turn. As long as no
/// other event is taken, none is to blame.
struct EventTrial: Sendable {
  struct Position: Sendable, Hashable {
    var epoch: String
    var sequence: Int64
  }

  enum Verdict {
    case goesOn
    case guilty
    /// No other event is taken, or one that was taken is refused now.
    case nobodyKnows
  }

  private enum Step: Sendable {
    /// Offer the other event that the trial before this one had found.
    case askLastWitness
    /// Look for another event that the server takes.
    case seek
    /// Offer the accused once more, now that another one has been taken.
    case accused
    /// Offer the witness once more.
    case confirm
  }

  /// How often the accused must be refused right after the witness was taken. A server of which one half is broken
  /// would do that to a good event once in 128 trials.
  private static let rounds = 3
  /// Other events offered at most.
  private static let mostAsked = 64

  let accused: Position
  /// An event that the server has taken.
  private(set) var witness: Position?
  private var step: Step
  private var round = 0

  /// Witnesses are sought at doubling distances from here, so that a long run of bad events is stepped over, and when
  /// that leads beyond the newest event, by halving between what was found and what was not.
  private var base: Position
  private var found: Int64 = 0
  private var missing: Int64?
  private var asked = 0
  /// Epochs in which nothing more is looked for.
  private var done: [String] = []

  /// - Parameters:
  ///   - batch: of the one event that was refused.
  ///   - lastWitness: an event that the server took in an earlier trial.
  ///   - before: a trial of the same event that found no witness. What it has asked is not asked again: only what has come
  ///     since.
  init(of batch: EventBatch, lastWitness: Position?, before: EventTrial? = nil) {
    accused = Position(epoch: batch.epoch, sequence: batch.lastSequence)
    base = accused
    if let before, before.accused == accused {
      (base, done) = (before.newestAsked, before.done)
      step = .seek
      return
    }
    let isLater = lastWitness.map { $0.epoch == batch.epoch && $0.sequence > batch.lastSequence } ?? false
    witness = isLater ? lastWitness : nil
    step = isLater ? .askLastWitness : .seek
  }

  /// Whether what is offered now is the accused itself.
  var isAboutAccused: Bool { if case .accused = step { true } else { false } }

  func isAccused(_ batch: EventBatch) -> Bool {
    accused == Position(epoch: batch.epoch, sequence: batch.lastSequence)
  }

  /// Where to read the event that is offered next.
  /// - Parameter cursor: just before the accused.
  func after(_ cursor: ArrivalCursor) -> ArrivalCursor {
    var after = cursor
    switch step {
    case .accused: break
    case .askLastWitness, .confirm:
      for epoch in done { after.sequences[epoch] = .max }
      if let witness { after.sequences[witness.epoch] = max(1, witness.sequence) - 1 }
    case .seek:
      for epoch in done { after.sequences[epoch] = .max }
      let place = base.sequence.addingReportingOverflow(distance - 1)
      after.sequences[base.epoch] = place.overflow ? .max : place.partialValue
    }
    return after
  }

  private var newestAsked: Position {
    let sequence = base.sequence.addingReportingOverflow(found)
    return Position(epoch: base.epoch, sequence: sequence.overflow ? .max : sequence.partialValue)
  }

  private var distance: Int64 {
    guard let missing else { return max(1, found.multipliedReportingOverflow(by: 2).partialValue) }
    return found + (missing - found) / 2
  }

  /// Another event than the accused was taken.
  mutating func taken(_ batch: EventBatch) {
    witness = Position(epoch: batch.epoch, sequence: batch.lastSequence)
    // To be offered again it must be the next one read: nothing of the epochs before it.
    if case .seek = step, batch.epoch != base.epoch { done.append(base.epoch) }
    step = .accused
  }

  /// What was offered was refused.
  mutating func refused(_ batch: EventBatch) -> Verdict {
    switch step {
    case .accused:
      round += 1
      step = .confirm
      return round < Self.rounds ? .goesOn : .guilty
    case .confirm: return .nobodyKnows
    case .askLastWitness:
      (witness, step) = (nil, .seek)
      return .goesOn
    case .seek:
      asked += 1
      guard asked < Self.mostAsked else { return .nobodyKnows }
      if batch.epoch == base.epoch {
        let far = batch.lastSequence.subtractingReportingOverflow(base.sequence)
        found = max(distance, far.overflow ? .max : far.partialValue)
        if let missing, missing - found <= 1 { return .nobodyKnows }
      } else {
        // Nothing is left of that epoch, and this is of the next one.
        done.append(base.epoch)
        base = Position(epoch: batch.epoch, sequence: batch.lastSequence)
        (found, missing) = (0, nil)
      }
      return .goesOn
    }
  }

  /// There was nothing to offer. False: there is nothing else either.
  mutating func foundNothing() -> Bool {
    switch step {
    case .accused, .confirm: return false
    case .askLastWitness:
      (witness, step) = (nil, .seek)
      return true
    case .seek:
      let distance = distance
      missing = distance
      return distance - found > 1
    }
  }
}

/// An event that a server does not take. It stays in the journal; delivery goes on after it.
public struct IsolatedEvent: Sendable, Hashable {
  public var epoch: String
  public var sequence: Int64
  /// What the server said.
  public var refusal: PushReply.Refusal

  public init(epoch: String, sequence: Int64, refusal: PushReply.Refusal) {
    self.epoch = epoch
    self.sequence = sequence
    self.refusal = refusal
  }
}
