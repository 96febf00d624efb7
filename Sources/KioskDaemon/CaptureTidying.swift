import Feedback
import Journal
import KioskConfiguration
import KioskControl

/// What is done for the journal beside the presses, in rounds that take place anyway: with edges, and with each of systemd's
/// watchdog. An idle kiosk is never woken for it. A kiosk that runs without a watchdog and is not touched therefore
/// notices a new hour, a step of the clock or an event's thirtieth day with the next press only.
extension Capture {
  /// Between two steps: a step may cost an fsync, and rounds come with every edge.
  static let tidyingInterval = Duration.seconds(1)

  /// Puts the clocks on record when they are worth it, in the transaction of whatever else is written.
  func lookAtClocks(_ reading: ClockReading, into pending: inout [PendingEvent]) {
    trustedTime.note(reading)
    if let draft = clockWatch.look(at: reading) {
      pending.append(PendingEvent(draft: draft))
      // The clock has become known, or was stepped: the day may be another one.
      calendar.knows = nil
    }
  }

  /// One bounded step of retention, if no press is in hand and none waits.
  func tidyJournal(at reading: ClockReading) {
    guard !recognizer.isSettling, stopping == nil, keeper.canTidy, nextTidying.map({ $0 <= reading.monotonic }) ?? true
    else { return }
    nextTidying = reading.monotonic + Self.tidyingInterval
    let tidying = keeper.tidy(RetentionPolicy(drafting.settings.device.journal), at: reading)
    if tidying.step.lostCount > 0 {
      log(
        .warning, "events that nobody had fetched were deleted for want of room",
        ["lost": "\(tidying.step.lostInWords)", "hint": "see to the network, or give the journal more room"])
      raise(
        .eventsSacrificed, message: "events that nobody had fetched were deleted for want of room",
        hint: "see to the network; [journal] budget_mib in kiosk.toml gives the journal more room",
        at: reading.monotonic)
      showJournal()
    } else if !tidying.step.hasMore {
      lower(.eventsSacrificed, at: reading.monotonic)
    }
    if let error = tidying.failure { return log(.warning, "the journal could not be tidied: \(error.message)") }
    if !tidying.step.hasMore { salvageJournal(at: reading) }
  }
}

extension Capture {
  /// One bounded step of recovering what can be read of a journal that was set aside.
  private func salvageJournal(at reading: ClockReading) {
    guard let report = keeper.salvageOn() else { return }
    log(
      .notice, "the damaged journal has been read: \(report.inWords)",
      ["damaged": "\(report.source)", "salvaged": "\(report.path ?? "nothing")"])
    tell(Activity(.health, at: reading.monotonic, health: .journalSalvaged, message: report.inWords))
    _ = commit([drafting.health(.journalSalvaged, detail: report.inWords, at: reading)], reading: reading)
  }
}

extension Capture {
  /// Costs no write: retention takes it to the disk.
  func noteAcknowledged(epoch: String, through sequence: Int64) -> ControlReply {
    do throws(JournalError) {
      try keeper.noteAcknowledged(epoch: epoch, through: sequence)
      return ControlReply(done: true)
    } catch {
      let code: ControlError.Code = error.code == .unknownEvent ? .badRequest : .system
      return ControlReply(error: ControlError(code, error.message, hint: error.hint))
    }
  }
}

extension RetentionPolicy {
  init(_ settings: JournalSettings) {
    self.init(days: settings.retentionDays, budgetBytes: Int64(settings.budgetMebibytes) << 20)
  }
}
