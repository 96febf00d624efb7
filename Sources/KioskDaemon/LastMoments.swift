import Feedback

/// How long capture goes on once it is told to stop, told in moments up to which the lines have been read
/// (`EdgeBatch.asOf`): a press whose edge the kernel has when the order comes is finished, however late the machine is.
struct LastMoments: Sendable {
  /// Capture does not end before the lines have been read up to here.
  private(set) var earliest: MonotonicTime
  /// Capture ends once they have been read up to here, whatever is in hand.
  private(set) var latest: MonotonicTime
  /// How much further the lines are to be read once `earliest` has come.
  private var furtherLook: Duration

  /// Where the kernel debounces, its worker may be as late as our own thread and run right after it: it gets its turn.
  private static let workersTurn = Duration.milliseconds(10)

  /// At the latest twice the debounce time: the level settles after one, the second is for a contact that has bounced
  /// until then. Where the kernel debounces, a press that has just begun is known to the kernel alone until its level has
  /// settled, so at least that long must be waited for it: the debounce time in whole ticks of the kernel's timer and one
  /// more (10 ms each at its slowest, HZ=100), and its worker's delay.
  /// - Parameter now: when the order was found, by the clock that stamps edges.
  init(from now: MonotonicTime, debounce: Duration, isDebouncedByKernel: Bool) {
    earliest = isDebouncedByKernel ? now + debounce + .milliseconds(30) : now
    latest = earliest + debounce * 2 + .milliseconds(100)
    furtherLook = isDebouncedByKernel ? Self.workersTurn : .zero
  }

  /// The lines have been read up to a moment.
  mutating func note(readUpTo moment: MonotonicTime) {
    guard moment >= earliest, furtherLook > .zero else { return }
    earliest = moment + furtherLook
    latest = max(latest, earliest)
    furtherLook = .zero
  }

  /// When to look again if no edge comes.
  func nextDeadline(after readUpTo: MonotonicTime) -> MonotonicTime { readUpTo < earliest ? earliest : latest }
}
