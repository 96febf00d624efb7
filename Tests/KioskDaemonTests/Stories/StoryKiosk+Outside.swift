import CSQLite
import Feedback
import Journal
import KioskConfiguration

@testable import KioskControl
@testable import KioskDaemon

/// What comes to capture by way of the main thread, and what another process can read of its journal.
extension StoryKiosk {
  func service(for length: Duration?) throws {
    try post(.service(minutes: Int((length ?? .zero).components.seconds / 60), nobody))
  }

  func tillSays(_ context: PressContext?, for length: Duration, isRefused: Bool) throws {
    let seconds = Int(length.components.seconds)
    if let context {
      do {
        try ContextCheck(settings: settings.device.context).check(context, seconds: seconds)
      } catch {
        if isRefused { return }
        throw failure("the till is refused: \(error.message)")
      }
    }
    if isRefused { throw failure("the till is not refused") }
    try post(.context(context ?? PressContext(), seconds: seconds, nobody))
  }

  private func post(_ command: CaptureCommand) throws {
    guard let capture else { throw failure("the plug is out") }
    capture.capture.commands.post(command)
  }

  /// A client that reads no answers.
  private var nobody: ControlServer.ConnectionID { ControlServer.ConnectionID(number: 0) }

  /// With a program that knows nothing of the chain.
  func deleteFromCard(_ button: String) throws {
    guard capture == nil else { throw failure("the card is in use: pull the plug first") }
    for entry in try entries() where entry.content.button == button { deleted[entry.event.sequence] = button }
    guard !deleted.isEmpty else { throw failure("there is no press of \(button)") }
    var card: OpaquePointer?
    defer { sqlite3_close(card) }
    guard sqlite3_open(database, &card) == SQLITE_OK,
      sqlite3_exec(card, "DELETE FROM events WHERE button = '\(button)'", nil, nil, nil) == SQLITE_OK
    else { throw failure("the card cannot be edited") }
  }

  var database: String { "\(directory.path)/ratings.db" }

  /// Every event, as another process reads it.
  func entries() throws -> [JournalEntry] {
    let reader = try JournalReader.open(database)
    let events = try reader.events(after: 0, limit: JournalReader.largestLimit)
    let known = try reader.boots(after: 0, limit: 1000)
    let history = try reader.clockHistory()
    var replacing: [Int64: Event] = [:]
    for event in events { if let replaced = event.content.replaces { replacing[replaced] = event } }
    return events.map { event in
      let bootID = known.first { $0.number == event.boot }?.bootID
      let boot = boots.first { $0.bootID == bootID }
      let started = boot?.chipTime.nanoseconds ?? 0
      let moment = (boot?.storyTime ?? .zero) + .nanoseconds(event.content.bootTimeNanoseconds - started)
      let dated = history.time(of: event, boots: known).milliseconds
      let replacement = replacing[event.sequence]
      return JournalEntry(
        event: event, verdict: replacement?.content.verdict?.ofReplaced ?? event.content.verdict,
        replacedBy: replacement, moment: moment, dateError: .milliseconds(dated - trueMilliseconds(at: moment)))
    }
  }
}
