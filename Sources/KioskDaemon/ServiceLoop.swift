import CKioskPlatform
import Feedback
import GPIO
import Glibc
import KioskConfiguration
import KioskControl
import KioskService
import Logging

/// The main thread: signals, the control socket, systemd's watchdog, the log, and what capture has to tell. It sleeps in
/// poll until one of them wants something; an idle kiosk wakes here for the watchdog and for nothing else.
final class ServiceLoop {
  let options: DaemonOptions
  let store: ConfigurationStore
  let notifier: ServiceNotifier
  let server: ControlServer
  let capture: Capture
  private let signals: Int32
  private let watchdog: Int32
  let logger: Logger
  private let started: StartTimes
  /// What is in force.
  var configuration: LoadedConfiguration
  var settings: KioskSettings { configuration.settings }
  var chip: any Chip
  /// What capture is taking over, and what comes after it.
  var changing: (change: ConfigurationChange, loaded: LoadedConfiguration)?
  var waitingChanges: [ConfigurationChange] = []
  private var roundsFed: UInt64 = 0
  private var exitCode: ExitCode?
  private var isMemoryToBeReleased = false
  private var watchersKnown = 0
  private var boardLook: MonotonicTime?
  private var boardReading = BoardHealth.Reading()

  /// Three chances in each watchdog period, so that one slow commit does not look like a hang.
  static let roundsPerWatchdogPeriod: Int64 = 3

  init(
    options: DaemonOptions, store: ConfigurationStore, configuration: LoadedConfiguration, chip: any Chip,
    notifier: ServiceNotifier, server: ControlServer, capture: Capture, signals: Int32, watchdog: Int32, logger: Logger,
    started: StartTimes
  ) {
    self.options = options
    self.store = store
    self.configuration = configuration
    self.chip = chip
    self.notifier = notifier
    self.server = server
    self.capture = capture
    self.signals = signals
    self.watchdog = watchdog
    self.logger = logger
    self.started = started
  }

  /// Runs until capture has ended.
  func run() -> ExitCode {
    armWatchdog()
    while exitCode == nil {
      let own = [signals, watchdog, capture.outbox.descriptor].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      var descriptors = own + server.descriptors
      let ready = poll(&descriptors, nfds_t(descriptors.count), -1)
      guard ready >= 0 else {
        if errno == EINTR || errno == EAGAIN { continue }
        logger.critical("poll failed: \(String(cString: strerror(errno)))")
        return .software
      }
      if descriptors[0].revents != 0 { takeSignals() }
      if descriptors[1].revents != 0 { feedWatchdog() }
      server.process(descriptors[own.count...]) { [self] in answer($0, for: $1) }
      capture.outbox.isWatched = server.hasWatchers
      if server.watchersSeen != watchersKnown {
        watchersKnown = server.watchersSeen
        capture.commands.post(.showDisplay)
      }
      takeOutbox()
      isMemoryToBeReleased = isMemoryToBeReleased || server.hasClients
      releaseMemoryOnceIdle()
    }
    return exitCode ?? .software
  }

  /// Starting, and talking to clients, take memory that pressing buttons does not: it is given back once that is over.
  private func releaseMemoryOnceIdle() {
    guard isMemoryToBeReleased, !server.hasClients else { return }
    isMemoryToBeReleased = false
    kiosk_release_unused_memory()
  }

  // MARK: - Signals and the service manager

  private func takeSignals() {
    while case let signal = kiosk_signalfd_read(signals), signal != 0 {
      switch signal {
      case SIGHUP: want(.reload)
      default:
        logger.info("stopping")
        notifier.stopping()
        capture.commands.post(.stop)
      }
    }
  }

  private func armWatchdog() {
    guard let period = notifier.watchdogNanoseconds else { return }
    let interval = max(period / Self.roundsPerWatchdogPeriod, 1_000_000)
    _ = kiosk_timerfd_arm(watchdog, kiosk_clock_monotonic() + interval, interval)
  }

  /// Systemd hears of progress only when the reading thread and capture have gone round since the last time.
  private func feedWatchdog() {
    _ = kiosk_timerfd_clear(watchdog)
    let rounds = capture.figures.current.rounds
    if rounds != roundsFed {
      roundsFed = rounds
      notifier.watchdog()
    }
    lookAtBoard()
    capture.commands.requestRound()
  }

  /// The board's own health, at most once a minute and only when the watchdog has woken this thread anyway.
  private func lookAtBoard() {
    let now = MonotonicTime(nanoseconds: kiosk_clock_monotonic())
    guard boardLook.map({ now - $0 >= BoardHealth.interval }) ?? true else { return }
    boardLook = now
    let reading = BoardHealth(root: "/sys", state: options.state).read()
    guard reading != boardReading else { return }
    boardReading = reading
    capture.commands.post(.board(reading))
  }

  var statusLine: String {
    "capturing at \(settings.device.touchpoint), survey \(settings.activeSurvey.name)"
  }

  // MARK: - Capture

