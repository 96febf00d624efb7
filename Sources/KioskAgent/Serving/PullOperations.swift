import Feedback
import Hummingbird
import HummingbirdCore
import Journal
import KioskConfiguration
import KioskControl
import NIOCore
import NIOSSL
import Uplink

/// Answers requests as docs/openapi/device.yaml says.
struct PullOperations: Sendable {
  /// Who asks.
  struct Caller: Sendable {
    /// Nil: nobody known.
    var consumer: AgentSettings.Consumer?
    /// What the request is counted for.
    var key: String
  }

  /// Longest pause after which a waiting consumer's journal is looked at again, whether the bell has rung or not: kioskd may
  /// have recorded something while the agent had lost its connection to it.
  static let longestPause = Duration.seconds(10)

  let parts: AgentParts
  let settings: AgentSettings.Serve
  let limits: ServingLimits
  let roll: ConnectionRoll
  let rate: RequestRate
  let tokens: ConsumerTokens
  let reader: PullReader
  let desk: StatusDesk

  /// One request, from its head to its answer.
  func respond(to request: Request, _ writer: consuming ResponseWriter, on channel: any Channel) async throws {
    let answer = await answer(request, on: channel)
    let response = answer.response
    try await writer.write(response: response.head, body: response.body)
  }

  private func answer(_ request: Request, on channel: any Channel) async -> Answer {
    // A connection that is being closed already: nobody reads what is answered.
    guard let connection = roll.connection(of: channel) else { return .problem(.unavailable) }
    let caller = await caller(of: request, on: connection)
    guard rate.take(caller.key, at: parts.clock.monotonic) else {
      return .problem(
        .tooManyRequests, "more than \(limits.requestsPerSecond) requests a second", hint: "wait a second",
        retryAfter: 1)
    }
    guard roll.claim(connection, for: caller.key) else {
      var answer = Answer.problem(
        .tooManyRequests, "more than \(limits.connectionsPerCaller) connections", hint: "close one of the others",
        retryAfter: 1)
      answer.headers["Connection"] = "close"
      return answer
    }
    let target = RequestTarget(request.head.path ?? "")
    guard let operation = target.operation else {
      return .problem(.notFound, hint: "docs/openapi/device.yaml names what there is")
    }
    guard operation.methods.contains(request.head.method.rawValue) else {
      var answer = Answer.problem(.methodNotAllowed, hint: operation.methods.joined(separator: " or "))
      answer.headers["Allow"] = operation.methods.joined(separator: ", ")
      return answer
    }
    if operation == .health { return await HealthAnswer.answer(parts) }
    guard let consumer = caller.consumer else {
      return .problem(
        .unauthorized, hint: "Authorization: Bearer and the consumer's token, or a client certificate that names it")
    }
    switch operation {
    case .events: return await events(target, request, consumer, connection)
    case .cursor(let name): return await cursor(name, request, consumer)
    case .status:
      guard consumer.scopes.contains(.status) else { return wrongScope(.status, consumer) }
      return .json(await desk.status())
    case .metrics:
      guard consumer.scopes.contains(.metrics) else { return wrongScope(.metrics, consumer) }
      return MetricsText.answer(await MetricsText(parts: parts).text(await desk.status()))
    case .health: return .problem(.internal)
    }
  }

  // MARK: - Who asks

  private func caller(of request: Request, on connection: ClientConnection) async -> Caller {
    var name: String?
    let fields = request.headers.all("Authorization")
    if !fields.isEmpty {
      // What is shown counts: who comes with a wrong token is nobody, whatever the certificate says.
      if fields.count == 1 {
        name = Self.bearerToken(fields[0]).flatMap { tokens.consumer(of: $0, at: parts.clock.monotonic) }
      }
    } else if settings.clientAuthorities != nil {
      name = await certificateName(of: connection)
    }
    guard let name, let consumer = settings.consumers.first(where: { $0.name == name }) else {
      return Caller(consumer: nil, key: "address \(connection.address)")
    }
    return Caller(consumer: consumer, key: "consumer \(consumer.name)")
  }

  private static func bearerToken(_ field: String) -> String? {
    let parts = field.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }

  /// The common name of the certificate that was shown, which has been verified.
  private func certificateName(of connection: ClientConnection) async -> String? {
    guard let certificate = try? await connection.channel.nioSSL_peerCertificate().get(),
      let bytes = try? certificate.toDERBytes()
    else { return nil }
    return CertificateName.commonName(bytes)
  }

  private func wrongScope(_ scope: AgentSettings.Scope, _ consumer: AgentSettings.Consumer) -> Answer {
    .problem(
      .wrongScope, "\(consumer.name) has not the scope \(scope.rawValue)",
      hint: "add it to scopes of its [[serve.consumer]]")
  }

  // MARK: - Events

