import Feedback
import KioskTestKit
import Synchronization
import Testing

@testable import GPIO

/// A simulated chip whose clock is moved by hand: every time below is exact.
@Suite struct SimulatedChipTests {
  static let start = MonotonicTime(nanoseconds: 1_000_000_000)

  func chip(debounces: Bool = false, capacity: Int? = nil) -> SimulatedChip {
    SimulatedChip(
      lineNames: ["A", "B", "C", "LAMP"], debouncesInKernel: debounces, eventBufferCapacity: capacity,
      clock: .manual(startingAt: Self.start))
  }

  func button(
    _ name: String, bias: LineBias = .pullUp, activeLow: Bool = true, debounce: Duration = .zero
  ) -> InputLine {
    InputLine(
      name: name, selector: .named([name], offset: nil), bias: bias, activeLow: activeLow, debounce: debounce)
  }

  func step(_ microseconds: Int64, _ line: Int, _ level: Int) -> WaveformStep {
    WaveformStep(at: .microseconds(microseconds), line: line, isHigh: level == 1)
  }

  func at(_ microseconds: Int64) -> MonotonicTime { Self.start + .microseconds(microseconds) }

  /// Everything delivered until the lines are closed.
  func rest(of inputs: any InputLines) async -> [EdgeBatch] {
    inputs.close()
    var batches: [EdgeBatch] = []
    for await batch in inputs.edges { batches.append(batch) }
    return batches
  }

  @Test(arguments: [
    (LineBias.pullUp, true, false), (.pullUp, false, true), (.pullDown, true, true), (.pullDown, false, false),
    (.asIs, true, false), (.asIs, false, false), (.disabled, true, false),
  ])
  func biasAndPolarityDecideTheLevelAtRest(bias: LineBias, activeLow: Bool, isActive: Bool) throws {
    let inputs = try chip().requestInputs([button("A", bias: bias, activeLow: activeLow)], consumer: "test")
    #expect(try inputs.levels() == [isActive])
    inputs.close()
  }

