import AgentControl
import ArgumentParser
import KioskControl

struct SyncPauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Send nothing until resume, or until the agent is restarted.")

  @OptionGroup var agent: AgentControlOptions

  func run() throws {
    let status = try agent.ask(.pause)
    if agent.json {
      if let line = try? ControlCodec.line(status) { Output.write(line) }
    } else {
      Output.line(SyncStatusCommand.text(status))
    }
  }
}
