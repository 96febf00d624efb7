/// Turns the bytes of a terminal into keys. Arrow and function keys come as an escape byte and more bytes: they are nobody's
/// key here and must not be taken for Esc followed by letters.
struct TerminalKeys {
  enum Key: Equatable {
    /// A letter, digit or sign of ASCII.
    case character(Character)
    /// Esc by itself, Ctrl-C or Ctrl-D.
    case quit
  }

  private enum State {
    case ground
    /// After an escape byte: Esc by itself, or the beginning of a sequence.
    case escape
    /// In a sequence that a byte from @ to ~ ends.
    case sequence
    /// One more byte belongs to it.
    case last
  }

  /// How long to wait for the rest of a sequence before Esc is Esc. Bytes of one sequence travel together.
  static let sequenceMilliseconds: Int32 = 100

  private var state = State.ground

  /// Whether what came last may be the beginning of a sequence: then `timeOut` decides if nothing more comes.
  var isUndecided: Bool { state != .ground }

  mutating func take(_ bytes: some Sequence<UInt8>) -> [Key] { bytes.compactMap { take($0) } }

  /// Nothing more has come in time.
  mutating func timeOut() -> [Key] {
    defer { state = .ground }
    return state == .escape ? [.quit] : []
  }

  private mutating func take(_ byte: UInt8) -> Key? {
    switch (state, byte) {
    case (_, 0x03), (_, 0x04):
      state = .ground
      return .quit
    case (.ground, 0x1B): state = .escape
    case (.escape, 0x1B): return .quit
    case (.escape, UInt8(ascii: "[")): state = .sequence
    case (.escape, UInt8(ascii: "O")): state = .last
    // The key was pressed together with Alt.
    case (.escape, _), (.last, _): state = .ground
    case (.sequence, 0x40...0x7E): state = .ground
    case (.sequence, _): break
    case (.ground, 0x20...0x7E): return .character(Character(Unicode.Scalar(byte)))
    case (.ground, _): break
    }
    return nil
  }
}
