import ArgumentParser
import KioskControl

struct SimulatePressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "press",
    abstract: "Press a button of a simulated panel and say what became of it.",
    discussion: """
      EXAMPLES:
        kioskctl sim press very-happy
        kioskctl sim press unhappy --hold 250ms --bounce 12
      """)

  @OptionGroup var control: ControlOptions

  @Argument(help: "Name of the button, as in the panel file.")
  var button: String

  @Option(help: ArgumentHelp("How long it is held: 80ms, 1.5s.", valueName: "time"))
  var hold = HoldTime(milliseconds: 80)

  @Option(help: ArgumentHelp("Extra edges of the bouncing contact at each end.", valueName: "edges"))
  var bounce = 0

  func validate() throws {
    guard (0...SimulatedPress.mostBounceEdges).contains(bounce) else {
      throw ValidationError("--bounce must be 0 to \(SimulatedPress.mostBounceEdges)")
    }
  }

  func run() throws {
    let press = SimulatedPress(button: button, holdMilliseconds: hold.milliseconds, bounceEdges: bounce)
    let reply = try control.ask(.simulate(.press(press)), within: Int64(hold.milliseconds) + 15_000)
    PlayedText.print(reply.played, json: control.json)
  }
}

/// A time on the command line: a number with `ms` or `s`.
struct HoldTime: ExpressibleByArgument, CustomStringConvertible {
  var milliseconds: Int

  init(milliseconds: Int) {
    self.milliseconds = milliseconds
  }

  init?(argument: String) {
    let factor: Double
    let number: Substring
    if argument.hasSuffix("ms") {
      (factor, number) = (1, argument.dropLast(2))
    } else if argument.hasSuffix("s") {
      (factor, number) = (1000, argument.dropLast(1))
    } else {
      return nil
    }
    guard let value = Double(number), value.isFinite, value >= 0,
      value * factor <= Double(SimulatedPress.longestHoldMilliseconds)
    else { return nil }
    milliseconds = Int((value * factor).rounded())
  }

  var description: String { "\(milliseconds)ms" }
  var defaultValueDescription: String { description }
}
