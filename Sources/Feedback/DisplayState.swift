/// What the panel asks right now and what each button means: for the display beside it, for `kioskctl`, and for whoever
/// tests a panel. Published with every change; complete in itself, so that a display that comes late needs no history.
public struct DisplayState: Sendable, Hashable, Codable {
  public enum Phase: String, Sendable, Hashable, Codable, CaseIterable {
    /// The first question, nobody has pressed.
    case idle
    /// A visit is under way.
    case asking
    /// The last question is answered.
    case thanks
    /// Outside opening hours. Presses are kept all the same.
    case closed
    /// Technicians are at work; presses do not count.
    case service
    /// Presses are kept in memory, for the journal cannot be written.
    case outOfService = "out-of-service"
  }

  /// One button and what it means now.
  public struct Button: Sendable, Hashable, Codable {
    /// Name in the panel file.
    public var name: String
    /// Wording in the language chosen; nil where the survey has none (faces).
    public var text: String?
    /// The value it stands for; nil for buttons that do not answer, and for the first step of two.
    public var value: Int?
    /// The values of a first step.
    public var from: Int?
    public var through: Int?
    /// `back`, `skip`, `done`, `language`, `call-staff`, `staff-here`, `start`, `stop`, `toggle`; nil: it answers.
    public var role: String?
    /// Chosen already (multiple choice).
    public var isChosen: Bool?

    enum CodingKeys: String, CodingKey {
      case name, text, value, from, through, role
      case isChosen = "chosen"
    }

    public init(
      name: String, text: String? = nil, value: Int? = nil, from: Int? = nil, through: Int? = nil,
      role: String? = nil, isChosen: Bool? = nil
    ) {
      self.name = name
      self.text = text
      self.value = value
      self.from = from
      self.through = through
      self.role = role
      self.isChosen = isChosen
    }
  }

  public var phase: Phase
  public var survey: String
  public var surveyVersion: Int
  /// Name of the question asked; nil in `thanks`.
  public var question: String?
  /// The question, or the thank-you, in the language chosen.
  public var text: String
  /// Name of the question's scale.
  public var scale: String?
  public var language: String?
  /// All languages of the survey.
  public var languages: [String]
  /// Which question of the visit this is, from 1, and how many there are at most if it goes on from here.
  public var number: Int
  public var of: Int
  /// How many answers may be given here.
  public var mostChoices: Int
  /// Every button that means something now, in the order of the panel file.
  public var buttons: [Button]
  /// What the last press was told, until it is over: `please-wait`, `closed`.
  public var notice: Acknowledgement?
  /// Staff have been called.
  public var isStaffCalled: Bool

  enum CodingKeys: String, CodingKey {
    case phase, survey
    case surveyVersion = "survey_version"
    case question, text, scale, language, languages, number, of
    case mostChoices = "most_choices"
    case buttons, notice
    case isStaffCalled = "staff_called"
  }

  public init(
    phase: Phase, survey: String, surveyVersion: Int, question: String?, text: String, scale: String?,
    language: String?, languages: [String], number: Int, of: Int, mostChoices: Int, buttons: [Button],
    notice: Acknowledgement? = nil, isStaffCalled: Bool = false
  ) {
    self.phase = phase
    self.survey = survey
    self.surveyVersion = surveyVersion
    self.question = question
    self.text = text
    self.scale = scale
    self.language = language
    self.languages = languages
    self.number = number
    self.of = of
    self.mostChoices = mostChoices
    self.buttons = buttons
    self.notice = notice
    self.isStaffCalled = isStaffCalled
  }
}
