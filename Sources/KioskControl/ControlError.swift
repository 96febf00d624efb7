/// Why a request over the control socket failed, in words for the person at the terminal.
public struct ControlError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    /// Nobody listens on the socket.
    case notRunning = "not-running"
    /// The socket may not be opened by this user.
    case notPermitted = "not-permitted"
    /// Another daemon serves the socket already.
    case alreadyRunning = "already-running"
    /// The other side broke off or did not answer in time.
    case disconnected
    /// The request is not understood.
    case badRequest = "bad-request"
    /// The request is larger than the limit.
    case tooLarge = "too-large"
    /// Too many connections at once, or too much asked at once: try again.
    case busy
    /// The daemon has real buttons: nothing can be simulated.
    case notSimulated = "not-simulated"
    /// No button or line of that name.
    case unknownButton = "unknown-button"
    /// A waveform that cannot be played.
    case badWaveform = "bad-waveform"
    /// The configuration does not allow it.
    case refused
    /// The operating system refused.
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

  /// Characters of a message or a hint that go over the wire.
  static let longestWords = 500

  /// As it goes over the wire. It may repeat what a client has sent, which may be long and change what a terminal shows.
  var cut: ControlError { ControlError(code, Self.cut(message), hint: Self.cut(hint)) }

  private static func cut(_ words: String) -> String {
    var shown = ""
    for (count, scalar) in words.unicodeScalars.enumerated() {
      guard count < longestWords else { return shown + "…" }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: shown += "\u{FFFD}"
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  public var description: String { "\(message) (\(hint))" }
}
