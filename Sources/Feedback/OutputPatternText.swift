/// Why a text is no output pattern.
public struct OutputPatternError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable, Hashable, CaseIterable {
    case empty
    /// Neither `on` nor `off` nor how often.
    case unknownWord = "unknown-word"
    /// `on` or `off` without how long.
    case missingDuration = "missing-duration"
    /// A duration without a unit, with another one, or out of range.
    case badDuration = "bad-duration"
    case tooManySteps = "too-many-steps"
    /// How often is out of range, or is not the last word.
    case badCount = "bad-count"
  }

  public var code: Code
  /// What is wrong, to follow "the pattern …".
  public var message: String
  /// What to write.
  public var hint: String

  public init(_ code: Code, _ message: String, hint: String) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  public var description: String { "\(message) (\(hint))" }
}

/// The text form: `on` (steady), `off` (nothing), or steps and how often they are played, once unless said:
/// `on 1500ms`, `on 400ms off 400ms x2`, `on 200ms off 1800ms forever`. Durations in `ms` or `s`, from 1 ms to a day.
extension OutputPattern: CustomStringConvertible {
  /// The text that `parse` takes for this pattern.
  public var description: String {
    if self == .steady { return "on" }
    if self == .off { return "off" }
    var words: [String] = []
    for step in steps {
      words.append(step.isOn ? "on" : "off")
      words.append(Self.text(of: step.duration.wholeNanoseconds))
    }
    switch repetitions {
    case nil: words.append("forever")
    case 1: break
    case .some(let count): words.append("x\(count)")
    }
    return words.joined(separator: " ")
  }

  /// Reads the text form.
  public static func parse(_ text: String) throws(OutputPatternError) -> OutputPattern {
    let words = text.split { $0 == " " || $0 == "\t" }
    switch words.first {
    case nil: throw OutputPatternError(.empty, "is empty", hint: "write \"off\" for nothing, or \(examples)")
    case "on" where words.count == 1: return .steady
    case "off" where words.count == 1: return .off
    default: break
    }
    var steps: [Step] = []
    var place = 0
    while place < words.count, words[place] == "on" || words[place] == "off" {
      guard steps.count < mostSteps else {
        throw OutputPatternError(
          .tooManySteps, "has more than \(mostSteps) steps", hint: "write the steps once, then how often, such as x10")
      }
      guard place + 1 < words.count, words[place + 1].utf8.first.map(isDigit) ?? false else {
        throw OutputPatternError(
          .missingDuration, "does not say how long step \(steps.count + 1), \"\(words[place])\", takes",
          hint: "write such as \"\(words[place]) 400ms\"")
      }
      steps.append(Step(isOn: words[place] == "on", for: try duration(words[place + 1])))
      place += 2
    }
    guard !steps.isEmpty else {
      throw OutputPatternError(
        .unknownWord, "begins with \(quoted(words[0]))", hint: "begin with \"on\" or \"off\", such as \(examples)")
    }
    let repetitions = place < words.count ? try count(words[place]) : 1
    guard place + 1 >= words.count else {
      throw OutputPatternError(
        .badCount, "goes on after \(quoted(words[place])), which ends it",
        hint: "write how often last, such as \(examples)")
    }
    return OutputPattern(checked: steps, repetitions: repetitions)
  }

  private static let examples = "\"on 400ms off 400ms x2\""

  private static func count(_ word: Substring) throws(OutputPatternError) -> Int? {
    if word == "forever" { return nil }
    guard word.utf8.first == UInt8(ascii: "x") else {
      throw OutputPatternError(
        .unknownWord, "has \(quoted(word)) where a step or how often is expected",
        hint: "write \"on\" or \"off\" with a duration, or \"x2\", or \"forever\"")
    }
    let digits = word.utf8.dropFirst()
    guard !digits.isEmpty, digits.count <= 7, digits.allSatisfy(isDigit), let count = Int(word.dropFirst()),
      1...mostRepetitions ~= count
    else {
      throw OutputPatternError(
        .badCount, "is to be played \(quoted(word))",
        hint: "write a whole number from x1 to x\(mostRepetitions), or \"forever\"")
    }
    return count
  }

  private static func duration(_ word: Substring) throws(OutputPatternError) -> Duration {
    let digits = word.utf8.prefix(while: isDigit)
    var unit = word.utf8.dropFirst(digits.count)
    var fraction = unit.prefix(0)
    if unit.first == UInt8(ascii: ".") {
      fraction = unit.dropFirst().prefix(while: isDigit)
      unit = unit.dropFirst(1 + fraction.count)
      guard !fraction.isEmpty else { throw badDuration(word) }
    }
    let places: Int
    switch Substring(unit) {
    case "ms": places = 6
    case "s": places = 9
    default:
      throw OutputPatternError(
        .badDuration, "has the duration \(quoted(word)) without \"ms\" or \"s\" at its end",
        hint: "write such as \"400ms\" or \"1.5s\"")
    }
    guard digits.count <= 8, fraction.count <= places else { throw badDuration(word) }
    // Eight digits and nine places stay below 10^17.
    var nanoseconds: Int64 = 0
    for digit in digits { nanoseconds = nanoseconds * 10 + Int64(digit - UInt8(ascii: "0")) }
    var rest = places
    for digit in fraction {
      nanoseconds = nanoseconds * 10 + Int64(digit - UInt8(ascii: "0"))
      rest -= 1
    }
    for _ in 0..<rest { nanoseconds *= 10 }
    let duration = Duration.nanoseconds(nanoseconds)
    guard duration >= shortestStep, duration <= longestStep else { throw badDuration(word) }
    return duration
  }

  private static func badDuration(_ word: Substring) -> OutputPatternError {
    OutputPatternError(
      .badDuration, "has the duration \(quoted(word))", hint: "write one from \"1ms\" to \"86400s\"")
  }

  private static func text(of nanoseconds: Int64) -> String {
    let (milliseconds, below) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    guard below > 0 else {
      return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
    let places = String(1_000_000 + below).dropFirst()
    return "\(milliseconds).\(places)ms"
  }

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  /// Whatever stands in the file may be long.
  private static func quoted(_ word: Substring) -> String {
    word.count <= 24 ? "\"\(word)\"" : "\"\(word.prefix(24))…\""
  }
}
