import Feedback
import Foundation
import Journal
import KioskConfiguration
import KioskTestKit

@testable import GPIO
@testable import KioskControl
@testable import KioskDaemon

/// The kiosk of a story from one boot to the next: real capture, a real journal on a disk that can fail and lose what was
/// not synced, a simulated chip. Time moves in `advance(to:)` and nowhere else, from one moment at which something happens
/// to the next one; nobody sleeps.
final class StoryKiosk {
  /// A time with power, on the kiosk's own clock and on the story's.
  struct Boot {
    var bootID: String
    var storyTime: Duration
    var chipTime: MonotonicTime
  }

  /// More rounds than any story takes: whoever goes round without time passing is found out.
  private static let mostRounds = 2_000_000

  let story: Story
  let outputs = OutputLog()
  private(set) var settings: KioskSettings
  private(set) var capture: CaptureUnderTest?
  /// What the display beside the panel was told last; nil: nothing since the boot.
  private(set) var display: DisplayState?
  let directory: TemporaryDirectory
  private let vfs = FaultVFS(keepsUnsynced: true)
  private let calendar: StoryCalendar
  private let startMilliseconds: Int64
  private let lineNames: [String]
  private(set) var boots: [Boot] = []
  /// The story's time while the plug is out.
  private var timeWithoutPower: Duration = .zero
  /// What the kiosk's clock shows beyond the truth, and whether anybody vouches for it.
  private var clockError: Int64 = 0
  private var clockState = ClockState.synchronised
  private var rounds = 0
  /// What somebody deleted from the card, by number: the button.
  var deleted: [Int64: String] = [:]
  /// Lines that are kept at a level, with power or without: a coin in a button, a key switch.
  private var stuck: [Int: Bool] = [:]

  init(_ story: Story) throws {
    self.story = story
    directory = try TemporaryDirectory()
    settings = try story.panel.settings()
    let panels = try [settings] + story.panelsReloaded.map { try $0.settings() }
    lineNames = panels.flatMap(\.panel.wiredNames).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    guard let calendar = StoryCalendar(zone: story.timeZone) else {
      throw StoryError(story: story.name, line: 0, message: "there is no time zone \(story.timeZone)")
    }
    guard let start = calendar.milliseconds(of: story.start) else {
      throw StoryError(story: story.name, line: 0, message: "there is no such moment as that at which it begins")
    }
    self.calendar = calendar
    startMilliseconds = start
    try setClock(story.clock)
    try plugIn()
  }

  // MARK: - Time

  /// The story's time.
  var now: Duration {
    guard let capture, let boot = boots.last else { return timeWithoutPower }
    return boot.storyTime + (capture.chip.now - boot.chipTime)
  }

  /// The true time, in milliseconds since 1970.
  func trueMilliseconds(at moment: Duration) -> Int64 { startMilliseconds + moment.wholeMilliseconds }

  /// When that is, in the story's time; nil: there is no such time.
  func time(of moment: StoryMoment) -> Duration? {
    func sinceStart(_ milliseconds: Int64?) -> Duration? { milliseconds.map { .milliseconds($0 - startMilliseconds) } }
    return switch moment {
    case .after(let duration): duration
    case .same: now
    case .later(let duration): now + duration
    case .timeOfDay(let time): sinceStart(calendar.next(time, from: trueMilliseconds(at: now)))
    case .date(let date): sinceStart(calendar.milliseconds(of: date))
    }
  }

  /// Moves on, stopping wherever something happens: an edge, a moment capture has asked for, the watchdog.
  func advance(to end: Duration) async throws {
    guard let capture, let boot = boots.last else {
      timeWithoutPower = max(timeWithoutPower, end)
      return
    }
    let chip = capture.chip
    let last = boot.chipTime + (end - boot.storyTime)
    while chip.now < last {
      rounds += 1
      guard rounds < Self.mostRounds else { throw failure("the kiosk goes round without end") }
      var next = min(last, chip.nextMoment ?? last)
      let feeding = nextFeeding(after: chip.now, since: boot.chipTime)
      next = min(next, feeding ?? next)
      chip.advance(to: next)
      if next == feeding { capture.capture.commands.requestRound() }
      await settle()
      if let code = capture.exitCode { throw failure("the kiosk has ended with the code \(code)") }
    }
  }

  private func nextFeeding(after now: MonotonicTime, since start: MonotonicTime) -> MonotonicTime? {
    guard let period = story.kernel.watchdog?.wholeNanoseconds, period > 0 else { return nil }
    let passed = (now - start).wholeNanoseconds / period
    return start + .nanoseconds((passed + 1) * period)
  }

  /// Waits until capture has dealt with everything that was handed to it: a word on its own thread comes after that.
  func settle() async {
    guard let capture else { return }
    await capture.capture.hasCaughtUp()
    await capture.capture.hasCaughtUp()
    read(capture.outbox)
  }

  func failure(_ message: String) -> StoryError { StoryError(story: story.name, line: 0, message: message) }

  // MARK: - Power

  /// A new boot of the machine: its monotonic clock begins anew, its lines are as they are kept.
  func plugIn() throws {
    guard capture == nil else { throw failure("the plug is in already") }
    let time = now
    let chip = SimulatedChip(
      lineNames: lineNames, debouncesInKernel: story.kernel.isDebouncing,
      eventBufferCapacity: story.kernel.edgesKept,
      clock: .manual(startingAt: MonotonicTime(nanoseconds: 1_000_000_000)))
    try chip.play(stuck.map { WaveformStep(at: .zero, line: $0.key, isHigh: $0.value) })
    chip.advance(by: .milliseconds(1))
    let boot = Boot(bootID: "boot-\(boots.count + 1)", storyTime: time, chipTime: chip.now)
    boots.append(boot)
    outputs.observe(chip, panel: settings.panel, database: database) { boot.storyTime + ($0 - boot.chipTime) }
    let clock = ManualClock(of: chip)
    clock.runWall(milliseconds: trueMilliseconds(at: time) + clockError, state: clockState)
    try start(chip, clock)
  }

