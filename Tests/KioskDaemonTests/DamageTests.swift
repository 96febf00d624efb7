import Feedback
import Foundation
import Journal
import KioskControl
import KioskTestKit
import Testing

@Suite("kioskd and a journal that somebody scribbles over")
struct DamageTests {
  /// Writes random bytes into random places, without changing the file's length.
  private func scribble(_ path: String, places: Int, using random: inout SeededGenerator) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let size = try file.seekToEnd()
    guard size > 0 else { return }
    for _ in 0..<places {
      let offset = UInt64.random(in: 0..<size, using: &random)
      let count = min(UInt64.random(in: 1...600, using: &random), size - offset)
      try file.seek(toOffset: offset)
      try file.write(contentsOf: Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }))
    }
  }

  private func setAside(_ daemon: DaemonUnderTest) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: daemon.state)
      .filter { $0.hasPrefix("ratings.corrupt-") && $0.hasSuffix(".db") }
  }

  /// Presses until the journal takes them again. Presses in between wait in memory and are committed, too.
  private func pressUntilCommitted(_ daemon: DaemonUnderTest) throws -> Int {
    var presses = 0
    #expect(
      eventually {
        presses += 1
        return (try? daemon.press("happy").first?.sequence) != nil
      })
    #expect(eventually { (try? daemon.status().journal.isWritable) == true })
    return presses
  }

  @Test(
    "random bytes while it is stopped: it starts, at most one file is set aside, and presses are committed",
    arguments: UInt64(1)...8)
  func whileStopped(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    for face in SimulatedPanelFiles.faces { try daemon.press(face) }
    daemon.program.signal(SIGKILL)
    #expect(daemon.program.exitCode() != nil)

    let files = [["ratings.db"], ["ratings.db-wal"], ["ratings.db-shm"], ["ratings.db", "ratings.db-wal"]]
    let chosen = files[Int(seed) % files.count]
    for name in chosen {
      try scribble("\(daemon.state)/\(name)", places: Int.random(in: 1...8, using: &random), using: &random)
    }
    try daemon.restart()
    #expect(daemon.waitUntilReady())
    let presses = try pressUntilCommitted(daemon)
    let aside = try setAside(daemon)
    #expect(aside.count <= 1, "seed \(seed)")
    // Whatever is not as it was left is told of, and nothing else is.
    let codes = try daemon.status().health.map(\.code)
    #expect(codes == (aside.isEmpty ? [] : [.journalSetAside]), "seed \(seed): \(chosen)")
    if !aside.isEmpty {
      #expect(try daemon.ratings().count == presses, "seed \(seed)")
      #expect(try JournalReader.open(daemon.database).verifyChain().isWhole, "seed \(seed)")
    }
    #expect(daemon.stop() == 0)
  }

  @Test("random bytes while it runs: presses go on being committed, and nothing loops", arguments: UInt64(1)...6)
  func whileRunning(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    for face in SimulatedPanelFiles.faces { try daemon.press(face) }
    for _ in 0..<3 {
      for name in ["ratings.db", "ratings.db-wal"] {
        try scribble("\(daemon.state)/\(name)", places: 6, using: &random)
      }
      _ = try pressUntilCommitted(daemon)
    }
    #expect(daemon.program.isRunning)
    #expect(try setAside(daemon).count <= 3, "seed \(seed)")
    // The damage is met at the latest when it starts again, and what comes then is kept.
    #expect(daemon.stop() == 0)
    try daemon.restart()
    #expect(daemon.waitUntilReady())
    _ = try pressUntilCommitted(daemon)
    #expect(try setAside(daemon).count <= 4, "seed \(seed)")
    #expect(daemon.stop() == 0)
  }
}
