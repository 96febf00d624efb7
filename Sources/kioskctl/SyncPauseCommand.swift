import AgentControl
import ArgumentParser

struct SyncPauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Send nothing until resume, or until the agent is restarted.")

  @OptionGroup var agent: AgentControlOptions

  func run() throws { try agent.show(.pause) }
}
