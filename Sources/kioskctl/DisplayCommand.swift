import ArgumentParser
import KioskControl

struct DisplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "display",
    abstract: "What the panel asks now, and what each button means.",
    discussion: """
      --json prints what a display beside the panel is told with every change; kioskctl watch --json shows the changes.

      EXAMPLE:
        kioskctl display
      """)

  @OptionGroup var control: ControlOptions

  /// Comes before anything else that a watcher is told.
  private static let milliseconds: Int64 = 5_000

  func run() throws {
    let client = try control.connect()
    do throws(ControlError) {
      _ = try client.ask(.watch)
      while let activity = try client.nextActivity(within: Self.milliseconds) {
        guard let display = activity.display else { continue }
        if !control.json { return Output.line(DisplayText.lines(display).joined(separator: "\n")) }
        return Output.write(try ControlCodec.line(display))
      }
      throw ControlError(.disconnected, "kioskd has ended", hint: "see systemctl status kioskd")
    } catch {
      throw control.failure(error)
    }
  }
}
