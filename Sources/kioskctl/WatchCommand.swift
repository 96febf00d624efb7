import ArgumentParser
import Glibc
import KioskControl

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show each press, verdict, commit and lamp as it happens, until Ctrl-C.")

  @OptionGroup var control: ControlOptions

  @Option(help: ArgumentHelp("End after so many lines.", valueName: "lines"))
  var count: Int?

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count must be at least 1") }
  }

  func run() throws {
    let client = try control.connect()
    do {
      _ = try client.ask(.watch)
      if !control.json { Output.error("watching \(control.socketPath); Ctrl-C ends\n") }
      var left = count ?? .max
      while left > 0, let activity = try client.nextActivity() {
        control.json ? Output.write(try ControlCodec.line(activity)) : Output.line(ActivityText.line(activity))
        left -= 1
      }
      if left > 0 {
        throw ControlError(.disconnected, "kioskd has ended", hint: "see systemctl status kioskd")
      }
    } catch let error as ControlError {
      throw control.failure(error)
    }
  }
}
