import CKioskPlatform
import Feedback
import Glibc
import Synchronization

/// Input lines of a simulated chip as a source of edges.
final class SimulatedInputs: EdgeSource {
  private let chip: SimulatedChip
  private let request: Int
  private let offsets: [Int]
  /// Expires when something happens on the chip; -1 where its clock is moved by hand.
  private let timer: Int32
  private let isReleased = Mutex(false)

  let isDebouncedByKernel: Bool
  /// The simulation knows its levels exactly.
  let settling = Duration.zero

  var lineCount: Int { offsets.count }
  var descriptors: [Int32] { timer < 0 ? [] : [timer] }

  init(chip: SimulatedChip, request: Int, offsets: [Int], timer: Int32, isDebouncedByKernel: Bool) {
    self.chip = chip
    self.request = request
    self.offsets = offsets
    self.timer = timer
    self.isDebouncedByKernel = isDebouncedByKernel
  }

  deinit { release() }

  func drain(into buffer: inout EdgeBuffer) throws(GPIOError) {
    try chip.state.withLock { state throws(GPIOError) in
      if timer >= 0 {
        _ = kiosk_timerfd_clear(timer)
        state.timers[request]?.setTo = nil
      }
      if !state.isUnplugged { state.board.run(until: state.now) }
      state.board.queues[request]?.move(to: &buffer)
      guard !state.isUnplugged else { throw .unplugged(chip.lines.chip) }
      state.setTimers()
    }
  }

  func levels() throws(GPIOError) -> [Bool] {
    guard !isReleased.withLock({ $0 }) else { throw .linesClosed(chip.lines.chip) }
    return try chip.state.withLock { state throws(GPIOError) in
      guard !state.isUnplugged else { throw .unplugged(chip.lines.chip) }
      state.board.run(until: state.now)
      state.setTimers()
      return state.board.levels(of: offsets)
    }
  }

  func release() {
    let isFirst = isReleased.withLock { isReleased in
      defer { isReleased = true }
      return !isReleased
    }
    guard isFirst else { return }
    // Let go of outside the lock: it may be the last that keeps this source.
    let reader = chip.state.withLock { state in
      state.board.releaseInputs(offsets, request: request)
      state.timers[request] = nil
      return state.steppedReaders.removeValue(forKey: request)
    }
    _ = reader
    if timer >= 0 { Glibc.close(timer) }
  }
}

/// Output lines of a simulated chip.
final class SimulatedOutputs: OutputLines {
  private let chip: SimulatedChip
  private let lines: [OutputLine]
  private let offsets: [Int]
  private let isReleased = Mutex(false)

  init(chip: SimulatedChip, lines: [OutputLine], offsets: [Int]) {
    self.chip = chip
    self.lines = lines
    self.offsets = offsets
  }

  deinit { close() }

  func set(_ line: Int, isOn: Bool) throws(GPIOError) {
    guard lines.indices.contains(line) else {
      throw .noRequestedLine(line, of: lines.count, on: chip.lines.chip)
    }
    guard !isReleased.withLock({ $0 }) else { throw .linesClosed(chip.lines.chip) }
    let offset = offsets[line]
    let isHigh = isOn != lines[line].activeLow
    let (observers, change) = try chip.state.withLock {
      state throws(GPIOError) -> ([@Sendable (SimulatedChip.OutputChange) -> Void], SimulatedChip.OutputChange) in
      guard !state.isUnplugged else { throw .unplugged(chip.lines.chip) }
      let isChanged = state.board.lines[offset].driven != isHigh
      state.board.lines[offset].driven = isHigh
      return (isChanged ? state.observers : [], .init(offset: offset, isHigh: isHigh, at: state.now))
    }
    for observer in observers { observer(change) }
  }

  func close() {
    for line in lines.indices { try? set(line, isOn: false) }
    let isFirst = isReleased.withLock { isReleased in
      defer { isReleased = true }
      return !isReleased
    }
    if isFirst { chip.state.withLock { $0.board.releaseOutputs(offsets) } }
  }
}

extension GPIOError {
  static func unplugged(_ chip: String) -> GPIOError {
    GPIOError(.noChip, "\(chip) went away", hint: "it was unplugged; start the simulation again")
  }
}
