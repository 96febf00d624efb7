import Feedback
import KioskConfiguration
import KioskControl
import Panel

/// Sensors: their lines follow the buttons' in the recogniser, and what it takes for a press is somebody being there.
extension Capture {
  /// The sensor of a line; nil: it is a button's.
  func sensor(of line: ButtonIndex) -> Int? {
    let place = line.value - drafting.settings.panel.buttons.count
    return drafting.settings.panel.sensors.indices.contains(place) ? place : nil
  }

  func recordSensor(
    _ sensor: Int, _ event: PanelEvent, reading: ClockReading, into pending: inout [PendingEvent]
  ) {
    let settings = drafting.settings.panel.sensors[sensor]
    let name = settings.name
    switch event {
    case .pressed(let press): sense(sensor, isActive: true, at: press.at, reading: reading, into: &pending)
    case .released(_, _, let at, _): sense(sensor, isActive: false, at: at, reading: reading, into: &pending)
    case .storm(_, let edges, let at):
      raise(
        .sensorFlapping, subject: name, message: "the sensor \(name) changes faster than people come and go",
        hint: "look for a loose contact, direct sun or a heater in its sight, or a reflecting floor", at: at)
      pending.append(
        drafting.health(.sensorFlapping, button: name, detail: "\(edges) edges in a second", at: reading.at(at)))
    case .stormOver(_, let edges, let at):
      lower(.sensorFlapping, subject: name, as: .sensorSteady, at: at)
      pending.append(drafting.health(.sensorSteady, button: name, detail: "\(edges) edges", at: reading.at(at)))
    // A sensor may be active for as long as somebody is there; `ContactCounter` knows when that is too long.
    case .stuck, .unstuck, .edgesLost: break
    }
  }

  /// Takes a sensor's level as it was found, without an edge: at the start, or after a reload.
  func sense(
    _ sensor: Int, isActive: Bool, at time: MonotonicTime, reading: ClockReading, into pending: inout [PendingEvent]
  ) {
    let settings = drafting.settings.panel.sensors[sensor]
    figures.update { if $0.isSensorActive.indices.contains(sensor) { $0.isSensorActive[sensor] = isActive } }
    switch settings.use {
    case .contact: contacts[sensor]?.take(isPresent: isActive, at: time)
    case .tamper where isActive:
      let isNew = raise(
        .tamperOpened, subject: settings.name, message: "the box is open (\(settings.name))",
        hint: "if nobody of yours opened it, look at the box, its cable and its card", at: time)
      if isNew {
        pending.append(drafting.health(.tamperOpened, button: settings.name, detail: nil, at: reading.at(time)))
      }
    case .tamper:
      guard health.isRaised(.tamperOpened, subject: settings.name) else { return }
      lower(.tamperOpened, subject: settings.name, as: .tamperClosed, at: time)
      pending.append(drafting.health(.tamperClosed, button: settings.name, detail: nil, at: reading.at(time)))
    }
  }

  /// What the sensors have decided by now.
  func moveContacts(to time: MonotonicTime, reading: ClockReading, into pending: inout [PendingEvent]) {
    for sensor in contacts.indices {
      contacts[sensor]?.advance(to: time, into: &contactEvents)
      guard !contactEvents.isEmpty else { continue }
      let name = drafting.settings.panel.sensors[sensor].name
      for event in contactEvents {
        switch event {
        case .contact(let seen, let began, let decided):
          let verdict = contactVerdict(seen, at: reading.at(began))
          var visit: VisitNumber?
          if verdict == .counted {
            visit = visits.presence(since: began, decidedAt: max(decided, began), into: &visitRecords)
            draftVisits(reading: reading, into: &pending)
            figures.update { if $0.contacts.indices.contains(sensor) { $0.contacts[sensor] += 1 } }
          }
          pending.append(drafting.contact(name, verdict: verdict, at: reading.at(began), visit: visit))
        case .blocked(let since, let at):
          raise(
            .sensorBlocked, subject: name,
            message: "the sensor \(name) has seen somebody for \((at - since).wholeMilliseconds / 60_000) min",
            hint: "look whether something stands before it; a sensor that stays on is broken or mis-wired", at: at)
          pending.append(drafting.health(.sensorBlocked, button: name, detail: nil, at: reading.at(at)))
        case .unblocked(let at, let blocked):
          lower(.sensorBlocked, subject: name, as: .sensorClear, at: at)
          pending.append(
            drafting.health(
              .sensorClear, button: name, detail: "blocked for \(blocked.wholeMilliseconds / 1000) s",
              at: reading.at(at)))
        case .presenceBegan, .presenceEnded: break
        }
      }
      contactEvents.removeAll(keepingCapacity: true)
    }
  }

  /// The cleaner at night and the technician before the box are nobody who might have pressed: contacts count when presses
  /// do, or the share of silent visitors would be wrong.
  private func contactVerdict(_ verdict: Verdict, at reading: ClockReading) -> Verdict {
    guard verdict == .counted else { return verdict }
    return switch circumstances(at: reading) {
    case .open: .counted
    case .closed: .closed
    case .service: .service
    }
  }

  /// The counters of a panel's sensors; nil for those that see no visitors.
  static func contactCounters(
    _ panel: PanelSettings, levels: [Bool], settling: Duration, at time: MonotonicTime
  ) -> [ContactCounter?] {
    panel.sensors.enumerated().map { index, sensor in
      guard case .contact(let rules) = sensor.use else { return nil }
      let line = panel.buttons.count + index
      return ContactCounter(
        rules: rules, isPresent: levels.indices.contains(line) && levels[line], at: time, settling: settling)
    }
  }
}
