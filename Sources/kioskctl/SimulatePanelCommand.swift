import ArgumentParser
import Glibc
import KioskControl

struct SimulatePanelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panel",
    abstract: "A simulated panel on this terminal: its keys are the buttons; shows what happens.",
    discussion: """
      Shows the question, what each key means now, lamps, and what became of each press. The key of a sensor is somebody
      who stands before it for three seconds. Esc, Ctrl-C or q ends it; where a button has the key q, Q.

      Where standard output is no terminal, and with --json, each thing that happens is a line.

      EXAMPLE:
        kioskctl sim panel
      """)

  @OptionGroup var control: ControlOptions

  func run() throws {
    var endingSignal: Int32?
    do throws(ControlError) {
      endingSignal = try session().run()
    } catch {
      throw control.failure(error)
    }
    // As the shell expects of a program that a signal ended.
    if let endingSignal { throw ExitCode(128 + endingSignal) }
  }

  private func session() throws(ControlError) -> PanelSession {
    let watcher = try ControlClient(path: control.socketPath)
    guard let status = try ControlClient(path: control.socketPath).ask(.status).status else {
      throw ControlError(
        .badRequest, "kioskd sent no status", hint: "kioskctl and kioskd are of different versions")
    }
    let keys = PanelKeys(buttons: status.buttons, sensors: status.sensors ?? [])
    guard status.isSimulated, !keys.isEmpty else {
      throw ControlError(
        .notSimulated, "this kiosk has real buttons, or its buttons have no keys",
        hint: "use kioskctl watch and press them; a simulated panel needs board = \"simulated\" and a key per button")
    }
    _ = try watcher.ask(.watch)
    let view: any PanelView
    if !control.json, let screen = TerminalScreen.attached() {
      view = PanelPicture(screen, status)
    } else {
      view = PanelLines(status, keys: keys, json: control.json)
    }
    return PanelSession(path: control.socketPath, watcher: watcher, view: view, keys: keys)
  }
}
