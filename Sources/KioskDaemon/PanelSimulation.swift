import Feedback
import GPIO
import KioskConfiguration
import KioskControl

/// Presses and waveforms on a simulated panel, as asked for over the control socket.
struct PanelSimulation {
  /// After the last edge: room for a batch of a machine that is late.
  static let settlingMargin = Duration.milliseconds(5)

  let settings: PanelSettings
  let chip: SimulatedChip

  /// Fails on a kiosk with real buttons.
  init(settings: PanelSettings, chip: any Chip) throws(ControlError) {
    guard let simulated = chip as? SimulatedChip else {
      throw ControlError(
        .notSimulated, "this kiosk has real buttons (chip \(chip.label))",
        hint: "press them; or try a panel file with board = \"simulated\"")
    }
    self.settings = settings
    self.chip = simulated
  }

  /// What is being played.
  struct Played {
    /// Places of the buttons that the waveform touches.
    var buttons: Set<Int>
    var start: MonotonicTime
    /// When the last edge has come and its level has settled.
    var settled: MonotonicTime
  }

  func play(_ press: SimulatedPress) throws(ControlError) -> Played {
    guard let index = settings.buttons.firstIndex(where: { $0.name == press.button }) else {
      throw ControlError(
        .unknownButton, "there is no button \"\(press.button)\"",
        hint: "the buttons are \(settings.buttons.map(\.name).joined(separator: ", "))")
    }
    guard (0...SimulatedPress.longestHoldMilliseconds).contains(press.holdMilliseconds),
      (0...SimulatedPress.mostBounceEdges).contains(press.bounceEdges)
    else {
      throw ControlError(
        .badWaveform, "a press of \(press.holdMilliseconds) ms with \(press.bounceEdges) bounces",
        hint:
          "hold at most \(SimulatedPress.longestHoldMilliseconds) ms with 0 to \(SimulatedPress.mostBounceEdges) bounces"
      )
    }
    var generator = SystemRandomNumberGenerator()
    do {
      return try play(
        try Waveform.press(
          line: try chip.lines.offset(of: settings.buttons[index].line, for: press.button),
          activeLow: settings.buttons[index].isActiveLow, hold: .milliseconds(max(1, press.holdMilliseconds)),
          bounceEdges: press.bounceEdges, using: &generator))
    } catch {
      throw Self.refusal(error)
    }
  }

  /// Somebody stands before a sensor for a time.
  func play(presence name: String, holdMilliseconds: Int) throws(ControlError) -> Played {
    guard let sensor = settings.sensors.first(where: { $0.name == name }) else {
      let known = settings.sensors.map(\.name).joined(separator: ", ")
      throw ControlError(
        .unknownButton, "there is no sensor \"\(name)\"",
        hint: known.isEmpty ? "this panel has none" : "the sensors are \(known)")
    }
    guard (1...SimulatedPress.longestHoldMilliseconds).contains(holdMilliseconds) else {
      throw ControlError(
        .badWaveform, "a presence of \(holdMilliseconds) ms",
        hint: "1 to \(SimulatedPress.longestHoldMilliseconds) ms")
    }
    var generator = SystemRandomNumberGenerator()
    do {
      return try play(
        try Waveform.press(
          line: try chip.lines.offset(of: sensor.line, for: name), activeLow: sensor.isActiveLow,
          hold: .milliseconds(holdMilliseconds), bounceEdges: 0, using: &generator))
    } catch {
      throw Self.refusal(error)
    }
  }

  /// - Parameter csv: rows of microseconds, line (a button's name, a line's name or an offset) and physical level.
  func play(csv: String) throws(ControlError) -> Played {
    do {
      let steps = try Waveform.parse(csv: csv) { name in
        let selector =
          settings.buttons.first { $0.name == name }?.line ?? settings.sensors.first { $0.name == name }?.line
          ?? .named([name], offset: Int(name))
        return try? chip.lines.offset(of: selector, for: name)
      }
      return try play(steps)
    } catch {
      throw Self.refusal(error)
    }
  }

  private func play(_ steps: [WaveformStep]) throws -> Played {
    let start = chip.now
    let end = try chip.play(steps)
    var buttons: Set<Int> = []
    for (index, button) in settings.buttons.enumerated() {
      let line = try chip.lines.offset(of: button.line, for: button.name)
      if steps.contains(where: { $0.line == line }) { buttons.insert(index) }
    }
    return Played(buttons: buttons, start: start, settled: end + settings.timing.debounce + Self.settlingMargin)
  }

  private static func refusal(_ error: any Error) -> ControlError {
    switch error {
    case let error as ControlError: error
    case let error as WaveformError:
      ControlError(
        .badWaveform, "\(error.row.map { "row \($0): " } ?? "")\(error.message)", hint: error.hint)
    case let error as GPIOError: ControlError(.badWaveform, error.message, hint: error.hint)
    default: ControlError(.system, "\(error)", hint: "report this as a defect")
    }
  }
}

extension SimulatedChip {
  /// A chip with a line for each button and lamp of the panel, where the panel file has it.
  convenience init(panel: PanelSettings) {
    let selectors = panel.inputSelectors + panel.lamps.map(\.line)
    var names: [String] = []
    func put(_ name: String, at offset: Int) {
      while names.count <= offset { names.append("") }
      names[offset] = name
    }
    for selector in selectors {
      switch selector {
      case .offset(let offset): put("", at: offset)
      case .named(let wanted, let offset?): put(wanted.first ?? "", at: offset)
      case .named(_, nil): break
      }
    }
    for case .named(let wanted, nil) in selectors { names.append(wanted.first ?? "") }
    self.init(lineNames: names)
  }
}
