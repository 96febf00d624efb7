/// One thing that is wrong with the configuration, told to the technician who can put it right.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
  /// What kind of problem it is; for exit codes and tests, never parsed out of the words.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// A file that must be there is not.
    case missingFile = "missing-file"
    /// The file is there but cannot be read.
    case unreadable
    /// The file, or the number of files, is larger than a configuration can be.
    case tooLarge = "too-large"
    /// Not UTF-8.
    case encoding
    /// Not TOML.
    case syntax
    /// Another type than the key takes.
    case wrongType = "wrong-type"
    /// A key nothing reads.
    case unknownKey = "unknown-key"
    /// A key that must be there is not.
    case missingKey = "missing-key"
    /// A number or duration outside its range, or a list too long.
    case outOfRange = "out-of-range"
    /// Text that is none of the allowed ones, or of another form.
    case invalidValue = "invalid-value"
    /// The same name or value twice.
    case duplicate
    /// Names something that does not exist.
    case unknownReference = "unknown-reference"
    /// Two settings that cannot both hold.
    case contradiction
    /// A line the board needs for itself, or a pin that is no line.
    case reservedLine = "reserved-line"
  }

  /// The file, as named by whoever handed it in: below the configuration directory, `panel.toml` or `surveys/a.toml`.
  public var file: String
  /// Line, from 1; 0 when the whole file is meant.
  public var line: Int
  /// Column in characters (Unicode scalars), from 1; 0 when the whole file is meant.
  public var column: Int
  /// What is wrong.
  public var message: String
  /// What to write instead.
  public var remedy: String
  public var code: Code

  public init(file: String, line: Int, column: Int, message: String, remedy: String, code: Code) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.remedy = remedy
    self.code = code
  }

  /// One line: `panel.toml:12:8: what is wrong — what to write`.
  public var description: String {
    let file = printableName(file)
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    return "\(place): \(message) — \(remedy)"
  }
}

/// Why no settings could be made: every problem found, in the order of files and lines.
public struct ConfigurationFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// Problems told at once. A file with more is better read again after these are put right.
  public static let mostProblems = 200

  /// The directory the files are in; empty for files that came from elsewhere.
  public var directory: String
  /// Never empty.
  public var problems: [ConfigurationProblem]
  /// Problems found beyond `mostProblems`.
  public var omitted: Int

  public init(directory: String = "", problems: [ConfigurationProblem], omitted: Int = 0) {
    self.directory = directory
    self.problems = problems
    self.omitted = omitted
  }

  /// Whether a line the board needs for itself is among the problems; `kioskd` has an exit code of its own for that.
  public var concernsReservedLine: Bool { problems.contains { $0.code == .reservedLine } }

  /// One line per problem.
  public var description: String {
    let prefix = directory.isEmpty ? "" : directory.hasSuffix("/") ? directory : directory + "/"
    var lines = problems.map { prefix + $0.description }
    if omitted > 0 { lines.append("and \(omitted) more; put these right first") }
    return lines.joined(separator: "\n")
  }
}

/// Gathers what is wrong while the files are checked.
final class ProblemList {
  private(set) var problems: [ConfigurationProblem] = []

  /// More than will be told. What takes long to find out about each, such as what a misspelt name was meant to be, is left
  /// out from then on, so that a file made to be slow is not.
  var isCrowded: Bool { problems.count > ConfigurationFailure.mostProblems }

  /// Characters of a message or a remedy that are told. They repeat words of the file, each cut already; this is for
  /// those that somebody forgot to cut, or to rid of what disturbs a terminal.
  private static let longestWords = 1_000

  func add(_ code: ConfigurationProblem.Code, at place: SourcePosition, _ message: String, write remedy: String) {
    problems.append(
      ConfigurationProblem(
        file: place.file, line: place.line, column: place.column,
        message: printable(message, limit: Self.longestWords), remedy: printable(remedy, limit: Self.longestWords),
        code: code))
  }

  /// Forgets the problems that are somebody else's to report.
  func keep(_ isKept: (ConfigurationProblem) -> Bool) { problems = problems.filter(isKept) }

  /// The failure to throw, nil when all is well. Problems are put into the order of the files and of the lines in them.
  func failure(directory: String, files: [String]) -> ConfigurationFailure? {
    guard !problems.isEmpty else { return nil }
    var ranks: [String: Int] = [:]
    for (rank, file) in files.enumerated() where ranks[file] == nil { ranks[file] = rank }
    let sorted = problems.enumerated().sorted { left, right in
      let first = (ranks[left.element.file] ?? .max, left.element.line, left.element.column, left.offset)
      let second = (ranks[right.element.file] ?? .max, right.element.line, right.element.column, right.offset)
      return first < second
    }.map(\.element)
    return ConfigurationFailure(
      directory: directory, problems: Array(sorted.prefix(ConfigurationFailure.mostProblems)),
      omitted: max(0, sorted.count - ConfigurationFailure.mostProblems))
  }
}
