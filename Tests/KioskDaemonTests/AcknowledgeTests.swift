import Feedback
import Foundation
import Journal
import KioskTestKit
import Testing

@testable import KioskControl
@testable import KioskDaemon

@Suite("What every consumer has may expire, and nothing else")
struct AcknowledgeTests {
  private static let day: Int64 = 86_400_000
  private static let start: Int64 = 1_800_000_000_000

  private static var tuning: JournalTuning {
    var tuning = JournalTuning()
    tuning.newestKept = 1
    return tuning
  }

  /// Tells capture, and returns what it answers.
  private func tell(_ kiosk: CaptureUnderTest, epoch: String, through: Int64) -> ControlReply? {
    _ = kiosk.outbox.take()
    kiosk.capture.commands.post(.acknowledge(epoch: epoch, through: through, ControlServer.ConnectionID(number: 1)))
    var reply: ControlReply?
    _ = eventually {
      for case .reply(let found, _) in kiosk.outbox.take().items { reply = found }
      return reply != nil
    }
    return reply
  }

  private func epoch(_ kiosk: CaptureUnderTest) throws -> String {
    try #require(kiosk.capture.figures.current.epoch)
  }

  private func acknowledgedOnDisk(_ path: String) throws -> Int64 {
    try JournalReader.open(path).summary().acknowledgedThrough
  }

  @Test("by age goes what was acknowledged; what was not stays, however old")
  func expiry() throws {
    let kiosk = try CaptureUnderTest(tuning: Self.tuning)
    kiosk.clock.setWall(milliseconds: Self.start, state: .synchronised)
    kiosk.start()
    for _ in 0..<4 { try kiosk.press("happy") }
    let presses = try kiosk.ratings().map(\.sequence)
    for days in [1, 40, 80] {
      kiosk.clock.setWall(milliseconds: Self.start + Int64(days) * Self.day, state: .synchronised)
      kiosk.advance(.seconds(3), step: .milliseconds(500))
    }
    #expect(try kiosk.events().first?.sequence == 1, "nothing has been acknowledged")
    #expect(tell(kiosk, epoch: try epoch(kiosk), through: presses[1])?.done == true)
    kiosk.advance(.seconds(5), step: .milliseconds(500))
    #expect(try kiosk.ratings().map(\.sequence) == Array(presses[2...]))
    #expect(try kiosk.events().first?.sequence == presses[1] + 1)
    let reader = try JournalReader.open("\(kiosk.directory.path)/ratings.db")
    #expect(try reader.verifyChain().isWhole)
    #expect(try reader.summary().acknowledgedThrough == presses[1])
    #expect(kiosk.stop() == .success)
  }

  @Test("forty a second cost two fsyncs in a minute, none of them a press's, and the last one is on disk at the end")
  func coalesced() throws {
    let vfs = FaultVFS()
    var tuning = Self.tuning
    tuning.vfs = vfs.name
    let kiosk = try CaptureUnderTest(tuning: tuning)
    kiosk.start()
    for _ in 0..<5 { try kiosk.press("happy") }
    let path = "\(kiosk.directory.path)/ratings.db"
    let (epoch, last) = (try epoch(kiosk), try #require(try kiosk.events().last).sequence)
    kiosk.advance(.seconds(3), step: .milliseconds(500))
    let syncs = vfs.count(.sync)
    #expect(tell(kiosk, epoch: epoch, through: 1)?.done == true)
    #expect(try acknowledgedOnDisk(path) == 0, "noting costs no write")
    for number in 0..<400 {
      #expect(tell(kiosk, epoch: epoch, through: 1 + Int64(number) * (last - 1) / 399)?.done == true)
      kiosk.chip.advance(by: .milliseconds(25))
    }
    #expect((0..<last).contains(try acknowledgedOnDisk(path)))
    #expect(vfs.count(.sync) - syncs == 1)
    kiosk.advance(.seconds(61), step: .milliseconds(500))
    #expect(vfs.count(.sync) - syncs == 2)
    #expect(try acknowledgedOnDisk(path) == last)
    // An earlier one, told late, changes nothing; a later one is on disk when capture ends.
    try kiosk.press("happy")
    let newest = try #require(try kiosk.events().last).sequence
    #expect(tell(kiosk, epoch: epoch, through: newest)?.done == true)
    #expect(tell(kiosk, epoch: epoch, through: 2)?.done == true)
    #expect(kiosk.stop() == .success)
    #expect(try acknowledgedOnDisk(path) == newest)
  }

  @Test("a kiosk that has been told something is as idle as before")
  func idle() async throws {
    let kiosk = try CaptureUnderTest(tuning: Self.tuning)
    kiosk.start()
    kiosk.settle()
    for _ in 0..<3 { #expect(tell(kiosk, epoch: try epoch(kiosk), through: 1)?.done == true) }
    #expect(await kiosk.capture.nextDeadline == nil)
    #expect(kiosk.stop() == .success)
  }

  @Test("while the journal cannot be opened it is refused, and may be told again later")
  func noJournal() throws {
    let vfs = FaultVFS()
    var tuning = Self.tuning
    tuning.vfs = vfs.name
    vfs.fail(.write, nth: 1, with: .diskFull, lasting: true)
    let kiosk = try CaptureUnderTest(tuning: tuning)
    kiosk.start()
    let refusal = tell(kiosk, epoch: String(repeating: "0", count: 32), through: 1)
    #expect(refusal?.error?.code == .system)
    #expect(refusal?.error?.hint.contains("later") == true)
    vfs.heal()
    kiosk.advance(.seconds(2), step: .milliseconds(100))
    #expect(tell(kiosk, epoch: try epoch(kiosk), through: 1)?.done == true)
    #expect(kiosk.stop() == .success)
  }

  @Test("the real kioskd refuses what cannot be, ignores other epochs, and keeps the number over a restart")
  func program() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    for _ in 0..<3 { try daemon.press("happy") }
    let epoch = try #require(try daemon.status().journal.epoch)
    let last = try #require(try daemon.events().last).sequence
    func code(_ epoch: String, _ through: Int64) -> ControlError.Code? {
      do {
        _ = try daemon.ask(.acknowledge(epoch: epoch, through: through))
        return nil
      } catch {
        return (error as? ControlError)?.code
      }
    }
    #expect(code(epoch, last + 1) == .badRequest)
    #expect(code(epoch, .max) == .badRequest)
    #expect(code(epoch, -1) == .badRequest)
    #expect(code(epoch, .min) == .badRequest)
    for garbage in ["", "epoch", epoch.uppercased() + "0", String(epoch.dropLast()), epoch.dropLast() + "g"] {
      #expect(code(garbage, 1) == .badRequest, "\(garbage)")
    }
    // Of a journal that was set aside.
    #expect(code(String(epoch.reversed()), .max) == nil)
    #expect(code(epoch, 0) == nil)
    #expect(code(epoch, last - 1) == nil)
    #expect(daemon.stop() == 0)
    #expect(try acknowledgedOnDisk(daemon.database) == last - 1)
    try daemon.restart()
    #expect(daemon.waitUntilReady())
    #expect(code(epoch, last) == nil)
    daemon.program.signal(SIGKILL)
    #expect(daemon.program.exitCode() == 128 + SIGKILL)
    // Lost or not, it is never ahead of what was said.
    #expect([last - 1, last].contains(try acknowledgedOnDisk(daemon.database)))
  }
}
