import KioskConfiguration
import Testing

/// kiosk-agent's tables of kiosk.toml.
@Suite struct AgentFileTests {
  private static let device = "[device]\nname = \"kiosk-7\"\ntouchpoint = \"checkout-1\"\n"

  private func load(_ text: String) throws -> AgentSettings {
    try AgentSettings.load(sources: [ConfigurationSource(path: "kiosk.toml", text: Self.device + text)])
  }

  private func problems(_ text: String) -> [String] {
    do {
      _ = try load(text)
      return []
    } catch let failure as ConfigurationFailure {
      return failure.problems.map { "\($0.line): \($0.message)" }
    } catch {
      return ["\(error)"]
    }
  }

  @Test("nothing is sent, served or shown until it is configured")
  func silentByDefault() throws {
    let settings = try load("")
    #expect(settings.device == "kiosk-7")
    #expect(settings.push == nil && settings.serve == nil && settings.display == nil)
  }

  @Test("all of it is read")
  func complete() throws {
    let settings = try load(
      """
      [sync]
      url = "https://feedback.example.org/shops/"
      authorities = "/etc/kiosk/ca.pem"
      proxy = "http://proxy.example.org:3128"
      gather = "5s"
      first_contact_within = "0s"
      [serve]
      listen = "[::1]:8443"
      client_authorities = "/etc/kiosk/clients.pem"
      [[serve.consumer]]
      name = "head-office"
      scopes = ["events", "status"]
      [[serve.consumer]]
      name = "monitoring"
      scopes = ["metrics"]
      [display]
      listen = "127.0.0.1:9000"
      """)
    let push = try #require(settings.push)
    #expect(push.url == "https://feedback.example.org/shops")
    #expect(push.proxy == AgentSettings.Address(host: "proxy.example.org", port: 3128))
    #expect(push.gather == .seconds(5) && push.firstContactWithin == .zero)
    let serve = try #require(settings.serve)
    #expect(serve.listen == AgentSettings.Address(host: "::1", port: 8443))
    #expect(serve.consumers.map(\.name) == ["head-office", "monitoring"])
    #expect(serve.consumers[0].scopes == [.events, .status])
    #expect(settings.display?.listen.port == 9000)
  }

  @Test(
    "what cannot be is told with its line",
    arguments: [
      ("[sync]\n", "4: [sync] has no url"),
      ("[sync]\nurl = \"feedback.example.org\"", "which is no https URL"),
      ("[sync]\nurl = \"http://feedback.example.org\"", "which is not encrypted"),
      ("[sync]\nurl = \"https://:443\"", "which names no host"),
      ("[sync]\nurl = \"https://user:secret@host\"", "secrets are credentials"),
      ("[sync]\nurl = \"https://host/v1/events\"", "already ends in /v1/events"),
      ("[sync]\nurl = \"https://host\"\nproxy = \"https://proxy\"", "no host with a port"),
      ("[sync]\nurl = \"https://host\"\nauthorities = \"ca.pem\"", "no absolute path"),
      ("[sync]\nurl = \"https://host\"\ntoken = \"abc\"", "has no key \"token\""),
      ("[serve]\nlisten = \"0.0.0.0:8443\"", "names nobody who may fetch"),
      ("[serve]\nlisten = \"0.0.0.0:99999\"\n[[serve.consumer]]\nname = \"a\"\nscopes = []", "no host with a port"),
      ("[serve]\nlisten = \"h:1\"\n[[serve.consumer]]\nname = \"upstream\"\nscopes = []", "stands for [sync]"),
      ("[serve]\nlisten = \"h:1\"\n[[serve.consumer]]\nname = \"A\"\nscopes = []", "small letters"),
      ("[serve]\nlisten = \"h:1\"\n[[serve.consumer]]\nname = \"a\"\nscopes = [\"event\"]", "cannot be \"event\""),
      ("[display]\nlisten = \"0.0.0.0:8480\"", "this kiosk's own screen only"),
    ])
  func refused(text: String, words: String) {
    let found = problems(text)
    #expect(found.contains { $0.contains(words) }, "\(found)")
  }

  @Test("what is wrong with the panel or a survey does not keep the agent from working")
  func panelIsNotItsConcern() throws {
    let sources = [
      ConfigurationSource(path: "kiosk.toml", text: Self.device + "[filter]\nnonsense = 1\n"),
      ConfigurationSource(path: "panel.toml", text: "this is no TOML"),
    ]
    #expect(try AgentSettings.load(sources: sources.filter { $0.path == "kiosk.toml" }).device == "kiosk-7")
  }
}
