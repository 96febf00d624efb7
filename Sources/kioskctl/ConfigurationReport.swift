import Feedback
import KioskConfiguration

/// What a configuration would put in force.
struct ConfigurationReport: Encodable {
  struct Input: Encodable {
    var name: String
    var line: String
    var key: String?
    var role: String?
  }

  struct Output: Encodable {
    var name: String
    var line: String
    var shows: [String]
  }

  struct AskedSurvey: Encodable {
    var name: String
    var version: Int
    var instrument: String
    var questions: Int
    var languages: [String]
    /// When it is asked, in words; nil: the panel does not ask it.
    var asked: String?
  }

  var directory: String
  var good = true
  var device: String
  var touchpoint: String
  var timeZone: String
  var board: String
  /// False: no `[opening_hours]` and no holidays.
  var hasOpeningHours: Bool
  var buttons: [Input]
  var sensors: [Input]
  var lamps: [Output]
  var surveys: [AskedSurvey]
  var fingerprint: String

  enum CodingKeys: String, CodingKey {
    case directory, good, device, touchpoint
    case timeZone = "time_zone"
    case board
    case hasOpeningHours = "has_opening_hours"
    case buttons, sensors, lamps, surveys, fingerprint
  }

  init(_ settings: KioskSettings, directory: String) {
    self.directory = directory
    device = settings.device.name
    touchpoint = settings.device.touchpoint
    timeZone = settings.device.timeZone
    board = settings.panel.board.rawValue
    hasOpeningHours = !settings.device.openingHours.isAlwaysOpen
    sensors = settings.panel.sensors.map { sensor in
      let use =
        switch sensor.use {
        case .contact: "contact"
        case .tamper: "tamper"
        }
      return Input(name: sensor.name, line: "\(sensor.line)", key: sensor.key.map { String($0) }, role: use)
    }
    buttons = settings.panel.buttons.map { button in
      Input(name: button.name, line: "\(button.line)", key: button.key.map { String($0) }, role: Self.role(button.role))
    }
    lamps = settings.panel.lamps.map { lamp in
      Output(name: lamp.name, line: "\(lamp.line)", shows: lamp.shows.map(\.rawValue).sorted())
    }
    surveys = settings.surveys.map { survey in
      let asked = settings.asked.first { $0.survey.name == survey.name }
      return AskedSurvey(
        name: survey.name, version: survey.version, instrument: survey.instrument.rawValue,
        questions: survey.questions.count, languages: survey.languages,
        asked: asked.map { Self.words($0.schedule, isOnly: settings.asked.count == 1) })
    }
    fingerprint = settings.fingerprint
  }

  /// When a survey is asked.
  private static func words(_ schedule: SurveySchedule?, isOnly: Bool) -> String {
    guard let schedule else { return isOnly ? "always" : "whenever no other is" }
    let words = [
      schedule.from.map { "from \($0.text)" }, schedule.to.map { "until \($0.text)" },
      schedule.weekdays.isEmpty ? nil : "on \(schedule.weekdays.map(\.name).joined(separator: ", "))",
      schedule.hours.isEmpty ? nil : schedule.hours.map(\.text).joined(separator: ", "),
    ].compactMap { $0 }
    return words.isEmpty ? "always" : words.joined(separator: " ")
  }

  /// As a panel file would say it; nil: it answers.
  private static func role(_ role: ButtonRole) -> String? {
    switch role {
    case .answer: nil
    case .back: "back"
    case .skip: "skip"
    case .done: "done"
    case .language: "language"
    case .callStaff: "call-staff"
    case .staffHere(let call): "staff-here" + (call.map { " for \($0)" } ?? "")
    case .activity(let change, let seller): "\(change.rawValue) \(seller)"
    case .service: "service"
    }
  }

  /// For a person.
  var text: String {
    var lines = ["\(TerminalText.harmless(directory)) is good. It would put in force:"]
    func row(_ name: String, _ value: String) { lines.append("  \(TerminalText.padded(name, to: 12)) \(value)") }
    row("device", "\(device) at touchpoint \(touchpoint), time zone \(timeZone)")
    row("hours", hasOpeningHours ? "presses outside opening hours do not count" : "always open")
    row("board", board)
    let names = ((buttons + sensors).map(\.name) + lamps.map(\.name)).map { $0.count }.max() ?? 0
    let places = ((buttons + sensors).map(\.line) + lamps.map(\.line)).map { $0.count }.max() ?? 0
    func part(_ kind: String, _ name: String, _ line: String, _ rest: String) {
      row(kind, "\(TerminalText.padded(name, to: names + 2))\(TerminalText.padded(line, to: places + 2))\(rest)")
    }
    for (kind, inputs) in [("button", buttons), ("sensor", sensors)] {
      for input in inputs {
        part(
          kind, input.name, input.line,
          [input.role ?? "answers", input.key.map { "key \($0)" }].compactMap { $0 }.joined(separator: ", "))
      }
    }
    for lamp in lamps { part("lamp", lamp.name, lamp.line, "shows \(lamp.shows.joined(separator: ", "))") }
    for survey in surveys {
      let questions = survey.questions == 1 ? "1 question" : "\(survey.questions) questions"
      let languages = survey.languages.isEmpty ? "" : ", in \(survey.languages.joined(separator: ", "))"
      row(
        "survey",
        "\(survey.name) version \(survey.version), \(survey.instrument), \(questions)\(languages): "
          + (survey.asked.map { "asked \($0)" } ?? "not asked by this panel"))
    }
    row("fingerprint", fingerprint)
    return lines.map { line in
      var line = line
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
