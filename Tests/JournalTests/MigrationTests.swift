import Feedback
import Foundation
import KioskTestKit
import Testing

@testable import Journal

@Suite struct MigrationTests {
  private static let second = Migration([
    "CREATE TABLE notes (seq INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",
    "INSERT INTO notes SELECT seq, 'migrated' FROM events WHERE kind = 1",
  ])

  /// Fails on a file with events, not on an empty one.
  private static let failing = Migration([
    "CREATE TABLE few (seq INTEGER CHECK (seq < 2)) STRICT", "INSERT INTO few SELECT seq FROM events",
  ])

  private func tuning(_ migrations: [Migration], on vfs: FaultVFS? = nil) -> JournalTuning {
    var tuning = vfs.map { JournalTuning.on($0) } ?? JournalTuning()
    tuning.migrations = migrations
    return tuning
  }

  @Test func anOlderFileIsBroughtUpToDateAfterABackup() throws {
    let directory = try JournalDirectory()
    let old = try directory.open()
    _ = try old.append([.press(), .press("sad")])
    let epoch = old.epoch
    old.close()

    let third = Migration(["ALTER TABLE notes ADD COLUMN more TEXT"])
    let journal = try directory.open(tuning: tuning([Self.second, third]))
    #expect(journal.openedAs == .continued)
    #expect(journal.epoch == epoch)
    #expect(try journal.append([.press()]).map(\.sequence) == [5])
    #expect(try directory.sql("PRAGMA user_version") == [["3"]])
    #expect(
      try directory.sql("SELECT seq, text, more FROM notes") == [
        ["2", "migrated", "NULL"], ["3", "migrated", "NULL"],
      ])

    // The backups are whole journals of their versions.
    let first = "\(directory.path)/ratings.backup-1.db"
    let reader = try JournalReader.open(first)
    #expect(try reader.events(after: 0, limit: 10).map(\.sequence) == [1, 2, 3])
    #expect(try reader.verifyChain().isWhole)
    #expect(try directory.sql("PRAGMA user_version", path: "\(directory.path)/ratings.backup-2.db") == [["2"]])
    #expect(directory.names.allSatisfy { !$0.hasSuffix(".part") })
    journal.close()
    #expect(try directory.open(tuning: tuning([Self.second, third])).openedAs == .continued)
  }

  @Test func aNewFileHasTheNewestSchemaAndNoBackup() throws {
    let directory = try JournalDirectory()
    let journal = try directory.open(tuning: tuning([Self.second]))
    #expect(try directory.sql("PRAGMA user_version") == [["2"]])
    #expect(try directory.sql("SELECT count(*) FROM notes") == [["0"]])
    #expect(directory.names.allSatisfy { !$0.contains("backup") })
    journal.close()
  }

  @Test func aStepThatFailsLeavesTheOldFileAsItWasAndCaptureGoesOn() throws {
    let directory = try JournalDirectory()
    let old = try directory.open()
    _ = try old.append([.press(), .press()])
    old.close()
    let journal = try directory.open(tuning: tuning([Self.second, Self.failing]))
    guard case .replaced(let setAside) = journal.openedAs else {
      Issue.record("opened as \(journal.openedAs)")
      return
    }
    #expect(setAside.reason == .older)
    #expect(try journal.append([.press()]).map(\.sequence) == [2])
    // The first step had been done; the second left nothing behind.
    #expect(try directory.sql("PRAGMA user_version", path: setAside.path) == [["2"]])
    #expect(try directory.sql("SELECT count(*) FROM events", path: setAside.path) == [["3"]])
    #expect(try JournalReader.open("\(directory.path)/ratings.backup-1.db").verifyChain().isWhole)
  }

  /// Wherever the disk is full: either nothing has changed and the next attempt migrates, or it was set aside whole.
  @Test func aFullDiskLosesNothing() throws {
    for nth in stride(from: 1, through: 60, by: 3) {
      let directory = try JournalDirectory()
      let old = try directory.open()
      let events = try old.append((0..<30).map { _ in .press() })
      old.close()
      let vfs = FaultVFS()
      vfs.fail(.write, nth: nth, with: .diskFull)
      let error = journalError { _ = try directory.open(tuning: tuning([Self.second], on: vfs)) }
      vfs.heal()
      let journal = try directory.open(tuning: tuning([Self.second]))
      var path = directory.database
      if let setAside = directory.names.first(where: { $0.hasPrefix("ratings.older-1.db") }) {
        path = "\(directory.path)/\(setAside)"
      } else if error == nil {
        #expect(journal.openedAs == .continued)
      }
      let kept = try directory.sql("SELECT count(*) FROM events WHERE seq BETWEEN 2 AND 31", path: path)
      #expect(kept == [["\(events.count)"]], "write \(nth)")
      journal.close()
    }
  }
}
