import ArgumentParser
import Glibc
import KioskControl

struct SimulatePanelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panel",
    abstract: "A simulated panel on this terminal: its keys are the buttons; shows what happens.")

  @OptionGroup var control: ControlOptions

  func run() throws {
    let watcher = try control.connect()
    do {
      let status = try control.ask(.status).status
      let keys = (status?.buttons ?? []).compactMap { button in button.key.map { ($0, button.name) } }
      guard status?.isSimulated == true, !keys.isEmpty else {
        throw ControlError(
          .notSimulated, "this kiosk has real buttons, or its buttons have no keys",
          hint: "use kioskctl watch and press them; a simulated panel needs board = \"simulated\" and a key per button")
      }
      _ = try watcher.ask(.watch)
      Output.line("keys: " + keys.map { "[\($0.0)] \($0.1)" }.joined(separator: "  ") + "   [q] quit")
      let terminal = RawTerminal()
      defer { terminal.restore() }
      try loop(watcher: watcher, keys: Dictionary(keys, uniquingKeysWith: { first, _ in first }))
    } catch let error as ControlError {
      throw control.failure(error)
    }
  }

  private func loop(watcher: ControlClient, keys: [String: String]) throws {
    var isReading = true
    var pressing: [ControlClient] = []
    while true {
      while watcher.hasBufferedActivity {
        guard let activity = try watcher.nextActivity() else { return }
        show(activity)
      }
      if !isReading && pressing.isEmpty { return }
      var descriptors = [pollfd(fd: watcher.pollDescriptor, events: Int16(POLLIN), revents: 0)]
      descriptors.append(pollfd(fd: isReading ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0))
      descriptors += pressing.map { pollfd(fd: $0.pollDescriptor, events: Int16(POLLIN), revents: 0) }
      guard poll(&descriptors, nfds_t(descriptors.count), -1) >= 0 || errno == EINTR else { return }
      if descriptors[0].revents != 0 {
        guard let activity = try watcher.nextActivity() else { return }
        show(activity)
      }
      // An answer has come: what became of the press is on the screen already.
      pressing = zip(pressing, descriptors.dropFirst(2)).filter { $0.1.revents == 0 }.map(\.0)
      guard descriptors[1].revents != 0 else { continue }
      var key: UInt8 = 0
      guard read(STDIN_FILENO, &key, 1) == 1 else {
        isReading = false
        continue
      }
      let name = String(decoding: [key], as: UTF8.self)
      // Ctrl-C and Ctrl-D arrive as bytes in raw mode.
      if name == "q" || key == 3 || key == 4 { return }
      guard let button = keys[name] else { continue }
      let client = try control.connect()
      try client.send(.simulate(.press(SimulatedPress(button: button, bounceEdges: 6))))
      pressing.append(client)
    }
  }

  private func show(_ activity: Activity) {
    if control.json {
      if let line = try? ControlCodec.line(activity) { Output.write(line) }
    } else {
      Output.line(ActivityText.line(activity))
    }
  }
}

/// A terminal that hands over each key at once. Does nothing where standard input is no terminal.
private struct RawTerminal {
  private let saved: termios?

  init() {
    var current = termios()
    guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &current) == 0 else {
      saved = nil
      return
    }
    saved = current
    current.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    tcsetattr(STDIN_FILENO, TCSANOW, &current)
  }

  func restore() {
    guard var saved else { return }
    tcsetattr(STDIN_FILENO, TCSANOW, &saved)
  }
}
