import Feedback
import GPIO
import Journal
import KioskConfiguration
import Synchronization

/// Every lamp and buzzer switched in a story, and what another process could read of the journal at that moment.
final class OutputLog: Sendable {
  struct Change: Sendable {
    var output: String
    var isOn: Bool
    var at: Duration
    /// It shows nothing but that a press is on disk and counts.
    var isThanks: Bool
    /// Presses on disk that are to be thanked for, and when the last of them was made, in the story's time.
    var thanked = 0
    var latestThanked: Duration?
  }

  /// A press that reaches the disk later than that is not thanked for.
  static let latestThanks = Duration.seconds(5)

  private let state = Mutex<(changes: [Change], panel: PanelSettings?)>(([], nil))

  var changes: [Change] { state.withLock { $0.changes } }

  var panel: PanelSettings? {
    get { state.withLock { $0.panel } }
    set { state.withLock { $0.panel = newValue } }
  }

  /// Watches the outputs of a chip. `storyTime` tells its time in the story's.
  func observe(
    _ chip: SimulatedChip, panel: PanelSettings, database: String,
    storyTime: @escaping @Sendable (MonotonicTime) -> Duration
  ) {
    self.panel = panel
    let names = chip.lines.names
    chip.observeOutputs { [self] change in
      guard let lamp = self.panel?.lamps.first(where: { $0.name == names[change.offset] }) else { return }
      var noted = Change(
        output: lamp.name, isOn: change.isHigh != lamp.isActiveLow, at: storyTime(change.at),
        isThanks: lamp.shows == [.counted])
      if noted.isOn, noted.isThanks {
        let events = try? JournalReader.open(database).events(after: 0, limit: JournalReader.largestLimit)
        let thanked = (events ?? []).filter(\.isThanked)
        noted.thanked = thanked.count
        noted.latestThanked = thanked.last.map {
          storyTime(MonotonicTime(nanoseconds: $0.content.bootTimeNanoseconds))
        }
      }
      note(noted)
    }
  }

  /// Without power everything is dark.
  func noteLossOfPower(at moment: Duration) {
    for output in Set(changes.map(\.output)) where isOn(output) {
      note(Change(output: output, isOn: false, at: moment, isThanks: false))
    }
  }

  func note(_ change: Change) {
    state.withLock { $0.changes.append(change) }
  }

  func isOn(_ output: String) -> Bool { changes.last { $0.output == output }?.isOn ?? false }

  func timesSwitchedOn(_ output: String) -> Int { changes.count { $0.output == output && $0.isOn } }

  /// The first thank-you that came before its press was on disk, in words; nil: there is none.
  var thanksTooSoon: String? {
    var given: [String: Int] = [:]
    for change in changes where change.isOn && change.isThanks {
      given[change.output, default: 0] += 1
      let number = given[change.output] ?? 0
      if change.thanked < number {
        return
          "\(change.output) was lit for the \(number). time at \(change.at.inStoryWords), with \(change.thanked) presses "
          + "to be thanked for on disk"
      }
      let latest = change.latestThanked ?? .seconds(-1_000_000)
      if change.at - latest > Self.latestThanks {
        return
          "\(change.output) was lit at \(change.at.inStoryWords), long after the last press to be thanked for on disk "
          + "(\(latest.inStoryWords))"
      }
    }
    return nil
  }
}

extension Event {
  /// The visitor may be told that this press counts.
  var isThanked: Bool {
    switch content.kind {
    case .rating, .reason, .answer, .request, .skip, .activity:
      content.button != nil && content.verdict.map { $0.acknowledgement == .counted } ?? true
    case .contact, .health, .clock, .config: false
    }
  }
}
