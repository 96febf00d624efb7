import CKioskPlatform
import Feedback
import Glibc
import Synchronization

/// A chip that is nowhere but in memory: its inputs follow waveforms it is told to play, its outputs can be looked at.
///
/// Lines are found, read and reported by the very code that does so for the kernel's chips. Edges carry the exact time of
/// their step. With the kernel's clock they arrive in real time on the reading thread; with a clock moved by hand,
/// nothing happens but inside `advance(to:)`, on the caller's thread.
public final class SimulatedChip: Chip {
  /// What makes time go on.
  public enum Clock: Sendable, Hashable {
    /// CLOCK_MONOTONIC.
    case kernel
    /// Whoever calls `advance(to:)`.
    case manual(startingAt: MonotonicTime)
  }

  /// A change of an output line.
  public struct OutputChange: Sendable, Hashable {
    /// The line's offset on the chip.
    public var offset: Int
    /// The physical level after it.
    public var isHigh: Bool
    public var at: MonotonicTime
  }

  public let label: String
  public let path = "simulated"
  /// The lines by name.
  public let lines: LineDirectory

  /// What wakes a reading thread.
  struct Timer {
    var descriptor: Int32
    /// Nil when it has been cleared or never set.
    var setTo: MonotonicTime?
  }

  struct State {
    var board: SimulatedBoard
    var clock: Clock
    var isUnplugged = false
    var lastRequest = 0
    /// Timers of the reading threads, by request.
    var timers: [Int: Timer] = [:]
    /// Readers that go round by hand, by request; they leave when they are closed.
    var steppedReaders: [Int: EdgeReader] = [:]
    var observers: [@Sendable (OutputChange) -> Void] = []
  }
  let state: Mutex<State>
  private let eventBufferCapacity: Int
  private let debouncesInKernel: Bool

  /// - Parameters:
  ///   - lineNames: the lines' names by offset; an empty one is a line without a name.
  ///   - debouncesInKernel: whether lines requested with a debounce are debounced as the kernel does with libgpiod 2:
  ///     an edge once the level has been stable that long, stamped then.
  ///   - eventBufferCapacity: edges kept between two readings, past which the oldest is dropped; nil keeps all.
  public init(
    label: String = "simulated", lineNames: [String], debouncesInKernel: Bool = false, eventBufferCapacity: Int? = nil,
    clock: Clock = .kernel
  ) {
    self.label = label
    lines = LineDirectory(chip: "the simulated chip (\(label))", names: lineNames)
    self.eventBufferCapacity = eventBufferCapacity ?? .max
    self.debouncesInKernel = debouncesInKernel
    state = Mutex(
      State(board: SimulatedBoard(lineCount: lineNames.count, debouncesInKernel: debouncesInKernel), clock: clock))
  }

  /// The time on the chip's clock.
  public var now: MonotonicTime { state.withLock { $0.now } }

  // MARK: Driving it

  /// Plays a waveform from now on, beside those that play already.
  /// - Returns: when the last step is made.
  /// - Throws: `WaveformError` when it is too long or names a line the chip has not.
  @discardableResult
  public func play(_ waveform: [WaveformStep]) throws(WaveformError) -> MonotonicTime {
    try state.withLock { state throws(WaveformError) in
      let now = state.now
      state.board.run(until: now)
      let end = try state.board.play(waveform, at: now)
      state.setTimers()
      return end
    }
  }

  /// Moves a manual clock, making every step and deadline on the way happen at its time: each is delivered before the next
  /// one happens. A time in the past changes nothing; a chip on the kernel's clock needs no moving.
  /// - Parameter isReaderLate: true when nobody reads on the way, so that all is read in one round at the end (a bounded
  ///   buffer may overflow).
  public func advance(to time: MonotonicTime, isReaderLate: Bool = false) {
    while true {
      let (readers, next) = state.withLock { ($0.steppedReaders.values.map { $0 }, $0.board.nextTime) }
      // A deadline that has passed was delivered, or nobody reads any more.
      let now = now
      let deadline = readers.compactMap(\.deadline).filter { $0 > now }.min()
      let stop = isReaderLate ? time : [time, next, deadline].compactMap { $0 }.min() ?? time
      let isMoved = state.withLock { state in
        guard case .manual(let now) = state.clock else { return false }
        state.clock = .manual(startingAt: max(now, stop))
        state.board.run(until: state.now)
        return true
      }
      guard isMoved else { return }
      for reader in readers { _ = reader.round() }
      if stop >= time { return }
    }
  }

  /// Moves a manual clock on by that much.
  public func advance(by duration: Duration, isReaderLate: Bool = false) {
    advance(to: now + duration, isReaderLate: isReaderLate)
  }

