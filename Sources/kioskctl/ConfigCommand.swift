import ArgumentParser

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Look after the configuration files; with and without a running kioskd.",
    subcommands: [ConfigCheckCommand.self])
}
