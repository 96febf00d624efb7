import ArgumentParser
import Feedback
import Glibc
import Journal
import Wire

struct JournalStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "What the journal holds: epoch, events, boots, counters, sizes, times.")

  @OptionGroup var options: JournalOptions

  struct Statistics: Encodable {
    struct Total: Encodable {
      var kind: String
      var button: String?
      var verdict: String?
      var total: Int64
    }

    struct Moment: Encodable {
      var time: String?
      var wallMilliseconds: Int64
      var clock: String

      enum CodingKeys: String, CodingKey {
        case time
        case wallMilliseconds = "wall_ms"
        case clock
      }
    }

    var path: String
    var device: String
    var epoch: String
    var firstSequence: Int64?
    var lastSequence: Int64?
    var expiredThrough: Int64
    var boots: Int64
    var oldest: Moment?
    var newest: Moment?
    var counters: [Total]
    /// Bytes of the file and of what SQLite keeps beside it, by name.
    var files: [String: Int64]

    enum CodingKeys: String, CodingKey {
      case path, device, epoch
      case firstSequence = "first_sequence"
      case lastSequence = "last_sequence"
      case expiredThrough = "expired_through"
      case boots, oldest, newest, counters, files
    }
  }

  func run() throws {
    let path = options.path()
    let reader = try options.open(path)
    let statistics = try options.reporting { try Self.statistics(reader, path) }
    if options.json {
      options.print(statistics)
    } else {
      Output.line(Self.text(statistics))
    }
  }

  private static func statistics(_ reader: JournalReader, _ path: String) throws -> Statistics {
    let summary = try reader.summary()
    var files: [String: Int64] = [:]
    for file in [path, "\(path)-wal", "\(path)-shm"] {
      var status = stat()
      if stat(file, &status) == 0 { files[String(file.split(separator: "/").last ?? "")] = Int64(status.st_size) }
    }
    func moment(of sequence: Int64?) throws -> Statistics.Moment? {
      guard let sequence, sequence > 0, let event = try reader.events(after: sequence - 1, limit: 1).first else {
        return nil
      }
      return Statistics.Moment(
        time: Timestamp.text(milliseconds: event.content.wallMilliseconds),
        wallMilliseconds: event.content.wallMilliseconds, clock: event.content.clockState.name)
    }
    return Statistics(
      path: path, device: summary.device, epoch: summary.epoch, firstSequence: summary.firstSequence,
      lastSequence: summary.lastSequence, expiredThrough: summary.expiredThrough, boots: summary.bootCount,
      oldest: try moment(of: summary.firstSequence), newest: try moment(of: summary.lastSequence),
      counters: try reader.counters().map {
        .init(kind: $0.kind.name, button: $0.button, verdict: $0.verdict?.name, total: $0.total)
      },
      files: files)
  }

  static func text(_ statistics: Statistics) -> String {
    var lines: [String] = []
    func row(_ name: String, _ value: String) { lines.append("  \(Output.padded(name, 10)) \(value)") }
    row("journal", statistics.path)
    row("device", EventText.harmless(statistics.device))
    row("epoch", statistics.epoch)
    if let first = statistics.firstSequence, let last = statistics.lastSequence {
      let expired = statistics.expiredThrough > 0 ? ", up to \(statistics.expiredThrough) delivered and deleted" : ""
      row("events", "\(first) to \(last)\(expired)")
    } else {
      row("events", "none")
    }
    row("boots", "\(statistics.boots)")
    for (name, moment) in [("oldest", statistics.oldest), ("newest", statistics.newest)] {
      guard let moment else { continue }
      row(name, "\(moment.time ?? "\(moment.wallMilliseconds) ms since 1970"), clock \(moment.clock)")
    }
    for (name, bytes) in statistics.files.sorted(by: { $0.key < $1.key }) { row("file", "\(name), \(bytes) bytes") }
    let width = (statistics.counters.compactMap { $0.button?.count }.max() ?? 0) + 2
    for counter in statistics.counters {
      row(
        counter.kind,
        Output.padded(EventText.harmless(counter.button ?? ""), width)
          + Output.padded(counter.verdict ?? "", 12) + "\(counter.total)")
    }
    return lines.joined(separator: "\n")
  }
}
