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
///     journal-writer fill <directory> <events>     appends that many in large transactions
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
        try torture(arguments[2], seed: UInt64(arguments[3]) ?? 0, synchronous: arguments.last == "normal" ? .normal : .full)
      case "check" where arguments.count == 5:
        try check(arguments[2], through: Int64(arguments[3]) ?? 0, chain: arguments[4])
      case "fill" where arguments.count == 4: try fill(arguments[2], Int(arguments[3]) ?? 0)
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

  static func fill(_ directory: String, _ events: Int) throws(JournalError) {
    let journal = try Journal.open(
      directory: directory, device: "test", boot: BootIdentity(bootID: "boot"), reading: reading())
    var left = events
    while left > 0 {
      let count = min(left, Journal.mostDrafts)
      _ = try journal.append((0..<count).map { press($0) })
      left -= count
    }
    journal.close()
  }

  // MARK: - Measuring

  static func measure(_ directory: String, _ events: Int, _ numbers: [Int]) throws(JournalError) {
    var tuning = JournalTuning()
    if let size = numbers.first { tuning.pageSize = size }
    if numbers.count > 1 { tuning.checkpointPages = numbers[1] }
    let opening = kiosk_clock_monotonic()
    let journal = try Journal.open(
      directory: directory, device: "test", boot: BootIdentity(bootID: "boot"), reading: reading(), tuning: tuning)
    let opened = kiosk_clock_monotonic() - opening
    let bare = open("\(directory)/bare", O_CREAT | O_RDWR | O_CLOEXEC, 0o640)
    let block = [UInt8](repeating: 7, count: 4_096)

    // In turns, so that both meet the same noise.
    var appends: [Int64] = []
    var writes: [Int64] = []
    var appendedBytes: Int64 = 0
    for number in 0..<events {
      let draft = press(number)
      let before = writtenBytes()
      let start = kiosk_clock_monotonic()
      _ = try journal.append([draft])
      appends.append(kiosk_clock_monotonic() - start)
      appendedBytes += writtenBytes() - before
      let bareStart = kiosk_clock_monotonic()
      pwrite(bare, block, block.count, off_t(number) * 4_096)
      fsync(bare)
      writes.append(kiosk_clock_monotonic() - bareStart)
    }
    let closing = kiosk_clock_monotonic()
    journal.close()
    let closed = kiosk_clock_monotonic() - closing
    close(bare)
    unlink("\(directory)/bare")
    appends.sort()
    writes.sort()
    let ratio = Double(appends[events / 2]) / Double(writes[events / 2])
    say(
      """
      page size \(tuning.pageSize), checkpoint every \(tuning.checkpointPages) pages, \(events) appends
      open \(opened / 1_000) µs, close \(closed / 1_000) µs
      append median \(appends[events / 2] / 1_000) µs, p99 \(appends[events * 99 / 100] / 1_000) µs
      bare   median \(writes[events / 2] / 1_000) µs, p99 \(writes[events * 99 / 100] / 1_000) µs
      ratio of medians \(Double(Int(ratio * 1_000)) / 1_000)
      write_bytes per append \(appendedBytes / Int64(events))

      """)
  }

  /// `write_bytes` of /proc/self/io: what this process made the kernel write to the disk.
  static func writtenBytes() -> Int64 {
    let file = open("/proc/self/io", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = read(file, &buffer, buffer.count)
    let text = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix("write_bytes:") {
      return Int64(line.dropFirst("write_bytes: ".count)) ?? 0
    }
    return 0
  }
}
