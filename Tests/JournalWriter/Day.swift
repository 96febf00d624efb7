import Feedback
import Glibc
import Journal
import JournalTestKit

/// What a busy shop's kiosk records: visitors who rate, say why and answer, sellers, calls for staff, somebody at the door.
extension JournalWriter {
  /// Appends so many events, a day of twelve opening hours after the other, until now.
  static func day(_ directory: String, _ events: Int, seed: UInt64, device: String) throws(JournalError) {
    var random = SeededGenerator(seed: seed)
    let journal = try Journal.open(
      directory: directory, device: device, boot: BootIdentity(bootID: "boot"), reading: reading())
    var shop = Shop(wall: reading().wallMilliseconds - Int64(events) * 3_000)
    var waiting: [EventDraft] = []
    var sequence = (try JournalReader.open("\(directory)/ratings.db").summary().lastSequence ?? 0) + 1
    var left = events
    while left > 0 {
      let drafts = Array(shop.visit(first: sequence + Int64(waiting.count), using: &random).prefix(left))
      left -= drafts.count
      waiting += drafts
      if waiting.count + 20 > Journal.mostDrafts || left == 0 {
        sequence += Int64(waiting.count)
        _ = try journal.append(waiting)
        waiting = []
      }
    }
    journal.close()
  }
}

/// Makes one visit after the other.
private struct Shop {
  private static let faces = ["very-unhappy", "unhappy", "neutral", "happy", "very-happy"]
  /// What comes before opening time, in milliseconds since the day began, and how long it is open.
  private static let opensAt: Int64 = 8 * 3_600_000
  private static let openFor: Int64 = 12 * 3_600_000

  private var wall: Int64
  private var bootTime: Int64 = 3_600_000_000_000
  private var isWorking = [false, false, false]

  init(wall: Int64) { self.wall = wall }

  /// The events of what happens next, the first of which has that number.
  mutating func visit(first: Int64, using random: inout SeededGenerator) -> [EventDraft] {
    // Gaps between visitors are exponential: 20 s in the mean, as in a busy hour.
    let unit = Double.random(in: Double.leastNormalMagnitude..<1, using: &random)
    pass(Int64(min(-log(unit) * 20_000, 600_000)))
    closeForTheNight()
    switch Int.random(in: 0..<100, using: &random) {
    case ..<3: return [seller(using: &random)]
    case ..<5: return call(using: &random)
    case ..<14: return [draft(.contact, button: "door", verdict: .counted)]
    case ..<15: return [draft(.clock, code: "anchor")]
    default: return answers(first, using: &random)
    }
  }

  /// A visitor presses a face; some say why, some of these answer a question more.
  private mutating func answers(_ first: Int64, using random: inout SeededGenerator) -> [EventDraft] {
    let language = Int.random(in: 0..<10, using: &random) < 8 ? "de" : "en"
    let value = [1, 2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5][Int.random(in: 0..<13, using: &random)]
    let throwOfDice = Int.random(in: 0..<100, using: &random)
    let verdict: Verdict = throwOfDice < 4 ? .repeated : .counted
    var events = [rating("overall", value, language, verdict)]
    guard verdict == .counted else { return events }
    if throwOfDice < 8 {
      // Corrected within the window.
      pass(Int64.random(in: 600...2_500, using: &random))
      var corrected = rating("overall", min(value + 1, 5), language, .counted)
      corrected.replaces = first
      corrected.visit = first
      events.append(corrected)
    }
    guard Int.random(in: 0..<10, using: &random) < 3 else { return events }
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      pass(Int64.random(in: 700...6_000, using: &random))
      let reason = Int.random(in: 1...6, using: &random)
      events.append(
        step(.reason, "reason-\(reason)", value < 4 ? "wrong" : "good", Int64(reason), language, visit: first))
    }
    pass(Int64.random(in: 900...9_000, using: &random))
    guard Int.random(in: 0..<10, using: &random) < 6 else {
      var skip = step(.skip, nil, "found", nil, language, visit: first)
      skip.code = "timeout"
      skip.verdict = nil
      skip.rulesVersion = nil
      events.append(skip)
      return events
    }
    let found = Int.random(in: 1...3, using: &random)
    events.append(step(.answer, "reason-\(found)", "found", Int64(found), language, visit: first))
    return events
  }

  private mutating func seller(using random: inout SeededGenerator) -> EventDraft {
    let number = Int.random(in: 0..<3, using: &random)
    isWorking[number].toggle()
    var event = draft(.activity, button: "seller-\(number + 1)", code: isWorking[number] ? "start" : "end")
    event.context = "seller=\(["anna-7", "ben-3", "cleo-1"][number])"
    return event
  }

  private mutating func call(using random: inout SeededGenerator) -> [EventDraft] {
    var opened = draft(.request, button: "call-staff", code: "opened")
    opened.detail = "call-staff"
    let after = Int64.random(in: 15_000...240_000, using: &random)
    pass(after)
    var closed = draft(.request, button: "staff-here", code: "closed")
    closed.value = Int(after)
    closed.detail = "call-staff"
    return [opened, closed]
  }

  private func rating(_ question: String, _ value: Int, _ language: String, _ verdict: Verdict) -> EventDraft {
    var event = draft(.rating, button: Self.faces[value - 1], verdict: verdict)
    (event.survey, event.surveyVersion, event.question, event.scale) = ("visit", 3, question, "faces-5")
    (event.value, event.language) = (value, language)
    return event
  }

  private func step(
    _ kind: EventKind, _ button: String?, _ question: String, _ value: Int64?, _ language: String, visit: Int64
  ) -> EventDraft {
    var event = draft(kind, button: button, verdict: .counted)
    (event.survey, event.surveyVersion, event.question) = ("visit", 3, question)
    (event.value, event.language, event.visit) = (value.map { Int($0) }, language, visit)
    return event
  }

  private func draft(
    _ kind: EventKind, button: String? = nil, code: String? = nil, verdict: Verdict? = nil
  ) -> EventDraft {
    let now = ClockReading(
      monotonic: MonotonicTime(nanoseconds: bootTime), bootTimeNanoseconds: bootTime, wallMilliseconds: wall,
      state: .synchronised)
    return EventDraft(
      kind: kind, at: now, button: button, code: code, verdict: verdict, rulesVersion: verdict == nil ? nil : 2)
  }

  private mutating func pass(_ milliseconds: Int64) {
    wall += milliseconds
    bootTime += milliseconds * 1_000_000
  }

  private mutating func closeForTheNight() {
    let day: Int64 = 86_400_000
    let ofDay = (wall % day + day) % day
    let closesAt = Self.opensAt + Self.openFor
    if ofDay < Self.opensAt {
      pass(Self.opensAt - ofDay)
    } else if ofDay >= closesAt {
      pass(day - ofDay + Self.opensAt)
    }
  }
}
