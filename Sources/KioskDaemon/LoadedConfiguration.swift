import KioskConfiguration
import KioskControl

/// What is to be in force, and where its surveys come from.
struct LoadedConfiguration: Sendable {
  var settings: KioskSettings
  /// Version of the surveys from upstream; nil: the local ones.
  var upstreamVersion: String?
  /// What upstream has sent and is not in use.
  var unused: UnusedConfiguration?
}

/// What upstream has sent and does not fit any more, or is damaged.
struct UnusedConfiguration: Sendable, Equatable {
  /// Nil: nobody can tell any more.
  var version: String?
  /// The first thing that is wrong with it.
  var reason: String

  var message: String {
    "the configuration \(version.map { "\($0) " } ?? "")from upstream is not in use, the local surveys are: \(reason)"
  }
  static let hint =
    "let the server offer one that fits, or undo what was changed here and reload kioskd; kioskctl config reset drops it"
}

extension ConfigurationFailure {
  /// The first thing that is wrong, in one line for health and the log.
  var inShort: String { String("\(self)".prefix { $0 != "\n" }.prefix(300)) }
}

extension DaemonOptions {
  /// The configuration directory with the surveys given in the place of its own, nil: with its own. The one way by which
  /// files become settings, at the start, on reload and when upstream sends something.
  func loadSettings(with set: SurveySet? = nil) throws(ConfigurationFailure) -> KioskSettings {
    var settings = try KioskSettings.load(from: configuration, offered: set.map(OfferedSurveys.init))
    if isSimulated { settings.panel.chipLabels = [] }
    return settings
  }

  /// The directory's files with what upstream has sent, where there is something and it fits them; else with the local
  /// surveys, for a kiosk that asks yesterday's question is better than none. Throws when those do not fit either.
  func loadConfiguration(from store: ConfigurationStore) throws(ConfigurationFailure) -> LoadedConfiguration {
    let unused: UnusedConfiguration
    switch store.load() {
    case .nothing: return LoadedConfiguration(settings: try loadSettings())
    case .unusable(let why): unused = UnusedConfiguration(reason: why)
    case .set(let set):
      do throws(ConfigurationFailure) {
        return LoadedConfiguration(settings: try loadSettings(with: set), upstreamVersion: set.version)
      } catch {
        unused = UnusedConfiguration(version: set.version, reason: error.inShort)
      }
    }
    return LoadedConfiguration(settings: try loadSettings(), unused: unused)
  }
}

extension OfferedSurveys {
  init(_ set: SurveySet) {
    self.init(
      survey: set.survey, scheduled: set.scheduled,
      files: set.surveys.map { ConfigurationSource(path: "surveys/\($0.name).toml", text: $0.toml) })
  }
}
