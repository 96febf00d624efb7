import Feedback
import GPIO
import KioskControl
import Logging
import Panel

/// What is recorded of what the panel did.
extension Capture {
  func record(_ event: PanelEvent, reading: ClockReading, into pending: inout [PendingEvent]) {
    if let line = event.button, let sensor = sensor(of: line) {
      return recordSensor(sensor, event, reading: reading, into: &pending)
    }
    switch event {
    case .pressed(let press):
      show(press.button, isDown: true, isPress: true)
      tell(Activity(.press, at: press.at, button: drafting.name(of: press.button)))
      take(press, reading: reading, into: &pending)
    case .released(let button, _, let at, let down):
      show(button, isDown: false)
      if drafting.role(of: button) == .service { isServiceKeyOn = false }
      tell(
        Activity(
          .released, at: at, button: drafting.name(of: button), downMilliseconds: down.wholeMilliseconds))
    case .stuck(let button, let press, let since, let at):
      show(button, isDown: true)
      let name = drafting.name(of: button)
      let howLong =
        press == nil ? "since kioskd started" : "for \((at - since).wholeMilliseconds / 1000) s"
      raise(
        .buttonStuck, subject: name, message: "button \(name) is down \(howLong)",
        hint: "free the button, look at its spring and its wiring (a short circuit looks the same)", at: at)
      pending.append(
        drafting.health(
          .buttonStuck, button: name, detail: press == nil ? "since the start" : nil,
          withdrawing: press.flatMap { visits.withdraw(held: $0) }, at: reading.at(at)))
    case .unstuck(let button, let at, let down):
      let name = drafting.name(of: button)
      lower(.buttonStuck, subject: name, as: .buttonReleased, at: at)
      pending.append(
        drafting.health(
          .buttonReleased, button: name, detail: "down for \(down.wholeMilliseconds) ms", at: reading.at(at)))
    case .storm(let button, let edges, let at):
      let name = drafting.name(of: button)
      raise(
        .edgeStorm, subject: name, message: "the line of button \(name) changes faster than a person can press",
        hint: "look for a loose contact, or a long unshielded wire beside a motor", at: at)
      pending.append(
        drafting.health(.edgeStorm, button: name, detail: "\(edges) edges in a second", at: reading.at(at)))
    case .stormOver(let button, let edges, let at):
      let name = drafting.name(of: button)
      lower(.edgeStorm, subject: name, as: .edgeStormOver, at: at)
      pending.append(
        drafting.health(.edgeStormOver, button: name, detail: "\(edges) edges", at: reading.at(at)))
    case .edgesLost(let buttons, let at):
      let names = buttons.map { drafting.name(of: $0) }.joined(separator: ", ")
      tell(Activity(.health, at: at, health: .edgesLost, message: names))
      log(.warning, "edges were lost, levels were read back", ["buttons": "\(names)"])
      pending.append(drafting.health(.edgesLost, detail: names, at: reading.at(at)))
    }
  }

  /// What time alone does, and what is looked at because a round takes place anyway.
  func movePanel(to time: MonotonicTime, reading: ClockReading, into pending: inout [PendingEvent]) {
    moveContacts(to: time, reading: reading, into: &pending)
    moveVisits(to: time, reading: reading, into: &pending)
    moveStaff(to: time, reading: reading, into: &pending)
    lookAtService(reading, into: &pending)
    lookAtCalendar(reading, into: &pending)
    lookForSilence(reading, into: &pending)
    offerButtons(at: reading.monotonic)
  }

  func linesLost(_ error: GPIOError, reading: ClockReading, into pending: inout [PendingEvent]) {
    failure = error
    raise(.linesLost, message: error.message, hint: error.hint, at: reading.monotonic)
    pending.append(drafting.health(.linesLost, detail: error.message, at: reading))
  }

  private func show(_ button: ButtonIndex, isDown: Bool, isPress: Bool = false) {
    figures.update {
      guard $0.isDown.indices.contains(button.value) else { return }
      $0.isDown[button.value] = isDown
      if isPress { $0.presses[button.value] += 1 }
    }
  }

  // MARK: - Health

  @discardableResult
  func raise(
    _ code: HealthCode, subject: String? = nil, message: String, hint: String, at now: MonotonicTime
  ) -> Bool {
    let isNew = health.raise(code, subject: subject, message: message, hint: hint, at: now)
    // What is wrong may be the same as before, and the words not.
    publishHealth()
    guard isNew else { return false }
    tell(Activity(.health, at: now, button: subject, health: code, message: message))
    log(.warning, message, ["health": "\(code.rawValue)", "hint": "\(hint)"])
    return true
  }

  /// - Parameter over: how the end is told; nil: as "over".
  func lower(_ code: HealthCode, subject: String? = nil, as over: HealthCode? = nil, at now: MonotonicTime) {
    guard health.clear(code, subject: subject) else { return }
    publishHealth()
    tell(Activity(.health, at: now, button: subject, health: over ?? code, message: "over"))
    log(.notice, "\(code.rawValue) is over", subject.map { ["subject": "\($0)"] } ?? [:])
  }

  private func publishHealth() {
    let health = health
    figures.update { $0.health = health }
  }

  // MARK: - Telling

  /// Tells watchers; costs nothing when nobody watches.
  func tell(_ activity: @autoclosure () -> Activity) {
    if outbox.isWatched { outbox.post(.activity(activity())) }
  }

  /// The main thread writes the log, so that capture never waits for whoever reads it.
  func log(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata = [:]) {
    outbox.post(.log(level, message, metadata))
  }
}
