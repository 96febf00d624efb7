/// Why lines could not be had, in words for the technician.
public struct GPIOError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// No chip with that label.
    case noChip
    /// The chip exists but may not be opened.
    case notPermitted
    /// The chip has no such line.
    case noLine
    /// Another program holds the line.
    case lineInUse
    /// The kernel refused or failed.
    case system
  }

  public var code: Code
  /// What is wrong and where.
  public var message: String
  /// What to do about it.
  public var hint: String

  public init(_ code: Code, _ message: String, hint: String) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  public var description: String { "\(message) (\(hint))" }
}
