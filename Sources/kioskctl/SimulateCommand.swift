import ArgumentParser

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sim",
    abstract: "Work a simulated panel: press its buttons, play recorded edges.",
    subcommands: [SimulatePressCommand.self, SimulatePlayCommand.self, SimulatePanelCommand.self])
}
