import Feedback
import Foundation
import KioskTestKit
import Testing

@testable import Journal

@Suite struct ReserveTests {
  private func reserve(_ directory: JournalDirectory) -> Int? {
    try? FileManager.default.attributesOfItem(atPath: "\(directory.path)/ratings.reserve")[.size] as? Int
  }

  @Test func isMadeWhileNobodyWaitsAndGivenUpForThePressAtHand() throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    var tuning = JournalTuning.small
    tuning.vfs = vfs.name
    let journal = try directory.open(tuning: tuning)
    #expect(reserve(directory) == nil)
    #expect(try journal.maintain(roomyPolicy, at: .after(0)).isDiskShort == false)
    #expect(reserve(directory) == 64 << 10)

    vfs.fail(.write, nth: 1, with: .diskFull)
    #expect(try journal.append([.press()]).map(\.sequence) == [2])
    #expect(reserve(directory) == nil)
    // Once: without a reserve the disk is simply full.
    vfs.fail(.write, nth: 1, with: .diskFull)
    #expect(journalError { _ = try journal.append([.press()]) }?.code == .diskFull)
    vfs.heal()
    #expect(try journal.append([.press()]).map(\.sequence) == [3])
    _ = try journal.maintain(roomyPolicy, at: .after(1))
    #expect(reserve(directory) == 64 << 10)
    #expect(try directory.reader().verifyChain().isWhole)
  }

  @Test func aDiskThatIsFullAtTheStartGetsItToo() throws {
    let directory = try JournalDirectory()
    let vfs = FaultVFS()
    var tuning = JournalTuning.small
    tuning.vfs = vfs.name
    let first = try directory.open(tuning: tuning)
    _ = try first.maintain(roomyPolicy, at: .after(0))
    first.close()
    vfs.fail(.write, nth: 1, with: .diskFull)
    #expect(try directory.open(tuning: tuning).openedAs == .continued)
    #expect(reserve(directory) == nil)
  }

  @Test func halfAReserveIsMadeWhole() throws {
    let directory = try JournalDirectory()
    try Data(count: 100).write(to: URL(fileURLWithPath: "\(directory.path)/ratings.reserve"))
    let journal = try directory.open(tuning: .small)
    _ = try journal.maintain(roomyPolicy, at: .after(0))
    #expect(reserve(directory) == 64 << 10)
  }

  /// No file system has room for this one: the disk counts as short, and what every consumer has goes before its time.
  @Test func withoutRoomForItWhatEveryConsumerHasGoesFirstAndPressesNever() throws {
    let directory = try JournalDirectory()
    var tuning = JournalTuning.small
    tuning.reserveBytes = 1 << 60
    let journal = try fillDays(directory, days: 10, presses: 20, tuning: tuning)
    try journal.acknowledge(through: 100)
    let steps = try journal.maintainFully(roomyPolicy, at: .after(10 * dayMilliseconds))
    #expect(steps.allSatisfy { $0.isDiskShort })
    #expect(steps.map(\.early).reduce(0, +) == 100)
    let left = try directory.events()
    #expect(left.filter { $0.content.kind == .rating }.count == 200 - 94)
    #expect(try directory.reader().verifyChain().isWhole)
  }
}
