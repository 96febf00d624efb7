import ArgumentParser

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Look after the configuration files, and what the server has sent in the place of their surveys.",
    subcommands: [ConfigCheckCommand.self, ConfigResetCommand.self])
}
