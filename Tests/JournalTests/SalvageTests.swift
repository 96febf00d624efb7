import Feedback
import Foundation
import KioskTestKit
import Testing

@testable import Journal

/// What a damaged file still says is not lost: it is delivered from a file of its own, under its old names.
@Suite struct SalvageTests {
  /// A journal that was damaged, and what was in it.
  private struct Damaged {
    var directory: JournalDirectory
    var epoch: String
    var events: [Event]
  }

  /// - Parameter isClosed: false: the newest events are only in the log.
  private func journal(events count: Int, isClosed: Bool = true) throws -> Damaged {
    let directory = try JournalDirectory()
    let journal = try directory.open()
    for start in stride(from: 0, to: count, by: 10) {
      _ = try journal.append((start..<min(start + 10, count)).map { .press("b\($0 % 7)") })
    }
    let events = try directory.events()
    let epoch = journal.epoch
    if isClosed { journal.close() }
    return Damaged(directory: directory, epoch: epoch, events: events)
  }

  /// Opens a new journal, which sets the damaged one aside, and salvages that to the end.
  private func salvage(_ directory: JournalDirectory) throws -> SalvageReport {
    let successor = try directory.open()
    guard case .replaced = successor.openedAs else { throw RawFailure(text: "opened as \(successor.openedAs)") }
    let next = Salvage.next(in: directory.path)
    if let unreadable = next.unreadable { return unreadable }
    let salvage = try #require(next.salvage)
    for _ in 0..<10_000 {
      if let report = try salvage.step() { return report }
    }
    throw RawFailure(text: "the salvage does not end")
  }

  private func check(_ report: SalvageReport, _ damaged: Damaged) throws -> [Event] {
    #expect(report.epoch == damaged.epoch)
    let reader = try JournalReader.open(try #require(report.path))
    let salvaged = try reader.events(after: 0, limit: JournalReader.largestLimit)
    #expect(Int64(salvaged.count) == report.salvaged)
    // Nothing is invented: each is exactly what was written, under its old name.
    let written = Dictionary(uniqueKeysWithValues: damaged.events.map { ($0.sequence, $0) })
    for event in salvaged { #expect(written[event.sequence] == event, "event \(event.sequence)") }
    #expect(try reader.summary().epoch == damaged.epoch)
    return salvaged
  }

  @Test(arguments: 0..<12) func pagesOfRandomBytesCostTheirOwnEventsOnly(seed: Int) throws {
    let damaged = try journal(events: 600)
    var random = SeededRandom(UInt64(seed))
    let size = try Data(contentsOf: URL(fileURLWithPath: damaged.directory.database)).count
    let pages = Int.random(in: 1...6, using: &random)
    for _ in 0..<pages {
      // Not the first pages: schema and identity have a test of their own.
      let page = Int.random(in: 20..<size / 512, using: &random)
      try damaged.directory.overwrite(
        at: page * 512, with: (0..<512).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
    try Data().write(to: URL(fileURLWithPath: "\(damaged.directory.path)/ratings.damaged"))
    let report = try salvage(damaged.directory)
    let salvaged = try check(report, damaged)
    #expect(report.lost == Int64(damaged.events.count - salvaged.count))
    // A page of 512 bytes holds a few events; one further up the tree some tens.
    #expect(report.lost <= Int64(pages) * 100, "\(pages) pages")
  }

  @Test(arguments: 0..<40) func aFlippedBitNeverBecomesAnEventThatWasNotWritten(seed: Int) throws {
    let damaged = try journal(events: 300)
    var random = SeededRandom(UInt64(seed))
    let file = URL(fileURLWithPath: damaged.directory.database)
    var bytes = try Data(contentsOf: file)
    let place = Int.random(in: 512 * 20..<bytes.count, using: &random)
    bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
    try bytes.write(to: file)
    try Data().write(to: URL(fileURLWithPath: "\(damaged.directory.path)/ratings.damaged"))
    let report = try salvage(damaged.directory)
    let salvaged = try check(report, damaged)
    #expect(salvaged.count >= damaged.events.count - 100)
  }

  @Test func ofATruncatedFileTheRestIsSalvaged() throws {
    let damaged = try journal(events: 600)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: damaged.directory.database))
    try file.truncate(atOffset: try file.seekToEnd() * 3 / 4 / 512 * 512)
    let report = try salvage(damaged.directory)
    let salvaged = try check(report, damaged)
    #expect(salvaged.count > 200)
    #expect(report.lost == Int64(damaged.events.count - salvaged.count))
  }

  @Test func withoutItsLogWhatTheFileHoldsIsSalvaged() throws {
    let damaged = try journal(events: 50)
    let journal = try damaged.directory.open()
    _ = try journal.append((0..<20).map { _ in .press("in the log") })
    let copy = try JournalDirectory()
    try FileManager.default.copyItem(atPath: damaged.directory.database, toPath: copy.database)
    try Data().write(to: URL(fileURLWithPath: "\(copy.path)/ratings.damaged"))
    let report = try salvage(copy)
    #expect(report.salvaged == 51)
    #expect(report.lost == 0)
    _ = journal
  }

  @Test func whatIsOnlyInTheLogIsSalvagedToo() throws {
    let source = try JournalDirectory()
    let journal = try source.open()
    _ = try journal.append((0..<30).map { _ in .press() })
    let copy = try JournalDirectory()
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: source.database + suffix, toPath: copy.database + suffix)
    }
    try Data().write(to: URL(fileURLWithPath: "\(copy.path)/ratings.damaged"))
    let report = try salvage(copy)
    #expect(report.salvaged == 31)
    #expect(try JournalReader.open(try #require(report.path)).verifyChain().isWhole)
    _ = journal
  }

