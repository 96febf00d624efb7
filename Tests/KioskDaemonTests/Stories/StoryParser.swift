import Feedback

/// Reads a story. Strict: a word it does not know is an error, and so is a story that expects nothing.
struct StoryParser {
  private let name: String
  private var title: String?
  private var reasons: [String] = []
  private var panel: PanelName?
  private var start: (date: StoryDate, zone: String)?
  private var clock: ClockSetting?
  private var kernel = Story.Kernel()
  private var items: [Story.Item] = []

  /// What an indented line goes on with.
  private enum Block {
    case header
    case steps
    case expectations
  }
  private var block = Block.header

  static func parse(_ text: String, name: String) throws -> Story {
    var parser = StoryParser(name: name)
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      try parser.take(String(line), number: number)
    }
    return try parser.finish(line: number)
  }

  private init(name: String) {
    self.name = name
  }

  private mutating func take(_ line: String, number: Int) throws {
    let text = line.trimmingSpaces
    if text.isEmpty { return }
    if text.first == "#" {
      let remark = String(text.drop { $0 == "#" }).trimmingSpaces
      if title == nil { title = remark } else if items.isEmpty, !remark.isEmpty { reasons.append(remark) }
      return
    }
    var words = try StoryWords(text, story: name, line: number)
    guard title != nil else { throw words.error("a story begins with its title: # A toddler hits red") }
    let isIndented = line.first == " "
    if !isIndented { block = try begin(&words) }
    switch block {
    case .header:
      if isIndented {
        throw words.error("this line goes on with nothing: only lines after “at” and “then” are indented")
      }
    case .steps:
      let moment = isIndented && words.peek() != "wait" ? .same : try self.moment(&words)
      try add(.step(try StepParser.parse(&words), at: moment), words)
    case .expectations:
      guard items.contains(where: \.isStep) else { throw words.error("nothing has happened yet") }
      try add(.expectation(try ExpectationParser.parse(&words)), words)
    }
  }

  private mutating func add(_ content: Story.Item.Content, _ words: StoryWords) throws {
    try words.end()
    items.append(Story.Item(line: words.line, text: words.text, content: content))
  }

  /// The first word of a line that is not indented.
  private mutating func begin(_ words: inout StoryWords) throws -> Block {
    if words.take("then") { return .expectations }
    if words.peek() == "at" || words.peek() == "wait" { return .steps }
    guard items.isEmpty else {
      throw words.error("“\(words.peek() ?? words.text)” begins no line; at, wait and then do")
    }
    if words.take("panel") {
      panel = try once(panel, try PanelName.parse(&words), "panel", words)
    } else if words.take("time") {
      start = try once(start, (try words.date("date"), try words.word("the time zone")), "time", words)
    } else if words.take("clock") {
      clock = try once(clock, try StepParser.clock(&words), "clock", words)
    } else if words.take("kernel leaves bounce") {
      kernel.mustLeaveBounce = true
    } else if words.take("kernel keeps") {
      kernel.edgesKept = try words.number("number", in: 1...100_000)
      try words.expect("edges")
    } else if words.take("watchdog every") {
      kernel.watchdog = try words.duration("time")
    } else {
      throw words.error(
        "“\(words.peek() ?? words.text)” begins no line; panel, time, clock, kernel, watchdog, at, wait and then do")
    }
    try words.end()
    return .header
  }

  private func once<Value>(_ old: Value?, _ new: Value, _ what: String, _ words: StoryWords) throws -> Value {
    guard old == nil else { throw words.error("the \(what) has been told already") }
    return new
  }

  private func moment(_ words: inout StoryWords) throws -> StoryMoment {
    if words.peek() == "wait" { return .later(try Self.waiting(words)) }
    try words.expect("at")
    guard let next = words.peek() else { throw words.error("a time is missing at the end") }
    if StoryWords.day(next) != nil { return .date(try words.date("date")) }
    if StoryWords.timeOfDay(next) != nil { return .timeOfDay(try words.timeOfDay()) }
    return .after(try words.duration("time"))
  }

  /// `wait 5s` is a step as well, which takes the words itself.
  private static func waiting(_ words: StoryWords) throws -> Duration {
    var words = words
    try words.expect("wait")
    return try words.duration("time")
  }

  private func finish(line: Int) throws -> Story {
    func missing(_ what: String) -> StoryError { StoryError(story: name, line: line, message: "\(what) is missing") }
    guard let title, !title.isEmpty else { throw missing("the title") }
    guard !reasons.isEmpty else { throw missing("why this is told (# lines after the title)") }
    guard let panel else { throw missing("“panel NAME”") }
    guard let start else { throw missing("“time 2026-11-20 10:00 Europe/Berlin”") }
    guard let clock else { throw missing("“clock trusted”") }
    guard items.contains(where: { !$0.isStep }) else { throw missing("an expectation: a story that expects nothing") }
    if let last = items.last, last.isStep {
      throw StoryError(story: name, line: last.line, message: "nothing is expected of this last step")
    }
    return Story(
      name: name, title: title, reasons: reasons, panel: panel, start: start.date, timeZone: start.zone, clock: clock,
      kernel: kernel, items: items)
  }
}

extension Story.Item {
  var isStep: Bool {
    if case .step = content { true } else { false }
  }
}

extension PanelName {
  /// `five-faces with opening-hours`
  static func parse(_ words: inout StoryWords) throws -> PanelName {
    var directories = [try words.name("the panel")]
    while words.take("with") { directories.append(try words.name("what is laid over the panel")) }
    return PanelName(directories: directories)
  }
}

extension String {
  var trimmingSpaces: String {
    var rest = Substring(self)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
