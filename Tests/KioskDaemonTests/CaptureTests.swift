import CSQLite
import Feedback
import Foundation
import GPIO
import Journal
import KioskConfiguration
import KioskTestKit
import Synchronization
import Testing

@testable import KioskDaemon

@Suite("From edge to commit and lamp, on a clock moved by hand")
struct CaptureTests {
  @Test("the thank-you lamp is switched on when another process can read the press, not before")
  func lampAfterCommit() throws {
    let kiosk = try CaptureUnderTest()
    let lamp = kiosk.line("thanks")
    let database = "\(kiosk.directory.path)/ratings.db"
    let seen = Mutex<[Int]>([])
    kiosk.chip.observeOutputs { change in
      guard change.offset == lamp, change.isHigh else { return }
      let ratings = (try? JournalReader.open(database).events(after: 0, limit: 1_000))?
        .count { $0.content.kind == .rating }
      seen.withLock { $0.append(ratings ?? -1) }
    }
    kiosk.start()
    for button in ["happy", "unhappy", "neutral"] {
      try kiosk.press(button)
      kiosk.advance(.seconds(2), step: .milliseconds(50))
    }
    #expect(seen.withLock { $0 } == [1, 2, 3])
    #expect(kiosk.stop() == .success)
  }

  @Test(
    "a commit that fails gives no thanks, shows out of service, and the press is committed once, later",
    arguments: [FaultVFS.Fault.diskFull, .syncFailed, .writeFailed])
  func failedCommit(fault: FaultVFS.Fault) throws {
    let vfs = FaultVFS()
    var tuning = JournalTuning()
    tuning.vfs = vfs.name
    let kiosk = try CaptureUnderTest(tuning: tuning)
    kiosk.start()
    try kiosk.press("happy")
    kiosk.advance(.seconds(2), step: .milliseconds(50))
    let changes = Mutex<[String]>([])
    let names = kiosk.chip.lines.names
    kiosk.chip.observeOutputs { change in changes.withLock { $0.append("\(names[change.offset]) \(change.isHigh)") } }

    let call: FaultVFS.Call = fault == .syncFailed ? .sync : .write
    vfs.fail(call, nth: 1, with: fault, lasting: true)
    try kiosk.press("unhappy")
    #expect(kiosk.health == [.journalUnavailable])
    #expect(changes.withLock { $0 } == ["out-of-service true"])
    try kiosk.press("neutral")
    kiosk.advance(.seconds(10), step: .milliseconds(100))
    #expect(changes.withLock { $0 } == ["out-of-service true"])
    #expect(kiosk.capture.figures.current.waiting == 2)

    vfs.heal()
    kiosk.advance(.seconds(31), step: .milliseconds(100))
    #expect(kiosk.health == [])
    #expect(changes.withLock { $0 } == ["out-of-service true", "out-of-service false"])
    #expect(try kiosk.ratings().map(\.content.button) == ["happy", "unhappy", "neutral"])
    try kiosk.press("happy")
    #expect(changes.withLock { $0.last } == "thanks true")
    #expect(kiosk.stop() == .success)
    let sequences = try kiosk.events().map(\.sequence)
    #expect(sequences == Array(1...Int64(sequences.count)))
    #expect(try JournalReader.open("\(kiosk.directory.path)/ratings.db").verifyChain().isWhole)
  }

  @Test("presses that come while nobody reads share a commit and keep their order and stamps")
  func lateReader() throws {
    let kiosk = try CaptureUnderTest()
    kiosk.start()
    let commits = kiosk.capture.figures.current.commits
    var waveform = WaveformBuilder(seed: 9)
    let buttons = ["happy", "unhappy", "happy", "very-unhappy"]
    var starts: [Int64] = []
    for button in buttons {
      starts.append((kiosk.chip.now + waveform.position).nanoseconds)
      try waveform.press(kiosk.line(button), bounceEdges: 4)
      waveform.wait(.milliseconds(120))
    }
    try kiosk.chip.play(waveform.steps)
    kiosk.chip.advance(by: .seconds(2), isReaderLate: true)
    kiosk.settle()
    let ratings = try kiosk.ratings()
    #expect(ratings.map(\.content.button) == buttons)
    #expect(kiosk.capture.figures.current.commits == commits + 1)
    for (rating, start) in zip(ratings, starts) {
      #expect((0..<80_000_000).contains(rating.content.bootTimeNanoseconds - start))
    }
  }

