import Glibc
import KioskConfiguration

/// Loads one configuration after the other and holds what comes of it against what is promised.
struct ConfigurationWork {
  /// Kinds of problem there are.
  static let kinds = ConfigurationProblem.Code.allCases.count
  /// Bytes a problem's line may have: file, place, cause and remedy, each cut where it repeats the file's words.
  static let longestDescription = 2_000
  /// Of so many inputs one has its first file read as a file of rules, too.
  static let rulesFileOnceIn: UInt64 = 8

  let corpus: Corpus
  let seed: UInt64
  let progress: Progress

  func run(_ numbers: Range<UInt64>, _ findings: inout Findings) {
    guard let disk = ConfigurationOnDisk() else { return findings.add("no directory for configurations") }
    for number in numbers {
      let input = ConfigurationInput.make(corpus, seed: seed, number: number)
      if let oddities = input.onDisk { disk.fill(input.sources, oddities) }
      let rulesSource = number.isMultiple(of: Self.rulesFileOnceIn) ? input.sources.first : nil
      var rulesFailure: ConfigurationFailure?
      let outcome = progress.during(number) { () -> Result<KioskSettings, ConfigurationFailure> in
        if let rulesSource { rulesFailure = failure(ofRulesIn: rulesSource) }
        return Result { () throws(ConfigurationFailure) in
          input.onDisk == nil
            ? try KioskSettings.load(sources: input.sources) : try KioskSettings.load(from: disk.path)
        }
      }
      var complaint: String?
      switch outcome {
      case .success(let settings):
        progress.add(1, to: .accepted)
        complaint = fault(in: settings)
      case .failure(let failure): complaint = fault(in: failure, of: input)
      }
      // It was given one file, whatever lies on the disk.
      if let rulesSource, let rulesFailure, complaint == nil {
        complaint = fault(in: rulesFailure, of: ConfigurationInput(sources: [rulesSource])).map { "as rules: \($0)" }
      }
      guard let complaint else { continue }
      progress.add(1, to: .findings)
      findings.add("configuration \(number) with seed \(seed): \(complaint): \(input.save(seed: seed, number: number))")
      if findings.areTooMany { return }
    }
  }

  /// Reads a file as one of rules; nil: it is one.
  private func failure(ofRulesIn source: ConfigurationSource) -> ConfigurationFailure? {
    do throws(ConfigurationFailure) {
      _ = try RulesFile(source)
      return nil
    } catch {
      return error
    }
  }

  /// What settings that were accepted must be.
  private func fault(in settings: KioskSettings) -> String? {
    if !(1...64).contains(settings.panel.buttons.count) { return "\(settings.panel.buttons.count) buttons" }
    if settings.panel.lamps.count > 64 * 2 { return "\(settings.panel.lamps.count) lamps" }
    if !settings.surveys.contains(settings.activeSurvey) { return "the survey asked is none of the surveys" }
    if settings.fingerprint.utf8.count != 16 { return "the fingerprint is \(settings.fingerprint)" }
    return nil
  }

  /// What a refusal must say.
  private func fault(in failure: ConfigurationFailure, of input: ConfigurationInput) -> String? {
    if failure.problems.isEmpty { return "refused without a problem" }
    if failure.problems.count > ConfigurationFailure.mostProblems { return "\(failure.problems.count) problems" }
    if failure.omitted < 0 { return "\(failure.omitted) problems omitted" }
    for problem in failure.problems {
      if let index = ConfigurationProblem.Code.allCases.firstIndex(of: problem.code) {
        progress[.kinds] |= 1 << UInt64(index)
      }
      if let fault = fault(in: problem, of: input) { return "\(fault): \(problem.code.rawValue)" }
    }
    return nil
  }

  private func fault(in problem: ConfigurationProblem, of input: ConfigurationInput) -> String? {
    if problem.message.isEmpty { return "no message" }
    if problem.remedy.isEmpty { return "no remedy" }
    let description = problem.description
    if let sign = description.unicodeScalars.first(where: { Self.disturbs($0) }) {
      return "the sign U+\(String(sign.value, radix: 16)) in what is told"
    }
    if description.utf8.count > Self.longestDescription { return "\(description.utf8.count) bytes in one problem" }
    if problem.line < 0 || problem.column < 0 { return "place \(problem.line):\(problem.column)" }
    // On the disk there may be other files than we wrote.
    guard input.onDisk == nil else { return problem.file.isEmpty ? "no file" : nil }
    let files = input.sources.filter { $0.path == problem.file }
    if files.isEmpty {
      let isMissingFile = problem.code == .missingFile && ["kiosk.toml", "panel.toml"].contains(problem.file)
      return isMissingFile ? nil : "a file that was not given"
    }
    let lines = files.map { $0.bytes.count { $0 == newline } + 1 }.max() ?? 0
    if problem.line > lines { return "line \(problem.line) of \(lines)" }
    if problem.line > 0, problem.column == 0 { return "line \(problem.line) without a column" }
    return nil
  }

  /// Signs that could change what a terminal or a log shows.
  private static func disturbs(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .format: true
    default: false
    }
  }
}
