import Glibc

/// Standard output and standard error, unbuffered, so that `kioskctl watch | head` shows each line as it comes.
enum Output {
  /// True when a person looks at it; only then are colours used.
  static let isTerminal = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil

  static func line(_ text: String) { write(Array("\(text)\n".utf8)) }

  static func error(_ text: String) { send(Array(text.utf8)[...], to: STDERR_FILENO) }

  static func write(_ bytes: [UInt8]) { send(bytes[...], to: STDOUT_FILENO) }

  private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// The text in a colour (an SGR code of ECMA-48), where that makes sense.
  static func coloured(_ text: String, _ code: Int) -> String {
    isTerminal ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  static let red = 31
  static let green = 32
  static let yellow = 33
  static let dim = 2

  /// `text` filled up with spaces to `width` characters.
  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// A number of milliseconds as a person says it: `80 ms`, `4.2 s`, `3 min`, `5 h`, `12 days`.
  static func duration(milliseconds: Int64) -> String {
    switch milliseconds {
    case ..<1000: "\(milliseconds) ms"
    case ..<60_000: "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    case ..<7_200_000: "\(milliseconds / 60_000) min"
    case ..<172_800_000: "\(milliseconds / 3_600_000) h"
    default: "\(milliseconds / 86_400_000) days"
    }
  }
}
