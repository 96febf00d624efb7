/// What became of a configuration from upstream, in the form in which it is reported there (`ConfigurationReport` of
/// docs/openapi/upstream.yaml).
public struct ConfigurationOutcome: Sendable, Hashable, Codable {
  public enum Outcome: String, Sendable, Hashable, Codable {
    /// It is on disk and in force.
    case applied
    /// What was in force before stays in force.
    case refused
  }

  /// One thing that is wrong with it.
  public struct Problem: Sendable, Hashable, Codable {
    /// `surveys/NAME.toml`, or a file of the kiosk's own; nil: the choice of surveys.
    public var file: String?
    /// From 1; nil: the whole file.
    public var line: Int?
    /// In characters, from 1.
    public var column: Int?
    public var message: String
    /// What to write instead.
    public var hint: String?

    /// Texts beyond the report's limits are cut.
    public init(file: String?, line: Int?, column: Int?, message: String, hint: String?) {
      self.file = file.map { Self.cut($0, to: ConfigurationOutcome.longestFile) }
      self.line = line
      self.column = column
      self.message = Self.cut(message, to: ConfigurationOutcome.longestText)
      self.hint = hint.map { Self.cut($0, to: ConfigurationOutcome.longestText) }
    }

    private static func cut(_ text: String, to limit: Int) -> String {
      guard text.utf8.count > limit else { return text }
      var end = text.utf8.index(text.startIndex, offsetBy: limit - 3)
      while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
      return text[..<end] + "…"
    }
  }

  /// Problems at most.
  public static let mostProblems = 50
  /// Bytes of a message or hint at most.
  public static let longestText = 2_000
  /// Bytes of a file's name at most.
  public static let longestFile = 200

  public var version: String
  public var outcome: Outcome
  /// Of everything that is in force, as in the journal's event of kind `config`; nil when it was refused.
  public var fingerprint: String?
  /// Empty when it was applied.
  public var problems: [Problem]

  public init(applied version: String, fingerprint: String) {
    self.version = version
    outcome = .applied
    self.fingerprint = fingerprint
    problems = []
  }

  /// - Parameter omitted: how many problems there are beyond those told.
  public init(refused version: String, problems: [Problem], omitted: Int = 0) {
    self.version = version
    outcome = .refused
    var told = problems
    if problems.count + omitted > Self.mostProblems {
      told = Array(problems.prefix(Self.mostProblems - 1))
      let rest = problems.count - told.count + omitted
      told.append(
        Problem(file: nil, line: nil, column: nil, message: "and \(rest) more", hint: "put the others right first"))
    }
    self.problems = told
  }
}
