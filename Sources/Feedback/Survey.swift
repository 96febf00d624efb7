/// What a visitor is asked, and what each button means as an answer.
public struct Survey: Sendable, Hashable, Codable {
  /// Name of the survey, unique on the device: lower-case letters, digits and hyphens.
  public var name: String
  /// Raised by whoever changes the survey, so that answers to different wordings are never mixed.
  public var version: Int
  /// What the survey is for.
  public var instrument: Instrument
  /// In the order they are asked; the first opens a visit.
  public var questions: [Question]

  public init(name: String, version: Int, instrument: Instrument, questions: [Question]) {
    self.name = name
    self.version = version
    self.instrument = instrument
    self.questions = questions
  }
}

/// The three things a panel can be for.
public enum Instrument: String, Sendable, Hashable, Codable, CaseIterable {
  /// How it went.
  case loyalty
  /// What was wrong or right.
  case feedback
  /// Several questions in a row.
  case questionnaire
}

/// One question of a survey.
public struct Question: Sendable, Hashable, Codable {
  /// Unique in the survey: lower-case letters, digits and hyphens.
  public var name: String
  /// The wording, by language tag (`en`, `de`, `pt-BR`).
  public var text: [String: String]
  /// The scale the answers stand on; nil for topics that have no order.
  public var scale: Scale?
  /// What each button means.
  public var answers: [Answer]

  public init(name: String, text: [String: String], scale: Scale?, answers: [Answer]) {
    self.name = name
    self.text = text
    self.scale = scale
    self.answers = answers
  }
}

/// What one button means as the answer to one question.
public struct Answer: Sendable, Hashable, Codable {
  /// Name of the button, as in the panel file.
  public var button: String
  /// The value on the question's scale, or the ordinal of the topic.
  public var value: Int
  /// The wording, by language tag; may be empty for faces.
  public var text: [String: String]

  public init(button: String, value: Int, text: [String: String] = [:]) {
    self.button = button
    self.value = value
    self.text = text
  }
}

/// A rating scale. It travels with each rating, so that a figure never mixes scales or directions.
public struct Scale: Sendable, Hashable, Codable {
  /// The families of scales (docs: METRICS). Each fixes what a value means.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// 2 to 5 faces, 1 the unhappiest.
    case faces
    /// 2 to 10 stars, 1 the worst.
    case stars
    /// 0 to 10, likelihood to recommend.
    case nps
    /// 1 to 5, effort put in: 5 is bad.
    case ces1
    /// 1 to 7, agreement that it was easy: 7 is good.
    case ces2
    /// 1 to 5, satisfaction.
    case csat

    /// The numbers of points the family allows.
    public var allowedPoints: ClosedRange<Int> {
      switch self {
      case .faces: 2...5
      case .stars: 2...10
      case .nps: 11...11
      case .ces1, .csat: 5...5
      case .ces2: 7...7
      }
    }

    /// The lowest value of the family.
    public var lowest: Int { self == .nps ? 0 : 1 }

    /// Whether a higher value is the better experience.
    public var higherIsBetter: Bool { self != .ces1 }
  }

  public var kind: Kind
  public var points: Int

  /// Fails when the family does not allow that many points.
  public init?(kind: Kind, points: Int) {
    guard kind.allowedPoints.contains(points) else { return nil }
    self.kind = kind
    self.points = points
  }

  /// The values an answer may have.
  public var values: ClosedRange<Int> { kind.lowest...(kind.lowest + points - 1) }

  /// The form stored with each rating and used in survey files: `faces-5`, `nps-11`.
  public var name: String { "\(kind.rawValue)-\(points)" }

  /// Reads the stored form; nil for anything else.
  public init?(name: String) {
    let parts = name.split(separator: "-", maxSplits: 1)
    guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), let points = Int(parts[1]),
      name == "\(kind.rawValue)-\(points)"
    else { return nil }
    self.init(kind: kind, points: points)
  }
}
