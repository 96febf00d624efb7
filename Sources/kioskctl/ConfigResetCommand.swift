import ArgumentParser
import KioskControl

struct ConfigResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Drop the surveys that the server has sent, and ask the local ones again.",
    discussion: """
      Takes effect at once, and no press is lost. The files in /etc/kiosk are not changed; when they cannot be used, nothing
      is changed at all. The server is free to offer its surveys again: take them back there, too.

      EXAMPLE:
        kioskctl config reset
      """)

  @OptionGroup var control: ControlOptions

  func run() throws {
    try control.done(.resetConfiguration, "the local surveys are asked", within: 30_000)
  }
}
