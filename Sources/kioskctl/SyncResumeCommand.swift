import AgentControl
import ArgumentParser
import KioskControl

struct SyncResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "resume", abstract: "Go on sending.")

  @OptionGroup var agent: AgentControlOptions

  func run() throws {
    let status = try agent.ask(.resume)
    if agent.json {
      if let line = try? ControlCodec.line(status) { Output.write(line) }
    } else {
      Output.line(SyncStatusCommand.text(status))
    }
  }
}
