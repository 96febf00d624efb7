import AgentControl
import Feedback
import KioskConfiguration

/// How the kiosk is, in Prometheus' text format 0.0.4. Names never change meaning.
public struct MetricsText: Sendable {
  private let parts: AgentParts

  public init(parts: AgentParts) { self.parts = parts }

  /// The whole text, for any listener.
  public func text() async -> String { await text(await StatusReporter(parts: parts).status()) }

  /// As an answer.
  public static func answer(_ text: String) -> Answer {
    Answer(status: 200, mediaType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8))
  }

  func text(_ status: AgentStatus) async -> String {
    let figures = await parts.figures.values
    var page = Page()
    page.add(
      "kiosk_info", .gauge, "Always 1; the labels say which kiosk this is and what software runs on it.",
      [(["device": status.device, "touchpoint": status.touchpoint ?? "", "version": status.version], 1)])
    page.add(
      "kiosk_clock_synchronised", .gauge, "Whether a time service keeps the kiosk's clock.",
      status.clock == "synchronised")
    capture(status, &page)
    await consumers(status, &page)
    delivery(status, figures, &page)
    page.add("kiosk_served_events_total", .counter, "Events handed to consumers that fetch.", figures.served)
    page.add(
      "kiosk_http_answers_total", .counter, "Answers to requests, by HTTP status.",
      figures.answers.sorted { $0.key < $1.key }.map { (["status": String($0.key)], Double($0.value)) })
    var problems: [[String: String]: Int] = [:]
    for state in status.health { problems[["code": state.code, "subject": state.subject ?? ""], default: 0] += 1 }
    page.add(
      "kiosk_health_problems", .gauge, "What is wrong now, by the codes of the operator's guide.",
      problems.map { ($0.key, Double($0.value)) }.sorted { Page.labels($0.0) < Page.labels($1.0) })
    return page.text
  }

  private func capture(_ status: AgentStatus, _ page: inout Page) {
    page.add("kiosk_capture_up", .gauge, "Whether kioskd, which takes the presses, answers.", status.capture.running)
    if let presses = status.capture.presses {
      page.add("kiosk_presses_total", .counter, "Presses taken since kioskd started, whatever their verdict.", presses)
    }
    page.add("kiosk_journal_readable", .gauge, "Whether the journal can be read.", status.journal.readable)
    if let last = status.journal.lastSequence {
      page.add(
        "kiosk_journal_last_sequence", .gauge, "Number of the newest event of the journal that is written now.", last)
    }
  }

  private func consumers(_ status: AgentStatus, _ page: inout Page) async {
    var waiting: [([String: String], Double)] = []
    var ages: [([String: String], Double)] = []
    if let events = status.push.waitingEvents {
      waiting.append((["consumer": AgentSettings.pushConsumer], Double(events)))
    }
    for consumer in status.consumers {
      let labels = ["consumer": consumer.consumer]
      if let events = consumer.waitingEvents { waiting.append((labels, Double(events))) }
      if let confirmed = await parts.cursors.confirmedAt(of: consumer.consumer) {
        let (age, overflow) = parts.clock.wallMilliseconds.subtractingReportingOverflow(confirmed)
        ages.append((labels, overflow ? 0 : Double(max(0, age)) / 1_000))
      }
    }
    page.add("kiosk_waiting_events", .gauge, "Events that a consumer has not confirmed.", waiting)
    page.add("kiosk_cursor_age_seconds", .gauge, "Time since a consumer that fetches last confirmed events.", ages)
  }

  private func delivery(_ status: AgentStatus, _ figures: AgentFigures.Values, _ page: inout Page) {
    page.add(
      "kiosk_delivery_state", .gauge, "1 for the state that sending events is in.",
      AgentStatus.Push.State.allCases.map { (["state": $0.rawValue], $0 == status.push.state ? 1 : 0) })
    page.add("kiosk_delivery_attempts_total", .counter, "Batches sent, whatever came of them.", figures.attempts)
    page.add("kiosk_delivery_failures_total", .counter, "Batches that were not taken.", figures.failures)
    page.add("kiosk_delivered_events_total", .counter, "Events that the upstream has acknowledged.", figures.delivered)
    page.add("kiosk_delivery_sent_bytes_total", .counter, "Bytes of batches sent, packed.", figures.bytesSent)
    if let aside = status.push.setAsideEvents {
      page.add(
        "kiosk_delivery_set_aside_events", .gauge, "Events that the upstream has refused for good. They are kept.",
        aside)
    }
  }
}

/// A text of families of figures.
private struct Page {
  enum Kind: String {
    case counter, gauge
  }

  private(set) var text = ""

  /// A family that has no figure at present is left out.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ figures: [([String: String], Double)]) {
    guard !figures.isEmpty else { return }
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    for (labels, value) in figures { text += "\(name)\(Self.labels(labels)) \(Self.number(value))\n" }
  }

  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int64) {
    add(name, kind, help, [([:], Double(value))])
  }

  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ isSo: Bool) {
    add(name, kind, help, [([:], isSo ? 1 : 0)])
  }

  static func labels(_ labels: [String: String]) -> String {
    guard !labels.isEmpty else { return "" }
    let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }
    return "{\(pairs.joined(separator: ","))}"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map { String($0) } ?? String(value)
  }
}
