import ArgumentParser
import Feedback
import KioskControl

struct ContextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "context",
    abstract: "Say whom or what the next press is about, as a till or queue system does; off unless configured.",
    discussion: """
      References are pseudonyms of your own system's making: up to \(PressContext.longestReference) letters, digits, hyphens,
      underscores and points. A name or an address does not fit, and must not be handed in.

      EXAMPLES:
        kioskctl context set --employee e7 --transaction 0815 --for 30s
        kioskctl context clear
      """,
    subcommands: [Set.self, Clear.self])

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Attach references to the next press; what was said before is replaced.")

    @OptionGroup var control: ControlOptions

    @Option(help: ArgumentHelp("Pseudonym of who served.", valueName: "reference"))
    var employee: String?

    @Option(help: ArgumentHelp("Transaction.", valueName: "reference"))
    var transaction: String?

    @Option(help: ArgumentHelp("Till, counter or room.", valueName: "reference"))
    var servicePoint: String?

    @Option(
      name: .customLong("for"),
      help: ArgumentHelp("How long it stands when nobody presses: 30s, 2min.", valueName: "time"))
    var time = TimeArgument(milliseconds: 30_000)

    /// Whole seconds, as the daemon takes them; a part of one is a whole one.
    private var seconds: Int { (time.milliseconds + 999) / 1_000 }

    func validate() throws {
      if employee == nil, transaction == nil, servicePoint == nil {
        throw ValidationError("name at least one of --employee, --transaction and --service-point")
      }
      guard (1...ControlRequest.longestContextSeconds).contains(seconds) else {
        throw ValidationError("--for must be 1s to \(ControlRequest.longestContextSeconds / 60)min")
      }
    }

    func run() throws {
      let context = PressContext(employee: employee, transaction: transaction, servicePoint: servicePoint)
      try control.done(
        .context(context, seconds: seconds),
        "the next press within \(TimeArgument(milliseconds: seconds * 1_000)) carries \(context.stored)")
    }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "clear", abstract: "Take back what was said.")

    @OptionGroup var control: ControlOptions

    func run() throws { try control.done(.context(PressContext(), seconds: 1), "the next press carries no references") }
  }
}
