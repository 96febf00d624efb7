import ArgumentParser
import KioskControl

struct SimulatePresenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "presence",
    abstract: "Let somebody stand before a sensor of a simulated panel.",
    discussion: """
      EXAMPLES:
        kioskctl sim presence door
        kioskctl sim presence door --hold 10s
      """)

  @OptionGroup var control: ControlOptions

  @Argument(help: "Name of the sensor, as in the panel file.")
  var sensor: String

  @Option(
    help: ArgumentHelp(
      "How long somebody stands there: 800ms, 10s. A sensor counts from its dwell on.", valueName: "time"))
  var hold = HoldTime(milliseconds: 3_000)

  func run() throws {
    let reply = try control.ask(
      .simulate(.presence(sensor: sensor, holdMilliseconds: hold.milliseconds)),
      within: Int64(hold.milliseconds) + 15_000)
    if control.json {
      if let line = try? ControlCodec.line(reply) { Output.write(line) }
      return
    }
    Output.line("somebody stood before \(sensor) for \(TimeArgument(milliseconds: hold.milliseconds))")
    if let played = reply.played, !played.presses.isEmpty { PlayedText.print(played, json: false) }
  }
}
