import ArgumentParser
import Feedback
import Glibc
import Journal
import JournalExport
import Wire

struct JournalTailCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "The newest events, one a line; with --follow also those to come, until Ctrl-C.",
    discussion: """
      A time followed by ? is one that no time service vouches for, one followed by ?? is certainly wrong.
      --json prints the lines of journal export --format jsonl.
      """)

  @OptionGroup var options: JournalOptions

  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp("How many of those that are there already.", valueName: "count"))
  var lines: Int64 = 10

  @Flag(name: .shortAndLong, help: "Go on with each event as it is recorded, in a new epoch too.")
  var follow = false

  /// Looking for new events reads the index of the write-ahead log in memory and nothing else, so a few times a second
  /// cost next to nothing, on every file system and across a journal that is set aside.
  private static let pollMilliseconds: Int32 = 200

  func validate() throws {
    if lines < 0 { throw ValidationError("--lines must be 0 or more") }
  }

  func run() throws {
    let path = options.path()
    var reader = try options.open(path)
    let last = try options.reporting { try reader.summary().lastSequence ?? 0 }
    var cursor = max(0, max(0, last) - lines)
    try options.reporting {
      cursor = try show(reader, after: cursor)
      while follow {
        // Ends as soon as nobody reads any more.
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        if poll(&output, 1, Self.pollMilliseconds) > 0, output.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 {
          return
        }
        cursor = try show(reader, after: cursor)
        // Set aside: its last events are out by now; the successor may take a moment to be there.
        guard reader.hasMoved, let successor = try? JournalReader.open(path) else { continue }
        cursor = try show(reader, after: cursor)
        (reader, cursor) = (successor, 0)
        Output.error("kioskctl: a new journal has begun, epoch \(try successor.summary().epoch)\n")
      }
    }
  }

  /// Prints what comes after `cursor` and returns where it got to.
  private func show(_ reader: JournalReader, after cursor: Int64) throws -> Int64 {
    var cursor = cursor
    if options.json {
      try reader.wireEvents(after: cursor) {
        Output.write(JSONForm.record.bytes($0) + [0x0A])
        cursor = $0.event.sequence
      }
      return cursor
    }
    while true {
      let events = try reader.events(after: cursor, limit: 500)
      guard let last = events.last else { return cursor }
      for event in events { Output.line(EventText.line(event)) }
      cursor = last.sequence
    }
  }
}
