import CKioskPlatform
import GPIO
import KioskConfiguration
import KioskControl

/// A change of what is in force. They are made one after the other, for each waits until no press is in hand.
enum ConfigurationChange {
  /// The files are to be read anew (SIGHUP).
  case reload
  /// Upstream has sent something.
  case upstream(SurveySet, ControlServer.ConnectionID)
  /// What upstream has sent is to be forgotten.
  case reset(ControlServer.ConnectionID)

  /// Changes that wait at most: each holds a configuration.
  static let mostWaiting = 2
}

/// Changing the configuration while presses go on. In each way: what is wanted is checked, what could fail on the disk is
/// done, capture takes it over between two presses, and only then it is made to last and answered.
extension ServiceLoop {
  func want(_ change: ConfigurationChange) {
    switch change {
    case .reload:
      notifier.reloading()
      let isOneWaiting = waitingChanges.contains { if case .reload = $0 { true } else { false } }
      if !isOneWaiting { waitingChanges.append(change) }
    case .upstream(_, let connection), .reset(let connection):
      guard waitingChanges.count < ConfigurationChange.mostWaiting else {
        let error = ControlError(.busy, "the configuration is being changed already", hint: "try again")
        return server.reply(ControlReply(error: error), to: connection)
      }
      waitingChanges.append(change)
    }
    beginNextChange()
  }

  private func beginNextChange() {
    while changing == nil, !waitingChanges.isEmpty {
      switch waitingChanges.removeFirst() {
      case .reload: beginReload()
      case .upstream(let set, let connection): begin(set, for: connection)
      case .reset(let connection): beginReset(for: connection)
      }
    }
  }

  private func beginReload() {
    do {
      try hand(over: try options.loadConfiguration(from: store), for: .reload)
    } catch {
      logger.error("configuration refused, the old one stays:\n\(error)")
      let why = (error as? ConfigurationFailure)?.inShort ?? "\(error)"
      capture.commands.post(.refuseConfiguration("the new configuration was refused: \(why)"))
      notifier.ready(statusLine)
    }
  }

  private func begin(_ set: SurveySet, for connection: ControlServer.ConnectionID) {
    guard set.version != configuration.upstreamVersion else {
      return answer(ConfigurationOutcome(applied: set.version, fingerprint: settings.fingerprint), to: connection)
    }
    do {
      let loaded = LoadedConfiguration(settings: try options.loadSettings(with: set), upstreamVersion: set.version)
      try store.prepare(set)
      try hand(over: loaded, for: .upstream(set, connection))
    } catch let error as ConfigurationFailure {
      refuse(set, ConfigurationOutcome(refusing: set, error), connection)
    } catch let error as GPIOError {
      refuse(set, ConfigurationOutcome(refusing: set, error), connection)
    } catch {
      fail(error as? ControlError ?? ControlError(.system, "\(error)", hint: "see journalctl -u kioskd"), connection)
    }
  }

  private func beginReset(for connection: ControlServer.ConnectionID) {
    if case .nothing = store.load() { return server.reply(ControlReply(done: true), to: connection) }
    do {
      try hand(over: LoadedConfiguration(settings: try options.loadSettings()), for: .reset(connection))
    } catch {
      let why = (error as? ConfigurationFailure)?.inShort ?? "\(error)"
      fail(
        ControlError(
          .refused, "the local files cannot be used, what upstream has sent stays: \(why)",
          hint: "kioskctl config check names every mistake"), connection)
    }
  }

  /// Gives capture what has been found good.
  private func hand(over loaded: LoadedConfiguration, for change: ConfigurationChange) throws(GPIOError) {
    let panel = loaded.settings.panel
    let other = panel.needsOtherChip(than: settings.panel) ? try ChipSource.chip(for: panel) : nil
    changing = (change, loaded)
    capture.commands.post(
      .reconfigure(Reconfiguration(settings: loaded.settings, chip: other ?? chip, unused: loaded.unused)))
  }

  /// Capture has taken it over, or could not.
  func concludeChange(_ outcome: Reconfiguration.Outcome) {
    guard let (change, loaded) = changing else { return }
    changing = nil
    switch outcome {
    case .applied(let applied):
      configuration = loaded
      chip = applied.chip
      logger.notice(
        "configuration \(settings.fingerprint) is in force",
        metadata: loaded.upstreamVersion.map { ["upstream_version": "\($0)"] } ?? [:])
      conclude(change)
    case .refused(let error):
      switch change {
      case .reload: break
      case .upstream(let set, let connection): refuse(set, ConfigurationOutcome(refusing: set, error), connection)
      case .reset(let connection): fail(ControlError(.refused, error.message, hint: error.hint), connection)
      }
    }
    if case .reload = change { notifier.ready(statusLine) }
    // A client that stays connected would keep what its request took.
    kiosk_release_unused_memory()
    beginNextChange()
  }

  /// Makes what is in force last. Where the disk does not take it, what it holds is taken up again: what is in force and
  /// what would be after a power cut are never two things for long.
  private func conclude(_ change: ConfigurationChange) {
    switch change {
    case .reload: break
    case .upstream(let set, let connection):
      do throws(ControlError) {
        try store.adopt()
        answer(ConfigurationOutcome(applied: set.version, fingerprint: settings.fingerprint), to: connection)
      } catch {
        fail(error, connection)
        waitingChanges.insert(.reload, at: 0)
      }
    case .reset(let connection):
      do throws(ControlError) {
        try store.remove()
        server.reply(ControlReply(done: true), to: connection)
      } catch {
        fail(error, connection)
        waitingChanges.insert(.reload, at: 0)
      }
    }
  }

  // MARK: - Answers

  private func answer(_ outcome: ConfigurationOutcome, to connection: ControlServer.ConnectionID) {
    server.reply(ControlReply(configuration: outcome), to: connection)
  }

  /// Neither a health state nor an event: nothing is wrong with the kiosk, and a server that offers nonsense again and
  /// again shall not fill its journal. kiosk-agent reports it where it came from.
  private func refuse(
    _ set: SurveySet, _ outcome: ConfigurationOutcome, _ connection: ControlServer.ConnectionID
  ) {
    store.discard()
    logger.warning(
      "the configuration from upstream was refused: \(outcome.problems.first?.message ?? "")",
      metadata: ["upstream_version": "\(set.version)", "problems": "\(outcome.problems.count)"])
    answer(outcome, to: connection)
  }

  private func fail(_ error: ControlError, _ connection: ControlServer.ConnectionID) {
    store.discard()
    logger.error("\(error.message)", metadata: ["hint": "\(error.hint)"])
    server.reply(ControlReply(error: error), to: connection)
  }
}

extension ConfigurationOutcome {
  init(refusing set: SurveySet, _ failure: ConfigurationFailure) {
    let problems = failure.problems.map {
      Problem(
        file: $0.file == OfferedSurveys.place ? nil : $0.file, line: $0.line > 0 ? $0.line : nil,
        column: $0.column > 0 ? $0.column : nil, message: $0.message, hint: $0.remedy)
    }
    self.init(refused: set.version, problems: problems, omitted: failure.omitted)
  }

  init(refusing set: SurveySet, _ error: GPIOError) {
    self.init(
      refused: set.version,
      problems: [Problem(file: "panel.toml", line: nil, column: nil, message: error.message, hint: error.hint)])
  }
}
