/// Why some bytes are no time zone.
public struct TimeZoneRulesError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// Not a compiled zone, or of a version nobody knows.
    case notAZone = "not-a-zone"
    /// It ends before all that it announces.
    case truncated
    /// Counts, places or times that cannot be.
    case malformed
    /// The rule for the time after the last transition cannot be read.
    case malformedRule = "malformed-rule"
    /// It counts leap seconds, which the clock of the kernel does not.
    case leapSeconds = "leap-seconds"
  }

  public var code: Code
  /// What is wrong.
  public var message: String
  /// What to do about it.
  public var hint: String

  init(_ code: Code, _ message: String, hint: String = "install the package tzdata again") {
    self.code = code
    self.message = message
    self.hint = hint
  }

  public var description: String { "\(message) (\(hint))" }
}
