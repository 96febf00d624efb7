import Feedback

/// Finds the line that `line` or `offset` of a button or lamp means, on the board at hand.
struct LineResolver {
  let board: Board
  let problems: ProblemList
  /// Offsets that the panel file uses already, not to be proposed for another use.
  var taken: Set<Int> = []

  /// What was found.
  struct Resolved {
    var selector: LineSelector
    /// The same for every way of writing the same line.
    var identity: String
    /// How a message names it.
    var name: String
    var at: SourcePosition
    var hasFixedPullUp = false
  }

  /// Lines of a chip, as far as anybody has built one: the kernel's largest have some hundred.
  private static let mostOffsets = 1023
  /// The kernel's GPIO_MAX_NAME_SIZE (linux/gpio.h) less its terminating zero.
  private static let longestName = 31

  /// Nil when it was reported that there is none.
  func resolve(_ reader: TableReader, name: String?) -> Resolved? {
    if reader.has("line"), reader.has("offset") {
      problems.add(
        .contradiction, at: reader.at("offset"), "\(reader.place) has both line and offset",
        write: "keep line and remove offset; line = \(example) finds the line by its name")
      return nil
    }
    if reader.has("offset") {
      guard let offset = reader.integer("offset", in: 0...Self.mostOffsets, example: 17) else { return nil }
      return resolve(offset: offset, reader)
    }
    if case .integer(let number)? = reader.table["line"]?.value.content, board != .simulated {
      problems.add(
        .wrongType, at: reader.at("line"), "line of \(reader.place) is the number \(number), but takes a name",
        write: board.profile == nil
          ? "write offset = \(number), or line with the name that gpioinfo shows"
          : "write line = \"GPIO\(number)\", or line = \"pin \(number)\" if you counted pins")
      return nil
    }
    if reader.has("line") {
      guard let line = reader.string("line", example: example) else { return nil }
      return resolve(line, reader)
    }
    guard board == .simulated else {
      reader.missing("line", write: "line = \(example), the line it is wired to")
      return nil
    }
    guard let name else { return nil }
    return Resolved(
      selector: .named([name], offset: nil), identity: name, name: "the line \(quoted(name))", at: reader.table.at)
  }

  private var example: String { board.profile == nil ? "\"the name gpioinfo shows\"" : "\"GPIO17\"" }

  private func resolve(offset: Located<Int>, _ reader: TableReader) -> Resolved? {
    guard let profile = board.profile else {
      return Resolved(
        selector: .offset(offset.value), identity: "offset \(offset.value)", name: "offset \(offset.value)",
        at: offset.at)
    }
    if let line = profile.header.first(where: { $0.offset == offset.value }) {
      return use(line, as: "GPIO\(offset.value)", at: offset.at, reader)
    }
    if let line = profile.internal.first(where: { $0.offset == offset.value }) {
      reportInternal(line, as: "offset \(offset.value)", at: offset.at, reader, profile)
      return nil
    }
    problems.add(
      .unknownReference, at: offset.at, "the chip of the \(profile.title) has no line \(offset.value)",
      write: "write an offset from 2 to 27, or better line = \"GPIO17\"")
    return nil
  }