  @Test("an edge storm that overflows the kernel's buffer wedges nothing: health says so, the next press counts")
  func storm() throws {
    let kiosk = try CaptureUnderTest(eventBufferCapacity: 64)
    kiosk.start()
    var waveform = WaveformBuilder()
    waveform.chatter(kiosk.line("happy"), edges: 3_001, every: .microseconds(300))
    try kiosk.chip.play(waveform.steps)
    kiosk.chip.advance(by: .milliseconds(400), isReaderLate: true)
    kiosk.advance(.milliseconds(600))
    // The storm ended with the contact closed; it opens again.
    try kiosk.chip.play([WaveformStep(at: .milliseconds(1), line: kiosk.line("happy"), isHigh: true)])
    kiosk.advance(.seconds(3), step: .milliseconds(20))
    let before = try kiosk.ratings().count
    try kiosk.press("happy")
    #expect(try kiosk.ratings().count == before + 1)
    let codes = try kiosk.events().compactMap(\.content.code)
    #expect(codes.contains("edges-lost"))
    #expect(codes.contains("edge-storm"))
    #expect(codes.contains("edge-storm-over"))
    #expect(kiosk.health == [])
  }

  @Test("a release lost by the kernel ends the press all the same")
  func lostRelease() throws {
    let kiosk = try CaptureUnderTest(eventBufferCapacity: 4)
    kiosk.start()
    try kiosk.chip.play([WaveformStep(at: .zero, line: kiosk.line("happy"), isHigh: false)])
    kiosk.advance(.milliseconds(50))
    var waveform = WaveformBuilder()
    // The release of one button is pushed out of the buffer by another's noise.
    waveform.chatter(kiosk.line("unhappy"), edges: 40, every: .microseconds(200))
    try kiosk.chip.play(
      [WaveformStep(at: .zero, line: kiosk.line("happy"), isHigh: true)] + waveform.steps)
    kiosk.chip.advance(by: .milliseconds(20), isReaderLate: true)
    kiosk.advance(.milliseconds(200))
    #expect(!kiosk.capture.figures.current.isDown[3])
    try kiosk.press("happy")
    #expect(try kiosk.ratings().filter { $0.content.button == "happy" }.count == 2)
    kiosk.advance(.seconds(12), step: .milliseconds(100))
    #expect(kiosk.health == [])
  }

  @Test("a button held at the start is no vote, is told, and is live once it is free")
  func heldAtStart() throws {
    let kiosk = try CaptureUnderTest(prepare: { chip in
      try chip.play([WaveformStep(at: .zero, line: 0, isHigh: false)])
      chip.advance(by: .milliseconds(1))
    })
    kiosk.start()
    kiosk.advance(.seconds(2), step: .milliseconds(50))
    #expect(kiosk.health == [.buttonStuck])
    try kiosk.press("happy")
    #expect(try kiosk.ratings().map(\.content.button) == ["happy"])
    try kiosk.chip.play([WaveformStep(at: .zero, line: 0, isHigh: true)])
    kiosk.advance(.milliseconds(200))
    #expect(kiosk.health == [])
    try kiosk.press("very-unhappy")
    #expect(try kiosk.ratings().map(\.content.button) == ["happy", "very-unhappy"])
  }

  @Test("a chip that goes away ends the daemon with a code of its own, and the journal says why")
  func unplugged() throws {
    let kiosk = try CaptureUnderTest()
    kiosk.start()
    try kiosk.press("happy")
    kiosk.chip.unplug()
    #expect(eventually { kiosk.exitCode != nil })
    #expect(kiosk.exitCode == .gpioFailed)
    #expect(try kiosk.events().last?.content.code == "lines-lost")
    #expect(try kiosk.ratings().count == 1)
  }

  @Test("a press made before the clock was right says so", arguments: ClockState.allCases)
  func clock(state: ClockState) throws {
    let kiosk = try CaptureUnderTest()
    kiosk.clock.setWall(milliseconds: 12_345, state: state)
    kiosk.start()
    try kiosk.press("happy")
    let rating = try #require(try kiosk.ratings().first)
    #expect(rating.content.clockState == state)
    #expect(abs(rating.content.wallMilliseconds - 12_345) < 100)
  }

  @Test("where the kernel debounces, the same presses are recognised")
  func kernelDebounce() throws {
    let kiosk = try CaptureUnderTest(debouncesInKernel: true)
    kiosk.start()
    for button in ["happy", "happy", "neutral"] { try kiosk.press(button, bounceEdges: 18) }
    #expect(try kiosk.ratings().map(\.content.button) == ["happy", "happy", "neutral"])
  }

  @Test("an idle kiosk asks for no wake-up")
  func idle() async throws {
    let kiosk = try CaptureUnderTest()
    kiosk.start()
    try kiosk.press("happy")
    kiosk.advance(.seconds(3), step: .milliseconds(100))
    #expect(await kiosk.capture.nextDeadline == nil)
  }

