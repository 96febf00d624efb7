import AgentControl
import ArgumentParser
import KioskControl

struct SyncStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "What waits, what was delivered, what is wrong, what to do.",
    discussion: "Ends with 0 when all is well, with 2 when something is wrong.")

  @OptionGroup var agent: AgentControlOptions

  func run() throws {
    let status = try agent.ask(.status)
    if agent.json {
      if let line = try? ControlCodec.line(status) { Output.write(line) }
    } else {
      Output.line(Self.text(status))
    }
    if !status.health.isEmpty { throw ExitCode(2) }
  }

  static func text(_ status: AgentStatus) -> String {
    var lines: [String] = []
    func row(_ name: String, _ value: String) { lines.append("  \(Output.padded(name, 12)) \(value)") }
    lines.append(
      status.health.isEmpty
        ? Output.coloured("● \(words(for: status.push.state))", Output.green)
        : Output.coloured("● \(words(for: status.push.state)), but something is wrong", Output.red))
    row("device", status.touchpoint.map { "\(status.device) at touchpoint \($0)" } ?? status.device)
    row("capture", status.capture.running ? "kioskd is running" : "kioskd does not answer")
    row(
      "journal",
      status.journal.readable
        ? "last event \(status.journal.lastSequence ?? 0), epoch \(status.journal.epoch ?? "?")" : "cannot be read")
    if status.push.state != .off {
      row("waiting", "\(count(status.push.waitingEvents ?? 0)) for the server")
      row("delivered", status.push.deliveredAt.map { "last at \($0)" } ?? "nothing since kiosk-agent started")
      if let aside = status.push.setAsideEvents, aside > 0 {
        row("set aside", "\(count(aside)) that the server refuses; they are kept")
      }
      if let next = status.push.nextAttemptSeconds {
        row("next attempt", "in \(Output.duration(milliseconds: Int64(min(next, 1e9) * 1_000)))")
      }
    }
    for consumer in status.consumers {
      row(
        "consumer",
        "\(consumer.consumer): \(count(consumer.waitingEvents ?? 0)) waiting, "
          + (consumer.confirmedAt.map { "last confirmed at \($0)" } ?? "nothing confirmed yet"))
    }
    if let offered = status.configuration?.offered {
      row("offered", "configuration \(offered), \(status.configuration?.outcome?.rawValue ?? "pending")")
    }
    for health in status.health {
      lines.append("")
      let since =
        health.sinceSeconds.map { ", for \(Output.duration(milliseconds: Int64(min($0, 1e9) * 1_000)))" } ?? ""
      lines.append(
        Output.coloured(
          "! \(health.code)\(health.subject.map { " (\($0))" } ?? "")\(since): \(health.message)", Output.red))
      if let hint = health.hint { lines.append("  → \(hint)") }
    }
    return lines.joined(separator: "\n")
  }

  private static func count(_ number: Int64) -> String { number == 1 ? "1 event" : "\(number) events" }

  private static func words(for state: AgentStatus.Push.State) -> String {
    switch state {
    case .off: "nothing is sent: no [sync] in kiosk.toml"
    case .idle: "everything is delivered"
    case .sending: "delivering"
    case .waiting: "waiting for the next attempt"
    case .stopped: "stopped"
    case .paused: "paused; kioskctl sync resume goes on"
    }
  }
}
