import Feedback
import Foundation
import Testing

@testable import Journal

/// What stands in the way at start never keeps the kiosk from working, and is never thrown away.
@Suite struct SetAsideTests {
  /// Puts something where the journal belongs.
  struct Obstacle: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var reason: SetAside.Reason
    var place: @Sendable (JournalDirectory) throws -> Void
  }

  static let obstacles: [Obstacle] = [
    Obstacle(testDescription: "text", reason: .corrupt) { directory in
      try Data(String(repeating: "this is no database\n", count: 100).utf8)
        .write(to: URL(fileURLWithPath: directory.database))
    },
    Obstacle(testDescription: "a few bytes", reason: .corrupt) { directory in
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: directory.database))
    },
    Obstacle(testDescription: "nothing but NUL", reason: .corrupt) { directory in
      try Data(count: 8_192).write(to: URL(fileURLWithPath: directory.database))
    },
    Obstacle(testDescription: "a directory", reason: .corrupt) { directory in
      try FileManager.default.createDirectory(atPath: directory.database, withIntermediateDirectories: false)
    },
    Obstacle(testDescription: "a log without its database", reason: .corrupt) { directory in
      try Data(count: 4_096).write(to: URL(fileURLWithPath: directory.database + "-wal"))
    },
    Obstacle(testDescription: "another program's database", reason: .foreign) { directory in
      try directory.sql("PRAGMA application_id = 7; CREATE TABLE cats (name); INSERT INTO cats VALUES ('Mimi')")
    },
    Obstacle(testDescription: "a database without an application id", reason: .foreign) { directory in
      try directory.sql("CREATE TABLE events (seq)")
    },
    Obstacle(testDescription: "a newer schema", reason: .newer) { directory in
      try directory.fill()
      try directory.sql("PRAGMA user_version = 2")
    },
    Obstacle(testDescription: "another device's journal", reason: .foreign) { directory in
      try directory.fill(device: "kiosk-2")
    },
    Obstacle(testDescription: "a missing table", reason: .corrupt) { directory in
      try directory.fill()
      try directory.sql("DROP TABLE counters")
    },
    Obstacle(testDescription: "a missing column", reason: .corrupt) { directory in
      try directory.fill()
      try directory.sql("ALTER TABLE events DROP COLUMN detail")
    },
    Obstacle(testDescription: "no row about itself", reason: .corrupt) { directory in
      try directory.fill()
      try directory.sql("DELETE FROM journal")
    },
    Obstacle(testDescription: "a newest event that makes no sense", reason: .corrupt) { directory in
      try directory.fill()
      try directory.sql("UPDATE events SET chain = x'00' WHERE seq = (SELECT max(seq) FROM events)")
    },
    Obstacle(testDescription: "cut off in the middle", reason: .corrupt) { directory in
      try directory.fill()
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: directory.database))
      try file.truncate(atOffset: try file.seekToEnd() / 2 / 512 * 512)
    },
    Obstacle(testDescription: "a page of random bytes", reason: .corrupt) { directory in
      try directory.fill()
      try directory.overwrite(at: 512 * 20, with: (0..<512).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 31) })
    },
    Obstacle(testDescription: "a header that asks for an unknown write format", reason: .corrupt) { directory in
      try directory.fill()
      try directory.overwrite(at: 18, with: [9])
    },
    Obstacle(testDescription: "a header that asks for an unknown schema format", reason: .corrupt) { directory in
      try directory.fill()
      try directory.overwrite(at: 47, with: [99])
    },
    Obstacle(testDescription: "damage seen while it was in use", reason: .corrupt) { directory in
      try directory.fill()
      try Data().write(to: URL(fileURLWithPath: "\(directory.path)/ratings.damaged"))
    },
  ]

  @Test(arguments: obstacles) func isMovedOutOfTheWay(obstacle: Obstacle) throws {
    let directory = try JournalDirectory()
    try obstacle.place(directory)
    let before = directory.names.filter { $0 != "ratings.damaged" && !$0.hasSuffix("-shm") }

    let journal = try directory.open()
    guard case .replaced(let setAside) = journal.openedAs else {
      Issue.record("opened as \(journal.openedAs)")
      return
    }
    #expect(setAside.reason == obstacle.reason)
    #expect(setAside.path == "\(directory.path)/ratings.\(obstacle.reason.rawValue)-1.db")
    #expect(!setAside.finding.isEmpty)
    for name in before {
      #expect(directory.names.contains(name.replacing("ratings.db", with: "ratings.\(obstacle.reason.rawValue)-1.db")))
    }
    #expect(try journal.append([.press()]).map(\.sequence) == [2])
    journal.close()
    // Once is enough: the next start finds a good journal.
    #expect(try directory.open().openedAs == .continued)
  }

  @Test func theSecondOneGetsTheNextNumber() throws {
    let directory = try JournalDirectory()
    for number in 1...3 {
      try Data("rubbish, and more than sixteen bytes of it".utf8).write(to: URL(fileURLWithPath: directory.database))
      let journal = try directory.open()
      guard case .replaced(let setAside) = journal.openedAs else {
        Issue.record("opened as \(journal.openedAs)")
        return
      }
      #expect(setAside.path.hasSuffix("ratings.corrupt-\(number).db"))
      journal.close()
    }
  }

  @Test func aNewEpochBeginsAndTheOldOneCanStillBeRead() throws {
    let directory = try JournalDirectory()
    let epoch = try directory.fill()
    try directory.sql("PRAGMA user_version = 2")
    let journal = try directory.open()
    #expect(journal.epoch != epoch)
    #expect(try directory.sql("SELECT epoch FROM journal", path: "\(directory.path)/ratings.newer-1.db") == [[epoch]])
    #expect(
      try directory.sql("SELECT count(*) FROM events", path: "\(directory.path)/ratings.newer-1.db") == [["201"]])
  }

  @Test func whatWasNotYetCopiedFromTheLogGoesAlong() throws {
    let directory = try JournalDirectory()
    var journal: Journal? = try directory.open(device: "kiosk-2")
    _ = try journal?.append([.press(), .press()])
    journal = nil
    _ = try directory.open()
    let old = try JournalReader.open("\(directory.path)/ratings.foreign-1.db")
    #expect(try old.events(after: 0, limit: 10).count == 3)
    #expect(try old.verifyChain().isWhole)
  }

  @Test func aDatabaseThatTheLogHoldsInWholeIsNoLoss() throws {
    let directory = try JournalDirectory()
    var journal: Journal? = try directory.open()
    _ = try journal?.append([.press()])
    journal = nil
    try Data("rubbish, and more than sixteen bytes of it".utf8).write(to: URL(fileURLWithPath: directory.database))
    #expect(try directory.open().openedAs == .continued)
    #expect(try directory.events().count == 3)
    #expect(try directory.reader().verifyChain().isWhole)
  }

  @Test func anEmptyFileIsNoObstacle() throws {
    let directory = try JournalDirectory()
    try Data().write(to: URL(fileURLWithPath: directory.database))
    #expect(try directory.open().openedAs == .created)
  }

  /// Whatever single byte goes wrong, the kiosk starts and takes presses, and goes on doing so.
  @Test(arguments: 0..<8) func aFlippedByteNeverKeepsTheKioskFromWorking(seed: UInt64) throws {
    var random = SeededRandom(seed)
    for _ in 0..<25 {
      let directory = try JournalDirectory()
      try directory.fill()
      let file = try Data(contentsOf: URL(fileURLWithPath: directory.database))
      // Half of them in the header, where a byte means most.
      let place = Int.random(in: 0..<(Bool.random(using: &random) ? 112 : file.count), using: &random)
      try directory.overwrite(at: place, with: [file[place] ^ UInt8.random(in: 1...255, using: &random)])
      for _ in 0..<2 {
        let journal = try directory.open()
        let error = journalError { _ = try journal.append([.press(), .full()]) }
        journal.close()
        guard let error else { continue }
        #expect(error.code == .damaged)
        #expect(journal.mustReopen)
        let successor = try directory.open()
        #expect(try successor.append([.press(), .full()]).count == 2)
        successor.close()
      }
    }
  }
}

extension JournalDirectory {
  /// A closed journal with 201 events. Returns its epoch.
  @discardableResult
  func fill(device: String = "kiosk-1") throws -> String {
    let journal = try open(device: device)
    for _ in 0..<4 { _ = try journal.append((0..<50).map { _ in .press() }) }
    journal.close()
    return journal.epoch
  }

  func overwrite(at offset: Int, with bytes: [UInt8]) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: database))
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: Data(bytes))
    try file.close()
  }
}
