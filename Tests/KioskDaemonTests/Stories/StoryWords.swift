import Feedback

/// Something is wrong with a story: with how it is written, or with what came of it.
struct StoryError: Error, CustomStringConvertible {
  var story: String
  var line: Int
  var message: String

  var description: String { "\(story):\(line): \(message)" }
}

/// The words of one line, taken one after the other.
struct StoryWords {
  let story: String
  let line: Int
  let text: String
  private var words: [Word]
  private var next = 0

  private struct Word {
    var text: String
    var isQuoted: Bool
  }

  init(_ text: String, story: String, line: Int) throws {
    (self.story, self.line, self.text) = (story, line, text)
    words = []
    var rest = Substring(text)
    while let first = rest.first {
      if first == " " || first == "," {
        rest.removeFirst()
      } else if first == "\"" {
        guard let end = rest.dropFirst().firstIndex(of: "\"") else {
          throw StoryError(story: story, line: line, message: "a quotation mark is missing")
        }
        words.append(Word(text: String(rest[rest.index(after: rest.startIndex)..<end]), isQuoted: true))
        rest = rest[rest.index(after: end)...]
      } else {
        let word = rest.prefix { $0 != " " && $0 != "," }
        words.append(Word(text: String(word), isQuoted: false))
        rest = rest[word.endIndex...]
      }
    }
  }

  var isAtEnd: Bool { next == words.count }

  func error(_ message: String) -> StoryError { StoryError(story: story, line: line, message: message) }

  /// The next word without taking it.
  func peek(_ offset: Int = 0) -> String? {
    let place = next + offset
    return place < words.count && !words[place].isQuoted ? words[place].text : nil
  }

  /// Takes these words if they come next.
  mutating func take(_ phrase: String) -> Bool {
    let wanted = phrase.split(separator: " ")
    guard wanted.enumerated().allSatisfy({ peek($0.offset) == String($0.element) }) else { return false }
    next += wanted.count
    return true
  }

  mutating func expect(_ phrase: String) throws {
    guard take(phrase) else { throw error("“\(phrase)” is missing\(foundInstead)") }
  }

  /// Any word.
  mutating func word(_ what: String) throws -> String {
    guard let word = peek() else { throw error("\(what) is missing\(foundInstead)") }
    next += 1
    return word
  }

  mutating func quoted(_ what: String) throws -> String {
    guard next < words.count, words[next].isQuoted else { throw error("\(what) in quotation marks is missing") }
    next += 1
    return words[next - 1].text
  }

  /// Text in quotation marks if it comes next.
  mutating func quotedIfAny() -> String? {
    guard next < words.count, words[next].isQuoted else { return nil }
    next += 1
    return words[next - 1].text
  }

  /// A name as configuration files have them.
  mutating func name(_ what: String) throws -> String {
    let word = try word(what)
    let isName = word.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-")
    }
    guard isName else { throw error("“\(word)” cannot be \(what): names have small letters, digits and hyphens") }
    return word
  }

  mutating func number(_ what: String, in range: ClosedRange<Int>) throws -> Int {
    let word = try word(what)
    guard let number = Int(word), range.contains(number) else {
      throw error("“\(word)” is no \(what) from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func duration(_ what: String) throws -> Duration {
    let word = try word(what)
    guard let duration = Self.duration(word), duration >= .zero else {
      throw error("“\(word)” is no \(what): write 150ms, 1.2s, 5min, 2h or 1h30min")
    }
    return duration
  }

  mutating func date(_ what: String) throws -> StoryDate {
    let day = try word(what)
    guard let date = Self.day(day) else { throw error("“\(day)” is no \(what): write 2026-11-20 10:00") }
    return StoryDate(year: date.year, month: date.month, day: date.day, time: try timeOfDay())
  }

  mutating func timeOfDay() throws -> StoryTimeOfDay {
    let word = try word("a time of day")
    guard let time = Self.timeOfDay(word) else { throw error("“\(word)” is no time of day: write 10:00 or 10:00:30") }
    return time
  }

  /// `once`, `twice`, `never` or `7 times` if it comes next.
  mutating func timesIfAny() throws -> Int? {
    for (word, times) in [("never", 0), ("once", 1), ("twice", 2)] where take(word) { return times }
    guard peek().flatMap({ Int($0) }) != nil, peek(1) == "times" else { return nil }
    defer { next += 1 }
    return try number("number", in: 0...1_000_000)
  }

  /// The choice whose word comes next.
  mutating func choice<Choice>(_ what: String, _ choices: [(String, Choice)]) throws -> Choice {
    let word = try word(what)
    guard let choice = choices.first(where: { $0.0 == word }) else {
      throw error("“\(word)” is no \(what); there are \(choices.map(\.0).joined(separator: ", "))")
    }
    return choice.1
  }

  func end() throws {
    if next < words.count { throw error("“\(words[next].text)” means nothing here") }
  }

  private var foundInstead: String {
    next < words.count ? " before “\(words[next].text)”" : " at the end"
  }

  // MARK: - Forms

  static func day(_ word: String) -> (year: Int, month: Int, day: Int)? {
    let parts = word.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.map(\.count) == [4, 2, 2] else { return nil }
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == 3, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
    return (numbers[0], numbers[1], numbers[2])
  }

  static func timeOfDay(_ word: String) -> StoryTimeOfDay? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { $0.count == 2 ? Int($0) : nil }
    guard (2...3).contains(parts.count), numbers.count == parts.count, (0...23).contains(numbers[0]),
      numbers.dropFirst().allSatisfy({ (0...59).contains($0) })
    else { return nil }
    return StoryTimeOfDay(hour: numbers[0], minute: numbers[1], second: numbers.count == 3 ? numbers[2] : 0)
  }

  static func duration(_ word: String) -> Duration? {
    let units: [(String, Double)] = [("min", 60), ("ms", 0.001), ("h", 3600), ("d", 86_400), ("s", 1)]
    var isNegative = false
    var rest = Substring(word)
    if rest.first == "-" || rest.first == "+" { isNegative = rest.removeFirst() == "-" }
    guard !rest.isEmpty else { return nil }
    var milliseconds: Int64 = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest[digits.endIndex...]
      guard let number = Double(digits), number < 1_000_000_000, let unit = units.first(where: { rest.hasPrefix($0.0) })
      else { return nil }
      rest = rest.dropFirst(unit.0.count)
      milliseconds += Int64((number * unit.1 * 1000).rounded())
    }
    return .milliseconds(isNegative ? -milliseconds : milliseconds)
  }
}
