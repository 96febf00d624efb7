import ArgumentParser
import Feedback
import KioskConfiguration
import Panel
import Wire

struct JournalRejudgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rejudge",
    abstract: "Say which presses other rules would have counted. Nothing is changed.",
    discussion: """
      The rules are those of [filter] in a file written like kiosk.toml; a whole kiosk.toml will do. Where the file has
      [opening_hours] or [[holiday]], they apply to presses whose time is known; else what was closed stays closed.

      What a press was about, its visit and the question that was open, is taken as it was recorded. With the rules that
      were in force every press keeps its verdict. All epochs beside the journal are read, the oldest first.

      EXAMPLES:
        kioskctl journal rejudge --rules strict.toml
        kioskctl journal rejudge --rules /etc/kiosk/kiosk.toml --list
      """)

  @OptionGroup var options: JournalOptions

  @Option(help: ArgumentHelp("The file with the rules.", valueName: "file"))
  var rules: String

  @Flag(help: "Name each press that would count as something else.")
  var list = false

  /// One press that would count as something else.
  struct Rejudged: Encodable {
    var epoch: String
    var sequence: Int64
    /// Worked out from the clocks of all boots where the press came before the clock was right.
    var time: String?
    var basis: String
    var button: String?
    var question: String?
    var value: Int?
    var old: String
    var new: String
  }

  func run() throws {
    let file = try readRules()
    let path = options.path()
    _ = try options.open(path)
    try options.reporting {
      let journal = try RejudgedJournal(path, file)
      var tally = RejudgementTally()
      var shownEpoch: String?
      try journal.findings { finding, epoch, time in
        tally.add(finding)
        guard list, finding.old != finding.new else { return }
        let rejudged = Rejudged(finding, epoch, time)
        if options.json { return options.print(rejudged) }
        if journal.epochNames.count > 1, shownEpoch != epoch { Output.line("epoch \(epoch)") }
        shownEpoch = epoch
        Output.line(rejudged.text)
      }
      let report = tally.report(
        rules: rules, openingHours: file.openingHours == nil ? "as-recorded" : "applied",
        epochs: journal.epochNames.count)
      if options.json { return options.print(report) }
      Output.line(list && !report.changes.isEmpty ? "\n\(report.text)" : report.text)
    }
  }

  private func readRules() throws -> RulesFile {
    let bytes = try options.reporting {
      try InputFile.bytes(
        rules, atMost: ConfigurationSource.mostBytes, hint: "is it a file with rules? See docs/CONFIGURATION.md")
    }
    do throws(ConfigurationFailure) {
      return try RulesFile(ConfigurationSource(path: rules, bytes: bytes))
    } catch {
      if options.json {
        options.print(ConfigCheckCommand.Refusal(error))
      } else {
        Output.error("\(error)\n")
      }
      throw ExitCode.configuration
    }
  }
}

extension JournalRejudgeCommand.Rejudged {
  init(_ finding: Rejudgement.Finding, _ epoch: String, _ time: EventTime) {
    let content = finding.event.content
    self.init(
      epoch: epoch, sequence: finding.event.sequence, time: Timestamp.text(milliseconds: time.milliseconds),
      basis: time.basis.rawValue, button: content.button, question: content.question, value: content.value,
      old: finding.old.name, new: finding.new.name)
  }

  var text: String {
    let number = String(sequence)
    return [
      String(repeating: " ", count: max(0, 9 - number.count)) + number,
      (time ?? "time unknown") + (basis == "bounded" ? "?" : " "),
      Output.padded(EventText.harmless(button ?? ""), 16), Output.padded(old, 11) + "→", new,
    ].joined(separator: " ")
  }
}
