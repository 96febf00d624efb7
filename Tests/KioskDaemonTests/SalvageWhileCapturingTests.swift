import Feedback
import Foundation
import Journal
import KioskTestKit
import Testing

@testable import KioskDaemon

@Suite struct SalvageWhileCapturingTests {
  @Test func aDamagedJournalIsReadBesideThePressesAndReported() throws {
    let kiosk = try CaptureUnderTest()
    // The journal of earlier, of which a page in the middle is gone.
    let earlier = try Journal.open(
      directory: kiosk.directory.path, device: "kiosk-test", boot: BootIdentity(bootID: "boot-0"),
      reading: kiosk.clock.read())
    let epoch = earlier.epoch
    _ = try earlier.append(
      (0..<300).map { EventDraft(kind: .rating, at: kiosk.clock.read(), button: "b\($0)", verdict: .counted) })
    earlier.close()
    let database = "\(kiosk.directory.path)/ratings.db"
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: database))
    try file.seek(toOffset: 512 * 60)
    try file.write(contentsOf: Data(repeating: 0xaa, count: 512))
    try file.close()

    kiosk.start()
    try kiosk.press("happy")
    kiosk.advance(.seconds(4), step: .milliseconds(250))
    let reports = try kiosk.events().filter { $0.content.code == HealthCode.journalSalvaged.rawValue }
    #expect(reports.count == 1)
    #expect(reports.first?.content.detail?.contains(epoch) == true)
    #expect(try kiosk.ratings().count == 1)
    let epochs = JournalEpochs.all(in: kiosk.directory.path)
    #expect(epochs.map(\.isCurrent) == [false, true])
    #expect(epochs.first?.epoch == epoch)
    let salvaged = try JournalReader.open(try #require(epochs.first?.path)).events(after: 0, limit: 1_000)
    #expect((200..<301).contains(salvaged.count))
    #expect(kiosk.stop() == .success)
  }
}
