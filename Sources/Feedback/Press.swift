/// A button's place in the panel configuration: 0 for the first `[[button]]`.
public struct ButtonIndex: Sendable, Hashable, Comparable, Codable {
  public var value: Int

  public init(_ value: Int) {
    self.value = value
  }

  public static func < (left: ButtonIndex, right: ButtonIndex) -> Bool { left.value < right.value }
}

/// Names one press for as long as the daemon runs, before the journal has given it a sequence number.
public struct PressNumber: Sendable, Hashable, Comparable, Codable {
  public var value: UInt64

  public init(_ value: UInt64) {
    self.value = value
  }

  public static func < (left: PressNumber, right: PressNumber) -> Bool { left.value < right.value }
}

/// A button went down and stayed down long enough to be meant.
public struct Press: Sendable, Hashable {
  /// Counts up from 1 for each press the panel recognises.
  public var number: PressNumber
  /// Which button.
  public var button: ButtonIndex
  /// When the button went down: the kernel's stamp of the edge.
  public var at: MonotonicTime

  public init(number: PressNumber, button: ButtonIndex, at: MonotonicTime) {
    self.number = number
    self.button = button
    self.at = at
  }
}
