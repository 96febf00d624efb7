import AgentControl
import Feedback
import FoundationEssentials
import KioskControl
import Uplink

/// Brings configurations that the upstream offers to kioskd, which checks them and puts them into force or refuses them, and
/// tells the upstream what came of it. Each version once; the server may offer it in every answer.
public actor ConfigurationCourier {
  /// Bytes of an offer that are read (docs/openapi/upstream.yaml).
  static let mostBytes = 1_048_576
  /// Bytes of the answer to a report that are read.
  static let mostReportBytes = 8 * 1024
  /// How long kioskd may take to check and to switch.
  static let patience = Duration.seconds(60)

  private let connection: UpstreamConnection
  private let link: CaptureLink
  private let health: HealthBoard
  private let device: String
  private let state: String
  private let retry: Backoff.Limits
  private let wake = Bell()
  private var record: OfferRecord?
  /// The version on offer that nothing has become of yet.
  private var pending: String?
  private var backoff: Backoff
  private var random = SystemRandomNumberGenerator()

  /// - Parameter state: directory where the agent remembers.
  public init(
    connection: UpstreamConnection, link: CaptureLink, health: HealthBoard, device: String, state: String,
    retry: Backoff.Limits
  ) {
    self.connection = connection
    self.link = link
    self.health = health
    self.device = device
    self.state = state
    self.retry = retry
    backoff = Backoff(limits: retry)
    record = OfferRecord.read(from: state)
  }

  /// The upstream offers this version.
  public func offered(_ version: String) async {
    guard version != pending, version != record?.outcome.version else { return }
    pending = version
    backoff.reset()
    await wake.ring()
  }

  /// What was offered last, and what came of it; nil: nothing ever was.
  public func status() -> AgentStatus.Configuration? {
    if let pending { return AgentStatus.Configuration(offered: pending, outcome: .pending) }
    return record.map { record in
      AgentStatus.Configuration(
        offered: record.outcome.version, outcome: record.outcome.outcome == .applied ? .applied : .refused)
    }
  }

  /// Works until the task is cancelled.
  public func run() async {
    await tellHealth()
    while !Task.isCancelled {
      let rings = await wake.rings
      let isDone: Bool
      if let version = pending {
        isDone = await bring(version)
      } else if let record, !record.isReported {
        isDone = await report(record)
      } else {
        _ = await wake.wait(after: rings, for: .seconds(86_400))
        continue
      }
      if isDone {
        backoff.reset()
      } else {
        _ = await wake.wait(after: rings, for: backoff.delay(using: &random))
      }
    }
  }

  // MARK: - Within

  private var path: String { "/v1/devices/\(device)/configuration" }

  /// Fetches what is on offer and hands it to kioskd. False: to be tried again.
  private func bring(_ version: String) async -> Bool {
    switch await connection.ask(.get, path, mostBytes: Self.mostBytes) {
    case .failure(let failure):
      await health.begin(
        "configuration-fetch", "the configuration \(version) on offer cannot be fetched: \(failure.detail)",
        hint: "nothing, if the network is down: it is tried again; else see kioskctl sync status")
      return false
    case .success(let answer):
      switch answer.status {
      case 200: break
      case 404:
        // Withdrawn meanwhile.
        pending = nil
        await health.end("configuration-fetch")
        return true
      default:
        await health.begin(
          "configuration-fetch",
          "the configuration \(version) on offer cannot be fetched: the server answers with status \(answer.status)",
          hint: "tell whoever runs the server; it is tried again")
        return false
      }
      await health.end("configuration-fetch")
      let outcome: ConfigurationOutcome
      do throws(ControlError) {
        let set = try read(answer)
        guard let told = try await link.ask(.configuration(set), within: Self.patience).configuration else {
          throw ControlError(.badRequest, "kioskd sent another answer", hint: "update kioskd and kiosk-agent together")
        }
        outcome = told
      } catch {
        switch error.code {
        case .badRequest: outcome = Self.refusal(of: version, error)
        default:
          // kioskd is not there at the moment, or has no time; the offer stands.
          return false
        }
      }
      return await finish(outcome, offeredAs: version)
    }
  }

  /// The set in an answer.
  private func read(_ answer: UpstreamAnswer) throws(ControlError) -> SurveySet {
    guard answer.isWhole else {
      throw ControlError(
        .badRequest, "the configuration has more than \(Self.mostBytes) bytes", hint: "send fewer or smaller surveys")
    }
    let set: SurveySet = try ControlCodec.value(SurveySet.self, from: answer.body)
    try set.check()
    return set
  }

  private static func refusal(of version: String, _ error: ControlError) -> ConfigurationOutcome {
    ConfigurationOutcome(
      refused: version,
      problems: [
        ConfigurationOutcome.Problem(file: nil, line: nil, column: nil, message: error.message, hint: error.hint)
      ])
  }

  private func finish(_ outcome: ConfigurationOutcome, offeredAs version: String) async -> Bool {
    let record = OfferRecord(outcome: outcome, isReported: false)
    guard await keep(record) else { return false }
    // Between the offer and the fetch there may have come another one: then this is what was fetched, and that one is done.
    if pending == version || pending == outcome.version { pending = nil }
    await tellHealth()
    return true
  }

  private func keep(_ record: OfferRecord) async -> Bool {
    do throws(AgentError) {
      try record.write(to: state)
      self.record = record
      await health.end("agent-state", subject: OfferRecord.name)
      return true
    } catch {
      await health.begin("agent-state", subject: OfferRecord.name, error.message, hint: error.hint)
      return false
    }
  }

  /// Tells the upstream. False: to be tried again.
  private func report(_ record: OfferRecord) async -> Bool {
    guard let body = try? JSONEncoder().encode(record.outcome) else { return true }
    let answer = await connection.ask(
      .put, path + "/report", body: [UInt8](body), mostBytes: Self.mostReportBytes)
    guard case .success(let answer) = answer else { return false }
    switch answer.status {
    // The server has heard it, or says that it is none of its business: then it would say so again.
    case 200...299, 400, 403...407, 409...424, 426...428, 430...499:
      var done = record
      done.isReported = true
      return await keep(done)
    default: return false
    }
  }

  private func tellHealth() async {
    guard let outcome = record?.outcome, outcome.outcome == .refused else {
      await health.end("configuration-refused")
      return
    }
    let first = outcome.problems.first
    let place = [first?.file, first?.line.map { "line \($0)" }].compactMap { $0 }.joined(separator: ", ")
    await health.begin(
      "configuration-refused",
      "the configuration \(outcome.version) from upstream was refused: \(place.isEmpty ? "" : place + ": ")"
        + (first?.message ?? "no reason was given"),
      hint: first?.hint ?? "put it right on the server and offer it under a new version")
  }
}
