import Feedback
import Foundation
import Journal
import KioskTestKit
import Testing

@testable import KioskDaemon

@Suite struct CaptureTidyingTests {
  private static let truth: Int64 = 1_800_000_000_000

  private func clockCodes(_ kiosk: CaptureUnderTest) throws -> [String] {
    try kiosk.events().filter { $0.content.kind == .clock }.compactMap(\.content.code)
  }

  @Test func theClockIsPutOnRecordWhenItBecomesTrusted() throws {
    let kiosk = try CaptureUnderTest()
    kiosk.clock.setWall(milliseconds: 5_000, state: .implausible)
    kiosk.start()
    try kiosk.press("happy")
    #expect(try clockCodes(kiosk) == ["boot"])
    kiosk.clock.setWall(milliseconds: Self.truth, state: .synchronised)
    kiosk.settle()
    #expect(try clockCodes(kiosk) == ["boot", "anchor"])
    kiosk.settle()
    #expect(try clockCodes(kiosk) == ["boot", "anchor"])

    // The press made in 1970 has its time now.
    let reader = try JournalReader.open("\(kiosk.directory.path)/ratings.db")
    let press = try #require(try kiosk.ratings().first)
    let time = try reader.clockHistory().time(of: press, boots: reader.boots(after: 0, limit: 10))
    #expect(press.content.clockState == .implausible)
    #expect(time.basis == .anchored)
    #expect(abs(time.milliseconds - Self.truth) < 1_000)
    #expect(kiosk.stop() == .success)
  }

  @Test func aStepThatComesWithAPressSharesItsCommit() throws {
    let kiosk = try CaptureUnderTest()
    kiosk.start()
    try kiosk.press("happy")
    let before = kiosk.capture.figures.current.commits
    kiosk.clock.setWall(milliseconds: Self.truth - 3_600_000, state: .unsynchronised)
    try kiosk.press("happy")
    #expect(try clockCodes(kiosk).last == "step")
    // The step is seen with the first edge, the press when it has settled; but never a third commit.
    #expect(kiosk.capture.figures.current.commits - before <= 2)
    #expect(try kiosk.ratings().count == 2)
    #expect(kiosk.stop() == .success)
  }

  @Test func anIdleKioskHasNoDeadlineForItsJournal() async throws {
    let kiosk = try CaptureUnderTest()
    kiosk.start()
    kiosk.settle()
    #expect(await kiosk.capture.nextDeadline == nil)
    #expect(FileManager.default.fileExists(atPath: "\(kiosk.directory.path)/ratings.reserve"))
    #expect(kiosk.stop() == .success)
  }
}
