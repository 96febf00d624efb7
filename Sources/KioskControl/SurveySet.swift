/// Surveys from upstream and which of them are asked: what a server offers to a kiosk (`Configuration` of
/// docs/openapi/upstream.yaml), as kiosk-agent hands it to kioskd.
public struct SurveySet: Sendable, Hashable, Codable {
  /// A survey's file.
  public struct File: Sendable, Hashable, Codable {
    /// `surveys/NAME.toml` without the rest.
    public var name: String
    /// Its text.
    public var toml: String

    public init(name: String, toml: String) {
      self.name = name
      self.toml = toml
    }
  }

  /// Surveys at most, and names in `scheduled`.
  public static let mostSurveys = 64
  /// Bytes of one survey's text: those of a local file.
  public static let mostBytes = 262_144
  /// Bytes of all texts together.
  public static let mostTotalBytes = 1_048_576

  /// Names this content for ever; compared for equality only.
  public var version: String
  /// Name of the survey that is asked when no other is in its time.
  public var survey: String
  /// Names of the surveys that are asked in their time.
  public var scheduled: [String]
  /// All surveys.
  public var surveys: [File]

  public init(version: String, survey: String, scheduled: [String] = [], surveys: [File]) {
    self.version = version
    self.survey = survey
    self.scheduled = scheduled
    self.surveys = surveys
  }

  private enum Key: String, CodingKey {
    case version, survey, scheduled, surveys
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    version = try values.decode(String.self, forKey: .version)
    survey = try values.decode(String.self, forKey: .survey)
    scheduled = try values.decodeIfPresent([String].self, forKey: .scheduled) ?? []
    surveys = try values.decode([File].self, forKey: .surveys)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(version, forKey: .version)
    try values.encode(survey, forKey: .survey)
    try values.encode(scheduled, forKey: .scheduled)
    try values.encode(surveys, forKey: .surveys)
  }

  /// Holds it against the contract's limits; what the surveys say is kioskd's to judge.
  /// - Throws: `ControlError` of code `badRequest`, in words that fit into a report to the server.
  public func check() throws(ControlError) {
    func refuse(_ message: String, _ hint: String) -> ControlError { ControlError(.badRequest, message, hint: hint) }
    guard Self.isVersion(version) else {
      throw refuse(
        "the version \"\(version)\" of the configuration is none",
        "use 1 to 64 letters, digits, \"-\", \"_\" and \".\", beginning with a letter or digit")
    }
    guard (1...Self.mostSurveys).contains(surveys.count), scheduled.count <= Self.mostSurveys else {
      throw refuse(
        "the configuration has \(surveys.count) surveys and schedules \(scheduled.count)",
        "send 1 to \(Self.mostSurveys) surveys")
    }
    for name in [survey] + scheduled + surveys.map(\.name) where !Self.isName(name) {
      throw refuse(
        "\"\(name)\" is no name of a survey",
        "use 1 to 32 lower-case letters, digits and hyphens, beginning with a letter or digit")
    }
    var names: Set<String> = []
    var bytes = 0
    for file in surveys {
      guard names.insert(file.name).inserted else {
        throw refuse("the survey \"\(file.name)\" is there twice", "give each survey a name of its own")
      }
      let size = file.toml.utf8.count
      bytes += size
      guard size <= Self.mostBytes, bytes <= Self.mostTotalBytes else {
        throw refuse(
          "with the survey \"\(file.name)\" the configuration is too large",
          "send at most \(Self.mostBytes) bytes in a survey and \(Self.mostTotalBytes) in all")
      }
    }
  }

  private static func isName(_ text: String) -> Bool {
    consists(text, of: "abcdefghijklmnopqrstuvwxyz0123456789", and: "-", atMost: 32)
  }

  private static func isVersion(_ text: String) -> Bool {
    consists(text, of: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", and: "-_.", atMost: 64)
  }

  private static func consists(_ text: String, of signs: String, and inner: String, atMost limit: Int) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= limit, signs.utf8.contains(first) else { return false }
    return text.utf8.allSatisfy { signs.utf8.contains($0) || inner.utf8.contains($0) }
  }
}
