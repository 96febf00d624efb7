import ArgumentParser
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
    let nameWidth = (status.buttons.map(\.name.count).max() ?? 0) + 2
    let lineWidth = (status.buttons.map(\.line.count).max() ?? 0) + 2
    for button in status.buttons {
      row(
        "  button",
        Output.padded(button.name, nameWidth) + Output.padded(button.line, lineWidth)
          + Output.padded("\(button.presses) presses", 14) + (button.isDown ? "down" : ""))
    }
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
}
