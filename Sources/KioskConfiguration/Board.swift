/// The machines a panel can be wired to. The raw value is what `board` in `panel.toml` says.
public enum Board: String, Sendable, Hashable, CaseIterable {
  case raspberryPi3BPlus = "raspberry-pi-3b-plus"
  case raspberryPi4 = "raspberry-pi-4"
  case raspberryPi5 = "raspberry-pi-5"
  case raspberryPiZero2W = "raspberry-pi-zero-2-w"
  /// Any Linux machine with a GPIO chip: `[chip] label` says which, and nothing is known about its lines.
  case generic
  /// No hardware: buttons are worked from the terminal or the control socket.
  case simulated
}

/// A line that is led out to the board's pin header.
struct HeaderLine {
  /// The line's number on its chip.
  let offset: Int
  /// The number printed beside the pin.
  let pin: Int
  /// Names the line carries on one kernel or another, the board maker's own first.
  let names: [String]
  /// Why it cannot be used, as the end of a sentence "…, which"; nil when it can.
  let reservedBecause: String?
  /// True where a resistor on the board holds the line up whatever the bias is set to.
  let hasFixedPullUp: Bool
}

/// A line the board uses inside and does not lead out.
struct InternalLine {
  let offset: Int
  let names: [String]
  /// What the board uses it for.
  let use: String
}

/// What is known about a board.
struct BoardProfile {
  let title: String
  /// Labels of the chip that has the header's lines, the likeliest first.
  let chipLabels: [String]
  let header: [HeaderLine]
  let `internal`: [InternalLine]
  /// Pins that are no lines at all, with what they carry.
  let supplyPins: [Int: String]
}

extension Board {
  /// Nil for boards nothing is known about.
  var profile: BoardProfile? {
    switch self {
    case .raspberryPi3BPlus: .raspberryPi3BPlus
    case .raspberryPi4: .raspberryPi4
    case .raspberryPi5: .raspberryPi5
    case .raspberryPiZero2W: .raspberryPiZero2W
    case .generic, .simulated: nil
    }
  }
}
