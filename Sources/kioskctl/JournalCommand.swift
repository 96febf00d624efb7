import ArgumentParser

struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Read, check, export, save and rejudge the journal of presses; with and without a running kioskd.",
    discussion: "Reads the file itself and never changes it; the kiosk goes on capturing meanwhile.",
    subcommands: [
      JournalStatsCommand.self, JournalTailCommand.self, JournalExportCommand.self, JournalVerifyCommand.self,
      JournalBackupCommand.self, JournalRejudgeCommand.self,
    ])
}
