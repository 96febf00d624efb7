import Feedback
import KioskControl

/// Health that has no edge: silence, the board itself, technicians at work.
extension Capture {
  /// Looks for a panel that has fallen silent. Takes no wake-up of its own.
  func lookForSilence(_ reading: ClockReading, into pending: inout [PendingEvent]) {
    let limit = drafting.settings.device.silentAfter
    guard silence.look(at: reading.monotonic, isOpen: calendar.isOpen && !isInService(at: reading), limit: limit) else {
      return
    }
    raise(
      .panelSilent, message: "nobody has pressed anything for \(limit.wholeMilliseconds / 60_000) min of opening time",
      hint: "look whether the box stands where it should, and press a button; kioskctl watch shows what arrives",
      at: reading.monotonic)
    pending.append(drafting.health(.panelSilent, detail: nil, at: reading))
  }

  func breakSilence(_ press: MonotonicTime, reading: ClockReading, into pending: inout [PendingEvent]) {
    guard silence.press(at: press) else { return }
    lower(.panelSilent, as: .panelHeard, at: reading.monotonic)
    pending.append(drafting.health(.panelHeard, detail: nil, at: reading.at(press)))
  }

  /// What the board has told about itself.
  func take(_ board: BoardHealth.Reading) {
    let reading = clock.read()
    let device = drafting.settings.device
    var pending: [PendingEvent] = []
    if let degrees = board.degrees {
      let isKnown = health.isRaised(.overTemperature)
      if degrees >= device.temperatureLimit, !isKnown {
        begin(
          .overTemperature, "the board is \(degrees) °C hot", "see to its air and to the sun on the box", reading,
          &pending)
      } else if isKnown, degrees < device.temperatureLimit - BoardHealth.hysteresisDegrees {
        end(.overTemperature, as: .temperatureGood, "\(degrees) °C", reading, &pending)
      }
    }
    if let isLow = board.isVoltageLow {
      if isLow, !health.isRaised(.underVoltage) {
        begin(
          .underVoltage, "the board's supply voltage is too low",
          "use the power supply made for the board, and a short, thick cable", reading, &pending)
      } else if !isLow, health.isRaised(.underVoltage) {
        end(.underVoltage, as: .voltageGood, nil, reading, &pending)
      }
    }
    if let free = board.freeMebibytes {
      let isShort = free < device.diskReserveMebibytes
      if isShort, !health.isRaised(.diskShort) {
        begin(
          .diskShort, "the journal's disk has \(free) MiB left",
          "remove what does not belong there; [journal] budget_mib limits the kiosk's own share", reading, &pending)
      } else if !isShort, health.isRaised(.diskShort) {
        end(.diskShort, as: .diskRoomy, "\(free) MiB", reading, &pending)
      }
    }
    if !pending.isEmpty { acknowledge(commit(pending, reading: reading)) }
  }

  // MARK: - Technicians at work

  func isInService(at reading: ClockReading) -> Bool {
    isServiceKeyOn || serviceUntil.map { reading.monotonic < $0 } ?? false
  }

  /// Tells that service has begun or ended, if it has.
  func lookAtService(_ reading: ClockReading, into pending: inout [PendingEvent]) {
    if let until = serviceUntil, until <= reading.monotonic { serviceUntil = nil }
    let isInService = isInService(at: reading)
    guard isInService != health.isRaised(.serviceBegan) else { return }
    if isInService {
      begin(
        .serviceBegan, "technicians are at work: presses do not count",
        isServiceKeyOn ? "turn the service key back when you are done" : "kioskctl service off ends it", reading,
        &pending)
      player.play(.service, at: reading.monotonic)
    } else {
      end(.serviceBegan, as: .serviceEnded, nil, reading, &pending)
      player.clear(.service, at: reading.monotonic)
    }
  }

  private func begin(
    _ code: HealthCode, _ message: String, _ hint: String, _ reading: ClockReading, _ pending: inout [PendingEvent]
  ) {
    raise(code, message: message, hint: hint, at: reading.monotonic)
    pending.append(drafting.health(code, detail: message, at: reading))
  }

  private func end(
    _ code: HealthCode, as over: HealthCode, _ detail: String?, _ reading: ClockReading, _ pending: inout [PendingEvent]
  ) {
    lower(code, as: over, at: reading.monotonic)
    pending.append(drafting.health(over, detail: detail, at: reading))
  }
}
