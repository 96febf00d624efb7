import KioskAgent
import Testing

/// Who waits is woken, whoever rings first.
@Suite struct BellTests {
  @Test("a ring between looking and waiting is not missed")
  func notMissed() async {
    let bell = Bell()
    let before = await bell.rings
    await bell.ring()
    #expect(await bell.wait(after: before, for: .seconds(60)) == before + 1)
  }

  @Test("everybody who waits is woken by one ring")
  func everybody() async {
    let bell = Bell()
    let woken = await withTaskGroup(of: UInt64.self) { group in
      for _ in 0..<8 { group.addTask { await bell.wait(after: 0, for: .seconds(60)) } }
      group.addTask {
        await bell.ring()
        return 1
      }
      var counts: [UInt64] = []
      for await count in group { counts.append(count) }
      return counts
    }
    #expect(woken == Array(repeating: 1, count: 9))
  }

  @Test("waiting ends with the time, and with the task")
  func bounded() async {
    let bell = Bell()
    #expect(await bell.wait(after: 0, for: .milliseconds(1)) == 0)
    let task = Task { await bell.wait(after: 0, for: .seconds(3_600)) }
    task.cancel()
    #expect(await task.value == 0)
  }
}
