import Feedback
import Journal

/// What the counters must say after these events, worked out the plain way, one event after the other.
public struct CounterModel: Sendable {
  private struct Key: Hashable {
    var kind: EventKind
    var button: String?
    var verdict: Verdict?
  }

  private var seen: [Int64: Key] = [:]
  private var totals: [Key: Int64] = [:]

  public init() {}

  public init(_ events: some Sequence<Event>) {
    for event in events { add(event) }
  }

  public mutating func add(_ event: Event) {
    let content = event.content
    let key = Key(kind: content.kind, button: content.button, verdict: content.verdict)
    change(key, by: 1)
    seen[event.sequence] = key
    guard let replaced = content.replaces, replaced < event.sequence, let verdict = content.verdict,
      var earlier = seen[replaced]
    else { return }
    change(earlier, by: -1)
    earlier.verdict = verdict.ofReplaced
    change(earlier, by: 1)
    seen[replaced] = earlier
  }

  /// Events up to here were deleted: they stay counted as they are, whatever corrects them later.
  public mutating func forget(through sequence: Int64) {
    seen = seen.filter { $0.key > sequence }
  }

  private mutating func change(_ key: Key, by number: Int64) {
    guard key.kind.rawValue <= EventKind.contact.rawValue else { return }
    totals[key, default: 0] += number
  }

  /// In the order in which a reader tells them.
  public var counters: [Counter] {
    totals.filter { $0.value != 0 }
      .map { Counter(kind: $0.key.kind, button: $0.key.button, verdict: $0.key.verdict, total: $0.value) }
      .sorted {
        ($0.kind.rawValue, $0.button ?? "", $0.verdict?.rawValue ?? 0)
          < ($1.kind.rawValue, $1.button ?? "", $1.verdict?.rawValue ?? 0)
      }
  }
}
