import ArgumentParser
import KioskConfiguration
import KioskControl

struct ConfigCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say everything that is wrong with a configuration, or what would be in force.",
    discussion: """
      Each problem is a line: file, line and column, what is wrong, and after the dash what to write. Nothing is changed, and
      the running kiosk is not asked. Ends with the codes of kioskd --check: 0, 78 when the configuration cannot be used, 79
      when it uses a line that the board needs for itself. Surveys that the server has sent are not looked at; kioskctl
      status says whether they are asked instead.

      EXAMPLES:
        kioskctl config check
        kioskctl config check docs/examples/simulated-five-faces
      """)

  @Argument(help: ArgumentHelp("The directory with kiosk.toml, panel.toml and surveys.", valueName: "directory"))
  var directory = "/etc/kiosk"

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  func run() throws {
    do throws(ConfigurationFailure) {
      let settings = try KioskSettings.load(from: directory)
      let report = ConfigurationReport(settings, directory: directory)
      json ? print(report) : Output.line(report.text)
    } catch {
      json ? print(Refusal(error)) : Output.line(Self.text(error))
      throw error.concernsReservedLine ? ExitCode.reservedLine : ExitCode.configuration
    }
  }

  private func print(_ value: some Encodable) {
    if let line = try? ControlCodec.line(value) { Output.write(line) }
  }

  /// One line a problem, as compilers do, so that editors find the place; files apart from one another.
  static func text(_ failure: ConfigurationFailure) -> String {
    let prefix =
      failure.directory.isEmpty || failure.directory.hasSuffix("/") ? failure.directory : failure.directory + "/"
    var lines: [String] = []
    var file: String?
    for problem in failure.problems {
      if let file, file != problem.file { lines.append("") }
      file = problem.file
      let place = problem.line > 0 ? "\(problem.file):\(problem.line):\(problem.column)" : problem.file
      let path = problem.file == failure.directory ? place : prefix + place
      lines.append(
        "\(TerminalText.harmless(path)): \(Output.coloured(TerminalText.harmless(problem.message), Output.red)) — \(TerminalText.harmless(problem.remedy))"
      )
    }
    let count = failure.problems.count + failure.omitted
    let more = failure.omitted > 0 ? ", the first \(failure.problems.count) of them above" : ""
    lines += ["", "\(count) problem\(count == 1 ? "" : "s")\(more); nothing is changed by a check"]
    return lines.joined(separator: "\n")
  }

  /// What is wrong, for programs.
  struct Refusal: Encodable {
    struct Problem: Encodable {
      var file: String
      var line: Int
      var column: Int
      var code: String
      var message: String
      var remedy: String
    }

    var directory: String
    var good = false
    var problems: [Problem]
    var omitted: Int

    init(_ failure: ConfigurationFailure) {
      directory = failure.directory
      problems = failure.problems.map {
        Problem(
          file: $0.file, line: $0.line, column: $0.column, code: $0.code.rawValue, message: $0.message,
          remedy: $0.remedy)
      }
      omitted = failure.omitted
    }
  }
}

extension ExitCode {
  // The codes of kioskd --check.
  static let configuration = ExitCode(78)
  static let reservedLine = ExitCode(79)
}
