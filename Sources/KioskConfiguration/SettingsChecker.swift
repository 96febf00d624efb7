import Feedback

extension KioskSettings {
  /// Reads and checks a configuration directory.
  /// - Parameters:
  ///   - offered: surveys to ask instead of the directory's own; the checks are the same.
  ///   - timeZoneDatabase: where the system's time zones are; without one only the form of a name is checked.
  /// - Throws: `ConfigurationFailure` with every problem found in any of the files.
  public static func load(
    from directory: String, offered: OfferedSurveys? = nil, timeZoneDatabase: String = "/usr/share/zoneinfo"
  ) throws(ConfigurationFailure) -> KioskSettings {
    let problems = ProblemList()
    let sources = ConfigurationDirectory(path: directory).sources(offered: offered, problems: problems)
    let checker = SettingsChecker(
      problems: problems, timeZones: TimeZoneName(database: timeZoneDatabase), offered: offered)
    return try checker.settings(from: sources, directory: directory)
  }

  /// Checks files that are in memory already, named as in the configuration directory; their order does not matter.
  /// - Throws: `ConfigurationFailure` with every problem found in any of them.
  public static func load(
    sources: [ConfigurationSource], timeZoneDatabase: String = "/usr/share/zoneinfo"
  ) throws(ConfigurationFailure) -> KioskSettings {
    let problems = ProblemList()
    for path in ["kiosk.toml", "panel.toml"] where !sources.contains(where: { $0.path == path }) {
      problems.add(
        .missingFile, at: .whole(path), "the file is missing",
        write: "create it; docs/examples has complete ones to start from")
    }
    let checker = SettingsChecker(problems: problems, timeZones: TimeZoneName(database: timeZoneDatabase))
    return try checker.settings(from: sources, directory: "")
  }
}

/// Puts the files together, checks each, then holds them against each other.
struct SettingsChecker {
  let problems: ProblemList
  let timeZones: TimeZoneName
  var offered: OfferedSurveys?

  func settings(
    from unsorted: [ConfigurationSource], directory: String
  ) throws(ConfigurationFailure) -> KioskSettings {
    let sources = unsorted.sorted { left, right in
      let first = Self.rank(left.path)
      let second = Self.rank(right.path)
      return first != second ? first < second : left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
    }
    if sources.isBeyondLimits {
      sources.reportLimits(to: problems)
      if let failure = problems.failure(directory: directory, files: sources.map(\.path)) { throw failure }
    }
    let device = merged("kiosk", sources).map {
      DeviceFile(problems: problems, timeZones: timeZones).result(from: $0)
    }
    let panel = merged("panel", sources).map { table in
      let panel = PanelFile(problems: problems).result(from: table)
      return offered?.chosen(for: panel, problems: problems) ?? panel
    }
    let isEveryFileRead = !hasProblem(under: "surveys")
    let surveys = surveys(sources)
    // A survey whose file is broken must not also be reported as one that does not exist.
    let areNamesKnown =
      isEveryFileRead && surveys.count == sources.count { $0.path.hasPrefix("surveys/") }
      && surveys.allSatisfy { $0.name != nil }
    let asked = panel.flatMap { panel in
      AskedSurveys(problems: problems, panel: panel, surveys: surveys, areNamesKnown: areNamesKnown)
        .chosen(timeZone: device?.timeZone, in: timeZones)
    }
    if let failure = problems.failure(directory: directory, files: sources.map(\.path)) { throw failure }
    guard let device = device?.settings, let panel = panel?.settings, let asked else {
      // Whatever is missing has been reported above; this keeps a slip there from becoming a crash.
      throw ConfigurationFailure(
        directory: directory,
        problems: [
          ConfigurationProblem(
            file: "kiosk.toml", line: 0, column: 0, message: "the configuration is not complete",
            remedy: "compare it with docs/examples", code: .missingFile)
        ])
    }
    return KioskSettings(
      device: device, panel: panel, surveys: surveys.compactMap(\.survey).sorted { $0.name < $1.name },
      activeSurvey: asked.unscheduled, scheduled: asked.scheduled,
      fingerprint: (sources + (offered.map { [$0.choice] } ?? [])).fingerprint)
  }

  /// The order in which files take effect.
  private static func rank(_ path: String) -> Int {
    if path == "kiosk.toml" { return 0 }
    if path.hasPrefix("kiosk.d/") { return 1 }
    if path == "panel.toml" { return 2 }
    if path.hasPrefix("panel.d/") { return 3 }
    return 4
  }

  private func hasProblem(under directory: String) -> Bool {
    problems.problems.contains { $0.file == directory || $0.file.hasPrefix(directory + "/") }
  }

  /// A main file with its drop-ins laid over it; nil when one of them could not be read.
  func merged(_ name: String, _ sources: [ConfigurationSource]) -> TOMLTable? {
    guard let main = sources.first(where: { $0.path == "\(name).toml" }) else { return nil }
    var table = parsed(main)
    for source in sources where source.path.hasPrefix("\(name).d/") {
      guard let later = TOMLTable.parse(source, problems: problems) else {
        table = nil
        continue
      }
      table?.lay(over: later)
    }
    return table
  }

  /// A main file must say something; an empty drop-in is a way to switch one off.
  private func parsed(_ source: ConfigurationSource) -> TOMLTable? {
    guard let table = TOMLTable.parse(source, problems: problems) else { return nil }
    guard !table.entries.isEmpty else {
      problems.add(
        .missingKey, at: .whole(source.path), "the file is empty",
        write: "start from the file of this name in docs/examples")
      return nil
    }
    return table
  }

  private func surveys(_ sources: [ConfigurationSource]) -> [SurveyFile.Result] {
    var results: [SurveyFile.Result] = []
    var places: [String: SourcePosition] = [:]
    for source in sources where source.path.hasPrefix("surveys/") {
      guard let table = parsed(source) else { continue }
      let result = SurveyFile(problems: problems).result(from: table)
      if let name = result.name {
        if let other = places[name.value] {
          problems.add(
            .duplicate, at: name.at, "this survey has the name \(quoted(name.value)), as the one in \(other.name) has",
            write: "give each survey a name of its own, or remove one of the files")
        } else {
          places[name.value] = name.at
        }
      }
      results.append(result)
    }
    return results
  }
}
