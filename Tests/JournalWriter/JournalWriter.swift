import CKioskPlatform
import Feedback
import Glibc
import Journal

/// A process of its own for the tests of the journal and for measuring it.
///
///     journal-writer append <directory>            appends until it is killed; prints each sequence number once it is
///                                                  acknowledged
///     journal-writer torture <directory> <seed> [normal]
///                                                  appends random events until it is killed; prints how the journal was
///                                                  opened (`open <how> <epoch> <sequence> <chain>`) and the last
///                                                  event of each append once it is acknowledged (`<sequence> <chain>`)
///     journal-writer check <directory> <sequence> <chain>
///                                                  says whether everything up to that event is there
///     journal-writer fill <directory> <events> [<device>]
///                                                  appends that many in large transactions
///     journal-writer day <directory> <events> <seed> [<device>]
///                                                  appends what a busy shop records, a day after the other
///     journal-writer one-by-one <directory> <events>
///                                                  appends that many, each by itself
///     journal-writer compare <directory> <directory> <events>
///                                                  appends to both in turns; prints three medians in nanoseconds: of the
///                                                  first, of the second, of a bare write and fsync
///     journal-writer measure <directory> <events> [<page size> <checkpoint pages>]
///                                                  prints what an append costs, beside a bare write and fsync
@main
struct JournalWriter {
  static func main() {
    let arguments = CommandLine.arguments
    do throws(JournalError) {
      switch arguments.dropFirst().first {
      case "append" where arguments.count == 3: try append(arguments[2])
      case "torture" where arguments.count >= 4:
        try torture(
          arguments[2], seed: UInt64(arguments[3]) ?? 0, synchronous: arguments.last == "normal" ? .normal : .full)
      case "check" where arguments.count == 5:
        try check(arguments[2], through: Int64(arguments[3]) ?? 0, chain: arguments[4])
      case "fill" where arguments.count >= 4:
        try fill(arguments[2], Int(arguments[3]) ?? 0, device: arguments.count > 4 ? arguments[4] : "test")
      case "day" where arguments.count >= 5:
        try day(
          arguments[2], Int(arguments[3]) ?? 0, seed: UInt64(arguments[4]) ?? 0,
          device: arguments.count > 5 ? arguments[5] : "test")
      case "one-by-one" where arguments.count == 4: try oneByOne(arguments[2], Int(arguments[3]) ?? 0)
      case "compare" where arguments.count == 5: try compare(arguments[2], arguments[3], Int(arguments[4]) ?? 0)
      case "measure" where arguments.count >= 4:
        try measure(arguments[2], Int(arguments[3]) ?? 2_000, arguments.dropFirst(4).compactMap { Int($0) })
      default: exit(64)
      }
    } catch {
      say("failed: \(error)\n")
      exit(1)
    }
  }

  static func say(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
  }

  static func reading() -> ClockReading {
    ClockReading(
      monotonic: MonotonicTime(nanoseconds: kiosk_clock_monotonic()), bootTimeNanoseconds: kiosk_clock_boottime(),
      wallMilliseconds: kiosk_clock_realtime() / 1_000_000, state: .synchronised)
  }

  /// A press on a panel of five faces, as the daemon writes it.
  static func press(_ number: Int) -> EventDraft {
    let faces = ["very-unhappy", "unhappy", "neutral", "happy", "very-happy"]
    let value = 1 + number * 7 % 5
    return EventDraft(
      kind: .rating, at: reading(), button: faces[value - 1], survey: "exit", surveyVersion: 1, question: "overall",
      scale: "faces-5", value: value, language: "en", verdict: .counted, rulesVersion: 1)
  }

  static func append(_ directory: String) throws(JournalError) {
    let journal = try Journal.open(
      directory: directory, device: "test", boot: BootIdentity(bootID: "boot"), reading: reading())
    var number = 0
    while true {
      for event in try journal.append([press(number)]) { say("\(event.sequence)\n") }
      number += 1
    }
  }

  static func fill(_ directory: String, _ events: Int, device: String) throws(JournalError) {
    let journal = try Journal.open(
      directory: directory, device: device, boot: BootIdentity(bootID: "boot"), reading: reading())
    var left = events
    while left > 0 {
      let count = min(left, Journal.mostDrafts)
      _ = try journal.append((0..<count).map { press($0) })
      left -= count
    }
    journal.close()
  }
}
