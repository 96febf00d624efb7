import Feedback
import Panel

/// What a sensor told, as a script.
struct SensorLevel: Hashable {
  var isPresent: Bool
  var at: MonotonicTime
}

/// A sensor that sees somebody from each first to each second of these milliseconds.
func sensor(_ times: [Int]) -> [SensorLevel] {
  times.enumerated().map { SensorLevel(isPresent: $0.offset % 2 == 0, at: ms($0.element)) }
}

extension ContactEvent {
  /// As a line of a story, in milliseconds.
  var told: String {
    switch self {
    case .presenceBegan(let at): "\(at.story) there"
    case .contact(let verdict, let began, let decided): "\(decided.story) \(verdict.name) since \(began.story)"
    case .presenceEnded(_, let at, let present): "\(at.story) gone after \(present.wholeMilliseconds)"
    case .blocked(let since, let at): "\(at.story) blocked since \(since.story)"
    case .unblocked(let at, let blocked): "\(at.story) clear after \(blocked.wholeMilliseconds)"
    }
  }
}

/// The rules of `ContactCounter` read out plainly over the whole history: slow and obvious.
struct ContactModel {
  /// A time during which the sensor saw somebody; `to` is nil when it still does.
  private struct Seen {
    var from: MonotonicTime
    var to: MonotonicTime?
  }

  var rules: ContactRules
  var isPresentAtStart = false
  var start = ms(0)

  /// Everything that is decided up to `end`, in order.
  func events(_ levels: [SensorLevel], until end: MonotonicTime) -> [ContactEvent] {
    var decided: [(event: ContactEvent, at: MonotonicTime)] = []
    var lastCountedEnd: MonotonicTime?
    for presence in presences(levels) {
      guard let first = presence.first, let last = presence.last else { continue }
      let wasThereAtStart = isPresentAtStart && first.from == start
      if !wasThereAtStart { decided.append((.presenceBegan(at: first.from), first.from)) }
      var contactAt: MonotonicTime?
      var isCounted = false
      var wasBlocked = false
      for seen in presence {
        let reached = max(seen.from, first.from + rules.dwell)
        if !wasThereAtStart, contactAt == nil, seen.to.map({ reached <= $0 }) ?? true {
          contactAt = reached
          isCounted = lastCountedEnd.map { first.from - $0 >= rules.doublePass } ?? true
          decided.append((.contact(isCounted ? .counted : .repeated, began: first.from, decided: reached), reached))
          lastCountedEnd = nil
        }
        let blockedAt = seen.from + rules.blockedAfter
        if rules.blockedAfter > .zero, blockedAt <= min(seen.to ?? end, end) {
          wasBlocked = true
          decided.append((.blocked(since: seen.from, at: blockedAt), blockedAt))
          if let to = seen.to { decided.append((.unblocked(at: to, blocked: to - seen.from), to)) }
        }
      }
      guard let to = last.to else { continue }
      let over = to + rules.holdOff
      if !wasThereAtStart, contactAt == nil {
        decided.append((.contact(.passedBy, began: first.from, decided: over), over))
      }
      decided.append((.presenceEnded(began: first.from, at: to, present: to - first.from), over))
      if isCounted, !wasBlocked { lastCountedEnd = to }
    }
    let inOrder = decided.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
    return inOrder.filter { $0.element.at <= end }.map(\.element.event)
  }

  /// The times at which somebody was seen, those closer than the hold-off together.
  private func presences(_ levels: [SensorLevel]) -> [[Seen]] {
    var seen: [Seen] = isPresentAtStart ? [Seen(from: start)] : []
    var isPresent = isPresentAtStart
    for level in levels where level.isPresent != isPresent {
      isPresent = level.isPresent
      if isPresent { seen.append(Seen(from: level.at)) } else { seen[seen.count - 1].to = level.at }
    }
    var presences: [[Seen]] = []
    for next in seen {
      if let before = presences.last?.last?.to, next.from - before < rules.holdOff {
        presences[presences.count - 1].append(next)
      } else {
        presences.append([next])
      }
    }
    return presences
  }
}
