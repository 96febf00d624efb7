import ArgumentParser
import KioskControl

struct ServiceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "service",
    abstract: "Begin or end work on the kiosk: presses meanwhile are kept, but do not count.",
    discussion: """
      EXAMPLES:
        kioskctl service on                 for half an hour
        kioskctl service on --for 2h
        kioskctl service off
      """,
    subcommands: [On.self, Off.self])

  struct On: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "on", abstract: "Work begins. It ends by itself after the time given.")

    @OptionGroup var control: ControlOptions

    @Option(name: .customLong("for"), help: ArgumentHelp("How long at most: 30min, 2h.", valueName: "time"))
    var time = TimeArgument(milliseconds: 30 * 60_000)

    /// Whole minutes, as the daemon takes them; a part of one is a whole one.
    private var minutes: Int { (time.milliseconds + 59_999) / 60_000 }

    func validate() throws {
      guard (1...ControlRequest.longestServiceMinutes).contains(minutes) else {
        throw ValidationError("--for must be 1min to \(ControlRequest.longestServiceMinutes / 60)h")
      }
    }

    func run() throws {
      try control.done(
        .service(minutes: minutes),
        "service begins: presses do not count for \(TimeArgument(milliseconds: minutes * 60_000)), or until kioskctl service off"
      )
    }
  }

  struct Off: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "off", abstract: "Work ends: presses count again.")

    @OptionGroup var control: ControlOptions

    func run() throws { try control.done(.service(minutes: 0), "service is over: presses count") }
  }
}

extension ControlOptions {
  /// Asks for something that is answered by `done`, and says so.
  func done(_ request: ControlRequest, _ text: String, within milliseconds: Int64 = 5_000) throws {
    let reply = try ask(request, within: milliseconds)
    guard reply.done == true else {
      throw failure(
        ControlError(
          .badRequest, "kioskd sent another answer", hint: "kioskctl and kioskd are of different versions"))
    }
    if !json { return Output.line(text) }
    if let line = try? ControlCodec.line(reply) { Output.write(line) }
  }
}
