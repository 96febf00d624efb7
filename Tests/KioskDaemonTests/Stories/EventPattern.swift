import Feedback

/// What a line of a story says of one event of the journal. What it does not say may be anything.
struct EventPattern {
  /// Something that was judged: a press or a contact, not what the kiosk says of itself.
  var isJudged = false
  var kind: EventKind?
  var code: String?
  var button: String?
  var verdict: Verdict?
  /// The button whose press took its place.
  var supersededBy: String?
  var survey: String?
  var question: String?
  var scale: String?
  var value: Value?
  var language: String?
  var context: Context?
  var visit: Visit?
  /// The value is a time in milliseconds: about this long.
  var response: Duration?
  var clock: ClockState?
  /// Its date, worked out from all the journal knows, is right to this.
  var dating: Duration?
  /// The detail holds these words.
  var words: String?

  enum Value: Equatable {
    case exactly(Int)
    case absent
  }

  enum Context: Equatable {
    case exactly(String)
    case absent
  }

  enum Visit {
    /// That of the press in the line before.
    case same
    /// One of its own.
    case new
  }

  /// How near a response time must be: a press is stamped when its contact is closed for good.
  static let responseTolerance = Duration.milliseconds(100)
}

/// An event as a story looks at it: with what became of it later.
struct JournalEntry {
  var event: Event
  /// The verdict after everything that replaces it.
  var verdict: Verdict?
  /// The event that took its place.
  var replacedBy: Event?
  /// When it was, in the story's time; and how far the date that can be worked out for it is off the truth.
  var moment: Duration
  var dateError: Duration

  var content: EventDraft { event.content }

  /// Kinds that tell what visitors and staff did, or how the kiosk is. Each such event must be named by a line of the
  /// story; starts, anchors and loaded configurations need not be.
  var mustBeNamed: Bool {
    switch content.kind {
    case .rating, .reason, .answer, .request, .skip, .activity, .contact, .health: true
    case .clock, .config: false
    }
  }

  /// Somebody pressed a button.
  var isPress: Bool {
    switch content.kind {
    case .rating, .reason, .answer, .request, .skip, .activity: content.button != nil
    case .contact, .health, .clock, .config: false
    }
  }
}

extension EventPattern {
  /// Why the event is not the one meant; nil: it is.
  func mismatch(with entry: JournalEntry, after before: JournalEntry?) -> String? {
    let event = entry.content
    if isJudged, !entry.isPress, event.kind != .contact { return "it is of the kind \(event.kind.name)" }
    if let kind, event.kind != kind { return "it is of the kind \(event.kind.name)" }
    if let button, event.button != button { return "it is of \(event.button ?? "no button")" }
    if let verdict, entry.verdict != verdict { return "its verdict is \(entry.verdict?.name ?? "none")" }
    if let supersededBy, entry.replacedBy?.content.button != supersededBy {
      return "it is superseded by \(entry.replacedBy?.content.button ?? "nothing")"
    }
    if let code, event.code != code { return "its code is \(event.code ?? "none")" }
    if let survey, event.survey != survey { return "it belongs to the survey \(event.survey ?? "none")" }
    if let question, event.question != question { return "its question is \(event.question ?? "none")" }
    if let scale, event.scale != scale { return "its scale is \(event.scale ?? "none")" }
    if let language, event.language != language { return "its language is \(event.language ?? "none")" }
    if let clock, event.clockState != clock { return "its clock is \(event.clockState.storyWord)" }
    switch value {
    case .exactly(let value) where event.value != value: return "its value is \(event.value.map(String.init) ?? "none")"
    case .absent? where event.value != nil: return "it has the value \(event.value ?? 0)"
    default: break
    }
    switch context {
    case .exactly(let context) where event.context != context: return "its context is \(event.context ?? "none")"
    case .absent? where event.context != nil: return "it has the context \(event.context ?? "")"
    default: break
    }
    if let words, event.detail?.contains(words) != true { return "its detail is “\(event.detail ?? "")”" }
    if let response {
      guard let value = event.value else { return "it has no response time" }
      let difference = Int64(value) - response.wholeMilliseconds
      if abs(difference) > Self.responseTolerance.wholeMilliseconds { return "it came after \(value) ms" }
    }
    if let dating, abs(entry.dateError.wholeMilliseconds) > dating.wholeMilliseconds {
      return "its date is off by \(entry.dateError.inStoryWords)"
    }
    switch visit {
    case .same where event.visit != before?.content.visit: return "it belongs to another visit than the one before"
    case .new where event.visit != entry.event.sequence: return "it belongs to the visit of #\(event.visit ?? 0)"
    default: return nil
    }
  }
}

extension JournalEntry {
  /// In the words of the stories, as far as they can be said in one line.
  var inWords: String {
    let event = content
    var words: [String] = []
    if let verdict, let button = event.button, event.kind != .health {
      words.append("\(button) is \(verdict.name)")
      if verdict == .superseded, let by = replacedBy?.content.button { words.append("by \(by)") }
      words.append("as \(event.kind.name)")
      if let code = event.code { words.append(code) }
    } else {
      words.append(event.kind.name)
      if let code = event.code { words.append(code) }
      if let button = event.button { words.append("from \(button)") }
    }
    if let question = event.question { words.append("to \(question)") }
    if let value = event.value { words.append("value \(value)") }
    if let language = event.language { words.append("in \(language)") }
    if let context = event.context { words.append("with \(context)") }
    if let detail = event.detail { words.append("saying “\(detail)”") }
    words.append("(visit \(event.visit ?? 0), at \(moment.inStoryWords))")
    return words.joined(separator: " ")
  }
}

extension ClockState {
  /// The word of the stories for it.
  var storyWord: String {
    switch self {
    case .implausible: "wrong"
    case .unsynchronised: "untrusted"
    case .synchronised: "trusted"
    }
  }
}

extension Duration {
  /// In seconds, to the millisecond.
  var inStoryWords: String {
    let milliseconds = wholeMilliseconds
    let fraction = String(abs(milliseconds) % 1000 + 1000).dropFirst()
    return "\(milliseconds < 0 ? "-" : "")\(abs(milliseconds) / 1000).\(fraction) s"
  }
}
