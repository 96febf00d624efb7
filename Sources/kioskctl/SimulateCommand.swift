import ArgumentParser

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sim",
    abstract: "Work a simulated panel: press its buttons, stand before its sensors, play recorded edges.",
    subcommands: [
      SimulatePressCommand.self, SimulatePresenceCommand.self, SimulatePlayCommand.self, SimulatePanelCommand.self,
    ])
}