  @Test func theDamagedFileStaysAsItIs() throws {
    let damaged = try journal(events: 100)
    try damaged.directory.overwrite(at: 512 * 30, with: [UInt8](repeating: 0xaa, count: 512))
    let before = try Data(contentsOf: URL(fileURLWithPath: damaged.directory.database))
    let report = try salvage(damaged.directory)
    #expect(try Data(contentsOf: URL(fileURLWithPath: report.source)) == before)
    // Once is enough.
    let again = Salvage.next(in: damaged.directory.path)
    #expect(again.salvage == nil && again.unreadable == nil)
  }

  @Test func aFileThatSaysNothingIsReportedOnce() throws {
    let directory = try JournalDirectory()
    try Data(String(repeating: "rubbish ", count: 900).utf8).write(to: URL(fileURLWithPath: directory.database))
    let report = try salvage(directory)
    #expect(report.path == nil && report.salvaged == 0)
    #expect(report.inWords == "nothing could be read")
    let again = Salvage.next(in: directory.path)
    #expect(again.salvage == nil && again.unreadable == nil)
  }

  @Test func anInterruptedSalvageStartsAnew() throws {
    let damaged = try journal(events: 4_000)
    try Data().write(to: URL(fileURLWithPath: "\(damaged.directory.path)/ratings.damaged"))
    let successor = try damaged.directory.open()
    let first = try #require(Salvage.next(in: damaged.directory.path).salvage)
    #expect(try first.step() == nil)
    let second = try #require(Salvage.next(in: damaged.directory.path).salvage)
    var report: SalvageReport?
    while report == nil { report = try second.step() }
    #expect(report?.salvaged == 4_001)
    #expect(report?.lost == 0)
    #expect(damaged.directory.names.allSatisfy { !$0.contains(".part") })
    // Presses go on all the while.
    #expect(try successor.append([.press()]).count == 1)
  }

  @Test func whatRetentionTookIsNotCountedAsLost() throws {
    let directory = try JournalDirectory()
    let journal = try fillDays(directory, days: 40, presses: 10, tuning: .small)
    try journal.acknowledge(through: 300)
    _ = try journal.maintainFully(RetentionPolicy(days: 30), at: .after(45 * dayMilliseconds))
    let events = try directory.events()
    let counters = try directory.reader().counters()
    journal.close()
    try Data().write(to: URL(fileURLWithPath: "\(directory.path)/ratings.damaged"))
    let report = try salvage(directory)
    #expect(report.lost == 0)
    let reader = try JournalReader.open(try #require(report.path))
    #expect(try reader.events(after: 0, limit: 10_000) == events)
    #expect(try reader.counters() == counters)
    #expect(try reader.verifyChain().isWhole)
    #expect(try reader.clockHistory().bootCount == 1)
  }
}

@Suite struct ArrivalTests {
  @Test func allEpochsAreReadInTheirOrder() throws {
    let directory = try JournalDirectory()
    var written: [String: [Event]] = [:]
    var order: [String] = []
    for number in 0..<3 {
      let journal = try directory.open(boot: "boot-\(number)")
      order.append(journal.epoch)
      _ = try journal.append((0..<200).map { .press("b\($0)") })
      written[journal.epoch] = try directory.events()
      if number < 2 {
        journal.close()
        try Data().write(to: URL(fileURLWithPath: "\(directory.path)/ratings.damaged"))
      }
    }
    // The newest is read while the older ones are still damaged.
    let reader = ArrivalReader(directory: directory.path)
    var cursor = ArrivalCursor()
    var read: [String: [Event]] = [:]
    while let batch = try reader.batch(after: cursor, limit: 70) {
      #expect(batch.events.count <= 70)
      #expect(batch.epoch.isCurrent)
      read[batch.epoch.epoch, default: []] += batch.events
      cursor = batch.next
    }
    #expect(Array(read.keys) == [order[2]])
    while let salvage = Salvage.next(in: directory.path).salvage {
      while try salvage.step() == nil {}
    }
    #expect(JournalEpochs.all(in: directory.path).map(\.epoch) == order)
    #expect(JournalEpochs.all(in: directory.path).map(\.isCurrent) == [false, false, true])
    var visited: [String] = []
    while let batch = try reader.batch(after: cursor, limit: 70) {
      if visited.last != batch.epoch.epoch { visited.append(batch.epoch.epoch) }
      read[batch.epoch.epoch, default: []] += batch.events
      cursor = batch.next
    }
    #expect(visited == Array(order.prefix(2)))
    #expect(read == written)
    #expect(try reader.clockHistory().bootCount == 3)
  }

  @Test func anEmptyDirectoryHasNothingToRead() throws {
    let directory = try JournalDirectory()
    #expect(JournalEpochs.all(in: directory.path).isEmpty)
    #expect(try ArrivalReader(directory: directory.path).batch(after: ArrivalCursor(), limit: 10) == nil)
    #expect(JournalEpochs.all(in: "\(directory.path)/nowhere").isEmpty)
  }
}
