import ArgumentParser
import Feedback

// kioskctl: everything a technician does, over SSH. One file per subcommand. It keeps no state of its own: it asks the
// daemon over the control socket and prints; the journal it reads itself, so that it can be read without the daemon.

@main
struct Kioskctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kioskctl",
    abstract: "Look after a feedback kiosk: what it does, what is wrong, what to do.",
    discussion: """
      EXAMPLES:
        kioskctl status                        is it capturing, what is wrong, what to do
        kioskctl watch                         each press, verdict, commit and lamp as it happens
        kioskctl display                       what the panel asks now, and what each button means
        kioskctl config check                  is anything wrong with the files in /etc/kiosk
        kioskctl config reset                  drop the surveys that the server has sent
        kioskctl service on --for 1h           work on the kiosk: presses do not count
        kioskctl sim panel                     a simulated panel on this terminal, worked with its keys
        kioskctl sim press very-happy          press a button of a simulated panel
        kioskctl sync status                   are events handed on, what is wrong, what to do
        kioskctl journal stats                 what the journal holds
        kioskctl journal verify                has anything been changed or removed

      EXIT CODES:
        0   done
        2   status, sync status: something is wrong with the kiosk, the text says what
        3   journal verify, journal backup: an event was changed, removed or is unreadable; the text names it
        64  the command line is not understood
        65  a file is not what it should be: not a journal, not an export, of another device
        66  a file is not there or cannot be read
        69  kioskd or kiosk-agent does not answer
        70  it answered with an error
        73  a file cannot be made, or is there already
        74  reading or writing failed: disk full, disk error
        75  the journal is busy; try again
        77  this user may not open the control socket or the journal
        78  config check, journal rejudge: the configuration or the rules cannot be used; all problems are listed
        79  config check: it uses a line that the board needs for itself
      """,
    version: kioskVersion,
    subcommands: [
      StatusCommand.self, WatchCommand.self, DisplayCommand.self, ServiceCommand.self, ContextCommand.self,
      SyncCommand.self, ConfigCommand.self, SimulateCommand.self, JournalCommand.self,
    ])
}
