import Feedback

/// All of a kiosk's configuration, checked.
public struct KioskSettings: Sendable, Equatable {
  public var device: DeviceSettings
  public var panel: PanelSettings
  /// Every survey there is a file for, by name.
  public var surveys: [Survey]
  /// The surveys the panel asks, those with a schedule first and the one without last: the first whose time it is, is
  /// asked. Never empty, and no two schedules have a moment in common.
  public var asked: [AskedSurvey]
  /// The survey without a schedule, asked when no other is in its time.
  public var activeSurvey: Survey
  /// Sixteen hexadecimal digits that change when any of the files does: says in the journal which configuration took
  /// effect. Guards against nothing but mistakes.
  public var fingerprint: String

  public init(
    device: DeviceSettings, panel: PanelSettings, surveys: [Survey], activeSurvey: Survey,
    scheduled: [AskedSurvey] = [], fingerprint: String
  ) {
    self.device = device
    self.panel = panel
    self.surveys = surveys
    self.asked = scheduled + [AskedSurvey(activeSurvey)]
    self.activeSurvey = activeSurvey
    self.fingerprint = fingerprint
  }
}

/// A survey, and when it is asked.
public struct AskedSurvey: Sendable, Equatable {
  public var survey: Survey
  /// Nil: whenever no other is.
  public var schedule: SurveySchedule?

  public init(_ survey: Survey, schedule: SurveySchedule? = nil) {
    self.survey = survey
    self.schedule = schedule
  }
}
