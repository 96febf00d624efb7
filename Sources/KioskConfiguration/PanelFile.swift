import Feedback

/// Checks `panel.toml`.
struct PanelFile {
  let problems: ProblemList

  /// Buttons a panel may have, and lamps: more than a 40-pin header has lines.
  static let mostButtons = 64

  struct Result {
    /// Nil when something is wrong with the panel itself.
    var settings: PanelSettings?
    /// The survey to ask.
    var survey: Located<String>?
    /// Every button's name, also of those that have something else wrong with them; nil when they are not all known.
    var buttonNames: [String]?
  }

  func result(from table: TOMLTable) -> Result {
    let before = problems.problems.count
    let file = TableReader(
      table, place: "the file", keys: ["board", "survey", "chip", "timing", "button", "lamp", "buzzer"],
      problems: problems)
    let survey = file.name("survey", example: "loyalty")
    let timing = timing(in: file)
    let board: Located<Board>? = file.choice("board", isRequired: true)
    var parts = PanelParts(board: board?.value ?? .simulated, isBoardKnown: board != nil, problems: problems)
    parts.noteLines(file)
    parts.addButtons(file)
    parts.addLamps(file, .lamp)
    parts.addLamps(file, .buzzer)
    var settings: PanelSettings?
    if let board, let labels = chipLabels(file, board: board.value), problems.problems.count == before {
      settings = PanelSettings(
        board: board.value, chipLabels: labels, buttons: parts.buttons, lamps: parts.lamps, timing: timing)
    }
    return Result(settings: settings, survey: survey, buttonNames: parts.buttonNames)
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
    if let found = reader.duration("debounce", in: .milliseconds(1) ... .milliseconds(500), example: timing.debounce) {
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
