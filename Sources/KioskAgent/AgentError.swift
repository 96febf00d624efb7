/// Why the agent cannot do something, for the person who reads it.
public struct AgentError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// A credential or a certificate's file cannot be used.
    case credential
    /// Its own directory or database cannot be used.
    case state
  }

  public var code: Code
  public var message: String
  /// What to do about it.
  public var hint: String

  public init(_ code: Code, _ message: String, hint: String) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  public var description: String { hint.isEmpty ? message : "\(message)\n  → \(hint)" }
}
