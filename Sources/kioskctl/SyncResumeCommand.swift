import AgentControl
import ArgumentParser

struct SyncResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "resume", abstract: "Go on sending.")

  @OptionGroup var agent: AgentControlOptions

  func run() throws { try agent.show(.resume) }
}