  private func events(
    _ target: RequestTarget, _ request: Request, _ consumer: AgentSettings.Consumer, _ connection: ClientConnection
  ) async -> Answer {
    guard consumer.scopes.contains(.events) else { return wrongScope(.events, consumer) }
    guard let given = target.parameters(["after", "limit", "wait"]) else {
      return .problem(.malformed, "a parameter is none of ours, comes twice or is not encoded as it should be")
    }
    guard let limit = Self.number(given["limit"], 1...BatchLimit.most.events, BatchLimit.most.events) else {
      return .problem(.malformed, "limit is a number from 1 to \(BatchLimit.most.events)")
    }
    guard let wait = Self.number(given["wait"], 0...60, 0) else {
      return .problem(.malformed, "wait is a number of seconds from 0 to 60")
    }
    var place = ArrivalCursor()
    let after = given["after"]
    if let after {
      guard Self.isCursor(after) else {
        return .problem(.malformed, "after is no cursor: 1 to \(CursorText.longest) letters, digits and . _ ~ -")
      }
      guard let known = await cursor(after) else { return unusable }
      place = known
    }
    let isPacked = AcceptedEncoding.allowsGzip(request.headers.all("Accept-Encoding"))
    let end = parts.clock.monotonic + .seconds(wait)
    do {
      while true {
        let rings = await parts.arrivals.rings
        if let found = try await reader.batch(after: place, limit: limit, compresses: isPacked) {
          return await answer(found)
        }
        let left = end - parts.clock.monotonic
        guard left > .zero, !Task.isCancelled, await connection.closing.rings == 0 else { break }
        await news(after: rings, or: connection, for: min(left, Self.longestPause))
      }
    } catch {
      return .problem(
        .journalUnavailable, "the kiosk keeps its events", hint: "try again later; see kioskctl status", retryAfter: 5)
    }
    var answer = Answer(status: 200, mediaType: eventsMediaType, body: Array("[]".utf8))
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Kiosk-Cursor"] = after
    return answer
  }

  private func answer(_ found: PullReader.Found) async -> Answer {
    guard let text = await text(found.next) else {
      return .problem(.unavailable, "this journal has too many epochs for a cursor", retryAfter: 60)
    }
    var answer = Answer(status: 200, mediaType: eventsMediaType, body: found.batch.body)
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Kiosk-Cursor"] = text
    if found.batch.isCompressed { answer.headers["Content-Encoding"] = "gzip" }
    let count = Int64(found.batch.count)
    await parts.figures.update { $0.served += count }
    return answer
  }

  /// Waits for the bell, the end of the connection, or the end of the time.
  private func news(after rings: UInt64, or connection: ClientConnection, for duration: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { _ = await parts.arrivals.wait(after: rings, for: duration) }
      group.addTask { _ = await connection.closing.wait(after: 0, for: duration) }
      await group.next()
      group.cancelAll()
    }
  }

  // MARK: - Cursors

  private struct Confirmation: Decodable {
    var cursor: String
  }

  private func cursor(_ name: String, _ request: Request, _ consumer: AgentSettings.Consumer) async -> Answer {
    guard Self.isConsumerName(name) else {
      return .problem(.malformed, "a consumer has 1 to 32 small letters, digits and hyphens")
    }
    guard consumer.scopes.contains(.events) else { return wrongScope(.events, consumer) }
    // The same for a name that nobody has: who fetches is nobody else's business.
    guard name == consumer.name else { return .problem(.wrongConsumer, "the token is \(consumer.name)'s") }
    guard request.head.method == .put else { return await answer(about: name) }
    guard Self.isJSON(request.headers.all("Content-Type")),
      request.headers.all("Content-Encoding").allSatisfy({ $0.lowercased() == "identity" })
    else { return .problem(.unsupportedMediaType, hint: "Content-Type: application/json, not packed") }
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: limits.body)
    } catch {
      // Larger ones do not get here; so the connection has broken, and nobody reads this.
      return .problem(.tooLarge)
    }
    guard let wanted = try? ControlCodec.value(Confirmation.self, from: body.readableBytesView).cursor,
      Self.isCursor(wanted)
    else { return .problem(.malformed, "the body is {\"cursor\": \"…\"} with a cursor in it") }
    guard let place = await cursor(wanted) else { return unusable }
    do {
      try await parts.cursors.confirm(name, place, wallMilliseconds: parts.clock.wallMilliseconds)
    } catch {
      switch error {
      case .ahead: return .problem(.cursorAhead, hint: "confirm what Kiosk-Cursor said, and not more")
      case .journal: return .problem(.unavailable, "the journal cannot be read at the moment", retryAfter: 5)
      case .store(let failure):
        await parts.health.begin(
          "agent-state", "how far consumers have got cannot be kept: \(failure.message)", hint: failure.hint)
        return .problem(.unavailable, "it cannot be kept at the moment", retryAfter: 5)
      }
    }
    await parts.health.end("agent-state")
    return await answer(about: name)
  }

  private func answer(about name: String) async -> Answer {
    let state = await parts.consumer(name)
    guard state.waitingEvents != nil else {
      return .problem(.unavailable, "the journal cannot be read at the moment", retryAfter: 5)
    }
    return .json(state)
  }

  private var unusable: Answer {
    .problem(.cursorUnusable, hint: "leave after out to begin at the oldest event, or use one that this kiosk gave")
  }

  private func cursor(_ text: String) async -> ArrivalCursor? {
    CursorText.cursor(text, device: parts.settings.device, known: await reader.epochs())
  }

  private func text(_ cursor: ArrivalCursor) async -> String? {
    CursorText.text(cursor, device: parts.settings.device, known: await reader.epochs())
  }

  // MARK: - Forms

  private var eventsMediaType: String { "application/cloudevents-batch+json" }

  /// A parameter that is a number within these bounds; nil when it is none.
  private static func number(_ text: String?, _ range: ClosedRange<Int>, _ standard: Int) -> Int? {
    guard let text else { return standard }
    guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
      range.contains(number)
    else { return nil }
    return number
  }

  private static func isCursor(_ text: String) -> Bool {
    (1...CursorText.longest).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  private static func isConsumerName(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: "-")
      && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
  }

  /// `application/json`, whatever parameters follow.
  private static func isJSON(_ fields: [String]) -> Bool {
    guard fields.count == 1, let type = fields[0].split(separator: ";", maxSplits: 1).first else { return false }
    return type.lowercased().filter { $0 != " " && $0 != "\t" } == "application/json"
  }
}
