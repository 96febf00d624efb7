import Feedback
import Panel

/// What is handed to a press recogniser from its start on, in order: enough to run the product and a model alike.
struct PanelScript: Sendable {
  enum Input: Sendable, Hashable {
    /// An edge that the line made.
    case edge(line: Int, isActive: Bool, at: MonotonicTime)
    /// Edges of these lines were lost, and the levels of all lines were read.
    case readBack(levels: [Bool], lost: [Int], at: MonotonicTime)
    /// Edges of these lines were lost, and nothing could be read.
    case lost(lines: [Int], at: MonotonicTime)
    case advance(to: MonotonicTime)
  }

  /// One for each line.
  var timings: [PanelTiming]
  var isDebouncedByKernel: Bool
  /// Of each button at the start, which is `ms(0)`.
  var levels: [Bool]
  var inputs: [Input] = []

  var lineCount: Int { timings.count }

  /// An event, and the moment to which time had been moved on when it was told, where that is to be its own.
  struct Told: Sendable, Hashable {
    var event: PanelEvent
    var at: MonotonicTime?
  }

  /// What the product makes of it: the events of each `advance`, and those that follow once nothing comes any more.
  /// - Parameter followsDeadlines: also moves on to each deadline the recogniser names, as the daemon does, so that each
  ///   event is told at its moment.
  func run(followsDeadlines: Bool = false) -> [[Told]] {
    var panel = PressRecognizer(
      timings: timings, isDebouncedByKernel: isDebouncedByKernel, levels: levels, at: ms(0))
    var batches: [[Told]] = []
    func advance(to time: MonotonicTime) -> [Told] {
      panel.advance(to: time).map { Told(event: $0, at: followsDeadlines ? time : nil) }
    }
    for input in inputs {
      switch input {
      case .edge(let line, let isActive, let stamp): panel.take(line: line, isActive: isActive, at: stamp)
      case .readBack(let levels, let lost, let time): panel.resynchronise(levels: levels, lost: lost, at: time)
      case .lost(let lines, let time): panel.noteLostEdges(lines: lines, at: time)
      case .advance(let time):
        var told: [Told] = []
        while followsDeadlines, let deadline = panel.nextDeadline, deadline < time { told += advance(to: deadline) }
        batches.append(told + advance(to: time))
      }
    }
    var rest: [Told] = []
    while let deadline = panel.nextDeadline, rest.count < 100_000 { rest += advance(to: deadline) }
    return batches + [rest]
  }
}

/// A moment as a script tells it.
private func moment(_ time: MonotonicTime) -> String {
  let nanoseconds = (time - ms(0)).wholeNanoseconds
  return nanoseconds % 1_000_000 == 0 ? "\(nanoseconds / 1_000_000) ms" : "\(nanoseconds) ns"
}

extension PanelScript: CustomStringConvertible {
  var description: String {
    var lines = timings.indices.map { line in
      let timing = timings[line]
      let source = isDebouncedByKernel ? "debounced by the kernel" : "debounce \(timing.debounce)"
      return "line \(line), \(levels[line] ? "down" : "up") at the start: \(source), held limit \(timing.heldLimit), "
        + "storm limit \(timing.stormLimit)"
    }
    for input in inputs {
      switch input {
      case .edge(let line, let isActive, let at): lines.append("line \(line) \(isActive ? "down" : "up") \(moment(at))")
      case .readBack(let levels, let lost, let at): lines.append("read back \(levels), lost \(lost), \(moment(at))")
      case .lost(let gone, let at): lines.append("lost \(gone), \(moment(at))")
      case .advance(let time): lines.append("advance to \(moment(time))")
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension PanelEvent {
  /// Short, for a script that failed.
  fileprivate var told: String {
    switch self {
    case .pressed(let press): "press \(press.number.value) on \(press.button.value) \(moment(press.at))"
    case .released(let button, let press, let at, let down):
      "release of \(press?.value ?? 0) on \(button.value) \(moment(at)) after \(down)"
    case .stuck(let button, let press, let since, let at):
      "stuck \(press?.value ?? 0) on \(button.value) \(moment(at)) since \(moment(since))"
    case .unstuck(let button, let at, let down): "unstuck \(button.value) \(moment(at)) after \(down)"
    case .storm(let button, let edges, let at): "storm of \(edges) on \(button.value) \(moment(at))"
    case .stormOver(let button, let edges, let at): "storm over of \(edges) on \(button.value) \(moment(at))"
    case .edgesLost(let buttons, let at): "lost on \(buttons.map(\.value)) \(moment(at))"
    }
  }
}

extension [[PanelScript.Told]] {
  /// A line for each batch.
  var told: String {
    map { batch in
      "  " + batch.map { $0.event.told + ($0.at.map { " (told at \(moment($0)))" } ?? "") }.joined(separator: ", ")
    }.joined(separator: "\n")
  }
}

extension PanelScript {
  /// A shorter script for which `fails` holds too, found by leaving inputs out: large pieces first, then single ones.
  func minimised(while fails: (PanelScript) -> Bool) -> PanelScript {
    var smallest = self
    var size = max(1, inputs.count / 2)
    var attempts = 0
    while attempts < 4_000 {
      var hasShrunk = false
      var start = 0
      while start < smallest.inputs.count, attempts < 4_000 {
        var candidate = smallest
        candidate.inputs.removeSubrange(start..<min(candidate.inputs.count, start + size))
        attempts += 1
        if fails(candidate) {
          smallest = candidate
          hasShrunk = true
        } else {
          start += size
        }
      }
      if size == 1, !hasShrunk { break }
      if !hasShrunk { size = max(1, size / 2) }
    }
    return smallest
  }
}
