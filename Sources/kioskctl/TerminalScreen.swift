import Glibc

/// The terminal as a screen that is redrawn in place. Only rows that changed are sent, and while the line is still busy with
/// the last picture no new one is begun, so that a slow connection shows the newest state instead of falling behind.
///
/// What was on the terminal before comes back with `leave`, whatever happened in between.
final class TerminalScreen {
  /// Where standard input and output are the terminal's; nil where they are not, or where it cannot place its cursor.
  static func attached() -> TerminalScreen? {
    let kind = getenv("TERM").map { String(cString: $0) } ?? ""
    var saved = termios()
    guard !["", "dumb"].contains(kind), isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1,
      tcgetattr(STDIN_FILENO, &saved) == 0
    else { return nil }
    return TerminalScreen(saved)
  }

  private let hasStyles = getenv("NO_COLOR") == nil
  private let input: RawInput
  /// An opening of our own, so that not to wait for the terminal concerns nobody else who has it open.
  private let output: Int32
  private var unsent: [UInt8] = []
  private var shown: [String] = []
  private var shownSize = Size(rows: 0, columns: 0)
  private var isEntered = false

  struct Size: Equatable {
    var rows: Int
    var columns: Int
  }

  private init(_ saved: termios) {
    input = RawInput(saved)
    let own = ttyname(STDOUT_FILENO).map { open($0, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) } ?? -1
    output = own >= 0 ? own : STDOUT_FILENO
  }

  deinit {
    leave()
    if output != STDOUT_FILENO { close(output) }
  }

  /// As it is now; it may change at any time.
  var size: Size {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0, window.ws_col > 0 else {
      return Size(rows: 24, columns: 80)
    }
    return Size(rows: Int(window.ws_row), columns: Int(window.ws_col))
  }

  /// Keys come one by one from here on, and the screen is ours.
  func enter() {
    guard !isEntered else { return }
    isEntered = true
    input.begin()
    shown = []
    shownSize = Size(rows: 0, columns: 0)
    // The other screen; no cursor.
    unsent += Array("\u{1B}[?1049h\u{1B}[?25l".utf8)
    flush()
  }

  /// Gives the terminal back as it was. Waits at most a second for one that takes nothing.
  func leave() {
    guard isEntered else { return }
    isEntered = false
    // A picture cut off in the middle of a code: CAN ends that code.
    unsent = (unsent.isEmpty ? [] : [0x18]) + Array("\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l".utf8)
    for _ in 0..<10 {
      flush()
      if unsent.isEmpty { break }
      var wanted = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
      _ = poll(&wanted, 1, 100)
    }
    unsent = []
    input.end()
  }

  /// To be polled with the others while the terminal has not taken everything; -1: nothing waits.
  var outputDescriptor: Int32 { unsent.isEmpty ? -1 : output }

  /// Whether a new picture may be begun.
  var isReady: Bool { unsent.isEmpty }

  /// Shows the rows, as many as there is room for. The last cell of each row stays empty: writing it makes some terminals
  /// go on to the next row.
  func draw(_ lines: [ScreenLine]) {
    let size = size
    var text = ""
    if size != shownSize {
      text += "\u{1B}[0m\u{1B}[2J"
      shown = []
      shownSize = size
    }
    for row in 0..<size.rows {
      let line = row < lines.count ? lines[row].rendered(columns: size.columns - 1, hasStyles: hasStyles) : ""
      if row < shown.count {
        guard shown[row] != line else { continue }
        shown[row] = line
      } else {
        shown.append(line)
        if line.isEmpty { continue }
      }
      text += "\u{1B}[\(row + 1);1H\(line)\u{1B}[K"
    }
    unsent += Array(text.utf8)
    flush()
  }

  /// Sends what the terminal takes now.
  func flush() {
    while !unsent.isEmpty {
      let count = unsent.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else {
        // The terminal is gone; the end of its input says so too.
        unsent = []
        return
      }
      unsent.removeFirst(count)
    }
  }
}

/// A terminal that hands over each key at once and does nothing of its own with it.
struct RawInput {
  private let saved: termios

  init(_ saved: termios) { self.saved = saved }

  /// Standard input, where it is a terminal.
  static func ofStandardInput() -> RawInput? {
    var saved = termios()
    guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &saved) == 0 else { return nil }
    return RawInput(saved)
  }

  func begin() {
    var raw = saved
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    // Ctrl-S must not stop the screen.
    raw.c_iflag &= ~tcflag_t(IXON | IXOFF)
    withUnsafeMutableBytes(of: &raw.c_cc) {
      $0[Int(VMIN)] = 1
      $0[Int(VTIME)] = 0
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &raw)
  }

  /// Keys that nobody has read are dropped: they were meant for the panel, not for the shell.
  func end() {
    var saved = saved
    tcsetattr(STDIN_FILENO, TCSANOW, &saved)
    tcflush(STDIN_FILENO, TCIFLUSH)
  }
}
