import Feedback
import GPIO
import KioskConfiguration
import Panel

/// The lines of a panel, requested.
struct PanelConnection: Sendable {
  /// How the lines are labelled for other programs (`gpioinfo`).
  static let consumer = "kioskd"

  let chip: any Chip
  let inputs: any InputLines
  /// Nil when the panel has neither lamp nor buzzer.
  let outputs: (any OutputLines)?
  /// Levels read when the lines had been armed: a button down now is no press.
  let levelsAtStart: [Bool]

  /// Requests all lines of the panel, or none.
  static func open(_ settings: PanelSettings, on chip: any Chip) throws(GPIOError) -> PanelConnection {
    let buttons = settings.buttons.map {
      InputLine(
        name: $0.name, selector: $0.line, bias: $0.bias, activeLow: $0.isActiveLow, debounce: settings.timing.debounce)
    }
    let sensors = settings.sensors.map {
      InputLine(name: $0.name, selector: $0.line, bias: $0.bias, activeLow: $0.isActiveLow, debounce: $0.debounce)
    }
    let inputs = try chip.requestInputs(buttons + sensors, consumer: consumer)
    do throws(GPIOError) {
      let outputs =
        settings.lamps.isEmpty
        ? nil
        : try chip.requestOutputs(
          settings.lamps.map { OutputLine(name: $0.name, selector: $0.line, activeLow: $0.isActiveLow) },
          consumer: consumer)
      return PanelConnection(chip: chip, inputs: inputs, outputs: outputs, levelsAtStart: try inputs.levels())
    } catch {
      inputs.close()
      throw error
    }
  }

  func close() {
    inputs.close()
    outputs?.close()
  }
}

extension PanelSettings {
  /// The lines read: the buttons', then the sensors'.
  var inputSelectors: [LineSelector] { buttons.map(\.line) + sensors.map(\.line) }

  /// How each of them is turned into presses. A key switch and a sensor may stay on for as long as they like.
  var lineTimings: [PanelTiming] {
    buttons.map { button in
      guard button.role == .service else { return timing }
      return PanelTiming(debounce: timing.debounce, heldLimit: .zero, stormLimit: timing.stormLimit)
    } + sensors.map { PanelTiming(debounce: $0.debounce, heldLimit: .zero, stormLimit: timing.stormLimit) }
  }

  /// The lamps and buzzers as the player wants them.
  var outputDescriptions: [OutputDescription] {
    lamps.map {
      OutputDescription(
        kind: $0.kind == .lamp ? .lamp : .buzzer, shows: $0.shows, button: $0.button,
        patterns: $0.patterns)
    }
  }

  /// Whether the lines must be requested anew to get from one panel to the other.
  func needsOtherLines(than other: PanelSettings) -> Bool {
    func wiring(_ panel: PanelSettings) -> [String] {
      panel.buttons.map { "\($0.line) \($0.bias) \($0.isActiveLow)" } + ["sensors"]
        + panel.sensors.map { "\($0.line) \($0.bias) \($0.isActiveLow) \($0.debounce)" } + ["lamps"]
        + panel.lamps.map { "\($0.line) \($0.isActiveLow)" }
    }
    return board != other.board || chipLabels != other.chipLabels || timing.debounce != other.timing.debounce
      || wiring(self) != wiring(other)
  }
}
