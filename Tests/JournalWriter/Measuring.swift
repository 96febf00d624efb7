import CKioskPlatform
import Feedback
import Glibc
import Journal

/// What an append costs, beside what nobody can do without: a bare write and fsync.
extension JournalWriter {
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

  static func oneByOne(_ directory: String, _ events: Int) throws(JournalError) {
    let journal = try Journal.open(
      directory: directory, device: "test", boot: BootIdentity(bootID: "boot"), reading: reading())
    for number in 0..<events { _ = try journal.append([press(number)]) }
    journal.close()
  }

  /// In turns, and the turns in changing order, so that all meet the same noise.
  static func compare(_ first: String, _ second: String, _ events: Int) throws(JournalError) {
    var journals: [Journal] = []
    for directory in [first, second] {
      // The journal of another device would be set aside.
      let device = try? JournalReader.open("\(directory)/ratings.db").summary().device
      journals.append(
        try Journal.open(
          directory: directory, device: device ?? "test", boot: BootIdentity(bootID: "boot"), reading: reading()))
    }
    let bare = open("\(second)/bare", O_CREAT | O_RDWR | O_CLOEXEC, 0o640)
    let block = [UInt8](repeating: 7, count: 4_096)
    var times: [[Int64]] = [[], [], []]
    for number in 0..<max(events, 1) {
      let draft = press(number)
      for turn in 0..<3 {
        let which = (turn + number) % 3
        let start = kiosk_clock_monotonic()
        if which < 2 {
          _ = try journals[which].append([draft])
        } else {
          pwrite(bare, block, block.count, off_t(number) * 4_096)
          fsync(bare)
        }
        times[which].append(kiosk_clock_monotonic() - start)
      }
    }
    for journal in journals { journal.close() }
    close(bare)
    unlink("\(second)/bare")
    say(times.map { String($0.sorted()[$0.count / 2]) }.joined(separator: " ") + "\n")
  }
}
