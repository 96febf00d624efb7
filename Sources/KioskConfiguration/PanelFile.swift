import Feedback

/// Checks `panel.toml`.
struct PanelFile {
  let problems: ProblemList

  /// Lines the kernel hands out at once (GPIO_V2_LINES_MAX, linux/gpio.h): buttons and sensors are one request, lamps and
  /// buzzers another. More than a 40-pin header has.
  static let mostLines = 64
  /// Surveys a panel may ask by the calendar.
  static let mostScheduled = 32
  static let debounces: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(500)

  struct Result {
    /// Nil when something is wrong with the panel itself.
    var settings: PanelSettings?
    /// The survey to ask when no other is in its time.
    var survey: Located<String>?
    /// The surveys to ask in their time.
    var scheduled: [Located<String>] = []
    /// Every button's name, also of those that have something else wrong with them; nil when they are not all known.
    var buttonNames: [String]?
    /// What `role` says, by name, of the buttons that do not answer; empty where that could not be read.
    var otherRoles: [String: String] = [:]
  }

  func result(from table: TOMLTable) -> Result {
    let before = problems.problems.count
    let file = TableReader(
      table, place: "the file", keys: ["board", "survey", "scheduled", "chip", "timing"] + PanelParts.kinds,
      problems: problems)
    let survey = file.name("survey", example: "loyalty")
    let scheduled = scheduled(in: file, besides: survey?.value)
    let timing = timing(in: file)
    let board: Located<Board>? = file.choice("board", isRequired: true)
    var parts = PanelParts(board: board?.value ?? .simulated, isBoardKnown: board != nil, problems: problems)
    parts.noteLines(file)
    parts.addButtons(file)
    parts.addSensors(file, debounce: timing.debounce)
    parts.addLamps(file, .lamp)
    parts.addLamps(file, .buzzer)
    var settings: PanelSettings?
    if let board, let labels = chipLabels(file, board: board.value), problems.problems.count == before {
      settings = PanelSettings(
        board: board.value, chipLabels: labels, buttons: parts.buttons, lamps: parts.lamps, timing: timing,
        sensors: parts.sensors)
    }
    return Result(
      settings: settings, survey: survey, scheduled: scheduled, buttonNames: parts.buttonNames,
      otherRoles: parts.otherRoles)
  }

  private func scheduled(in file: TableReader, besides survey: String?) -> [Located<String>] {
    guard let names = file.strings("scheduled", example: "[\"christmas\"]") else { return [] }
    return Self.scheduled(names, besides: survey, of: "scheduled of the file", problems: problems)
  }

  /// The names that can be asked by the calendar; what cannot is reported.
  static func scheduled(
    _ names: [Located<String>], besides survey: String?, of place: String, problems: ProblemList
  ) -> [Located<String>] {
    guard names.count <= mostScheduled else {
      problems.add(
        .outOfRange, at: names[mostScheduled].at, "\(place) names \(names.count) surveys",
        write: "keep at most \(mostScheduled)")
      return []
    }
    var found: [Located<String>] = []
    for name in names {
      if name.value == survey || found.contains(where: { $0.value == name.value }) {
        problems.add(
          .duplicate, at: name.at,
          "\(place) names the survey \(quoted(name.value)), which "
            + (name.value == survey ? "survey names too" : "it names already"),
          write: "name each survey once: one under survey, the others, which have a [schedule], under scheduled")
      } else {
        found.append(name)
      }
    }
    return found
  }

  private func chipLabels(_ file: TableReader, board: Board) -> [String]? {
    let example = "[chip] with label = \"the label gpiodetect shows\" below it"
    guard let table = file.table("chip", isRequired: board == .generic, write: example) else {
      return board.profile?.chipLabels ?? []
    }
    let reader = TableReader(table, place: "[chip]", keys: ["label"], problems: problems)
    guard board == .generic else {
      let known = board.profile?.chipLabels.first.map { "the chip of this board is known (\($0))" }
      problems.add(
        .contradiction, at: reader.at("label"),
        "[chip] is for board = \"generic\" only: \(known ?? "the simulated board has no chip")",
        write: "remove [chip], or write board = \"generic\"")
      return nil
    }
    guard let label = reader.string("label", example: "\"the label gpiodetect shows\"", isRequired: true) else {
      return nil
    }
    // The kernel's GPIO_MAX_NAME_SIZE (linux/gpio.h), less the terminating zero.
    guard (1...31).contains(label.value.utf8.count), label.value == printable(label.value, limit: .max) else {
      problems.add(
        .invalidValue, at: label.at, "label of [chip] is \(quoted(label.value)), which no chip can be labelled",
        write: "write the label that gpiodetect shows in square brackets, at most 31 characters")
      return nil
    }
    return [label.value]
  }

  private func timing(in file: TableReader) -> PanelTiming {
    var timing = PanelTiming()
    guard let table = file.table("timing", write: "[timing] on a line of its own") else { return timing }
    let reader = TableReader(
      table, place: "[timing]", keys: ["debounce", "held_limit", "storm_limit"], problems: problems)
    if let found = reader.duration("debounce", in: Self.debounces, example: timing.debounce) {
      timing.debounce = found.value
    }
    if let found = reader.duration("held_limit", in: .seconds(1) ... .seconds(600), example: timing.heldLimit) {
      timing.heldLimit = found.value
    }
    if let found = reader.integer("storm_limit", in: 20...10_000, example: timing.stormLimit) {
      timing.stormLimit = found.value
    }
    return timing
  }
}
