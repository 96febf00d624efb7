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
    let inputs = try chip.requestInputs(
      settings.buttons.map {
        InputLine(
          name: $0.name, selector: $0.line, bias: $0.bias, activeLow: $0.isActiveLow,
          debounce: settings.timing.debounce)
      }, consumer: consumer)
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
  /// The lamps and buzzers as the player wants them.
  var outputDescriptions: [OutputDescription] {
    lamps.map {
      OutputDescription(kind: $0.kind == .lamp ? .lamp : .buzzer, shows: $0.shows, button: $0.button)
    }
  }

  /// Whether the lines must be requested anew to get from one panel to the other.
  func needsOtherLines(than other: PanelSettings) -> Bool {
    func wiring(_ panel: PanelSettings) -> [String] {
      panel.buttons.map { "\($0.line) \($0.bias) \($0.isActiveLow)" } + ["lamps"]
        + panel.lamps.map { "\($0.line) \($0.isActiveLow)" }
    }
    return board != other.board || chipLabels != other.chipLabels || timing.debounce != other.timing.debounce
      || wiring(self) != wiring(other)
  }
}
