import ArgumentParser
import Feedback

// kioskctl: everything a technician does, over SSH. One file per subcommand. It keeps no state of its own: it asks the
// daemon over the control socket and prints.

@main
struct Kioskctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kioskctl",
    abstract: "Look after a feedback kiosk: what it does, what is wrong, what to do.",
    discussion: """
      EXAMPLES:
        kioskctl status                        is it capturing, what is wrong, what to do
        kioskctl watch                         each press, verdict, commit and lamp as it happens
        kioskctl sim press very-happy          press a button of a simulated panel
        kioskctl sim play waveform.csv         play recorded edges

      EXIT CODES:
        0   done
        2   status: something is wrong with the kiosk, the text says what
        64  the command line is not understood
        66  a file cannot be read
        69  kioskd does not answer
        70  kioskd answered with an error
        77  this user may not open the control socket
      """,
    version: kioskVersion,
    subcommands: [StatusCommand.self, WatchCommand.self, SimulateCommand.self])
}
