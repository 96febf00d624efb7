import Feedback
import GPIO
import KioskConfiguration
import KioskControl
import Panel

/// What the main thread asks for, carried out between two batches.
extension Capture {
  /// A reload waits so long for buttons to be at rest, so that no press is in hand when the panel changes.
  static let longestWaitForRest = Duration.seconds(2)

  func carryOutCommands(asOf now: MonotonicTime) {
    for command in commands.take() {
      switch command {
      case .awaitWaveform(let waveform): expect(waveform)
      case .reconfigure(let wanted):
        reconfiguration = (wanted, clock.read().monotonic, now + Self.longestWaitForRest)
      case .refuseConfiguration(let message): refuseConfiguration(message)
      case .service(let minutes, let connection):
        let reading = clock.read()
        serviceUntil = minutes > 0 ? reading.monotonic + .seconds(60 * minutes) : nil
        var pending: [PendingEvent] = []
        lookAtService(reading, into: &pending)
        acknowledge(commit(pending, reading: reading))
        moveOutputs()
        publishDisplay(at: reading)
        outbox.post(.reply(ControlReply(done: true), connection))
      case .acknowledge(let epoch, let through, let connection):
        outbox.post(.reply(noteAcknowledged(epoch: epoch, through: through), connection))
      case .board(let board): take(board)
      case .context(let value, let seconds, let connection):
        context = value == PressContext() ? nil : (value, clock.read().monotonic + .seconds(seconds))
        outbox.post(.reply(ControlReply(done: true), connection))
      case .showDisplay:
        publishedDisplay = nil
        publishDisplay(at: clock.read())
      case .stop:
        stopping =
          stopping
          ?? LastMoments(
            from: clock.read().monotonic, debounce: drafting.settings.panel.timing.debounce,
            isDebouncedByKernel: panel.inputs.isDebouncedByKernel)
      }
    }
    stopping?.note(readUpTo: now)
    if let (wanted, earliest, latest) = reconfiguration, now >= earliest, recognizer.isAtRest || now >= latest {
      reconfiguration = nil
      reconfigure(wanted)
    }
  }

  /// Whether a line has another level than its last edge gave it. The kernel stamps an edge in the interrupt and queues it
  /// from a thread, so an edge may have happened and not be there yet: it will come.
  var isEdgeOnItsWay: Bool {
    guard let levels = try? panel.inputs.levels() else { return false }
    return levels.enumerated().contains { recognizer.isDown(ButtonIndex($0.offset)) != $0.element }
  }

  private func refuseConfiguration(_ message: String) {
    let reading = clock.read()
    raise(
      .configurationRefused, message: message,
      hint: "kioskd --check names every mistake; the configuration in force stays", at: reading.monotonic)
    _ = commit([drafting.health(.configurationRefused, detail: nil, at: reading)], reading: reading)
  }

  /// Says whether what upstream has sent is in use.
  func showUnused(at reading: ClockReading, into pending: inout [PendingEvent]) {
    guard let unused else { return lower(.upstreamConfigurationUnused, at: reading.monotonic) }
    let isNew = raise(
      .upstreamConfigurationUnused, message: unused.message, hint: UnusedConfiguration.hint, at: reading.monotonic)
    if isNew { pending.append(drafting.health(.upstreamConfigurationUnused, detail: unused.message, at: reading)) }
  }

  private func reconfigure(_ wanted: Reconfiguration) {
    let old = drafting.settings
    let new = wanted.settings
    let reading = clock.read()
    if new.panel.needsOtherLines(than: old.panel) {
      panel.inputs.close()
      takeWhatIsLeft()
      panel.outputs?.close()
      do throws(GPIOError) {
        panel = try PanelConnection.open(new.panel, on: wanted.chip)
      } catch {
        do throws(GPIOError) {
          panel = try PanelConnection.open(old.panel, on: panel.chip)
        } catch {
          failure = error
        }
        connectPanel(settings: old.panel, after: old.panel)
        refuseConfiguration("the lines of the new panel cannot be had: \(error.message)")
        outbox.post(.reconfigured(.refused(error)))
        return
      }
      connectPanel(settings: new.panel, after: old.panel)
    } else if new.panel.lineTimings != old.panel.lineTimings {
      startRecognizer(settings: new.panel, after: old.panel)
    }
    visits.judge.rules = new.device.rules
    if new.panel.outputDescriptions != old.panel.outputDescriptions { startPlayer(new.panel.outputDescriptions) }
    var pending: [PendingEvent] = []
    // Under the old settings, for their names are those of what ends here.
    let asked = new.asked.first { $0.survey == visits.plan.survey }?.survey ?? new.activeSurvey
    let ending = visits.plan.survey
    visits.change(
      to: SurveyPlan(asked, buttons: new.panel.buttons.map(\.name)), at: reading.monotonic, into: &visitRecords)
    draftVisits(of: ending, reading: reading, into: &pending)
    let isStaffOther =
      new.panel.buttons != old.panel.buttons || new.device.requestLapse != old.device.requestLapse
      || new.device.longestActivity != old.device.longestActivity
    drafting.settings = new
    if isStaffOther { takeStaffAnew(reading: reading, into: &pending) }
    figures.update { $0.survey = nil }
    calendar.knows = nil
    hasOfferLamps = new.panel.lamps.contains { !$0.shows.isDisjoint(with: [.offered, .idle]) }
    movePanel(to: reading.monotonic, reading: reading, into: &pending)
    lower(.configurationRefused, at: reading.monotonic)
    pending.append(drafting.configuration(at: reading))
    unused = wanted.unused
    showUnused(at: reading, into: &pending)
    acknowledge(commit(pending, reading: reading))
    publishDisplay(at: reading)
    tell(Activity(.configuration, at: reading.monotonic, message: "configuration \(new.fingerprint) is in force"))
    outbox.post(.reconfigured(.applied(wanted)))
  }

