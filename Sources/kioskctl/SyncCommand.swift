import ArgumentParser

struct SyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Handing events on: how it goes, now, pause, resume.",
    discussion: """
      EXAMPLES:
        kioskctl sync status            what waits, what was delivered, what is wrong, what to do
        kioskctl sync now               try now, whatever the back-off says
        kioskctl sync pause             send nothing until kioskctl sync resume, or until the agent is restarted
      """,
    subcommands: [
      SyncStatusCommand.self, SyncNowCommand.self, SyncPauseCommand.self, SyncResumeCommand.self,
    ])
}
