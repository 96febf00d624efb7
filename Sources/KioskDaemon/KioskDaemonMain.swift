import CKioskPlatform
import Feedback
import GPIO
import Glibc
import Journal
import KioskConfiguration
import KioskControl
import KioskService
import Logging

/// From the command line to the exit code.
public enum KioskDaemon {
  public static func main(arguments: [String]) -> ExitCode {
    let entered = MonotonicTime(nanoseconds: kiosk_clock_monotonic())
    switch DaemonOptions.parse(Array(arguments.dropFirst())) {
    case .help:
      ServicePlatform.write(DaemonOptions.help, to: STDOUT_FILENO)
      return .success
    case .version:
      ServicePlatform.write("kioskd \(kioskVersion) (libgpiod \(KernelChip.libraryVersion))\n", to: STDOUT_FILENO)
      return .success
    case .misunderstood(let problem):
      ServicePlatform.write("kioskd: \(problem)\n  → kioskd --help lists what it understands\n", to: STDERR_FILENO)
      return .usage
    case .check(let options): return check(options)
    case .run(let options): return run(options, entered: entered)
    }
  }

  private static func check(_ options: DaemonOptions) -> ExitCode {
    do {
      let settings = try options.loadSettings()
      ServicePlatform.write(
        "\(options.configuration): good, \(settings.panel.buttons.count) buttons, survey \(settings.activeSurvey.name)\n",
        to: STDOUT_FILENO)
      return .success
    } catch {
      ServicePlatform.write("\(error)\n", to: STDERR_FILENO)
      return exitCode(for: error)
    }
  }

  /// In one form, whoever tells it: systemd's `%b` has no hyphens, the kernel's has.
  static func bootID(_ options: DaemonOptions) -> String {
    let told = (options.bootID ?? Platform.bootID() ?? "").filter { $0 != "-" }
    return told.isEmpty ? mintedBootID() : String(told.prefix(64))
  }

  /// Where nobody tells the boot's id, each start counts as a boot of its own: no time is ever worked out across two.
  private static func mintedBootID() -> String {
    "unknown-" + String(UInt64.random(in: .min ... .max), radix: 16)
  }

  private static func exitCode(for failure: ConfigurationFailure) -> ExitCode {
    failure.concernsReservedLine ? .reservedLine : .configuration
  }

  private static func run(_ options: DaemonOptions, entered: MonotonicTime) -> ExitCode {
    let isJournald = ServiceLogHandler.standardErrorIsJournald()
    let logger = Logger(label: "kioskd") { _ in ServiceLogHandler(program: "kioskd", isJournald: isJournald) }
    let clock = SystemClock()
    let notifier = ServiceNotifier(
      socket: ServicePlatform.environment("NOTIFY_SOCKET"),
      watchdogMicroseconds: ServicePlatform.environment("WATCHDOG_USEC"),
      watchdogProcess: ServicePlatform.environment("WATCHDOG_PID"), process: getpid())
    // A reader of the log that goes away must not end the daemon.
    signal(SIGPIPE, SIG_IGN)
    // Before the first thread, so that every thread inherits the mask and no signal is lost.
    let signals = kiosk_signalfd([SIGTERM, SIGINT, SIGHUP], 3)
    let watchdog = kiosk_timerfd()
    guard signals >= 0, watchdog >= 0, let outbox = Outbox(), let thread = CaptureThread() else {
      logger.critical("no descriptors or threads left: \(String(cString: strerror(errno)))")
      return .software
    }

    do {
      let store = ConfigurationStore(directory: options.state)
      let configuration = try options.loadConfiguration(from: store)
      let settings = configuration.settings
      let server = try ControlServer(path: "\(options.runtime)/\(DaemonOptions.socketName)")
      // The lines are armed before anything that might be slow: from here on no press is missed.
      let chip = try ChipSource.chip(for: settings.panel)
      let panel = try PanelConnection.open(settings.panel, on: chip)
      let started = StartTimes(entered: entered, armed: clock.read().monotonic)
      let keeper = JournalKeeper(
        directory: options.state, device: settings.device.name,
        boot: BootIdentity(bootID: Self.bootID(options)))
      let capture = Capture(
        thread: thread, settings: settings, panel: panel, keeper: keeper, clock: clock, outbox: outbox,
        unused: configuration.unused)
      Task(executorPreference: thread) {
        outbox.post(.ended(await capture.run()))
      }
      let code = ServiceLoop(
        options: options, store: store, configuration: configuration, chip: chip, notifier: notifier, server: server,
        capture: capture, signals: signals, watchdog: watchdog, logger: logger, started: started
      ).run()
      thread.stop()
      return code
    } catch let error as ConfigurationFailure {
      logger.critical("the configuration cannot be used:\n\(error)")
      return exitCode(for: error)
    } catch let error as GPIOError {
      logger.critical("\(error.message)", metadata: ["hint": "\(error.hint)"])
      return ExitCode(error)
    } catch let error as ControlError {
      logger.critical("\(error.message)", metadata: ["hint": "\(error.hint)"])
      return ExitCode(error)
    } catch {
      logger.critical("\(error)")
      return .software
    }
  }
}
