import Feedback
import Foundation
import GPIO
import Journal
import KioskConfiguration
import KioskTestKit
import Synchronization

@testable import KioskDaemon

extension ManualClock: ClockSource {}

/// Capture in this process, on a simulated chip whose time the test moves, with a real journal on disk.
final class CaptureUnderTest {
  let chip: SimulatedChip
  let clock: ManualClock
  let directory: TemporaryDirectory
  let outbox: Outbox
  let capture: Capture
  private let thread: CaptureThread
  private let ending = Ending()

  private final class Ending: Sendable {
    let code = Mutex<ExitCode?>(nil)
  }

  convenience init(
    files: [String: String] = SimulatedPanelFiles.standard, debouncesInKernel: Bool = false,
    eventBufferCapacity: Int? = nil, tuning: JournalTuning = JournalTuning(),
    prepare: (SimulatedChip) throws -> Void = { _ in }
  ) throws {
    let settings = try KioskSettings.load(
      sources: files.sorted { $0.key < $1.key }.map { ConfigurationSource(path: $0.key, text: $0.value) })
    let chip = SimulatedChip(
      lineNames: settings.panel.wiredNames, debouncesInKernel: debouncesInKernel,
      eventBufferCapacity: eventBufferCapacity,
      clock: .manual(startingAt: MonotonicTime(nanoseconds: 1_000_000_000)))
    try prepare(chip)
    try self.init(
      settings: settings, chip: chip, clock: ManualClock(of: chip), directory: try TemporaryDirectory(),
      tuning: tuning)
  }

  /// On a chip, a clock and in a directory that may have seen another life before.
  /// - Parameter bootID: names the boot; another one in the same directory is what follows a power cut.
  init(
    settings: KioskSettings, chip: SimulatedChip, clock: ManualClock, directory: TemporaryDirectory,
    bootID: String = "boot-1", tuning: JournalTuning = JournalTuning()
  ) throws {
    self.directory = directory
    self.chip = chip
    self.clock = clock
    guard let outbox = Outbox(), let thread = CaptureThread() else { throw CocoaError(.featureUnsupported) }
    self.outbox = outbox
    self.thread = thread
    outbox.isWatched = true
    capture = Capture(
      thread: thread, settings: settings, panel: try PanelConnection.open(settings.panel, on: chip),
      keeper: JournalKeeper(
        directory: directory.path, device: settings.device.name, boot: BootIdentity(bootID: bootID), tuning: tuning),
      clock: clock, outbox: outbox)
  }

  deinit { thread.stop() }

  func start() {
    Task(executorPreference: thread) { [capture, ending] in
      let code = await capture.run()
      ending.code.withLock { $0 = code }
    }
    _ = eventually { capture.figures.current.rounds > 0 }
  }

  var exitCode: ExitCode? { ending.code.withLock { $0 } }

  func line(_ name: String) -> Int { chip.lines.names.firstIndex(of: name) ?? -1 }

  /// Moves time on in steps, each of which capture has dealt with before the next one.
  func advance(_ duration: Duration, step: Duration = .milliseconds(5)) {
    let end = chip.now + duration
    while chip.now < end {
      chip.advance(to: min(end, chip.now + step))
      settle()
    }
  }

  /// Sends capture round until it has done everything that was due.
  func settle() {
    let before = capture.figures.current.rounds
    capture.commands.requestRound()
    _ = eventually { capture.figures.current.rounds > before || exitCode != nil }
  }

  /// Presses a button for 60 ms and waits until 100 ms are over.
  func press(_ name: String, bounceEdges: Int = 6) throws {
    var generator = SeededGenerator(seed: 5)
    try chip.play(
      Waveform.press(
        line: line(name), activeLow: true, hold: .milliseconds(60), bounceEdges: bounceEdges, using: &generator))
    advance(.milliseconds(100))
  }

  func events() throws -> [Event] {
    try JournalReader.open("\(directory.path)/ratings.db").events(after: 0, limit: 10_000)
  }

  func ratings() throws -> [Event] { try events().filter { $0.content.kind == .rating } }

  var health: [HealthCode] { capture.figures.current.health.states(at: clock.read().monotonic).map(\.code) }

  func stop() -> ExitCode? {
    capture.commands.post(.stop)
    _ = eventually {
      chip.advance(by: .milliseconds(5))
      return exitCode != nil
    }
    return exitCode
  }
}

extension PanelSettings {
  /// Everything that is wired on a simulated board.
  var wiredNames: [String] { buttons.map(\.name) + sensors.map(\.name) + lamps.map(\.name) }
}
