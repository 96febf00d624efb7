import Feedback

/// Finds the surveys that the panel asks, and holds them against its buttons and against each other.
struct AskedSurveys {
  let problems: ProblemList
  let panel: PanelFile.Result
  let surveys: [SurveyFile.Result]
  /// False when the name of a survey could not be read, which may be one that seems to be missing.
  let areNamesKnown: Bool

  /// Nil when one of them is missing or wrong, which has been reported.
  func chosen(
    timeZone: Located<String>?, in database: TimeZoneName
  ) -> (unscheduled: Survey, scheduled: [AskedSurvey])? {
    let usual = panel.survey.flatMap { find($0, as: "survey = ") }
    if let usual, let scheduledAt = usual.scheduledAt, let wanted = panel.survey {
      problems.add(
        .contradiction, at: wanted.at,
        "the panel asks the survey \(quoted(wanted.value)) whenever no other is in its time, but it has a [schedule] "
          + "(\(scheduledAt.name))",
        write: "name a survey without a schedule here, and this one under scheduled = [\(quoted(wanted.value))]")
    }
    var inTime: [(name: Located<String>, file: SurveyFile.Result)] = []
    for wanted in panel.scheduled {
      guard let file = find(wanted, as: "") else { continue }
      if file.scheduledAt == nil {
        problems.add(
          .contradiction, at: wanted.at,
          "the panel asks the survey \(quoted(wanted.value)) in its time, but \(file.name?.at.file ?? "it") has no [schedule]",
          write: "add [schedule] with from = 2026-12-01 and to = 2027-01-01 to it, or take it out of scheduled")
      }
      inTime.append((wanted, file))
    }
    for file in [usual].compactMap({ $0 }) + inTime.map(\.file) { checkButtons(of: file) }
    checkOverlaps(inTime, timeZone: timeZone, in: database)
    guard let survey = usual?.survey else { return nil }
    let scheduled = inTime.compactMap { _, file in
      file.survey.flatMap { survey in file.schedule.map { AskedSurvey(survey, schedule: $0) } }
    }
    return scheduled.count == panel.scheduled.count ? (survey, scheduled) : nil
  }

  private func find(_ wanted: Located<String>, as key: String) -> SurveyFile.Result? {
    if let found = surveys.first(where: { $0.name?.value == wanted.value }) { return found }
    guard areNamesKnown else { return nil }
    let names = surveys.compactMap { $0.name?.value }
    let proposal = nearest(to: wanted.value, among: names).map { "did you mean \(key)\"\($0)\"? " } ?? ""
    let known =
      names.isEmpty
      ? "put it into surveys/\(printable(wanted.value, limit: 32)).toml; docs/examples has some to start from"
      : "surveys/ holds \(alternatives(names.prefix(12).map { "\"\($0)\"" }, last: "and"))"
    problems.add(
      .unknownReference, at: wanted.at,
      "the panel asks the survey \(quoted(wanted.value)), which no file in surveys/ has", write: proposal + known)
    return nil
  }

  // MARK: - Buttons

  private func checkButtons(of survey: SurveyFile.Result) {
    guard let names = panel.buttonNames else { return }
    for use in survey.buttons {
      if !names.contains(use.name) {
        PanelParts.reportUnknownButton(use.name, at: use.at, of: use.place, among: names, problems: problems)
      } else if let role = panel.otherRoles[use.name], !role.isEmpty {
        problems.add(
          .contradiction, at: use.at,
          "\(use.place) is given with the button \(quoted(use.name)), which has role = \(quoted(role)) and answers nothing",
          write: "name a button without a role, or remove role from that one")
      }
    }
  }

  // MARK: - Times

  private func checkOverlaps(
    _ scheduled: [(name: Located<String>, file: SurveyFile.Result)], timeZone: Located<String>?,
    in database: TimeZoneName
  ) {
    let timed = scheduled.filter { $0.file.schedule != nil }
    guard let first = timed.first, let timeZone,
      let zone = database.rules(
        for: timeZone.value, at: timeZone.at, neededBy: "the [schedule] of \(quoted(first.name.value))",
        problems: problems)
    else { return }
    for (place, later) in timed.enumerated() {
      for earlier in timed.prefix(place) {
        guard let one = earlier.file.schedule, let other = later.file.schedule,
          let moment = one.overlaps(other, in: zone)
        else { continue }
        problems.add(
          .contradiction, at: later.file.scheduledAt ?? later.name.at,
          "the surveys \(quoted(earlier.name.value)) (\(earlier.file.scheduledAt?.name ?? "")) and "
            + "\(quoted(later.name.value)) would both be asked at \(moment.text)",
          write: "change one of the two [schedule], or take one out of scheduled in \(later.name.at.name)")
      }
    }
  }
}
