import Feedback
import KioskConfiguration
import Testing

@Suite struct ExampleTests {
  private func headerLines(_ offsets: [Int]) -> [LineSelector] {
    offsets.map { (offset: Int) in LineSelector.named(["GPIO\(offset)"], offset: offset) }
  }

  @Test func `the simulated example gives five faces on keys 1 to 5`() throws {
    let settings = try KioskSettings.load(from: ExampleFiles.directory("simulated-five-faces"))
    #expect(settings.device.name == "kiosk-demo")
    #expect(settings.device.touchpoint == "checkout-1")
    #expect(settings.device.timeZone == "Europe/Berlin")
    #expect(settings.device.rules == VerdictRules())
    #expect(settings.panel.board == .simulated)
    #expect(settings.panel.chipLabels == [])
    #expect(settings.panel.timing == PanelTiming())
    #expect(settings.panel.buttons.map(\.name) == ["very-unhappy", "unhappy", "neutral", "happy", "very-happy"])
    #expect(settings.panel.buttons.map(\.key) == ["1", "2", "3", "4", "5"])
    #expect(settings.panel.buttons.map(\.line) == settings.panel.buttons.map { .named([$0.name], offset: nil) })
    #expect(settings.panel.lamps.map(\.name) == ["thanks", "please-wait", "out-of-service", "beep"])
    #expect(settings.panel.lamps.map(\.kind) == [.lamp, .lamp, .lamp, .buzzer])
    #expect(settings.panel.lamps[3].shows == [.counted])
    let question = try #require(settings.activeSurvey.questions.first)
    #expect(question.scale == Scale(name: "faces-5"))
    #expect(question.answers.map(\.value) == [1, 2, 3, 4, 5])
    #expect(question.text["de"] == "Wie war Ihr Besuch heute?")
    #expect(question.answers[4].text["en"] == "Very good")
  }

  @Test func `the Raspberry Pi example names the chip, the lines and their offsets`() throws {
    let settings = try KioskSettings.load(from: ExampleFiles.directory("raspberry-pi-five-faces"))
    #expect(settings.panel.chipLabels == ["pinctrl-rp1"])
    #expect(
      settings.panel.buttons.map(\.line)
        == headerLines([17, 27, 22, 5, 6]))
    #expect(settings.panel.buttons.allSatisfy { $0.bias == .pullUp && $0.isActiveLow && $0.key == nil })
    #expect(settings.panel.lamps.map(\.line) == headerLines([23, 24, 25, 16]))
    #expect(settings.panel.lamps.allSatisfy { !$0.isActiveLow && $0.button == nil })
  }

  @Test(arguments: ["raspberry-pi-3b-plus", "raspberry-pi-4", "raspberry-pi-zero-2-w"])
  func `the example's wiring serves the other boards too`(board: String) throws {
    var sources = try ExampleFiles.sources("raspberry-pi-five-faces")
    let panel = String(decoding: sources[1].bytes, as: UTF8.self)
    sources[1] = ConfigurationSource(
      path: "panel.toml", text: panel.replacing("\"raspberry-pi-5\"", with: "\"\(board)\""))
    #expect(try KioskSettings.load(sources: sources).panel.buttons.count == 5)
  }

  @Test func `the fingerprint stays the same for the same files and changes with any of them`() throws {
    let first = try KioskSettings.load(from: ExampleFiles.directory("simulated-five-faces"))
    var sources = try ExampleFiles.sources("simulated-five-faces")
    #expect(try KioskSettings.load(sources: sources.reversed()).fingerprint == first.fingerprint)
    for index in sources.indices {
      let before = sources[index].bytes
      sources[index].bytes += Array("# a remark\n".utf8)
      #expect(try KioskSettings.load(sources: sources).fingerprint != first.fingerprint)
      sources[index].bytes = before
    }
    #expect(first.fingerprint.count == 16)
  }
}