  private func connectPanel(settings: PanelSettings, after old: PanelSettings) {
    panelGeneration += 1
    startRecognizer(settings: settings, after: old)
    startPlayer(settings.outputDescriptions)
    commands.connect(panel.inputs)
  }

  /// A button that was up before the change and is down after it was pressed meanwhile: while the lines were let go and
  /// taken again, or while the kernel was still debouncing. That press counts.
  private func startRecognizer(settings: PanelSettings, after old: PanelSettings) {
    let now = clock.read().monotonic
    let levels = (try? panel.inputs.levels()) ?? panel.levelsAtStart
    let oldLines = old.inputSelectors
    let known = zip(settings.inputSelectors, levels).map { line, level in
      oldLines.firstIndex(of: line).map { recognizer.isDown(ButtonIndex($0)) } ?? level
    }
    recognizer = PressRecognizer(
      timings: settings.lineTimings, isDebouncedByKernel: panel.inputs.isDebouncedByKernel, levels: known, at: now,
      firstPressNumber: recognizer.nextPressNumber)
    recognizer.resynchronise(levels: levels, lost: [], at: now)
    contacts = Self.contactCounters(settings, levels: levels, settling: recognizer.settling, at: now)
    isServiceKeyOn = zip(settings.buttons, levels).contains { $0.role == .service && $1 }
    figures.update {
      $0.presses = Array($0.presses.prefix(settings.buttons.count))
      $0.presses += Array(repeating: 0, count: settings.buttons.count - $0.presses.count)
      $0.isDown = Array(levels.prefix(settings.buttons.count))
      $0.contacts = Array(repeating: 0, count: settings.sensors.count)
      $0.isSensorActive = Array(levels.dropFirst(settings.buttons.count))
    }
  }

  /// Outputs start off; what stands (out of service) is shown again.
  private func startPlayer(_ outputs: [OutputDescription]) {
    let now = clock.read().monotonic
    for (index, isOn) in player.states.enumerated() where isOn { try? panel.outputs?.set(index, isOn: false) }
    player = OutputPlayer(outputs: outputs)
    if keeper.nextAttempt != nil { player.play(.outOfService, at: now) }
  }

  /// Presses kept for a waveform whose first press was quicker than the word that somebody waits for it.
  static let mostRecentPresses = 256

  private func expect(_ waveform: AwaitedWaveform) {
    var waveform = waveform
    waveform.presses = recentPresses.filter { waveform.covers($0.press) }.map(\.recorded)
    awaited.append(waveform)
  }

  /// Keeps what clients who play waveforms will ask for; nobody does so on real buttons.
  func noteForWaveforms(_ press: Press, _ recorded: RecordedPress) {
    guard panel.chip is SimulatedChip else { return }
    for index in awaited.indices where awaited[index].covers(press) { awaited[index].presses.append(recorded) }
    if recentPresses.count == Self.mostRecentPresses { recentPresses.removeFirst() }
    recentPresses.append((press, recorded))
  }

  /// Answers clients whose waveform has settled.
  func answerAwaited(asOf now: MonotonicTime) {
    guard awaited.contains(where: { $0.settled <= now }) else { return }
    for waveform in awaited where waveform.settled <= now {
      outbox.post(.reply(ControlReply(played: PlayedWaveform(presses: waveform.presses)), waveform.connection))
    }
    awaited.removeAll { $0.settled <= now }
  }
}