  private func resolve(_ text: Located<String>, _ reader: TableReader) -> Resolved? {
    let written = trimmed(text.value)
    guard let profile = board.profile else {
      guard (1...Self.longestName).contains(written.utf8.count), written == printable(written, limit: .max) else {
        problems.add(
          .invalidValue, at: text.at, "line of \(reader.place) is \(quoted(text.value)), which no line can be called",
          write: "write the name that gpioinfo shows, at most \(Self.longestName) characters, or offset = 17")
        return nil
      }
      return Resolved(
        selector: .named([written], offset: nil), identity: written, name: "the line \(quoted(written))", at: text.at)
    }
    let wanted = written.uppercased()
    if wanted.hasPrefix("PIN") {
      let rest = trimmed(String(wanted.dropFirst(3)))
      return resolve(pin: Int(rest), text, reader, profile)
    }
    if let line = profile.header.first(where: { $0.names.contains(wanted) }) {
      return use(line, as: wanted, at: text.at, reader)
    }
    if let line = profile.internal.first(where: { $0.names.contains(wanted) }) {
      reportInternal(line, as: wanted, at: text.at, reader, profile)
      return nil
    }
    let names = profile.header.filter { $0.reservedBecause == nil }.flatMap(\.names)
    let remedy: String
    if let number = Int(wanted) {
      remedy = "write line = \"GPIO\(number)\", or line = \"pin \(number)\" if you counted pins"
    } else if let near = nearest(to: wanted, among: names) {
      remedy = "did you mean line = \"\(near)\"? GPIO2 to GPIO27 or pin 3 to pin 40 are led out"
    } else {
      remedy = "write line = \"GPIO17\" or line = \"pin 11\"; GPIO2 to GPIO27 are led out"
    }
    problems.add(
      .unknownReference, at: text.at, "\(reader.place) uses \(quoted(text.value)), which the \(profile.title) has not",
      write: remedy)
    return nil
  }

  private func resolve(pin: Int?, _ text: Located<String>, _ reader: TableReader, _ profile: BoardProfile) -> Resolved?
  {
    if let pin, let line = profile.header.first(where: { $0.pin == pin }) {
      return use(line, as: "pin \(pin) (GPIO\(line.offset))", at: text.at, reader)
    }
    if let pin, let supply = profile.supplyPins[pin] {
      problems.add(
        .reservedLine, at: text.at, "\(reader.place) uses pin \(pin), which carries \(supply) and is no line",
        write: "wire it to \(proposal(profile)), and write that")
      return nil
    }
    problems.add(
      .unknownReference, at: text.at, "\(reader.place) uses \(quoted(text.value)), but the header's pins are 1 to 40",
      write: "write the pin's number, such as line = \"pin 11\", or the line's name, such as line = \"GPIO17\"")
    return nil
  }

  private func use(_ line: HeaderLine, as name: String, at place: SourcePosition, _ reader: TableReader) -> Resolved? {
    if let reason = line.reservedBecause, let profile = board.profile {
      problems.add(
        .reservedLine, at: place, "\(reader.place) uses \(name), which \(reason)",
        write: "wire it to \(proposal(profile)), and write that")
      return nil
    }
    return Resolved(
      selector: .named(line.names, offset: line.offset), identity: "offset \(line.offset)", name: name, at: place,
      hasFixedPullUp: line.hasFixedPullUp)
  }

  private func reportInternal(
    _ line: InternalLine, as name: String, at place: SourcePosition, _ reader: TableReader, _ profile: BoardProfile
  ) {
    problems.add(
      .reservedLine, at: place,
      "\(reader.place) uses \(name), which the \(profile.title) uses \(line.use) and does not lead out to its header",
      write: "wire it to \(proposal(profile)), and write that")
  }

  /// Lines that are free and without a second duty on any of the boards, so that the advice does not lead into the next
  /// trouble.
  private func proposal(_ profile: BoardProfile) -> String {
    let names = [17, 27, 22, 5, 6, 16, 23, 24, 25, 26].compactMap { offset -> String? in
      guard !taken.contains(offset), let line = profile.header.first(where: { $0.offset == offset }) else { return nil }
      return "\"GPIO\(offset)\" (pin \(line.pin))"
    }
    return names.isEmpty ? "another line" : "another line, such as " + alternatives(Array(names.prefix(3)))
  }

  /// The header line that a value of `line` or `offset` means, without a word about anything that is wrong with it.
  func headerOffset(of value: TOMLValue) -> Int? {
    guard let header = board.profile?.header else { return nil }
    switch value.content {
    case .integer(let number): return header.first { Int64($0.offset) == number }?.offset
    case .string(let text):
      let wanted = trimmed(text).uppercased()
      if wanted.hasPrefix("PIN"), let pin = Int(trimmed(String(wanted.dropFirst(3)))) {
        return header.first { $0.pin == pin }?.offset
      }
      return header.first { $0.names.contains(wanted) }?.offset
    default: return nil
    }
  }
}
