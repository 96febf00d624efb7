import Feedback

/// An event as a row of the table: which column holds what, in one place for writer and readers.
enum EventRow {
  static let columns = [
    "seq", "kind", "boot", "visit", "button", "survey", "survey_version", "question", "scale", "value", "code",
    "language",
    "verdict", "rules_version", "replaces", "boottime_ns", "wall_ms", "clock_state", "context", "detail", "chain",
  ]

  static let insert = """
    INSERT INTO events (\(columns.joined(separator: ", "))) \
    VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
    """

  /// Rows after ?1 in order, at most ?2 of them.
  static let select = "SELECT \(columns.joined(separator: ", ")) FROM events WHERE seq > ? ORDER BY seq LIMIT ?"

  static func values(of event: Event) -> [Statement.Value] {
    let content = event.content
    return [
      .integer(event.sequence), .integer(Int64(content.kind.rawValue)), .integer(event.boot), .init(content.visit),
      .init(content.button), .init(content.survey), .init(content.surveyVersion), .init(content.question),
      .init(content.scale), .init(content.value), .init(content.code), .init(content.language),
      .init(content.verdict?.rawValue), .init(content.rulesVersion), .init(content.replaces),
      .integer(content.bootTimeNanoseconds), .integer(content.wallMilliseconds),
      .integer(Int64(content.clockState.rawValue)), .init(content.context), .init(content.detail), .blob(event.chain),
    ]
  }

  /// Reads the current row. Throws `.damaged` and names event and column when a value cannot have been written by us.
  static func event(_ row: Statement) throws(JournalError) -> Event {
    let sequence = row.integer(0) ?? 0
    func damaged(_ column: Int32) -> JournalError {
      JournalError(.damaged, "event \(sequence): column \(columns[Int(column)]) holds what no kiosk writes")
    }
    func number(_ column: Int32) throws(JournalError) -> Int64 {
      guard let value = row.integer(column) else { throw damaged(column) }
      return value
    }
    func optionalNumber(_ column: Int32) throws(JournalError) -> Int64? {
      row.isNull(column) ? nil : try number(column)
    }
    func optionalInt(_ column: Int32) throws(JournalError) -> Int? {
      guard let wide = try optionalNumber(column) else { return nil }
      guard let value = Int(exactly: wide) else { throw damaged(column) }
      return value
    }
    func optionalText(_ column: Int32) throws(JournalError) -> String? {
      if row.isNull(column) { return nil }
      guard let value = row.text(column) else { throw damaged(column) }
      return value
    }
    guard let kind = Int(exactly: try number(1)).flatMap(EventKind.init(rawValue:)) else { throw damaged(1) }
    guard let state = Int(exactly: try number(17)).flatMap(ClockState.init(rawValue:)) else { throw damaged(17) }
    var verdict: Verdict?
    if let raw = try optionalInt(12) {
      guard let known = Verdict(rawValue: raw) else { throw damaged(12) }
      verdict = known
    }
    guard let chain = row.blob(20), chain.count == Chain.length else { throw damaged(20) }
    // The clocks' other halves are not stored: only boot time and wall time mean anything after a restart.
    let reading = ClockReading(
      monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: try number(15), wallMilliseconds: try number(16),
      state: state)
    let content = EventDraft(
      kind: kind, at: reading, visit: try number(3), button: try optionalText(4), survey: try optionalText(5),
      surveyVersion: try optionalInt(6), question: try optionalText(7), scale: try optionalText(8),
      value: try optionalInt(9), code: try optionalText(10), language: try optionalText(11), verdict: verdict,
      rulesVersion: try optionalInt(13), replaces: try optionalNumber(14), context: try optionalText(18),
      detail: try optionalText(19))
    return Event(sequence: sequence, boot: try number(2), content: content, chain: chain)
  }
}
