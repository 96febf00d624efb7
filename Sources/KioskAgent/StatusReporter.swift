import AgentControl
import Feedback
import KioskControl

/// Puts together how the kiosk is, from everybody who knows a part of it.
public struct StatusReporter: Sendable {
  private let parts: AgentParts

  public init(parts: AgentParts) { self.parts = parts }

  public func status() async -> AgentStatus {
    let daemon = try? await parts.link.ask(.status).status
    let journal = await parts.cursors.currentJournal()
    var consumers: [AgentStatus.Consumer] = []
    for consumer in parts.settings.serve?.consumers ?? [] where consumer.scopes.contains(.events) {
      consumers.append(await parts.consumer(consumer.name))
    }
    var health = (daemon?.health ?? []).map { state in
      AgentStatus.Health(
        code: state.code.rawValue, subject: state.subject, message: state.message,
        hint: state.hint.isEmpty ? nil : state.hint, sinceSeconds: Double(state.sinceMilliseconds) / 1_000)
    }
    health += await parts.health.all()
    let push = await parts.delivery?.status() ?? AgentStatus.Push(state: .off)
    var configuration = await parts.courier?.status() ?? AgentStatus.Configuration()
    configuration.fingerprint = daemon?.configuration?.fingerprint
    return AgentStatus(
      device: parts.settings.device, touchpoint: parts.settings.touchpoint, version: kioskVersion,
      time: parts.clock.text(milliseconds: parts.clock.wallMilliseconds),
      clock: daemon?.clock ?? (parts.clock.isSynchronised ? "synchronised" : "unsynchronised"),
      capture: AgentStatus.Capture(
        running: daemon != nil, survey: daemon?.survey, surveyVersion: daemon?.surveyVersion, presses: daemon?.presses),
      journal: AgentStatus.Journal(
        readable: journal != nil, epoch: journal?.epoch, lastSequence: journal?.lastSequence),
      push: push, consumers: consumers, configuration: configuration, health: health)
  }
}

extension AgentParts {
  /// How far somebody who fetches has got.
  func consumer(_ name: String) async -> AgentStatus.Consumer {
    var state = AgentStatus.Consumer(consumer: name, waitingEvents: await cursors.backlog(of: name))
    if let cursor = await cursors.cursor(of: name), !cursor.sequences.isEmpty {
      state.cursor = CursorText.text(cursor, device: settings.device, known: await cursors.epochs())
    }
    state.confirmedAt = await cursors.confirmedAt(of: name).map { clock.text(milliseconds: $0) }
    return state
  }
}