  private func takeOutbox() {
    let (items, missed) = capture.outbox.take()
    var activities: [Activity] = []
    for item in items {
      switch item {
      case .activity(let activity): activities.append(activity)
      case .reply(let reply, let connection): server.reply(reply, to: connection)
      case .log(let level, let message, let metadata): logger.log(level: level, "\(message)", metadata: metadata)
      case .ready:
        isMemoryToBeReleased = true
        notifier.ready(statusLine)
        logger.info(
          "armed",
          metadata: [
            "device": "\(settings.device.name)", "board": "\(settings.panel.board.rawValue)",
            "buttons": "\(settings.panel.buttons.count)", "armed_after_us": "\(started.armedAfterMicroseconds)",
            "gpiod": "\(KernelChip.libraryVersion)",
          ])
      case .reconfigured(let outcome):
        concludeChange(outcome)
      case .ended(let code): exitCode = code
      }
    }
    if missed > 0 {
      activities.append(Activity(.missed, at: MonotonicTime(nanoseconds: kiosk_clock_monotonic()), count: missed))
    }
    if !activities.isEmpty { server.broadcast(activities) }
  }

  // MARK: - Requests

  private func answer(_ request: ControlRequest, for connection: ControlServer.ConnectionID) -> ControlReply? {
    switch request {
    case .status: return ControlReply(status: status())
    case .watch: return ControlReply(watching: true)
    case .service(let minutes):
      guard (0...ControlRequest.longestServiceMinutes).contains(minutes) else {
        return ControlReply(
          error: ControlError(
            .badRequest, "service for \(minutes) minutes",
            hint: "ask for 1 to \(ControlRequest.longestServiceMinutes) minutes, or 0 to end it"))
      }
      capture.commands.post(.service(minutes: minutes, connection))
      return nil
    case .context(let context, let seconds):
      do throws(ControlError) {
        try ContextCheck(settings: settings.device.context).check(context, seconds: seconds)
      } catch {
        return ControlReply(error: error)
      }
      capture.commands.post(.context(context, seconds: seconds, connection))
      return nil
    case .acknowledge(let epoch, let through):
      guard Self.isEpoch(epoch), through >= 0 else {
        return ControlReply(
          error: ControlError(
            .badRequest, "events up to \(through) of the epoch \"\(epoch)\" are acknowledged",
            hint: "name an epoch by its 32 hexadecimal digits, and an event from 0"))
      }
      capture.commands.post(.acknowledge(epoch: epoch, through: through, connection))
      return nil
    case .configuration(let set):
      do throws(ControlError) {
        try set.check()
      } catch {
        return ControlReply(error: error)
      }
      want(.upstream(set, connection))
      return nil
    case .resetConfiguration:
      want(.reset(connection))
      return nil
    case .simulate(let request):
      do throws(ControlError) {
        let simulation = try PanelSimulation(settings: settings.panel, chip: chip)
        let played =
          switch request {
          case .play(let csv): try simulation.play(csv: csv)
          case .press(let press): try simulation.play(press)
          case .presence(let sensor, let hold): try simulation.play(presence: sensor, holdMilliseconds: hold)
          }
        capture.commands.post(
          .awaitWaveform(
            AwaitedWaveform(
              connection: connection, buttons: played.buttons, start: played.start, settled: played.settled)))
        return nil
      } catch {
        return ControlReply(error: error)
      }
    }
  }

  private static func isEpoch(_ text: String) -> Bool {
    text.utf8.count == 32 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private func status() -> DaemonStatus {
    let figures = capture.figures.current
    let reading = capture.clock.read()
    return DaemonStatus(
      version: kioskVersion, gpiodVersion: KernelChip.libraryVersion, device: settings.device.name,
      touchpoint: settings.device.touchpoint, board: "\(settings.panel.board.rawValue)", chip: chip.label,
      chipPath: chip.path, isSimulated: chip is SimulatedChip,
      survey: figures.survey?.name ?? settings.activeSurvey.name,
      surveyVersion: figures.survey?.version ?? settings.activeSurvey.version,
      upMilliseconds: (reading.monotonic - started.process).wholeMilliseconds,
      armedAfterMicroseconds: started.armedAfterMicroseconds, clock: reading.state.name,
      buttons: settings.panel.buttons.enumerated().map { index, button in
        ButtonStatus(
          name: button.name, line: "\(button.line)",
          isDown: figures.isDown.indices.contains(index) && figures.isDown[index],
          key: button.key.map { String($0) },
          presses: figures.presses.indices.contains(index) ? figures.presses[index] : 0)
      },
      journal: JournalStatus(
        isWritable: figures.isJournalWritable, path: "\(options.state)/\(JournalKeeper.fileName)",
        epoch: figures.epoch, lastSequence: figures.lastSequence, waiting: figures.waiting, commits: figures.commits),
      health: figures.health.states(at: reading.monotonic), edges: figures.edges,
      presses: figures.presses.reduce(0, +), edgesLost: figures.losses, phase: figures.phase,
      sensors: settings.panel.sensors.enumerated().map { index, sensor in
        ButtonStatus(
          name: sensor.name, line: "\(sensor.line)",
          isDown: figures.isSensorActive.indices.contains(index) && figures.isSensorActive[index],
          key: sensor.key.map { String($0) },
          presses: figures.contacts.indices.contains(index) ? figures.contacts[index] : 0)
      }, activeSellers: figures.activeSellers, isStaffCalled: figures.isStaffCalled,
      configuration: ConfigurationStatus(
        fingerprint: settings.fingerprint, upstreamVersion: configuration.upstreamVersion,
        refusal: configuration.unused?.message))
  }
}
