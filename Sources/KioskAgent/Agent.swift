import Feedback
import Glibc
import KioskConfiguration
import KioskService
import Logging
import NIOPosix
import UnixSignals
import Uplink

/// The whole program, from its options to its exit code.
public struct Agent: Sendable {
  private let options: AgentOptions
  private let logger: Logger
  private let notifier: ServiceNotifier
  private let clock = AgentClock()

  public init(options: AgentOptions) {
    self.options = options
    let isJournald = ServiceLogHandler.standardErrorIsJournald()
    logger = Logger(label: "kiosk-agent") { _ in ServiceLogHandler(program: "kiosk-agent", isJournald: isJournald) }
    notifier = ServiceNotifier(
      socket: ServicePlatform.environment("NOTIFY_SOCKET"),
      watchdogMicroseconds: ServicePlatform.environment("WATCHDOG_USEC"),
      watchdogProcess: ServicePlatform.environment("WATCHDOG_PID"), process: getpid())
  }

  /// Runs until SIGTERM or SIGINT. SIGHUP reads the configuration anew; a bad one is refused, and the old one stays.
  public func run() async -> AgentExitCode {
    signal(SIGPIPE, SIG_IGN)
    umask(0o007)
    // Before anything else, so that no signal ends the program half started.
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    var settings: AgentSettings
    do {
      settings = try AgentSettings.load(from: options.configuration)
    } catch {
      logger.critical("the configuration cannot be used:\n\(error)")
      return .configuration
    }
    let cursors: CursorKeeper
    do {
      cursors = try CursorKeeper(state: options.state, journal: options.journal)
    } catch {
      logger.critical("\(error.message)", metadata: ["hint": "\(error.hint)"])
      return error.code == .busy ? .alreadyRunning : .state
    }
    if case .replaced(let path, let finding) = cursors.openedAs {
      logger.error("the cursors were unusable (\(finding)); they are at \(path) now, and some events are sent again")
    }
    let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let watchdog = Task { await feedWatchdog() }
    let pauses = PauseSwitch()
    var iterator = signals.makeAsyncIterator()
    var isEnding = false
    while !isEnding {
      let work = Task { [settings] in await self.runParts(settings, cursors, threads, pauses) }
      notifier.ready("delivering for \(settings.device)")
      // Work ends only when it is told to.
      while let signal = await iterator.next() {
        guard signal == .sighup else {
          isEnding = true
          break
        }
        notifier.reloading()
        do {
          settings = try AgentSettings.load(from: options.configuration)
          break
        } catch {
          logger.error("configuration refused, the old one stays:\n\(error)")
          notifier.ready("delivering for \(settings.device)")
        }
      }
      if isEnding {
        logger.info("stopping")
        notifier.stopping()
      }
      work.cancel()
      await work.value
    }
    watchdog.cancel()
    await cursors.close()
    try? await threads.shutdownGracefully()
    return .success
  }

  /// Everything that goes by the same settings, until the task is cancelled.
  private func runParts(
    _ settings: AgentSettings, _ cursors: CursorKeeper, _ threads: MultiThreadedEventLoopGroup, _ pauses: PauseSwitch
  ) async {
    let parts = await parts(settings, cursors, threads, pauses)
    await settle(parts)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await parts.link.run() }
      group.addTask { await ArrivalWatch(link: parts.link, arrivals: parts.arrivals).run() }
      group.addTask { await Acknowledger(link: parts.link, cursors: parts.cursors).run() }
      group.addTask { await AgentControlServer(parts: parts).run() }
      if let courier = parts.courier { group.addTask { await courier.run() } }
      if let server = PullServer(parts: parts) { group.addTask { await server.run() } }
      if parts.settings.display != nil {
        group.addTask { await DisplayServer(parts: parts).run() }
      }
      if let delivery = parts.delivery {
        group.addTask { await delivery.run() }
        group.addTask { await LinkWatch { await delivery.linkReturned() }.run() }
        group.addTask { await ClockWatch(clock: parts.clock) { await delivery.clockBecameTrusted() }.run() }
      }
      await group.waitForAll()
    }
  }

  private func parts(
    _ settings: AgentSettings, _ cursors: CursorKeeper, _ threads: MultiThreadedEventLoopGroup, _ pauses: PauseSwitch
  ) async -> AgentParts {
    let credentials = Credentials(directory: options.credentials)
    let health = HealthBoard(clock: clock, logger: logger)
    var parts = AgentParts(
      settings: settings, options: options, credentials: credentials,
      link: CaptureLink(path: options.control, threads: threads), arrivals: Bell(), cursors: cursors, health: health,
      figures: AgentFigures(), delivery: nil, threads: threads, clock: clock, logger: logger)
    guard let push = settings.push else { return parts }
    let connection = UpstreamConnection(settings: push, credentials: credentials, clock: clock)
    let courier = ConfigurationCourier(
      connection: connection, link: parts.link, health: health, device: settings.device, state: options.state,
      retry: Backoff.Limits(first: push.firstRetryWithin, longest: push.retryWithin))
    parts.courier = courier
    parts.delivery = await PushDelivery(
      settings: push, journal: options.journal, transport: connection, cursors: cursors, arrivals: parts.arrivals,
      health: health, figures: parts.figures, clock: clock, pauses: pauses
    ) { version in await courier.offered(version) }
    return parts
  }

  /// Begins the consumers that are new, and forgets those that are gone.
  private func settle(_ parts: AgentParts) async {
    var consumers = parts.settings.push == nil ? [] : [AgentSettings.pushConsumer]
    consumers += (parts.settings.serve?.consumers ?? []).filter { $0.scopes.contains(.events) }.map(\.name)
    while !Task.isCancelled {
      do {
        try await parts.cursors.settle(consumers)
        await parts.health.end("agent-state")
        return
      } catch {
        await parts.health.begin("agent-state", error.message, hint: error.hint)
        try? await Task.sleep(for: .seconds(2))
      }
    }
  }

  private func feedWatchdog() async {
    guard let period = notifier.watchdogNanoseconds else { return }
    while !Task.isCancelled {
      notifier.watchdog()
      try? await Task.sleep(for: .nanoseconds(period / 3))
    }
  }
}

extension Agent {
  /// Checks the configuration and says on standard output or error what it found.
  public static func check(_ options: AgentOptions) -> AgentExitCode {
    do {
      let settings = try AgentSettings.load(from: options.configuration)
      let push = settings.push.map { "sends to \($0.url)" } ?? "sends nothing"
      let serve = settings.serve.map { "\($0.consumers.count) may fetch" } ?? "nobody may fetch"
      ServicePlatform.write("\(options.configuration): good, \(push), \(serve)\n", to: STDOUT_FILENO)
      return .success
    } catch {
      ServicePlatform.write("\(error)\n", to: STDERR_FILENO)
      return .configuration
    }
  }
}
