import ArgumentParser
import Glibc
import KioskAgent

/// The network side of the kiosk. Everything it does is in `KioskAgent`, so that tests can reach it.
@main
struct KioskAgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kiosk-agent",
    abstract: "Hands a feedback kiosk's events on, and shows the visitor what the buttons mean.",
    discussion: """
      Reads the journal that kioskd writes; sends events to the upstream of [sync], serves those who fetch as [serve] says, \
      and the page of [display]. kiosk.toml is described in docs/CONFIGURATION.md.

      Signals: SIGTERM and SIGINT end it; SIGHUP reads the configuration anew.

      Exit codes:
      \(AgentExitCode.allCases.map { "  \($0.rawValue < 10 ? " " : "")\($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))
      """, version: AgentOptions.version)

  @Option(name: .customLong("config"), help: ArgumentHelp("Directory with kiosk.toml.", valueName: "dir"))
  var configurationDirectory = "/etc/kiosk"

  @Option(help: ArgumentHelp("Directory of the journal, ratings.db.", valueName: "dir"))
  var journal = "/var/lib/kiosk"

  @Option(help: ArgumentHelp("Directory of what the agent remembers, agent.db.", valueName: "dir"))
  var state = "/var/lib/kiosk-agent"

  @Option(help: ArgumentHelp("Directory of the agent's socket, agent.sock.", valueName: "dir"))
  var runtime = "/run/kiosk-agent"

  @Option(help: ArgumentHelp("kioskd's control socket.", valueName: "path"))
  var control = "/run/kiosk/control.sock"

  @Option(
    help: ArgumentHelp("Directory with the credentials, in place of $CREDENTIALS_DIRECTORY.", valueName: "dir"))
  var credentials: String?

  @Flag(help: "Check the configuration, say what is wrong, and end.")
  var check = false

  func run() async throws {
    var options = AgentOptions()
    options.configuration = configurationDirectory
    options.journal = journal
    options.state = state
    options.runtime = runtime
    options.control = control
    options.credentials = credentials ?? getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }
    let code = check ? Agent.check(options) : await Agent(options: options).run()
    guard code != .success else { return }
    throw ExitCode(code.rawValue)
  }
}
