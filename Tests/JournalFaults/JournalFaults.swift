import Glibc
import Journal
import JournalTestKit

/// Torments the journal and says what came of it. Optimised, so that tens of thousands of faults take minutes.
///
///     journal-faults cuts <count> [<seed>]     power cuts with un-synced sectors thrown away, at every write, sync and
///                                              truncate, with FULL and, as the control that must lose, with NORMAL
///     journal-faults errors <scenarios> [<seed>]
///                                              every step of a scenario fails once, and again with a fault that lasts
///     journal-faults model <runs> [<seed>]     random operations against a model in memory
///     journal-faults kills <count> [<seed>]    SIGKILL of a process that appends (journal-writer, from the same folder)
///
/// Prints one line `figures: …` at the end. Exit code 1: something was lost or wrong; each finding names its seed.
@main
struct JournalFaults {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let count = Int(arguments[2]), count > 0 else { exit(64) }
    let seed = arguments.count > 3 ? UInt64(arguments[3]) ?? 1 : 1
    var findings = Findings()
    do {
      switch arguments[1] {
      case "cuts": try PowerCuts(count: count, seed: seed).run(&findings)
      case "errors": try StorageErrors(scenarios: count, seed: seed).run(&findings)
      case "model": try ModelRuns(count: count, seed: seed).run(&findings)
      case "kills": try Kills(count: count, seed: seed).run(&findings)
      default: exit(64)
      }
    } catch {
      findings.add("\(arguments[1]) with seed \(seed) could not go on: \(error)")
    }
    findings.tell()
    exit(findings.isEmpty ? 0 : 1)
  }

  static func say(_ text: String) {
    var text = text + "\n"
    text.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
  }
}

/// What went wrong. Keeps the first ones, for one fault seldom comes alone.
struct Findings {
  private var texts: [String] = []
  private var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func add(_ text: String) {
    count += 1
    if texts.count < 20 { texts.append(text) }
  }

  mutating func expect(_ condition: Bool, _ text: @autoclosure () -> String) {
    if !condition { add(text()) }
  }

  func tell() {
    for text in texts { JournalFaults.say("finding: \(text)") }
    if count > texts.count { JournalFaults.say("finding: \(count - texts.count) more") }
  }
}
