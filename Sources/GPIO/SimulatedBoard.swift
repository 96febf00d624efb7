import Feedback

/// The lines of a simulated chip as a state machine: time comes in as a value, edges wait to be fetched.
struct SimulatedBoard {
  /// Waveforms that may play at the same time.
  static let playLimit = 32

  /// What a line is requested as.
  enum Use {
    case free
    /// `request` names the request, `place` the line's place in it.
    case input(request: Int, place: Int, line: InputLine)
    case output(request: Int)
    /// Another program's.
    case elsewhere
  }

  struct Line {
    var use = Use.free
    var consumer = ""
    /// The level something drives it to; nil leaves it at rest.
    var driven: Bool?
    /// What the kernel's debounce takes for the level, and when it will take the present one.
    var settled = false
    var settlesAt: MonotonicTime?

    /// The physical level.
    var isHigh: Bool { driven ?? restsHigh }

    /// Where the line rests: the bias decides, else the board's own resistor, which keeps a button up.
    private var restsHigh: Bool {
      guard case .input(_, _, let line) = use else { return false }
      return switch line.bias {
      case .pullUp: true
      case .pullDown: false
      case .asIs, .disabled: line.activeLow
      }
    }
  }

  /// Edges of one request that wait to be read.
  struct Queue {
    var edges: [Edge] = []
    /// Places of lines whose edges were dropped since the last reading.
    var lost: Set<Int> = []
    var capacity: Int
  }

  private struct Play {
    var start: MonotonicTime
    var steps: [WaveformStep]
    var next = 0

    var nextTime: MonotonicTime? { next < steps.count ? start + steps[next].at : nil }
  }

  var lines: [Line]
  var queues: [Int: Queue] = [:]
  private let debouncesInKernel: Bool
  private var plays: [Play] = []

  init(lineCount: Int, debouncesInKernel: Bool) {
    lines = Array(repeating: Line(), count: lineCount)
    self.debouncesInKernel = debouncesInKernel
  }

  /// When something happens next.
  var nextTime: MonotonicTime? {
    var earliest: MonotonicTime?
    for time in plays.lazy.compactMap(\.nextTime) where earliest.map({ time < $0 }) ?? true { earliest = time }
    for time in lines.lazy.compactMap(\.settlesAt) where earliest.map({ time < $0 }) ?? true { earliest = time }
    return earliest
  }

  /// Starts a waveform; equal times keep the order of the steps.
  /// - Returns: when its last step will have been made.
  mutating func play(_ waveform: [WaveformStep], at start: MonotonicTime) throws(WaveformError) -> MonotonicTime {
    guard waveform.count <= Waveform.stepLimit else {
      throw WaveformError(
        "the waveform has \(waveform.count) steps", hint: "play at most \(Waveform.stepLimit) at a time")
    }
    for step in waveform {
      guard lines.indices.contains(step.line) else {
        throw WaveformError("the chip has no line \(step.line)", hint: "its lines are 0 to \(lines.count - 1)")
      }
      guard step.at >= .zero, step.at <= Waveform.longest else {
        throw WaveformError(
          "a step at \(step.at)",
          hint: "steps may be from 0 to \(Waveform.longest.components.seconds) s after the start")
      }
    }
    guard plays.count < Self.playLimit else {
      throw WaveformError("\(plays.count) waveforms are playing already", hint: "wait until one has ended")
    }
    let ordered = waveform.enumerated()
      .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
      .map(\.element)
    guard let last = ordered.last else { return start }
    plays.append(Play(start: start, steps: ordered))
    return start + last.at
  }

  /// Lets everything happen that is due at that moment, in order.
  mutating func run(until now: MonotonicTime) {
    while let time = nextTime, time <= now {
      // A level that has been stable for the whole period counts, also when it changes at this very moment.
      for offset in lines.indices where lines[offset].settlesAt == time { settle(offset, at: time) }
      if let playing = plays.indices.first(where: { plays[$0].nextTime == time }) {
        let step = plays[playing].steps[plays[playing].next]
        plays[playing].next += 1
        drive(step.line, isHigh: step.isHigh, at: time)
      }
    }
    plays.removeAll { $0.nextTime == nil }
  }

  /// Drives a line to a level; one it has already makes no edge.
  private mutating func drive(_ offset: Int, isHigh: Bool, at time: MonotonicTime) {
    let before = lines[offset].isHigh
    // An output keeps the level its program gave it.
    if case .output = lines[offset].use { return }
    lines[offset].driven = isHigh
    guard before != isHigh, case .input(_, _, let line) = lines[offset].use else { return }
    if debouncesInKernel, line.debounce > .zero {
      lines[offset].settlesAt = time + line.debounce
    } else {
      settle(offset, at: time)
    }
  }

  private mutating func settle(_ offset: Int, at time: MonotonicTime) {
    lines[offset].settlesAt = nil
    guard case .input(let request, let place, let line) = lines[offset].use,
      lines[offset].settled != lines[offset].isHigh
    else { return }
    lines[offset].settled = lines[offset].isHigh
    queues[request]?.append(Edge(line: place, isActive: lines[offset].settled != line.activeLow, at: time))
  }

  /// The logical levels of a request's lines.
  func levels(of offsets: [Int]) -> [Bool] {
    offsets.map { offset in
      guard case .input(_, _, let line) = lines[offset].use else { return false }
      return lines[offset].settled != line.activeLow
    }
  }

  mutating func request(_ request: Int, inputs: [InputLine], at offsets: [Int], consumer: String, capacity: Int) {
    for (place, offset) in offsets.enumerated() {
      lines[offset].use = .input(request: request, place: place, line: inputs[place])
      lines[offset].consumer = consumer
      lines[offset].settled = lines[offset].isHigh
    }
    queues[request] = Queue(capacity: capacity)
  }

  /// Whatever drives the lines goes on doing so: a finger stays on its button.
  mutating func releaseInputs(_ offsets: [Int], request: Int) {
    for offset in offsets {
      lines[offset].use = .free
      lines[offset].consumer = ""
      lines[offset].settlesAt = nil
    }
    queues[request] = nil
  }

  mutating func releaseOutputs(_ offsets: [Int]) {
    for offset in offsets { lines[offset] = Line() }
  }
}

extension SimulatedBoard.Queue {
  var isEmpty: Bool { edges.isEmpty && lost.isEmpty }

  /// Adds an edge; a full queue drops its oldest, as the kernel does.
  mutating func append(_ edge: Edge) {
    if edges.count >= capacity, !edges.isEmpty { lost.insert(edges.removeFirst().line) }
    if capacity > 0 { edges.append(edge) } else { lost.insert(edge.line) }
  }

  /// Hands over as much as one round may take.
  mutating func move(to buffer: inout EdgeBuffer) {
    let count = min(edges.count, max(0, EdgeBuffer.roundLimit - buffer.edges.count))
    buffer.edges.append(contentsOf: edges[..<count])
    edges.removeFirst(count)
    for line in lost {
      buffer.isLost[line] = true
      buffer.mustCheck[line] = true
    }
    lost.removeAll()
  }
}
