import Feedback
import Panel
import Testing

@Suite("A debouncer")
struct DebouncerTests {
  private func debouncer(kernel: Bool = false, level: Bool = false, period: Int = 20) -> Debouncer {
    Debouncer(period: .milliseconds(period), isDebouncedByKernel: kernel, level: level, at: ms(0))
  }

  @Test("believes a level once it was unchanged for the period, and not a nanosecond earlier")
  func stableFor() {
    var line = debouncer()
    #expect(line.take(isActive: true, at: ms(5)) == nil)
    #expect(line.deadline == ms(25))
    #expect(line.settle(by: MonotonicTime(nanoseconds: ms(25).nanoseconds - 1)) == nil)
    #expect(line.settle(by: ms(25)) == .init(isActive: true, at: ms(5), settledAt: ms(25)))
    #expect(line.isActive)
    #expect(line.deadline == nil)
  }

  @Test("stamps the change with the edge after which the level held")
  func stampOfTheEdgeThatHeld() {
    var line = debouncer()
    for (time, level) in [(0, true), (3, false), (6, true), (9, false), (12, true)] {
      #expect(line.take(isActive: level, at: ms(time)) == nil)
    }
    #expect(line.settle(by: ms(500))?.at == ms(12))
  }

  @Test("settles what had become stable before an edge that is handed over late")
  func lateProcessing() {
    var line = debouncer()
    #expect(line.take(isActive: true, at: ms(0)) == nil)
    #expect(line.take(isActive: false, at: ms(100)) == .init(isActive: true, at: ms(0), settledAt: ms(20)))
    #expect(line.settle(by: ms(5000)) == .init(isActive: false, at: ms(100), settledAt: ms(120)))
  }

  @Test("lets a level held for exactly the period pass, whether or not the next edge is known already")
  func exactlyThePeriod() {
    var early = debouncer()
    _ = early.take(isActive: true, at: ms(0))
    let first = early.settle(by: ms(20))
    #expect(early.take(isActive: false, at: ms(20)) == nil)
    var late = debouncer()
    _ = late.take(isActive: true, at: ms(0))
    #expect(late.take(isActive: false, at: ms(20)) == first)
    #expect(early == late)
  }

  @Test("starts the wait anew at an edge that repeats the level")
  func repeatedLevel() {
    var line = debouncer()
    _ = line.take(isActive: true, at: ms(0))
    _ = line.take(isActive: true, at: ms(15))
    #expect(line.settle(by: ms(34)) == nil)
    #expect(line.settle(by: ms(35))?.at == ms(15))
  }

  @Test("takes a stamp that goes back as equal to the one before")
  func stampsGoingBack() {
    var line = debouncer()
    _ = line.take(isActive: true, at: ms(50))
    _ = line.take(isActive: false, at: ms(49))
    _ = line.take(isActive: true, at: ms(48))
    #expect(line.settle(by: ms(69)) == nil)
    #expect(line.settle(by: ms(70))?.at == ms(50))
  }

  @Test("believes each edge at once where the kernel debounces, and drops a repeated level")
  func passThrough() {
    var line = debouncer(kernel: true)
    #expect(line.take(isActive: true, at: ms(7)) == .init(isActive: true, at: ms(7), settledAt: ms(7)))
    #expect(line.take(isActive: true, at: ms(8)) == nil)
    #expect(line.take(isActive: false, at: ms(9))?.isActive == false)
    #expect(line.deadline == nil)
  }

  @Test("survives stamps and periods beyond all reason")
  func absurdNumbers() {
    var line = Debouncer(
      period: .seconds(Int64.max), isDebouncedByKernel: false, level: false, at: MonotonicTime(nanoseconds: .min))
    _ = line.take(isActive: true, at: MonotonicTime(nanoseconds: .max))
    #expect(line.deadline != nil)
    #expect(line.settle(by: MonotonicTime(nanoseconds: .min)) == nil)
  }
}
