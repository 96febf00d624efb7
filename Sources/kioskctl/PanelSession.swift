import CKioskPlatform
import Feedback
import Glibc
import KioskControl

/// Keys in, activity out, until one of the two ends or a signal comes.
final class PanelSession {
  /// Presses under way or waiting at once: with a key held down, more than a panel needs and fewer than kioskd takes.
  static let mostPending = 8
  /// How long a sensor whose key is pressed sees something. Longer than the two seconds after which who passes by is
  /// usually counted as somebody who stays.
  static let presenceMilliseconds = 3_000
  private static let bounceEdges = 6

  private let path: String
  private let watcher: ControlClient
  private let view: any PanelView
  private var keys: PanelKeys
  private var decoder = TerminalKeys()
  private var pending: [(request: PendingRequest, target: PanelKeys.Target?)] = []
  /// Keys pressed while their button was still down.
  private var queued: [PanelKeys.Target] = []
  private var isReading = true
  private let signals: Int32

  /// - Parameter watcher: one that watches.
  init(path: String, watcher: ControlClient, view: any PanelView, keys: PanelKeys) {
    self.path = path
    self.watcher = watcher
    self.view = view
    self.keys = keys
    // Taken as events, so that the terminal is given back whichever of them ends the program.
    let wanted = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP]
    signals = kiosk_signalfd(wanted, Int32(wanted.count))
  }

  deinit { if signals >= 0 { close(signals) } }

  /// - Throws: `ControlError` when the daemon ends first.
  /// - Returns: the signal that ended it; nil: the keys did.
  func run() throws(ControlError) -> Int32? {
    view.begin()
    defer { view.end() }
    while true {
      while watcher.hasBufferedActivity { try takeActivity() }
      if view.wantsStatus() { ask(.status, for: nil) }
      view.refresh()
      if !isReading, pending.isEmpty { return nil }
      var descriptors = [watcher.pollDescriptor, isReading ? STDIN_FILENO : -1, signals].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      descriptors.append(pollfd(fd: view.outputDescriptor, events: Int16(POLLOUT), revents: 0))
      descriptors += pending.map { pollfd(fd: $0.request.descriptor, events: Int16(POLLIN), revents: 0) }
      let patience = decoder.isUndecided ? TerminalKeys.sequenceMilliseconds : -1
      let ready = poll(&descriptors, nfds_t(descriptors.count), patience)
      guard ready >= 0 else {
        if errno == EINTR { continue }
        throw ControlError(.system, "poll failed: \(String(cString: strerror(errno)))", hint: "try again")
      }
      if ready == 0, act(on: decoder.timeOut()) { return nil }
      if descriptors[2].revents != 0, let signal = takeSignals() { return signal }
      if descriptors[0].revents != 0 { try takeActivity() }
      takeAnswers(descriptors.dropFirst(4))
      if descriptors[1].revents != 0, readKeys() { return nil }
    }
  }

  private func takeActivity() throws(ControlError) {
    guard let activity = try watcher.nextActivity() else {
      throw ControlError(.disconnected, "kioskd has ended", hint: "see systemctl status kioskd, or the log of make run")
    }
    view.take(activity)
  }

  /// Returns the signal that ends the program.
  private func takeSignals() -> Int32? {
    while case let signal = kiosk_signalfd_read(signals), signal != 0 {
      switch signal {
      // The picture is drawn anew in the size there is now.
      case SIGWINCH: break
      case SIGTSTP:
        view.end()
        raise(SIGSTOP)
        view.begin()
      default: return signal
      }
    }
    return nil
  }

  // MARK: - Keys

  /// Returns whether they end it.
  private func readKeys() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return false }
    guard count > 0 else {
      isReading = false
      return false
    }
    return act(on: decoder.take(bytes.prefix(count)))
  }

  private func act(on pressed: [TerminalKeys.Key]) -> Bool {
    for key in pressed {
      guard case .character(let character) = key else { return true }
      switch keys.action(for: character) {
      case .quit: return true
      case .nothing: view.tell(character == " " ? nil : "no button has the key \(character)")
      case .work(let target):
        view.tell(nil)
        if pending.count + queued.count >= Self.mostPending {
          view.tell("too many keys at once: one was left out")
        } else if pending.contains(where: { $0.target == target }) {
          queued.append(target)
        } else {
          work(target)
        }
      }
    }
    return false
  }

  private func work(_ target: PanelKeys.Target) {
    switch target {
    case .button(let name):
      ask(.simulate(.press(SimulatedPress(button: name, bounceEdges: Self.bounceEdges))), for: target)
    case .sensor(let name):
      ask(.simulate(.presence(sensor: name, holdMilliseconds: Self.presenceMilliseconds)), for: target)
    }
  }

  private func ask(_ request: ControlRequest, for target: PanelKeys.Target?) {
    do throws(ControlError) {
      pending.append((try PendingRequest(request, to: path), target))
    } catch {
      view.tell("\(error.message): \(error.hint)")
    }
  }

  /// What became of a press is shown already, for it was watched; only a refusal is news.
  private func takeAnswers(_ descriptors: ArraySlice<pollfd>) {
    var left: [(request: PendingRequest, target: PanelKeys.Target?)] = []
    for (waiting, descriptor) in zip(pending, descriptors) {
      guard descriptor.revents != 0, let answer = waiting.request.answer() else {
        left.append(waiting)
        continue
      }
      switch answer {
      case .success(let reply):
        guard let status = reply.status else { continue }
        keys = PanelKeys(buttons: status.buttons, sensors: status.sensors ?? [])
        view.take(status)
      case .failure(let error): view.tell("\(error.message): \(error.hint)")
      }
    }
    pending = left
    // Come up by now: the next press on the same button can begin.
    for target in queued where !pending.contains(where: { $0.target == target }) {
      if let index = queued.firstIndex(of: target) { queued.remove(at: index) }
      work(target)
    }
  }
}