  /// Pretends that another program holds a line. Lines in use stay as they are.
  public func occupy(_ offset: Int, consumer: String) {
    state.withLock { state in
      guard state.board.lines.indices.contains(offset), case .free = state.board.lines[offset].use else { return }
      state.board.lines[offset].use = .elsewhere
      state.board.lines[offset].consumer = consumer
    }
  }

  /// Takes the chip away while it is used: streams end with a failure, everything else throws.
  public func unplug() {
    let readers = state.withLock { state in
      state.isUnplugged = true
      state.setTimers()
      return state.steppedReaders.values.map { $0 }
    }
    for reader in readers { _ = reader.round() }
  }

  // MARK: Looking at it

  /// The physical level of an output; nil where the line is none.
  public func outputLevel(_ offset: Int) -> Bool? {
    state.withLock { state in
      guard state.board.lines.indices.contains(offset), case .output = state.board.lines[offset].use else { return nil }
      return state.board.lines[offset].isHigh
    }
  }

  /// Calls back for each change of an output from now on, on the thread of whoever switches it.
  public func observeOutputs(_ observer: @escaping @Sendable (OutputChange) -> Void) {
    state.withLock { $0.observers.append(observer) }
  }

  // MARK: Chip

  public func requestInputs(_ lines: [InputLine], consumer: String) throws(GPIOError) -> any InputLines {
    let offsets = try self.lines.offsets(of: lines.map { ($0.name, $0.selector) })
    let isManual = state.withLock { if case .manual = $0.clock { true } else { false } }
    let timer = isManual ? -1 : kiosk_timerfd()
    guard isManual || timer >= 0 else { throw .system(errno, "no timer for the simulated chip") }
    let request = try claim(offsets, purposes: lines.map(\.name)) { state, request in
      state.board.request(
        request, inputs: lines, at: offsets, consumer: consumer, capacity: eventBufferCapacity)
      if timer >= 0 {
        state.timers[request] = Timer(descriptor: timer)
        state.setTimers()
      }
    }
    let source = SimulatedInputs(
      chip: self, request: request, offsets: offsets, timer: timer,
      isDebouncedByKernel: debouncesInKernel && lines.allSatisfy { $0.debounce > .zero })
    let reader = try EdgeReader(source: source, isStepped: isManual) { [self] in now }
    if isManual { state.withLock { $0.steppedReaders[request] = reader } }
    return reader
  }

  public func requestOutputs(_ lines: [OutputLine], consumer: String) throws(GPIOError) -> any OutputLines {
    let offsets = try self.lines.offsets(of: lines.map { ($0.name, $0.selector) })
    _ = try claim(offsets, purposes: lines.map(\.name)) { state, request in
      for offset in offsets {
        state.board.lines[offset].use = .output(request: request)
        state.board.lines[offset].consumer = consumer
        state.board.lines[offset].driven = nil
      }
    }
    let outputs = SimulatedOutputs(chip: self, lines: lines, offsets: offsets)
    for line in lines.indices { try outputs.set(line, isOn: false) }
    return outputs
  }

  /// Checks that lines are free and lets them be taken, in one go.
  private func claim(
    _ offsets: [Int], purposes: [String], take: (inout State, Int) -> Void
  ) throws(GPIOError) -> Int {
    try state.withLock { state throws(GPIOError) in
      guard !state.isUnplugged else { throw .unplugged(lines.chip) }
      for (offset, purpose) in zip(offsets, purposes) {
        if case .free = state.board.lines[offset].use { continue }
        throw GPIOError(
          .lineInUse,
          "\(lines.describe(offset)) of \(lines.chip), for “\(purpose)”, is used by “\(state.board.lines[offset].consumer)”",
          hint: "stop that program, or connect “\(purpose)” to another line")
      }
      state.board.run(until: state.now)
      state.lastRequest += 1
      take(&state, state.lastRequest)
      return state.lastRequest
    }
  }
}

extension SimulatedChip.State {
  var now: MonotonicTime {
    switch clock {
    case .kernel: MonotonicTime(nanoseconds: kiosk_clock_monotonic())
    case .manual(let now): now
    }
  }

  /// Sets each reading thread's timer to what happens next for it; at once where something waits to be read.
  mutating func setTimers() {
    let next = board.nextTime
    for (request, timer) in timers {
      let time = isUnplugged || board.queues[request]?.isEmpty == false ? MonotonicTime(nanoseconds: 1) : next
      guard time != timer.setTo else { continue }
      timers[request]?.setTo = time
      _ = kiosk_timerfd_arm(timer.descriptor, time.map { max(1, $0.nanoseconds) } ?? 0, 0)
    }
  }
}
