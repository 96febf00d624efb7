import ArgumentParser
import Glibc
import Journal
import JournalExport
import Wire

extension ExportFormat: ExpressibleByArgument {}

struct JournalExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the events to standard output or to a file.",
    discussion: """
      csv          for spreadsheets (RFC 4180). A text that begins with = + - @ gets an apostrophe before it, or a
                   spreadsheet would run it as a formula
      jsonl        one JSON object a line
      cloudevents  a CloudEvents 1.0 JSON batch, one event a line

      jsonl and cloudevents carry the hash chain: kioskctl journal verify --export FILE proves that nothing was changed.
      A file is written under another name, made lasting and then renamed; it is readable by this user only (0600).

      EXAMPLES:
        kioskctl journal export --format csv --output week.csv
        kioskctl journal export --format cloudevents --after 1200 --limit 500
      """)

  @OptionGroup var options: JournalOptions

  @Option(help: "csv, jsonl or cloudevents.")
  var format = ExportFormat.jsonl

  @Option(help: ArgumentHelp("Only events after this sequence number.", valueName: "sequence"))
  var after: Int64 = 0

  @Option(help: ArgumentHelp("At most so many events.", valueName: "count"))
  var limit: Int64?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file; one that is there already is replaced.", valueName: "file"))
  var output: String?

  struct Report: Encodable {
    var file: String
    var format: String
    var events: Int64
    var firstSequence: Int64?
    var lastSequence: Int64?
    var lastChain: String?

    enum CodingKeys: String, CodingKey {
      case file, format, events
      case firstSequence = "first_sequence"
      case lastSequence = "last_sequence"
      case lastChain = "last_chain"
    }
  }

  func validate() throws {
    if after < 0 { throw ValidationError("--after must be 0 or more") }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
  }

  func run() throws {
    let path = options.path()
    let reader = try options.open(path)
    try options.reporting {
      guard let output else {
        let sink = ByteSink(STDOUT_FILENO, "standard output")
        _ = try reader.export(format, after: after, limit: limit ?? .max) { try sink.write($0) }
        try sink.flush()
        return
      }
      let file = try PartialFile(for: output, keeping: path)
      let sink = ByteSink(file.descriptor, file.path)
      let summary = try reader.export(format, after: after, limit: limit ?? .max) { try sink.write($0) }
      try sink.flush()
      try file.finish()
      report(summary, output)
    }
  }

  private func report(_ summary: ExportSummary, _ output: String) {
    guard !options.json else {
      options.print(
        Report(
          file: output, format: format.rawValue, events: summary.events, firstSequence: summary.firstSequence,
          lastSequence: summary.lastSequence, lastChain: summary.lastChain.map(Hexadecimal.text)))
      return
    }
    guard let first = summary.firstSequence, let last = summary.lastSequence, let chain = summary.lastChain else {
      return Output.line("no events, written to \(output)")
    }
    Output.line(
      "\(summary.events) events, \(first) to \(last), written to \(output)\nlast chain value \(Hexadecimal.text(chain))"
    )
  }
}
