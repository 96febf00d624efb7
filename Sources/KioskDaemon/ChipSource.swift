import GPIO
import KioskConfiguration

/// The chip a panel is wired to.
enum ChipSource {
  static func chip(for panel: PanelSettings) throws(GPIOError) -> any Chip {
    guard !panel.isSimulated else { return SimulatedChip(panel: panel) }
    let wanted = panel.buttons.map(\.line) + panel.lamps.map(\.line)
    var missing: GPIOError?
    // A board's chip is labelled differently by different kernels.
    for label in panel.chipLabels {
      do throws(GPIOError) {
        return try KernelChip.find(label: label, having: wanted)
      } catch {
        guard error.code == .noChip else { throw error }
        missing = missing ?? error
      }
    }
    throw missing ?? GPIOError(.noChip, "no chip is named", hint: "give the chip's label in panel.toml")
  }
}

extension PanelSettings {
  var isSimulated: Bool { chipLabels.isEmpty }

  /// Whether another chip must be found to get from one panel to the other.
  func needsOtherChip(than other: PanelSettings) -> Bool {
    chipLabels != other.chipLabels || (isSimulated && needsOtherLines(than: other))
  }
}