  /// kioskd ends in order and is started again, in the same boot.
  func restart() throws {
    guard let running = capture else { throw failure("the plug is out") }
    try stop()
    try start(running.chip, running.clock)
  }

  private func start(_ chip: SimulatedChip, _ clock: ManualClock) throws {
    let capture = try CaptureUnderTest(
      settings: settings, chip: chip, clock: clock, directory: directory, bootID: boots.last?.bootID ?? "",
      tuning: tuning)
    self.capture = capture
    capture.start()
  }

  /// The power goes at this moment: what is not synced may be lost or torn, and nobody says goodbye.
  func pullThePlug() throws {
    guard let capture else { throw failure("the plug is out already") }
    timeWithoutPower = now
    vfs.cut(before: 1)
    capture.chip.unplug()
    guard eventually({ capture.exitCode != nil }) else { throw failure("capture does not end") }
    self.capture = nil
    display = nil
    outputs.noteLossOfPower(at: timeWithoutPower)
    vfs.cut(before: 0)
    guard vfs.restore(.tornSectors, seed: UInt64(boots.count)) != nil else {
      throw failure("the disk cannot be written")
    }
  }

  private var tuning: JournalTuning {
    var tuning = JournalTuning()
    tuning.vfs = vfs.name
    return tuning
  }

  // MARK: - Lines

  /// A button's or sensor's line on the chip.
  func line(_ name: String) throws -> (offset: Int, isActiveLow: Bool) {
    let inputs =
      settings.panel.buttons.map { (name: $0.name, isActiveLow: $0.isActiveLow) }
      + settings.panel.sensors.map { (name: $0.name, isActiveLow: $0.isActiveLow) }
    guard let input = inputs.first(where: { $0.name == name }), let offset = lineNames.firstIndex(of: name) else {
      let names = inputs.map(\.name).joined(separator: ", ")
      throw failure("there is no button or sensor \(name); there are \(names)")
    }
    return (offset, input.isActiveLow)
  }

  /// Keeps a line at a level from now on, through boots and all.
  func keep(_ name: String, isActive: Bool) throws {
    let line = try line(name)
    stuck[line.offset] = isActive ? !line.isActiveLow : nil
    let level = WaveformStep(at: .zero, line: line.offset, isHigh: isActive != line.isActiveLow)
    try capture?.chip.play([level])
  }

  // MARK: - Clock and disk

  func setClock(_ setting: ClockSetting) throws {
    let truth = trueMilliseconds(at: now)
    switch setting {
    case .trusted: (clockError, clockState) = (0, .synchronised)
    case .untrusted: clockState = Self.state(of: truth + clockError)
    case .shows(let date):
      guard let shown = calendar.milliseconds(of: date) else { throw failure("there is no such date to show") }
      (clockError, clockState) = (shown - truth, Self.state(of: shown))
    case .jumps(let jump):
      clockError += jump.wholeMilliseconds
      if clockState != .synchronised { clockState = Self.state(of: truth + clockError) }
    }
    showClock()
  }

  /// What the daemon makes of a clock that nobody vouches for.
  private static func state(of milliseconds: Int64) -> ClockState {
    milliseconds < SystemClock.earliestPlausibleMilliseconds ? .implausible : .unsynchronised
  }

  private func showClock() {
    capture?.clock.runWall(milliseconds: trueMilliseconds(at: now) + clockError, state: clockState)
  }

  func breakDisk(_ trouble: Step.DiskTrouble) {
    switch trouble {
    case .full: vfs.fail(.write, nth: 1, with: .diskFull, lasting: true)
    case .failing: vfs.fail(.sync, nth: 1, with: .syncFailed, lasting: true)
    case .readOnly: vfs.fail(.write, nth: 1, with: .madeReadOnly, lasting: true)
    }
  }

  func mendDisk() { vfs.heal() }

  // MARK: - Configuration

  func reload(_ panel: PanelName) throws {
    settings = try panel.settings()
    guard let capture else { throw failure("nothing can be reloaded while the plug is out") }
    capture.capture.commands.post(.reconfigure(Reconfiguration(settings: settings, chip: capture.chip)))
    outputs.panel = settings.panel
  }

  /// What capture has told watchers: the last thing about the display is what it shows.
  private func read(_ outbox: Outbox) {
    for item in outbox.take().items {
      if case .activity(let activity) = item, let shown = activity.display { display = shown }
    }
  }

  /// Ends the kiosk in order, if it has power.
  func stop() throws {
    guard let capture else { return }
    let code = capture.stop()
    timeWithoutPower = now
    self.capture = nil
    if code != .success { throw failure("the kiosk ends with \(code.map { "the code \($0)" } ?? "nothing")") }
  }
}

extension Story {
  /// Panels that take the place of the first one.
  var panelsReloaded: [PanelName] {
    items.compactMap { if case .step(.reload(let panel), _) = $0.content { panel } else { nil } }
  }
}

extension Capture {
  /// Comes after everything handed to capture before, for its thread does one thing after the other.
  func hasCaughtUp() {}
}

extension SimulatedChip {
  /// When something happens next: a step of a waveform, a level that settles, a moment capture has asked for.
  var nextMoment: MonotonicTime? {
    state.withLock { state in
      let deadlines = state.steppedReaders.values.compactMap(\.deadline).filter { $0 > state.now }
      return (deadlines + [state.board.nextTime].compactMap { $0 }).min()
    }
  }
}