  @Test func edgesCarryTheTimeOfTheirStepAndTheLogicalLevel() async throws {
    let chip = chip()
    let inputs = try chip.requestInputs(
      [button("B"), button("A", bias: .pullDown, activeLow: false)], consumer: "test")
    let end = try chip.play([step(100, 1, 0), step(250, 0, 1), step(300, 1, 1), step(301, 0, 0)])
    #expect(end == at(301))
    chip.advance(by: .milliseconds(1))
    let batches = await rest(of: inputs)
    #expect(
      batches.flatMap(\.edges) == [
        Edge(line: 0, isActive: true, at: at(100)), Edge(line: 1, isActive: true, at: at(250)),
        Edge(line: 0, isActive: false, at: at(300)), Edge(line: 1, isActive: false, at: at(301)),
      ])
    #expect(batches.allSatisfy { $0.lostLines.isEmpty && $0.failure == nil })
  }

  @Test func aLevelTheLineHasAlreadyMakesNoEdge() async throws {
    let chip = chip()
    let inputs = try chip.requestInputs([button("A")], consumer: "test")
    try chip.play([step(1, 0, 1), step(2, 0, 0), step(3, 0, 0), step(4, 0, 1), step(5, 0, 1)])
    chip.advance(by: .seconds(1))
    #expect(await rest(of: inputs).flatMap(\.edges).map(\.at) == [at(2), at(4)])
  }

  @Test func stepsOfEqualTimeKeepTheirOrderAndOthersAreSorted() async throws {
    let chip = chip()
    let inputs = try chip.requestInputs([button("A"), button("B")], consumer: "test")
    try chip.play([step(9, 1, 0), step(5, 0, 0), step(5, 0, 1), step(5, 0, 0)])
    chip.advance(by: .seconds(1))
    let edges = await rest(of: inputs).flatMap(\.edges)
    #expect(edges.map(\.isActive) == [true, false, true, true])
    #expect(edges.map(\.line) == [0, 0, 0, 1])
  }

  @Test func severalWaveformsPlayAtOnce() async throws {
    let chip = chip()
    let inputs = try chip.requestInputs([button("A"), button("B")], consumer: "test")
    try chip.play([step(0, 0, 0), step(100, 0, 1)])
    chip.advance(to: at(50))
    try chip.play([step(0, 1, 0), step(100, 1, 1)])
    chip.advance(to: at(1000))
    #expect(await rest(of: inputs).flatMap(\.edges).map(\.at) == [at(0), at(50), at(100), at(150)])
  }

  @Test func aButtonHeldBeforeTheRequestIsSeenInTheLevels() async throws {
    let chip = chip()
    try chip.play([step(0, 0, 0)])
    chip.advance(by: .milliseconds(1))
    let inputs = try chip.requestInputs([button("A")], consumer: "test")
    #expect(try inputs.levels() == [true])
    #expect(await rest(of: inputs).flatMap(\.edges).isEmpty)
  }

  @Test func kernelDebounceGivesOneEdgePerStableLevelAtTheEndOfTheSettling() async throws {
    let chip = chip(debounces: true)
    let inputs = try chip.requestInputs([button("A", debounce: .milliseconds(20))], consumer: "test")
    #expect(inputs.isDebouncedByKernel)
    var waveform = WaveformBuilder()
    waveform.chatter(0, edges: 17, every: .microseconds(500))
    waveform.wait(.milliseconds(100))
    waveform.chatter(0, edges: 3, every: .microseconds(500))
    try chip.play(waveform.steps + [step(120_000, 0, 1)])
    chip.advance(by: .milliseconds(5))
    #expect(try inputs.levels() == [false], "not stable yet")
    chip.advance(by: .seconds(1))
    #expect(
      await rest(of: inputs).flatMap(\.edges) == [
        Edge(line: 0, isActive: true, at: at(28_000)), Edge(line: 0, isActive: false, at: at(140_000)),
      ])
  }

  @Test func debouncesOnlyWhereTheKernelDoesAndAllLinesAskForIt() throws {
    let twenty = Duration.milliseconds(20)
    let without = try chip().requestInputs([button("A", debounce: twenty)], consumer: "test")
    #expect(!without.isDebouncedByKernel)
    without.close()
    let partly = try chip(debounces: true).requestInputs(
      [button("A", debounce: twenty), button("B")], consumer: "test")
    #expect(!partly.isDebouncedByKernel)
    partly.close()
  }

  @Test func aReleaseLostInAnOverflowIsReadBack() async throws {
    let chip = chip(capacity: 4)
    let inputs = try chip.requestInputs([button("A"), button("B")], consumer: "test")
    try chip.play([step(0, 1, 0)])
    chip.advance(by: .milliseconds(1))
    var storm = WaveformBuilder()
    storm.chatter(0, edges: 6, every: .microseconds(10))
    // The oldest is dropped: the release of B.
    try chip.play([step(0, 1, 1)] + storm.steps)
    chip.advance(by: .milliseconds(1), isReaderLate: true)
    let batches = await rest(of: inputs)
    let edges = batches.flatMap(\.edges)
    #expect(edges.first == Edge(line: 1, isActive: true, at: at(0)))
    #expect(edges.filter { $0.line == 0 && $0.origin == .kernel }.count == 4)
    #expect(edges.last == Edge(line: 1, isActive: false, at: at(2000), origin: .readBack))
    #expect(Set(batches.flatMap(\.lostLines)) == [0, 1])
  }

  @Test func nothingIsLostWhenTheReaderKeepsUp() async throws {
    let chip = chip(capacity: 1)
    let inputs = try chip.requestInputs([button("A")], consumer: "test")
    var storm = WaveformBuilder()
    storm.chatter(0, edges: 1000, every: .microseconds(10))
    try chip.play(storm.steps)
    chip.advance(by: .seconds(1))
    let batches = await rest(of: inputs)
    #expect(batches.flatMap(\.edges).count == 1000)
    #expect(batches.flatMap(\.lostLines).isEmpty)
  }

  @Test func aDeadlineGivesAnEmptyBatchAtItsMoment() async throws {
    let chip = chip()
    let inputs = try chip.requestInputs([button("A")], consumer: "test")
    var iterator = inputs.edges.makeAsyncIterator()
    inputs.setDeadline(at(500))
    inputs.setDeadline(at(700))
    chip.advance(to: at(1000))
    #expect(await iterator.next() == EdgeBatch(asOf: at(700)))
    inputs.setDeadline(at(900))
    #expect(await iterator.next() == EdgeBatch(asOf: at(1000)), "a moment in the past is now")
    inputs.setDeadline(at(2000))
    inputs.setDeadline(nil)
    chip.advance(to: at(3000))
    #expect(await rest(of: inputs).isEmpty)
  }

  @Test func aBatchThatComesAfterTheDeadlineMeetsIt() async throws {
    let chip = chip()
    let inputs = try chip.requestInputs([button("A")], consumer: "test")
    inputs.setDeadline(at(100))
    try chip.play([step(100, 0, 0)])
    chip.advance(to: at(5000))
    #expect(await rest(of: inputs) == [EdgeBatch(edges: [Edge(line: 0, isActive: true, at: at(100))], asOf: at(100))])
  }

  @Test func aRoundThatWasAskedForGivesABatch() async throws {
    let chip = chip()
    let inputs = try chip.requestInputs([button("A")], consumer: "test")
    var iterator = inputs.edges.makeAsyncIterator()
    inputs.requestRound()
    #expect(await iterator.next() == EdgeBatch(asOf: at(0)))
    #expect(await rest(of: inputs).isEmpty)
  }

  @Test func closingDeliversWhatHappenedAndFreesTheLines() async throws {
    let chip = chip()
    let inputs = try chip.requestInputs([button("A")], consumer: "first")
    try chip.play([step(0, 0, 0)])
    #expect(await rest(of: inputs).flatMap(\.edges).count == 1)
    inputs.close()
    inputs.setDeadline(at(0))
    inputs.requestRound()
    #expect(throws: GPIOError.self) { try inputs.levels() }
    let again = try chip.requestInputs([button("A")], consumer: "second")
    #expect(try again.levels() == [true])
    again.close()
  }

  @Test func aLineInUseIsRefusedWithTheNameOfItsUser() throws {
    let chip = chip()
    chip.occupy(1, consumer: "weather-station")
    let error = #expect(throws: GPIOError.self) {
      try chip.requestInputs([button("A"), button("B")], consumer: "test")
    }
    #expect(error?.code == .lineInUse)
    #expect(error?.message.contains("line B (offset 1)") == true)
    #expect(error?.message.contains("“weather-station”") == true)
    let inputs = try chip.requestInputs([button("A")], consumer: "kioskd")
    let again = #expect(throws: GPIOError.self) {
      try chip.requestOutputs([OutputLine(name: "lamp", selector: .offset(0))], consumer: "test")
    }
    #expect(again?.message.contains("“kioskd”") == true)
    inputs.close()
  }

  @Test(arguments: [true, false])
  func outputsStartOffCanBeLookedAtAndGoOffWhenClosed(activeLow: Bool) throws {
    let chip = chip()
    let seen = Mutex<[SimulatedChip.OutputChange]>([])
    chip.observeOutputs { change in seen.withLock { $0.append(change) } }
    #expect(chip.outputLevel(3) == nil)
    let lamps = try chip.requestOutputs(
      [OutputLine(name: "lamp", selector: .named(["LAMP"], offset: nil), activeLow: activeLow)], consumer: "test")
    #expect(chip.outputLevel(3) == activeLow)
    try lamps.set(0, isOn: true)
    try lamps.set(0, isOn: true)
    #expect(chip.outputLevel(3) == !activeLow)
    #expect(throws: GPIOError.self) { try lamps.set(1, isOn: true) }
    #expect(throws: GPIOError.self) { try lamps.set(-1, isOn: true) }
    lamps.close()
    lamps.close()
    #expect(chip.outputLevel(3) == nil)
    #expect(throws: GPIOError.self) { try lamps.set(0, isOn: true) }
    #expect(seen.withLock { $0.map(\.isHigh) } == [activeLow, !activeLow, activeLow])
    #expect(chip.outputLevel(99) == nil)
  }

  @Test func anOutputCannotBeDrivenFromOutside() throws {
    let chip = chip()
    let lamps = try chip.requestOutputs([OutputLine(name: "lamp", selector: .offset(3))], consumer: "test")
    try chip.play([step(0, 3, 1)])
    chip.advance(by: .seconds(1))
    #expect(chip.outputLevel(3) == false)
    lamps.close()
  }

  @Test func unpluggingEndsTheStreamWithAFailure() async throws {
    let chip = chip()
    let inputs = try chip.requestInputs([button("A")], consumer: "test")
    let lamps = try chip.requestOutputs([OutputLine(name: "lamp", selector: .offset(3))], consumer: "test")
    inputs.setDeadline(at(10))
    chip.unplug()
    chip.advance(by: .seconds(1))
    var batches: [EdgeBatch] = []
    for await batch in inputs.edges { batches.append(batch) }
    #expect(batches.map { $0.failure?.code } == [.noChip])
    #expect(throws: GPIOError.self) { try lamps.set(0, isOn: true) }
    #expect(throws: GPIOError.self) { try chip.requestInputs([button("B")], consumer: "test") }
    inputs.close()
    lamps.close()
  }

  @Test func refusesWaveformsItCannotPlay() throws {
    let chip = chip()
    let long = (0...Waveform.stepLimit).map { step(Int64($0), 0, $0 % 2) }
    for waveform in [long, [step(0, 4, 1)], [step(0, -1, 1)], [step(-1, 0, 1)], [step(3_600_000_001, 0, 1)]] {
      let error = #expect(throws: WaveformError.self) { try chip.play(waveform) }
      #expect(error?.hint.isEmpty == false)
    }
    #expect(try chip.play([]) == at(0))
    for _ in 0..<32 { try chip.play([step(100, 0, 1)]) }
    #expect(throws: WaveformError.self) { try chip.play([step(100, 0, 1)]) }
    chip.advance(by: .seconds(1))
    #expect(throws: Never.self) { try chip.play([step(100, 0, 1)]) }
  }

  @Test func theClockNeverGoesBack() {
    let chip = chip()
    chip.advance(to: at(100))
    chip.advance(to: at(50))
    #expect(chip.now == at(100))
  }
}
