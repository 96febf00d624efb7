import ArgumentParser
import Feedback
import KioskControl

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "One screen: is it capturing, what is wrong, what to do.",
    discussion: "Ends with 0 when all is well, with 2 when something is wrong.")

  @OptionGroup var control: ControlOptions

  func run() throws {
    guard let status = try control.ask(.status).status else {
      throw control.failure(
        ControlError(.badRequest, "kioskd sent no status", hint: "kioskctl and kioskd are of different versions"))
    }
    if control.json {
      if let line = try? ControlCodec.line(status) { Output.write(line) }
    } else {
      Output.line(Self.text(status))
    }
    if !status.health.isEmpty { throw ExitCode(2) }
  }

  static func text(_ status: DaemonStatus) -> String {
    var lines: [String] = []
    func row(_ name: String, _ value: String) { lines.append("  \(Output.padded(name, 10)) \(value)") }
    let isCapturing = !status.health.contains { $0.code == .linesLost }
    lines.append(
      status.health.isEmpty
        ? Output.coloured("● capturing, all is well", Output.green)
        : Output.coloured(
          isCapturing ? "● capturing, but something is wrong" : "● not capturing", Output.red))
    row("device", "\(status.device) at touchpoint \(status.touchpoint)")
    row("board", "\(status.board), chip \(status.chip)\(status.isSimulated ? "" : " (\(status.chipPath))")")
    row("survey", "\(status.survey) version \(status.surveyVersion)")
    if let configuration = status.configuration {
      let origin = configuration.upstreamVersion.map { "surveys \($0) from upstream" } ?? "local surveys"
      row("config", "\(configuration.fingerprint), \(TerminalText.harmless(origin))")
    }
    if let phase = status.phase { row("panel", phaseText(phase)) }
    if status.isStaffCalled == true { row("staff", Output.coloured("called, nobody has come yet", Output.yellow)) }
    if let sellers = status.activeSellers, !sellers.isEmpty {
      row("sellers", "active: \(sellers.joined(separator: ", "))")
    }
    row(
      "journal",
      status.journal.isWritable
        ? "\(status.journal.path), last event \(status.journal.lastSequence ?? 0), epoch \(status.journal.epoch ?? "?")"
        : "\(status.journal.path) cannot be written, \(status.journal.waiting) events wait in memory")
    row("clock", status.clock)
    row(
      "running",
      "for \(Output.duration(milliseconds: status.upMilliseconds)), armed \(status.armedAfterMicroseconds / 1000) ms after the start, kioskd \(status.version), libgpiod \(status.gpiodVersion)"
    )
    row("presses", "\(status.presses) from \(status.edges) edges, edges lost \(status.edgesLost) times")
    let sensors = status.sensors ?? []
    let nameWidth = ((status.buttons + sensors).map(\.name.count).max() ?? 0) + 2
    let lineWidth = ((status.buttons + sensors).map(\.line.count).max() ?? 0) + 2
    func inputs(_ title: String, _ inputs: [ButtonStatus], _ counted: String, _ whenDown: String) {
      for input in inputs {
        row(
          title,
          Output.padded(input.name, nameWidth) + Output.padded(input.line, lineWidth)
            + Output.padded("\(input.presses) \(counted)", 14) + (input.isDown ? whenDown : ""))
      }
    }
    inputs("  button", status.buttons, "presses", "down")
    inputs("  sensor", sensors, "contacts", "somebody is there")
    for state in status.health {
      lines.append("")
      lines.append(
        Output.coloured(
          "! \(state.code.rawValue)\(state.subject.map { " (\($0))" } ?? ""), for \(Output.duration(milliseconds: state.sinceMilliseconds)): \(state.message)",
          Output.red))
      lines.append("  → \(state.hint)")
    }
    return lines.joined(separator: "\n")
  }

  private static func phaseText(_ phase: DisplayState.Phase) -> String {
    switch phase {
    case .idle: "waits for a visitor"
    case .asking: "a visitor is answering"
    case .thanks: "thanks a visitor"
    case .closed, .service, .outOfService: DisplayText.banner(phase) ?? phase.rawValue
    }
  }
}
