import ArgumentParser
import KioskControl

struct SimulatePlayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "Play recorded edges on a simulated panel and say what became of them.",
    discussion: """
      The file holds rows of microseconds,line,level: when, counted from the start; the line's name, its offset or the
      button's name; the physical level, 0 or 1 (a button wired to ground with a pull-up is pressed at 0). A header row,
      empty rows and rows that begin with # are passed over. "-" reads standard input.

      EXAMPLE:
        printf '0,very-happy,0\\n300,very-happy,1\\n900,very-happy,0\\n90000,very-happy,1\\n' | kioskctl sim play -
      """)

  @OptionGroup var control: ControlOptions

  @Argument(help: "The file, or - for standard input.")
  var file: String

  /// Bytes of waveform in one request: a request line's limit less what JSON adds to line feeds and the frame around.
  static let largestFile = ControlCodec.longestRequest * 3 / 4

  func run() throws {
    let waveform = try readWaveform()
    // A waveform plays in real time; the daemon refuses one of more than an hour.
    let reply = try control.ask(.simulate(.play(csv: waveform)), within: 3_700_000)
    PlayedText.print(reply.played, json: control.json)
  }

  private func readWaveform() throws -> String {
    do throws(JournalProblem) {
      let bytes = try InputFile.bytes(file, atMost: Self.largestFile, hint: "split it into several files")
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw JournalProblem(.noInput, "not-text", "\(file) is not text", "rows of microseconds,line,level are wanted")
      }
      return text
    } catch {
      Output.error("kioskctl: \(error.message)\n  → \(error.hint)\n")
      throw error.exitCode
    }
  }
}
