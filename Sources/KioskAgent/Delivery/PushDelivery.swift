import AgentControl
import Feedback
import Journal
import KioskConfiguration
import Logging
import NIOCore
import Uplink

/// Sends events to the upstream: reads the journal, sends, keeps what came of it, and sleeps until there is more to do.
/// What to do next is decided by `PushMachine`.
public actor PushDelivery {
  /// Longest sleep: however new events are told, they are looked for this often.
  static let longestSleep = Duration.seconds(60)
  /// A server that has heard nothing for so long is asked whether it has something on offer; up to a sixth longer, so that a
  /// fleet does not ask together.
  static let greetingInterval = Duration.seconds(6 * 3_600)
  /// What came of a batch is tried to be kept again after this time.
  static let keepRetry = Duration.seconds(2)

  private var machine: PushMachine
  private let transport: any PushTransport
  private let batches: BatchReader
  private let cursors: CursorKeeper
  private let arrivals: Bell
  private let health: HealthBoard
  private let figures: AgentFigures
  private let clock: AgentClock
  private var random = SystemRandomNumberGenerator()
  /// Rings when the machine may have something to do.
  private let alarm = Bell()
  private var sending: Task<PushReply, Never>?
  private var told: String?
  private var deliveredAt: Int64?
  /// When the server is next asked whether it has something on offer, if there is nothing to send before.
  private var greetAt: MonotonicTime
  private let offer: @Sendable (String) async -> Void
  private let pauses: PauseSwitch

  /// - Parameters:
  ///   - journal: directory of the journal.
  ///   - pauses: whether somebody has paused delivery, over new settings.
  ///   - offer: told the version of a configuration whenever an answer offers one.
  public init(
    settings: AgentSettings.Push, journal: String, transport: any PushTransport, cursors: CursorKeeper,
    arrivals: Bell, health: HealthBoard, figures: AgentFigures, clock: AgentClock, pauses: PauseSwitch,
    offer: @escaping @Sendable (String) async -> Void
  ) async {
    let cursor = await cursors.cursor(of: AgentSettings.pushConsumer) ?? ArrivalCursor()
    var random = SystemRandomNumberGenerator()
    let firstContact = Backoff.firstContact(within: settings.firstContactWithin, using: &random)
    machine = PushMachine(
      cursor: cursor, gather: settings.gather,
      retry: Backoff.Limits(first: settings.firstRetryWithin, longest: settings.retryWithin),
      start: clock.monotonic + firstContact)
    greetAt = clock.monotonic
    batches = BatchReader(directory: journal)
    self.transport = transport
    self.cursors = cursors
    self.arrivals = arrivals
    self.health = health
    self.figures = figures
    self.clock = clock
    self.offer = offer
    self.pauses = pauses
    if await pauses.isOn { machine.pause() }
  }

  /// Delivers until the task is cancelled; what is under way then is given up, and sent again another time.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.listen() }
      group.addTask { await self.deliver() }
      await group.waitForAll()
    }
    await transport.close()
  }

  // MARK: - What is told

  /// The link has come up.
  public func linkReturned() async {
    if machine.linkReturned(at: clock.monotonic, using: &random) { sending?.cancel() }
    await alarm.ring()
  }

  /// The wall clock has become right: certificates may be valid now.
  public func clockBecameTrusted() async {
    machine.clockBecameTrusted(at: clock.monotonic)
    await alarm.ring()
  }

  /// Somebody wants delivery now.
  public func syncNow() async {
    machine.syncNow(at: clock.monotonic)
    greetAt = clock.monotonic
    await alarm.ring()
  }

  /// Nothing is sent until `resume`.
  public func pause() async {
    await pauses.set(true)
    machine.pause()
    await tellHealth()
  }

  public func resume() async {
    await pauses.set(false)
    machine.resume(at: clock.monotonic)
    await tellHealth()
    await alarm.ring()
  }

  /// How it is, for people and programs.
  public func status() async -> AgentStatus.Push {
    let now = clock.monotonic
    let state = machine.health
    var status = AgentStatus.Push(state: Self.word(for: state))
    status.waitingEvents = await cursors.backlog(of: AgentSettings.pushConsumer)
    status.setAsideEvents = try? await cursors.isolatedCount(of: AgentSettings.pushConsumer)
    status.deliveredAt = deliveredAt.map { clock.text(milliseconds: $0) }
    if let deadline = machine.nextDeadline, deadline > now {
      status.nextAttemptSeconds = Double((deadline - now).wholeMilliseconds) / 1_000
    }
    if !state.isGood, state != .paused {
      status.problem = AgentStatus.Health(code: state.code, message: state.message, hint: state.hint)
    }
    return status
  }

  // MARK: - Within

  /// Rings of the journal's bell become work for the machine.
  private func listen() async {
    var rings = await arrivals.rings
    while !Task.isCancelled {
      let now = await arrivals.wait(after: rings, for: Self.longestSleep)
      rings = now
      machine.eventsArrived(at: clock.monotonic)
      await alarm.ring()
    }
  }

  private func deliver() async {
    while !Task.isCancelled {
      let rings = await alarm.rings
      if let request = machine.next(at: clock.monotonic) {
        await attempt(request)
        await tellHealth()
        continue
      }
      let now = clock.monotonic
      if machine.health == .upToDate, now >= greetAt {
        await greet()
        continue
      }
      let sleep = machine.nextDeadline.map { max($0 - now, .zero) } ?? max(greetAt - now, .zero)
      // A deadline of the machine is waited for to its end; a millisecond more, so that it has come.
      _ = await alarm.wait(after: rings, for: min(sleep, Self.longestSleep) + .milliseconds(1))
    }
  }

  /// Sends no events, for an answer may offer something. What else it says is found out when there is something to send.
  private func greet() async {
    putOffGreeting()
    if case .accepted(_, let version?) = await transport.send(.empty) { await offer(version) }
  }

  private func putOffGreeting() {
    let interval = Self.greetingInterval.wholeNanoseconds
    greetAt = clock.monotonic + .nanoseconds(Int64.random(in: interval...interval + interval / 6, using: &random))
  }

  private func attempt(_ request: PushMachine.Request) async {
    let found: EventBatch?
    do {
      found = try batches.batch(after: request.after, limit: request.limit)
    } catch {
      machine.unreadable(error.message, at: clock.monotonic)
      return
    }
    guard let batch = found else {
      machine.nothingLeft(at: clock.monotonic, using: &random)
      return
    }
    let task = Task { [transport] in await transport.send(batch) }
    sending = task
    let reply = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    sending = nil
    let effects = machine.finished(batch, reply, at: clock.monotonic, using: &random)
    await keep(effects)
    var isAccepted = false
    if case .accepted(_, let version) = reply {
      isAccepted = true
      putOffGreeting()
      if let version { await offer(version) }
    }
    let delivered = effects.contains { if case .advance = $0 { true } else { false } } ? Int64(batch.count) : 0
    if delivered > 0 { deliveredAt = clock.wallMilliseconds }
    let (bytes, isFailure) = (Int64(batch.body.count), !isAccepted)
    await figures.update { values in
      values.attempts += 1
      values.failures += isFailure ? 1 : 0
      values.delivered += delivered
      values.bytesSent += bytes
    }
  }

  /// Keeps what came of a batch, before anything else is sent: an event must not be passed over, and none is sent for ever.
  private func keep(_ effects: [PushMachine.Effect]) async {
    while !effects.isEmpty, !Task.isCancelled {
      do {
        try await cursors.keep(effects, for: AgentSettings.pushConsumer, wallMilliseconds: clock.wallMilliseconds)
        await health.end("agent-state")
        return
      } catch {
        await health.begin(
          "agent-state", "how far delivery has got cannot be kept: \(error.message)", hint: error.hint)
        try? await Task.sleep(for: Self.keepRetry)
      }
    }
  }

  private func tellHealth() async {
    let state = machine.health
    let code = state.isGood || state == .paused ? nil : state.code
    if let told, told != code { await health.end(told) }
    told = code
    if let code { await health.begin(code, state.message, hint: state.hint) }
  }

  private static func word(for state: UplinkHealth) -> AgentStatus.Push.State {
    switch state {
    case .starting: .waiting
    case .upToDate: .idle
    case .delivering: .sending
    case .paused: .paused
    case .unauthorised: .stopped
    case .unanswered(let failure):
      switch failure.kind {
      case .certificate, .clientCertificate, .settings: .stopped
      default: .waiting
      }
    default: .waiting
    }
  }
}
