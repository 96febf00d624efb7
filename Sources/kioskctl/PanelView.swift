import Feedback
import KioskControl

/// Where `sim panel` shows what happens: a screen, or lines where there is none.
protocol PanelView: AnyObject {
  func begin()
  /// Gives the terminal back.
  func end()
  func take(_ activity: Activity)
  func take(_ status: DaemonStatus)
  /// A key did nothing, and why; nil: the last such answer is over.
  func tell(_ hint: String?)
  /// All that came together has been taken.
  func refresh()
  /// To be polled for room; -1: nothing waits.
  var outputDescriptor: Int32 { get }
  /// Whether the status is to be asked for; asking takes the wish back.
  func wantsStatus() -> Bool
}

/// One line for each thing that happens.
final class PanelLines: PanelView {
  private let json: Bool
  private let input = RawInput.ofStandardInput()

  init(_ status: DaemonStatus, keys: PanelKeys, json: Bool) {
    self.json = json
    let named = (status.buttons + (status.sensors ?? [])).compactMap { input in
      keys.key(of: input.name).map { "[\($0)] \(input.name)" }
    }
    let letter = keys.quitLetter.map { "   [\($0)] quit" } ?? "   Ctrl-C ends"
    if !json { Output.line("keys: \(named.joined(separator: "  "))\(letter)") }
  }

  func begin() { input?.begin() }
  func end() { input?.end() }

  func take(_ activity: Activity) {
    if json {
      if let line = try? ControlCodec.line(activity) { Output.write(line) }
    } else {
      Output.line(ActivityText.line(activity))
    }
  }

  func take(_ status: DaemonStatus) {}
  func tell(_ hint: String?) { if let hint { Output.error("kioskctl: \(hint)\n") } }
  func refresh() {}
  var outputDescriptor: Int32 { -1 }
  func wantsStatus() -> Bool { false }
}

/// The screen.
final class PanelPicture: PanelView {
  private let screen: TerminalScreen
  private var model: PanelModel

  init(_ screen: TerminalScreen, _ status: DaemonStatus) {
    self.screen = screen
    model = PanelModel(status)
  }

  func begin() {
    screen.enter()
    refresh()
  }

  func end() { screen.leave() }
  func take(_ activity: Activity) { model.take(activity) }
  func take(_ status: DaemonStatus) { model.take(status) }
  func tell(_ hint: String?) { model.hint = hint }

  func refresh() {
    screen.flush()
    guard screen.isReady else { return }
    let size = screen.size
    screen.draw(PanelScreen(model: model, rows: size.rows, columns: size.columns).lines())
  }

  var outputDescriptor: Int32 { screen.outputDescriptor }

  func wantsStatus() -> Bool {
    defer { model.wantsStatus = false }
    return model.wantsStatus
  }
}
