import Foundation
import KioskTestKit

/// A program of the product on a terminal of its own, and the keyboard of that terminal.
final class TerminalUnderTest {
  let process = Process()
  let master: Int32
  /// The program's end, kept open so that what the program did to it can be seen when it has ended.
  private let slave: Int32
  private let before: termios
  private(set) var picture: TerminalPicture
  /// All text the program has written, on whatever screen.
  private(set) var taken = ""
  private var isHungUp = false

  /// - Parameter name: a program of the product, or the path of another one.
  init(
    _ name: String, _ arguments: [String], environment: [String: String] = [:], rows: Int = 24, columns: Int = 80
  ) throws {
    picture = TerminalPicture(rows: rows, columns: columns)
    var ends: (master: Int32, slave: Int32) = (-1, -1)
    guard openpty(&ends.master, &ends.slave, nil, nil, nil) == 0 else { throw CocoaError(.fileNoSuchFile) }
    (master, slave) = ends
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    for descriptor in [master, slave] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    before = Self.modes(of: slave)
    process.executableURL =
      name.hasPrefix("/") ? URL(fileURLWithPath: name) : ProgramUnderTest.products.appendingPathComponent(name)
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "TERM": "xterm", "TZ": "UTC"].merging(environment) { _, new in new }
    let terminal = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
    (process.standardInput, process.standardOutput, process.standardError) = (terminal, terminal, terminal)
    setSize(rows: rows, columns: columns)
    // A test runs on a thread that blocks signals, and a program inherits that: a shell's programs do not.
    var (none, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try process.run()
  }

  deinit {
    // A script ends what it has started; only what does not end is killed.
    signal(SIGTERM)
    if !eventually(within: .seconds(5), { !process.isRunning }) { signal(SIGKILL) }
    hangUp()
  }

  // MARK: - The person at it

  func type(_ keys: String) { type(Array(keys.utf8)) }

  func type(_ bytes: [UInt8]) { _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) } }

  /// Another size, of which the program is told.
  func resize(rows: Int, columns: Int) {
    look()
    picture.resize(rows: rows, columns: columns)
    setSize(rows: rows, columns: columns)
    signal(SIGWINCH)
  }

  func signal(_ number: Int32) { if process.isRunning { kill(process.processIdentifier, number) } }

  /// The connection breaks.
  func hangUp() {
    guard !isHungUp else { return }
    isHungUp = true
    close(master)
    close(slave)
  }

  // MARK: - What is to be seen

  /// Takes what the program has written by now.
  func look() {
    guard !isHungUp else { return }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { return }
      picture.take(Array(buffer.prefix(count)))
      taken += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
  }

  /// Waits until the picture is as wanted, and then until it is whole: a picture can be cut in two on its way.
  func shows(_ condition: (TerminalPicture) -> Bool) -> Bool {
    let isShown = eventually {
      look()
      return condition(picture)
    }
    var more = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    while isShown, poll(&more, 1, 20) > 0, more.revents & Int16(POLLIN) != 0 { look() }
    return isShown
  }

  func shows(_ words: String) -> Bool { shows { $0.text.contains(words) } }

  func exitCode() -> Int32? {
    guard
      eventually(
        within: .seconds(30),
        {
          look()
          return !process.isRunning
        })
    else { return nil }
    look()
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }

  /// Whether the terminal behaves as it did before the program ran, and shows what it showed then.
  var isRestored: Bool {
    let now = Self.modes(of: slave)
    var (left, right) = (before, now)
    let isSame = withUnsafeBytes(of: &left) { old in withUnsafeBytes(of: &right) { old.elementsEqual($0) } }
    return isSame && !picture.isOtherScreen && picture.isCursorVisible
  }

  func setSize(rows: Int, columns: Int) {
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  private static func modes(of descriptor: Int32) -> termios {
    var modes = termios()
    tcgetattr(descriptor, &modes)
    return modes
  }
}
