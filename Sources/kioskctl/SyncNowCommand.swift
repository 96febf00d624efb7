import AgentControl
import ArgumentParser

struct SyncNowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "now", abstract: "Try now, whatever the back-off says.")

  @OptionGroup var agent: AgentControlOptions

  func run() throws { try agent.show(.now) }
}
