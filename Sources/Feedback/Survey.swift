/// What a visitor is asked, and what each button means as an answer.
public struct Survey: Sendable, Hashable, Codable {
  /// Name of the survey, unique on the device: lower-case letters, digits and hyphens.
  public var name: String
  /// Raised by whoever changes the survey, so that answers to different wordings are never mixed.
  public var version: Int
  /// What the survey is for.
  public var instrument: Instrument
  /// In the order they are asked where nothing else is said (`Question.next`); the first opens a visit.
  public var questions: [Question]
  /// Language tags (`en`, `de`, `pt-BR`) in the order in which the language button goes through them. A visit begins in
  /// the first.
  public var languages: [String]
  /// How long a question is left open; then the visit ends and the answers given so far stand.
  public var timeout: Duration
  /// What is shown when the last question is answered, by language tag.
  public var thanks: [String: String]
  /// How long that is shown before the next visitor is asked.
  public var thanksDuration: Duration

  /// Nobody stands at a row of buttons for longer without pressing one.
  public static let standardTimeout = Duration.seconds(15)
  public static let standardThanksDuration = Duration.seconds(3)

  public init(
    name: String, version: Int, instrument: Instrument, questions: [Question], languages: [String] = [],
    timeout: Duration = Survey.standardTimeout, thanks: [String: String] = [:],
    thanksDuration: Duration = Survey.standardThanksDuration
  ) {
    self.name = name
    self.version = version
    self.instrument = instrument
    self.questions = questions
    self.languages = languages
    self.timeout = timeout
    self.thanks = thanks
    self.thanksDuration = thanksDuration
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
  /// As which kind of event an answer is recorded.
  public enum Record: String, Sendable, Hashable, Codable, CaseIterable {
    case rating
    case reason
    case answer

    public var eventKind: EventKind {
      switch self {
      case .rating: .rating
      case .reason: .reason
      case .answer: .answer
      }
    }
  }

  /// Unique in the survey: lower-case letters, digits and hyphens.
  public var name: String
  /// The wording, by language tag (`en`, `de`, `pt-BR`).
  public var text: [String: String]
  /// The scale the answers stand on; nil for topics that have no order.
  public var scale: Scale?
  /// What each button means.
  public var answers: [Answer]
  public var record: Record
  /// How many answers a visitor may give. With 1 the first one leads on; with more, the last one allowed, the button
  /// for "done" or the time-out does.
  public var mostChoices: Int
  /// Where it goes from here, unless the answer says otherwise.
  public var next: NextStep

  /// The most reasons a visitor may give for a rating: what the field's products allow.
  public static let mostReasons = 6

  public init(
    name: String, text: [String: String], scale: Scale?, answers: [Answer], record: Record = .answer,
    mostChoices: Int = 1, next: NextStep = .end
  ) {
    self.name = name
    self.text = text
    self.scale = scale
    self.answers = answers
    self.record = record
    self.mostChoices = mostChoices
    self.next = next
  }

  /// True when the values do not have a button each: the first press names a range, the second a value in it.
  public var isTwoStep: Bool { answers.contains { $0.values.count > 1 } }
}

/// What comes after a question.
public enum NextStep: Sendable, Hashable, Codable {
  /// The question with that name.
  case question(String)
  /// The thank-you.
  case end
}

/// What one button means as the answer to one question.
public struct Answer: Sendable, Hashable, Codable {
  /// Name of the button, as in the panel file.
  public var button: String
  /// The value on the question's scale, or the ordinal of the topic. More than one: a first step (`Question.isTwoStep`);
  /// in the second the question's buttons, in the order of its answers, stand for these values in rising order.
  public var values: ClosedRange<Int>
  /// The wording, by language tag; may be empty for faces.
  public var text: [String: String]
  /// Where this answer leads; nil: where the question does.
  public var next: NextStep?

  /// The value, or the lowest of a first step.
  public var value: Int { values.lowerBound }

  public init(button: String, value: Int, text: [String: String] = [:], next: NextStep? = nil) {
    self.init(button: button, values: value...value, text: text, next: next)
  }

  public init(button: String, values: ClosedRange<Int>, text: [String: String] = [:], next: NextStep? = nil) {
    self.button = button
    self.values = values
    self.text = text
    self.next = next
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
    /// 1 to 10, the form of the American Customer Satisfaction Index.
    case csi
    /// 1 to 10, would recommend (WoMI).
    case recommend
    /// 1 to 10, would discourage others (WoMI): 10 is bad.
    case discourage
    /// 1 to 7, what an excellent shop should do (SERVQUAL).
    case expectation
    /// 1 to 7, what this shop does (SERVQUAL).
    case perception

    /// The numbers of points the family allows.
    public var allowedPoints: ClosedRange<Int> {
      switch self {
      case .faces: 2...5
      case .stars: 2...10
      case .nps: 11...11
      case .ces1, .csat: 5...5
      case .ces2, .expectation, .perception: 7...7
      case .csi, .recommend, .discourage: 10...10
      }
    }

    /// The lowest value of the family.
    public var lowest: Int { self == .nps ? 0 : 1 }

    /// Whether a higher value is the better experience.
    public var higherIsBetter: Bool { self != .ces1 && self != .discourage }
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
