import Feedback
import Journal
import KioskControl

/// The commit, and what happens when the journal cannot be written.
extension Capture {
  /// An event and what it became in the journal; nil while it waits in memory.
  typealias Recorded = (pending: PendingEvent, event: Event?)

  func openJournal() {
    let reading = clock.read()
    _ = clockWatch.look(at: reading)
    trustedTime.note(reading)
    acknowledge(commit([drafting.configuration(at: reading)], reading: reading))
    var pending: [PendingEvent] = []
    showUnused(at: reading, into: &pending)
    for (index, sensor) in drafting.settings.panel.sensors.enumerated() where sensor.use == .tamper {
      let line = drafting.settings.panel.buttons.count + index
      let isActive = panel.levelsAtStart.indices.contains(line) && panel.levelsAtStart[line]
      sense(index, isActive: isActive, at: reading.monotonic, reading: reading, into: &pending)
    }
    for (index, button) in drafting.settings.panel.buttons.enumerated() where button.role == .service {
      isServiceKeyOn = isServiceKeyOn || (panel.levelsAtStart.indices.contains(index) && panel.levelsAtStart[index])
    }
    hasOfferLamps = drafting.settings.panel.lamps.contains { !$0.shows.isDisjoint(with: [.offered, .idle]) }
    restoreStaff(reading: reading)
    movePanel(to: reading.monotonic, reading: reading, into: &pending)
    acknowledge(commit(pending, reading: reading))
    moveOutputs()
    panel.inputs.setDeadline(nextDeadline)
  }

  /// Commits events in one transaction, together with those that wait. When the journal cannot be written they wait in
  /// memory, and the visitor is told so.
  func commit(_ pending: [PendingEvent], reading: ClockReading) -> [Recorded] {
    let isRetryDue = keeper.nextAttempt.map { $0 <= reading.monotonic } ?? false
    guard !pending.isEmpty || isRetryDue else { return [] }
    let outcome = keeper.commit(pending, at: reading)
    var followUps: [PendingEvent] = []
    if let setAside = outcome.setAside {
      raise(
        .journalSetAside,
        message: "the journal found could not be used (\(setAside.finding)) and was set aside as \(setAside.path)",
        hint: "nothing is deleted: keep that file for support; capture goes on in a new journal",
        at: reading.monotonic)
      followUps.append(
        drafting.health(.journalSetAside, detail: "\(setAside.reason.rawValue): \(setAside.finding)", at: reading))
    }
    if let error = outcome.failure { journalFailed(error, at: reading.monotonic) }
    if outcome.dropped > 0 {
      eventsDropped += outcome.dropped
      raise(
        .pressesDropped, message: "presses were dropped: more than \(JournalKeeper.mostWaiting) waited in memory",
        hint: "make room on the disk; these visitors were not thanked", at: reading.monotonic)
    }
    if outcome.failure == nil, keeper.waiting.isEmpty, health.clear(.journalUnavailable) {
      player.clear(.outOfService, at: reading.monotonic)
      raise(nothingLeftOf: .journalUnavailable, as: .journalRestored, at: reading.monotonic)
      followUps.append(drafting.health(.journalRestored, detail: nil, at: reading))
      if eventsDropped > 0 {
        followUps.append(drafting.health(.pressesDropped, detail: "\(eventsDropped) events", at: reading))
        eventsDropped = 0
        lower(.pressesDropped, at: reading.monotonic)
      }
    }
    if !followUps.isEmpty, let error = keeper.commit(followUps, at: reading).failure {
      journalFailed(error, at: reading.monotonic)
    }
    showJournal()
    guard outcome.committed.isEmpty else { return outcome.committed.map { ($0.pending, $0.event) } }
    return pending.map { ($0, nil) }
  }

  private func raise(nothingLeftOf code: HealthCode, as over: HealthCode, at now: MonotonicTime) {
    let health = health
    figures.update { $0.health = health }
    tell(Activity(.health, at: now, health: over, message: "over"))
    log(.notice, "\(code.rawValue) is over")
  }

  private func journalFailed(_ error: JournalError, at now: MonotonicTime) {
    player.play(.outOfService, at: now)
    raise(
      .journalUnavailable, message: "\(error.message); presses wait in memory", hint: error.hint, at: now)
  }

  func showJournal() {
    let isWritable = keeper.isOpen && keeper.waiting.isEmpty
    let (epoch, last, waiting, commits) = (
      keeper.epoch, keeper.lastSequence, keeper.waiting.count, keeper.commits
    )
    figures.update {
      $0.isJournalWritable = isWritable
      $0.epoch = epoch ?? $0.epoch
      $0.lastSequence = last ?? $0.lastSequence
      $0.waiting = waiting
      $0.commits = commits
    }
  }
}
