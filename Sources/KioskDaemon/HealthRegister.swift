import Feedback
import KioskControl

/// What is wrong now. A value: raising and clearing say whether anything changed, so that each change is told once.
struct HealthRegister: Sendable {
  private struct Key: Hashable {
    var code: HealthCode
    var subject: String?
  }

  private struct Entry {
    var message: String
    var hint: String
    var since: MonotonicTime
  }

  private var entries: [Key: Entry] = [:]

  /// True when this was not known yet.
  mutating func raise(
    _ code: HealthCode, subject: String? = nil, message: String, hint: String, at now: MonotonicTime
  ) -> Bool {
    let key = Key(code: code, subject: subject)
    let isNew = entries[key] == nil
    entries[key] = Entry(message: message, hint: hint, since: entries[key]?.since ?? now)
    return isNew
  }

  /// True when it was raised.
  mutating func clear(_ code: HealthCode, subject: String? = nil) -> Bool {
    entries.removeValue(forKey: Key(code: code, subject: subject)) != nil
  }

  func isRaised(_ code: HealthCode, subject: String? = nil) -> Bool {
    entries[Key(code: code, subject: subject)] != nil
  }

  /// The oldest first.
  func states(at now: MonotonicTime) -> [HealthState] {
    entries.sorted { ($0.value.since, $0.key.code.rawValue) < ($1.value.since, $1.key.code.rawValue) }.map {
      HealthState(
        code: $0.key.code, subject: $0.key.subject, message: $0.value.message, hint: $0.value.hint,
        sinceMilliseconds: (now - $0.value.since).wholeMilliseconds)
    }
  }
}
