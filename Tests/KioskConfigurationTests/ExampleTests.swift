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

  // MARK: - The showroom

  @Test func `the showroom has every kind of button, sensor and lamp`() throws {
    let settings = try KioskSettings.load(from: ExampleFiles.directory("simulated-showroom"))
    let panel = settings.panel
    #expect(panel.buttons.compactMap(\.key) == Array("12345qwertybsdlchuiv"))
    #expect(panel.sensors.compactMap(\.key) == ["p", "m"])
    #expect(
      panel.buttons.map(\.role).dropFirst(11) == [
        .back, .skip, .done, .language, .callStaff, .staffHere(call: "call-staff"),
        .activity(.toggle, seller: "anna-7"),
        .activity(.toggle, seller: "ben-3"), .service,
      ])
    #expect(panel.sensors.map(\.name) == ["visitors", "lid"])
    #expect(panel.sensors[1].use == .tamper)
    #expect(panel.lamps.first { $0.name == "staff" }?.shows == [.staffWanted])
    // Each button that a visitor may press has a lamp that says whether it means something.
    let offered = panel.lamps.filter { $0.shows == [.offered] }.compactMap(\.button?.value)
    #expect(offered == Array(0...15))
    #expect(panel.lamps.last?.kind == .buzzer)
    #expect(settings.device.context.isAccepted)
  }

  @Test func `the showroom's survey goes from a rating over its reasons to a short questionnaire, in three languages`()
    throws
  {
    let survey = try KioskSettings.load(from: ExampleFiles.directory("simulated-showroom")).activeSurvey
    #expect(survey.name == "visit")
    #expect(survey.languages == ["en", "de", "fr"])
    #expect(survey.questions.map(\.name) == ["overall", "wrong", "good", "found", "missing", "again"])
    #expect(survey.questions.map(\.record) == [.rating, .reason, .reason, .answer, .answer, .answer])
    #expect(survey.questions.map(\.mostChoices) == [1, 6, 6, 1, 3, 1])
    #expect(survey.questions[0].answers.map(\.next) == [nil, nil, nil, .question("good"), .question("good")])
    #expect(survey.questions[3].answers[0].next == .question("again"))
    #expect(survey.thanks["fr"] == "Merci ! À bientôt.")
  }

  @Test func `the Raspberry Pi with reasons uses each line once and reads its sensor the right way round`() throws {
    let panel = try KioskSettings.load(from: ExampleFiles.directory("raspberry-pi-reasons")).panel
    #expect(panel.buttons.count == 11)
    #expect(panel.sensors.map(\.line) == [.named(["GPIO4", "GPIO_GCLK"], offset: 4)])
    #expect(panel.sensors[0].bias == .pullDown)
    #expect(!panel.sensors[0].isActiveLow)
    #expect(panel.sensors[0].use == .contact(ContactRules(kind: .pir)))
    // Lines from GPIO9 on are pulled low until the kiosk is up, so no lamp glows before.
    for lamp in panel.lamps {
      guard case .named(_, let offset) = lamp.line else {
        Issue.record("\(lamp.line)")
        continue
      }
      #expect(offset.map { $0 >= 9 } == true, "\(lamp.name)")
    }
  }

  @Test(arguments: ["simulated-showroom", "raspberry-pi-reasons"])
  func `the hours that are written as remarks are right when they are used`(name: String) throws {
    var sources = try ExampleFiles.sources(name)
    let lines = String(decoding: sources[0].bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    let used = lines.map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }
    sources[0] = ConfigurationSource(path: "kiosk.toml", text: used.joined(separator: "\n"))
    let plain = try KioskSettings.load(from: ExampleFiles.directory(name)).device
    let device = try KioskSettings.load(sources: sources).device
    #expect(plain.openingHours.isAlwaysOpen)
    #expect(plain.quietHours.weekly.isEmpty)
    #expect(!device.openingHours.isAlwaysOpen)
    #expect(device.openingHours.holidays.map(\.name) == ["Christmas Eve", "Christmas Day"])
    #expect(!device.quietHours.weekly.isEmpty)
  }
}
