import CSQLite
import Feedback
import Foundation
import Journal
import JournalExport
import KioskTestKit
import Testing

@Suite("stored events")
struct StoredEventTests {
  /// Where each event's values lie in the file: from its first known text to the end of its chain value.
  private func places(_ file: [UInt8], _ events: [Event]) throws -> [(sequence: Int64, range: Range<Int>)] {
    try events.map { event in
      // The last place: the table about the file, which comes before, remembers the newest value too.
      let end = try #require(file.ranges(of: event.chain).last).upperBound
      let length =
        [
          event.content.button, event.content.survey, event.content.question, event.content.scale, event.content.code,
          event.content.language, event.content.context, event.content.detail,
        ].compactMap { $0?.utf8.count }.reduce(event.chain.count + 8, +)
      return (event.sequence, end - length..<end)
    }
  }

  @Test("any changed byte of a stored event shows, and the event is named")
  func everyByte() throws {
    let journal = try JournalUnderTest()
    let events = try JournalReader.open(journal.path).events(after: 0, limit: 100)
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: journal.path)))
    var random = SeededGenerator(seed: 8)
    let copy = "\(journal.directory.path)/copy.db"
    for (sequence, range) in try places(original, events) {
      for index in range {
        var bytes = original
        bytes[index] ^= .random(in: 1...255, using: &random)
        try Data(bytes).write(to: URL(fileURLWithPath: copy))
        let result = try JournalReader.open(copy).verify()
        #expect(result.firstBroken?.sequence == sequence, "byte \(index): \(bytes[index])")
      }
    }
  }

  @Test("a page of events that is gone is named by its first event, and nothing is thrown")
  func lostPages() throws {
    let journal = try JournalUnderTest((0..<2_000).map { _ in JournalUnderTest.press("happy") })
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: journal.path)))
    let events = try JournalReader.open(journal.path).events(after: 0, limit: 10_000)
    let copy = "\(journal.directory.path)/copy.db"
    for sequence in [700, 1_500] {
      let at = try #require(original.firstRange(of: events[sequence - 1].chain)).lowerBound
      var bytes = original
      let page = at / 512 * 512
      for index in page..<page + 512 { bytes[index] = 0xA5 }
      try Data(bytes).write(to: URL(fileURLWithPath: copy))
      let result = try JournalReader.open(copy).verify()
      let broken = try #require(result.firstBroken)
      #expect((sequence - 8...sequence).contains(Int(broken.sequence)), "\(broken)")
      #expect(result.verified == broken.sequence - 1)
    }
  }

  @Test("random damage anywhere in the file never crashes the check")
  func damage() throws {
    let journal = try JournalUnderTest((0..<100).map { _ in JournalUnderTest.press("happy") })
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: journal.path)))
    var random = SeededGenerator(seed: 9)
    let copy = "\(journal.directory.path)/copy.db"
    var noticed = 0
    for _ in 0..<200 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        bytes[.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      try Data(bytes).write(to: URL(fileURLWithPath: copy))
      do {
        if try !JournalReader.open(copy).verify().isWhole { noticed += 1 }
      } catch {
        noticed += 1
      }
    }
    #expect(noticed > 150)
  }
}

@Suite("backups")
struct BackupTests {
  private func emptyFile(_ path: String) -> String {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return path
  }

  @Test("a copy is one file that proves itself, while the writer goes on")
  func whileWriting() throws {
    let journal = try JournalUnderTest((0..<4_000).map { _ in JournalUnderTest.press("happy") })
    let writer = try Journal.open(
      directory: journal.directory.path, device: "kiosk-1", boot: BootIdentity(bootID: "boot-2"),
      reading: JournalUnderTest.reading)
    let reader = try JournalReader.open(journal.path)
    let last = try #require(try reader.summary().lastSequence)
    let copy = emptyFile("\(journal.directory.path)/backup.db")
    var steps = 0
    var written = 0
    try reader.backup(to: copy) { _, _ in
      steps += 1
      written += ((try? writer.append([JournalUnderTest.press("unhappy")])) ?? []).count
    }
    #expect(steps > 2 && written == steps)
    let names = try FileManager.default.contentsOfDirectory(atPath: journal.directory.path)
    #expect(names.filter { $0.hasPrefix("backup") } == ["backup.db"])
    // Readable where nothing can be written beside it.
    let result = try JournalReader.open(copy)
    #expect(try result.verify().lastSequence == last)
    #expect(try result.verify().isWhole && result.structuralDamage() == nil)
    #expect(try result.counters() != reader.counters())
  }

  @Test("a kiosk goes on with a copy that is put in the journal's place")
  func restored() throws {
    let journal = try JournalUnderTest()
    let other = try TemporaryDirectory()
    try JournalReader.open(journal.path).backup(to: emptyFile("\(other.path)/ratings.db"))
    let restored = try Journal.open(
      directory: other.path, device: "kiosk-1", boot: BootIdentity(bootID: "boot-9"), reading: JournalUnderTest.reading)
    #expect(restored.openedAs == .continued)
    _ = try restored.append([JournalUnderTest.press("happy")])
    restored.close()
    #expect(try JournalReader.open("\(other.path)/ratings.db").verify().verified == 7)
  }
}
