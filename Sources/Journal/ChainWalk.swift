import Feedback

/// Checks the chain of events that come from elsewhere, such as an exported file or a delivered batch, one after the
/// other, in order. Holds one chain value, however many events there are.
public struct ChainWalk: Sendable {
  /// How far the chain holds. A walk that begins after event 1 trusts the value before its first event: `expiredThrough`
  /// says up to where nothing was seen.
  public private(set) var state: ChainVerification

  private var isAtStart = true

  /// The value that the chain of this device and epoch begins with.
  public let genesis: [UInt8]

  public init(device: String, epoch: String) {
    genesis = Chain.genesis(device: device, epoch: epoch)
    state = ChainVerification(
      verified: 0, expiredThrough: 0, lastSequence: 0, lastChain: genesis, firstBroken: nil)
  }

  /// The sequence number that the next event must have; nil at the start, where it may be any.
  public var expectedSequence: Int64? { isAtStart ? nil : state.nextSequence }

  /// Checks the next event and goes on from it. After a link that does not hold it goes no further.
  ///
  /// - Parameter previous: the chain value before the event, as it came along with it; nil when it did not.
  /// - Returns: whether the link holds; `state.firstBroken` tells what does not.
  public mutating func add(_ event: Event, previous: [UInt8]?) -> Bool {
    guard state.isWhole else { return false }
    guard event.sequence > 0, event.sequence < .max else {
      return fail(
        expectedSequence ?? 1, .altered, "the sequence number \(event.sequence) is none that a journal gives")
    }
    if isAtStart, event.sequence > 1 {
      guard let previous, previous.count == Chain.length else {
        return fail(event.sequence, .missing, "the chain value before event \(event.sequence) did not come along")
      }
      (state.expiredThrough, state.lastSequence, state.lastChain) = (event.sequence &- 1, event.sequence &- 1, previous)
    }
    isAtStart = false
    let expected = state.nextSequence
    guard event.sequence == expected else {
      return event.sequence > expected
        ? fail(expected, .missing, "event \(expected) is missing; event \(event.sequence) comes next")
        : fail(expected, .altered, "event \(event.sequence) stands where event \(expected) belongs")
    }
    if let previous, previous != state.lastChain {
      return fail(
        expected, .altered, "event \(expected) names another chain value before it than event \(expected - 1) has")
    }
    guard Chain.link(after: state.lastChain, event) == event.chain else {
      return fail(expected, .altered, "event \(expected) is not what its chain value was computed over")
    }
    (state.lastSequence, state.lastChain) = (event.sequence, event.chain)
    state.verified += 1
    return true
  }

  /// Ends the walk at an event that could not even be read; false, so that it can stand for the result of `add`.
  @discardableResult
  public mutating func fail(
    _ sequence: Int64, _ fault: ChainVerification.Fault, _ finding: String
  ) -> Bool {
    if state.isWhole { state.firstBroken = .init(sequence: sequence, fault: fault, finding: finding) }
    return false
  }
}
