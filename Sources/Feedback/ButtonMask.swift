/// A set of buttons in one word: no panel has more than 64.
public struct ButtonMask: Sendable, Hashable, ExpressibleByArrayLiteral {
  /// Bit 0 is the first button.
  public var bits: UInt64

  public init(bits: UInt64 = 0) {
    self.bits = bits
  }

  /// A button beyond the 64th is left out.
  public init(_ buttons: some Sequence<ButtonIndex>) {
    self.init()
    for button in buttons { insert(button) }
  }

  public init(arrayLiteral buttons: ButtonIndex...) {
    self.init(buttons)
  }

  /// Every button a panel can have.
  public static var all: ButtonMask { ButtonMask(bits: .max) }

  public var isEmpty: Bool { bits == 0 }

  public func contains(_ button: ButtonIndex) -> Bool { bits & Self.bit(of: button) != 0 }

  public mutating func insert(_ button: ButtonIndex) { bits |= Self.bit(of: button) }

  public mutating func remove(_ button: ButtonIndex) { bits &= ~Self.bit(of: button) }

  private static func bit(of button: ButtonIndex) -> UInt64 {
    0..<64 ~= button.value ? 1 << UInt64(button.value) : 0
  }
}