  @Test("events beyond what memory may hold are dropped, counted and told")
  func tooManyWaiting() throws {
    let vfs = FaultVFS()
    var tuning = JournalTuning()
    tuning.vfs = vfs.name
    let directory = try TemporaryDirectory()
    var keeper = JournalKeeper(
      directory: directory.path, device: "kiosk", boot: BootIdentity(bootID: "b"), tuning: tuning)
    let reading = ClockReading(
      monotonic: MonotonicTime(nanoseconds: 1), bootTimeNanoseconds: 1, wallMilliseconds: 1, state: .synchronised)
    let event = PendingEvent(draft: EventDraft(kind: .contact, at: reading))
    vfs.fail(.write, nth: 1, with: .diskFull, lasting: true)
    #expect(keeper.commit([event], at: reading).failure?.code == .diskFull)
    let outcome = keeper.commit(Array(repeating: event, count: JournalKeeper.mostWaiting + 9), at: reading)
    #expect(outcome.dropped == 10)
    #expect(keeper.waiting.count == JournalKeeper.mostWaiting)
    vfs.heal()
    #expect(keeper.close(at: reading) == 0)
    #expect(
      try JournalReader.open("\(directory.path)/ratings.db").summary().lastSequence
        == Int64(JournalKeeper.mostWaiting) + 1)
  }

  @Test("an append that failed late and is found whole after reopening is not written twice")
  func failedLate() throws {
    let vfs = FaultVFS()
    var tuning = JournalTuning()
    tuning.vfs = vfs.name
    let directory = try TemporaryDirectory()
    var keeper = JournalKeeper(
      directory: directory.path, device: "kiosk", boot: BootIdentity(bootID: "b"), tuning: tuning)
    func reading(_ second: Int64) -> ClockReading {
      ClockReading(
        monotonic: MonotonicTime(nanoseconds: second * 1_000_000_000), bootTimeNanoseconds: second * 1_000_000_000,
        wallMilliseconds: second * 1_000, state: .synchronised)
    }
    func event(_ second: Int64) -> PendingEvent {
      PendingEvent(draft: EventDraft(kind: .contact, at: reading(second), button: "button-\(second)"))
    }
    #expect(keeper.commit([event(1)], at: reading(1)).committed.count == 1)
    vfs.fail(.sync, nth: 1, with: .syncFailed, lasting: true)
    #expect(keeper.commit([event(2), event(3)], at: reading(2)).failure != nil)
    keeper.letGo()
    vfs.heal()
    let outcome = keeper.commit([event(4)], at: reading(100))
    #expect(outcome.committed.compactMap(\.event.content.button) == ["button-2", "button-3", "button-4"])
    #expect(keeper.waiting.isEmpty)
    #expect(keeper.close(at: reading(101)) == 0)
    let reader = try JournalReader.open("\(directory.path)/ratings.db")
    let buttons = try reader.events(after: 0, limit: 100).compactMap(\.content.button)
    #expect(buttons == ["button-1", "button-2", "button-3", "button-4"])
    #expect(try reader.verifyChain().isWhole)
  }

  @Test(
    "a press that begins while the lines are taken anew is not lost", arguments: [true, false])
  func pressDuringReload(debouncesInKernel: Bool) throws {
    let kiosk = try CaptureUnderTest(debouncesInKernel: debouncesInKernel)
    kiosk.start()
    try kiosk.press("happy")
    let line = kiosk.line("neutral")
    try kiosk.chip.play([
      WaveformStep(at: .zero, line: line, isHigh: false),
      WaveformStep(at: .milliseconds(300), line: line, isHigh: true),
    ])
    // The contact has closed, its level has not settled yet.
    kiosk.chip.advance(by: .milliseconds(10))
    kiosk.settle()
    var files = SimulatedPanelFiles.standard
    files["panel.toml"] = SimulatedPanelFiles.panel(timing: "debounce = \"30ms\"")
    let settings = try KioskSettings.load(
      sources: files.sorted { $0.key < $1.key }.map { ConfigurationSource(path: $0.key, text: $0.value) })
    kiosk.capture.commands.post(.reconfigure(Reconfiguration(settings: settings, chip: kiosk.chip)))
    kiosk.advance(.seconds(3), step: .milliseconds(10))
    #expect(try kiosk.ratings().map(\.content.button) == ["happy", "neutral"])
    try kiosk.press("neutral")
    #expect(try kiosk.ratings().count == 3)
    #expect(kiosk.health == [])
  }
}
