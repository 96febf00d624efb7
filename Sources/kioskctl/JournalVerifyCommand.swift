import ArgumentParser
import Glibc
import Journal
import JournalExport
import Wire

struct JournalVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check the hash chain of the journal or of an exported file, and name the first broken link.",
    discussion: """
      Ends with 0 when the chain holds, with 3 when an event was changed, is missing or cannot be read. What the chain
      proves and what it does not: docs/GUARANTEES.md. Note the last chain value elsewhere to prove later that nothing up
      to it was changed.

      EXAMPLES:
        kioskctl journal verify
        kioskctl journal verify --export week.jsonl
      """)

  @OptionGroup var options: JournalOptions

  @Option(
    help: ArgumentHelp(
      "Check this file of journal export (jsonl or cloudevents; - is standard input).", valueName: "file"))
  var export: String?

  func validate() throws {
    if export != nil, options.journal != nil { throw ValidationError("--export and --journal exclude each other") }
  }

  func run() throws {
    let report: ChainReport
    if let export {
      report = try options.reporting { try verifyExport(export) }
    } else {
      let path = options.path()
      let reader = try options.open(path)
      report = try options.reporting {
        let summary = try reader.summary()
        return ChainReport(path, device: summary.device, epoch: summary.epoch, try reader.verify())
      }
    }
    report.show(json: options.json, options)
    if !report.isWhole { throw ExitCode.brokenChain }
  }

  private func verifyExport(_ file: String) throws -> ChainReport {
    let lines = try LineReader(file, longest: ExportVerifier.longestLine)
    var verifier = ExportVerifier()
    while let (line, hasLineFeed) = try lines.next() {
      if !verifier.add(line, hasLineFeed: hasLineFeed) { break }
    }
    switch verifier.end() {
    case .checked(let state, let device, let epoch):
      if let wanted = options.device, Array(wanted.utf8) != Array(device.utf8) {
        throw JournalProblem(
          .wrongData, "other-device", "\(file) is an export of \(device), not of \(wanted)", "name another file")
      }
      return ChainReport(file, device: device, epoch: epoch, state)
    case .notAnExport(let finding):
      throw JournalProblem(
        .wrongData, "not-an-export", "\(file) cannot be checked: \(finding)",
        "name a file of journal export --format jsonl or cloudevents (csv cannot be checked)")
    }
  }
}

/// What checking a chain found, for people and programs.
struct ChainReport: Encodable {
  struct Broken: Encodable {
    var sequence: Int64
    var fault: String
    var finding: String
  }

  var file: String
  var device: String
  var epoch: String
  var isWhole: Bool
  var verified: Int64
  var expiredThrough: Int64
  var sacrificed: Int64
  var lastSequence: Int64
  var lastChain: String
  var broken: Broken?

  enum CodingKeys: String, CodingKey {
    case file, device, epoch
    case isWhole = "whole"
    case verified, sacrificed
    case expiredThrough = "expired_through"
    case lastSequence = "last_sequence"
    case lastChain = "last_chain"
    case broken
  }

  init(_ file: String, device: String, epoch: String, _ state: ChainVerification) {
    (self.file, self.device, self.epoch) = (file, device, epoch)
    (isWhole, verified) = (state.isWhole, state.verified)
    (expiredThrough, sacrificed, lastSequence) = (state.expiredThrough, state.sacrificed, state.lastSequence)
    lastChain = Hexadecimal.text(state.lastChain)
    broken = state.firstBroken.map { Broken(sequence: $0.sequence, fault: $0.fault.rawValue, finding: $0.finding) }
  }

  func show(json: Bool, _ options: JournalOptions) {
    if json { return options.print(self) }
    if let broken {
      Output.line(
        Output.coloured(
          "! \(file): broken at event \(broken.sequence) (\(broken.fault)): \(EventText.harmless(broken.finding))",
          Output.red))
      Output.line(
        "  → \(verified) events before it hold; keep the file as it is and compare it with a backup or with what was delivered"
      )
      return
    }
    let before = expiredThrough > 0 ? ", those up to \(expiredThrough) are not in it" : ""
    let between = sacrificed > 0 ? ", \(sacrificed) were deleted to make room" : ""
    Output.line(Output.coloured("● \(file): the chain of \(verified) events holds\(before)\(between)", Output.green))
    Output.line("  device \(EventText.harmless(device)), epoch \(epoch), last event \(lastSequence)")
    Output.line("  last chain value \(lastChain)")
  }
}
