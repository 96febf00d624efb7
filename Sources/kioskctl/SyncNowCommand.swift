import AgentControl
import ArgumentParser
import KioskControl

struct SyncNowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "now", abstract: "Try now, whatever the back-off says.")

  @OptionGroup var agent: AgentControlOptions

  func run() throws {
    let status = try agent.ask(.now)
    if agent.json {
      if let line = try? ControlCodec.line(status) { Output.write(line) }
    } else {
      Output.line(SyncStatusCommand.text(status))
    }
  }
}
