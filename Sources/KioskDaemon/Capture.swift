import Feedback
import GPIO
import KioskConfiguration
import KioskControl
import Panel
import Synchronization

/// The straight way from an edge to a committed event and a lamp. It runs on a thread of its own and waits for nothing but
/// the disk; edges that come meanwhile gather in the stream and share the next commit.
///
///     edges ─> presses ─> verdicts and visits ─> journal (one fsync) ─> acknowledgement
///
/// `take(_:)` is that way, in order. The steps stand in files of their own: `CaptureEvents` (what is recorded of the panel),
/// `CapturePresses` (what a press means, by its button's role), `CaptureDisplay` (what the panel asks now),
/// `CaptureJournal` (commit, and what to do when it fails), `CaptureTidying` (clock anchors; retention when nobody waits),
/// `CaptureOutputs` (lamps), `CaptureCommands` (what the main thread asks for between two batches).
actor Capture {
  nonisolated let thread: CaptureThread
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  nonisolated let commands = CommandQueue()
  nonisolated let figures: FiguresBoard
  nonisolated let outbox: Outbox
  nonisolated let clock: any ClockSource

  var panel: PanelConnection
  /// Raised when other lines take the place of the ones being read.
  var panelGeneration = 0
  var drafting: EventDrafting
  /// What upstream has sent and is not in use.
  var unused: UnusedConfiguration?
  var recognizer: PressRecognizer
  /// Verdicts, and what each visitor is being asked.
  var visits: VisitMachine
  /// What the press in hand gives; kept to save an allocation a press.
  var visitRecords: [VisitRecord] = []
  /// Technicians are at work until then.
  var serviceUntil: MonotonicTime?
  var isServiceKeyOn = false
  var staff: StaffDesk
  var requestEvents: [StaffRequestEvent] = []
  var activityEvents: [StaffActivityEvent] = []
  /// One for each sensor of the panel; nil for those that see no visitors.
  var contacts: [ContactCounter?]
  var contactEvents: [ContactEvent] = []
  var trustedTime = TrustedTime()
  var calendar = CalendarState()
  var silence = SilenceWatch()
  /// What the owner's system said about the next press, and how long that holds.
  var context: (value: PressContext, until: MonotonicTime)?
  /// The answer that was given it last, which may yet be corrected.
  var takenContext: (press: PressNumber, value: PressContext)?
  var notice: (acknowledgement: Acknowledgement, until: MonotonicTime)?
  var publishedDisplay: DisplayState?
  var publishedPhase = DisplayState.Phase.idle
  /// Some output lights while a button is offered, or while the kiosk is at rest.
  var hasOfferLamps = false
  var player: OutputPlayer
  var keeper: JournalKeeper
  var health = HealthRegister()
  var awaited: [AwaitedWaveform] = []
  var recentPresses: [(press: Press, recorded: RecordedPress)] = []
  /// A reload waits until the lines have been read up to the first moment and all buttons are up, the second at most.
  var reconfiguration: (wanted: Reconfiguration, earliest: MonotonicTime, latest: MonotonicTime)?
  /// Once set: capture ends when no press is in hand.
  var stopping: LastMoments?
  var failure: GPIOError?
  /// Events dropped since the journal could last be written, because too many waited in memory.
  var eventsDropped = 0
  /// When the batch in hand had been read.
  var takenAt = MonotonicTime(nanoseconds: 0)
  var clockWatch = ClockWatch()
  /// Before this the journal is not tidied again.
  var nextTidying: MonotonicTime?
  /// Lines whose levels are still to be read back after a loss.
  var linesToReadBack: [Int] = []

  init(
    thread: CaptureThread, settings: KioskSettings, panel: PanelConnection, keeper: consuming JournalKeeper,
    clock: any ClockSource, outbox: Outbox, unused: UnusedConfiguration? = nil
  ) {
    self.thread = thread
    self.clock = clock
    self.outbox = outbox
    self.unused = unused
    self.panel = panel
    self.keeper = keeper
    drafting = EventDrafting(settings: settings)
    visits = VisitMachine(
      plan: SurveyPlan(settings.activeSurvey, buttons: settings.panel.buttons.map(\.name)), rules: settings.device.rules
    )
    player = OutputPlayer(outputs: settings.panel.outputDescriptions)
    let now = clock.read().monotonic
    recognizer = PressRecognizer(
      timings: settings.panel.lineTimings, isDebouncedByKernel: panel.inputs.isDebouncedByKernel,
      levels: panel.levelsAtStart, at: now)
    contacts = Self.contactCounters(
      settings.panel, levels: panel.levelsAtStart, settling: recognizer.settling, at: now)
    staff = StaffDesk(panel: settings.panel, device: settings.device, settling: recognizer.settling)
    figures = FiguresBoard(
      CaptureFigures(buttons: settings.panel.buttons.count, sensors: settings.panel.sensors.count))
  }

  /// Serves the lines until it is told to stop or they are lost.
  func run() async -> ExitCode {
    openJournal()
    commands.connect(panel.inputs)
    outbox.post(.ready)
    while !hasEnded {
      // Other lines (a reload that changes the wiring) bring another stream.
      let generation = panelGeneration
      for await batch in panel.inputs.edges {
        take(batch)
        carryOutCommands(asOf: batch.asOf)
        if hasEnded || generation != panelGeneration { break }
        panel.inputs.setDeadline(nextDeadline)
      }
      if generation == panelGeneration { break }
    }
    return finish()
  }

  /// What the last round brought, after the lines have been closed. That they cannot be read any more is no news then.
  func takeWhatIsLeft() {
    while var batch = panel.inputs.edges.takeGathered() {
      batch.failure = nil
      take(batch)
    }
  }

  private func take(_ batch: EdgeBatch) {
    takenAt = batch.asOf
    // 1. Edges become presses.
    for edge in batch.edges { recognizer.take(line: edge.line, isActive: edge.isActive, at: edge.at) }
    linesToReadBack += batch.lostLines
    if !linesToReadBack.isEmpty { readLevelsBack(at: batch.asOf) }
    let events = recognizer.advance(to: batch.asOf)

    // 2. Presses get a verdict, a meaning, and the journal's words.
    let reading = clock.read()
    var pending: [PendingEvent] = []
    for event in events { record(event, reading: reading, into: &pending) }
    movePanel(to: batch.asOf, reading: reading, into: &pending)
    if let failure = batch.failure { linesLost(failure, reading: reading, into: &pending) }

    lookAtClocks(reading, into: &pending)

    // 3. One transaction for all of them, one fsync.
    let recorded = commit(pending, reading: reading)

    // 4. Only now the visitor is told.
    acknowledge(recorded)
    moveOutputs()
    publishDisplay(at: reading)

    figures.update {
      $0.rounds += 1
      $0.edges += Int64(batch.edges.count)
      $0.losses += batch.lostLines.isEmpty ? 0 : 1
    }
    answerAwaited(asOf: batch.asOf)
    if batch.edges.isEmpty { tidyJournal(at: reading) }
  }

  /// After a loss only the levels themselves are certain. Where they cannot be read, the next batch tries again.
  private func readLevelsBack(at time: MonotonicTime) {
    do {
      recognizer.resynchronise(levels: try panel.inputs.levels(), lost: linesToReadBack, at: time)
      linesToReadBack = []
    } catch {
      log(.warning, "levels cannot be read back: \(error.message)")
    }
  }

  /// When to be woken if no edge comes; nil on an idle kiosk.
  var nextDeadline: MonotonicTime? {
    var earliest: MonotonicTime?
    func consider(_ moment: MonotonicTime?) {
      if let moment { earliest = min(earliest ?? moment, moment) }
    }
    consider(recognizer.nextDeadline)
    consider(player.nextDeadline)
    consider(keeper.nextAttempt)
    consider(visits.nextDeadline.map { $0 + recognizer.settling })
    consider(staff.nextDeadline)
    for sensor in contacts { consider(sensor?.nextDeadline) }
    consider(calendar.due)
    consider(serviceUntil)
    consider(context?.until)
    consider(notice?.until)
    consider(stopping?.nextDeadline(after: takenAt))
    if let reconfiguration {
      consider(takenAt < reconfiguration.earliest ? reconfiguration.earliest : reconfiguration.latest)
    }
    for waveform in awaited { consider(waveform.settled) }
    return earliest
  }

  /// A press in hand is finished first: its edge has come, its level must settle. What counts is up to when the lines have
  /// been read, not what the clock says: a machine that is late has read less.
  private var hasEnded: Bool {
    if failure != nil { return true }
    guard let stopping, takenAt >= stopping.earliest else { return false }
    return takenAt >= stopping.latest || !(recognizer.isSettling || isEdgeOnItsWay)
  }

  private func finish() -> ExitCode {
    panel.inputs.close()
    takeWhatIsLeft()
    let unwritten = keeper.close(at: clock.read())
    if unwritten > 0 {
      log(.error, "\(unwritten) events are lost: the journal could not be written until the end")
    }
    panel.outputs?.close()
    return failure == nil ? .success : .gpioFailed
  }
}

/// The figures behind a lock; capture writes, the main thread reads.
final class FiguresBoard: Sendable {
  private let figures: Mutex<CaptureFigures>

  init(_ figures: CaptureFigures) {
    self.figures = Mutex(figures)
  }

  func update(_ change: (inout CaptureFigures) -> Void) {
    figures.withLock { change(&$0) }
  }

  var current: CaptureFigures { figures.withLock { $0 } }
}
