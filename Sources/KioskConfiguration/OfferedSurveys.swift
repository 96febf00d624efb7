/// Surveys from elsewhere that take the place of those in the configuration directory, and which of them the panel asks.
/// Everything else (device, filter, wiring) stays with the directory's own files.
public struct OfferedSurveys: Sendable, Equatable {
  /// What problems with the choice itself name as their file: it stands in none.
  public static let place = "offer"

  /// Name of the survey that is asked when no other is in its time; takes the place of `survey` in `panel.toml`.
  public var survey: String
  /// Names of those that are asked in their time; takes the place of `scheduled`.
  public var scheduled: [String]
  /// The files, `surveys/NAME.toml`.
  public var files: [ConfigurationSource]

  public init(survey: String, scheduled: [String], files: [ConfigurationSource]) {
    self.survey = survey
    self.scheduled = scheduled
    self.files = files
  }

  /// The panel with the offer's choice instead of its own.
  func chosen(for panel: PanelFile.Result, problems: ProblemList) -> PanelFile.Result {
    func located(_ name: String) -> Located<String> { Located(value: name, at: .whole(Self.place)) }
    var panel = panel
    panel.survey = located(survey)
    panel.scheduled = PanelFile.scheduled(
      scheduled.map(located), besides: survey, of: "scheduled of the offer", problems: problems)
    return panel
  }

  /// Stands for the choice in the fingerprint.
  var choice: ConfigurationSource {
    ConfigurationSource(path: Self.place, text: ([survey] + scheduled).joined(separator: "\n"))
  }
}
