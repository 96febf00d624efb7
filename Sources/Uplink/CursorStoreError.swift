/// Why the cursors could not be read or kept.
public struct CursorStoreError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// No room on the disk.
    case diskFull
    /// The file or its directory may not be written.
    case notPermitted
    /// Another agent uses the file.
    case busy
    /// What is in the file makes no sense. Opening it again sets it aside.
    case damaged
    /// A name or a number that is none.
    case unusable
    /// The system or the disk failed otherwise.
    case system
  }

  public var code: Code
  /// What is wrong and where.
  public var message: String
  /// What to do about it.
  public var hint: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
    hint =
      switch code {
      case .diskFull: "free some space on the file system"
      case .notPermitted: "give the directory and the file to the user the agent runs as (systemd: StateDirectory=)"
      case .busy: "stop the other kiosk-agent"
      case .damaged: "restart the agent: it sets the file aside and goes on from what was acknowledged"
      case .unusable: "use a name of 1 to 64 bytes"
      case .system: "look for disk errors in the kernel's log"
      }
  }

  public var description: String { "\(message) (\(hint))" }
}
