import CSQLite
import Feedback
import Foundation

@testable import Journal

/// A directory of its own for one test, gone when the test is.
final class JournalDirectory {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var database: String { "\(path)/ratings.db" }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

  func open(device: String = "kiosk-1", boot: String = "boot-1", tuning: JournalTuning = JournalTuning()) throws
    -> Journal
  {
    try Journal.open(
      directory: path, device: device, boot: BootIdentity(bootID: boot), reading: .sample, tuning: tuning)
  }

  func reader() throws -> JournalReader { try JournalReader.open(database) }

  /// Everything in the journal.
  func events() throws -> [Event] { try reader().events(after: 0, limit: JournalReader.largestLimit) }

  /// Runs SQL behind the journal's back and returns the rows as text.
  @discardableResult
  func sql(_ sql: String, path: String? = nil) throws -> [[String]] {
    var handle: OpaquePointer?
    defer { sqlite3_close(handle) }
    guard sqlite3_open_v2(path ?? database, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) == SQLITE_OK
    else { throw RawFailure(text: "cannot open") }
    var rows: [[String]] = []
    var rest: UnsafePointer<CChar>?
    return try sql.withCString { start in
      rest = start
      while let at = rest, at.pointee != 0 {
        var statement: OpaquePointer?
        let result = sqlite3_prepare_v2(handle, at, -1, &statement, &rest)
        defer { sqlite3_finalize(statement) }
        guard result == SQLITE_OK else { throw RawFailure(text: String(cString: sqlite3_errmsg(handle))) }
        guard statement != nil else { break }
        var step = sqlite3_step(statement)
        while step == SQLITE_ROW {
          rows.append(
            (0..<sqlite3_column_count(statement)).map { column in
              sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL"
            })
          step = sqlite3_step(statement)
        }
        guard step == SQLITE_DONE else { throw RawFailure(text: String(cString: sqlite3_errmsg(handle))) }
      }
      return rows
    }
  }
}

struct RawFailure: Error {
  var text: String
}

extension ClockReading {
  static let sample = ClockReading(
    monotonic: MonotonicTime(nanoseconds: 1_000), bootTimeNanoseconds: 5_000_000_000,
    wallMilliseconds: 1_700_000_000_123, state: .unsynchronised)
}

extension EventDraft {
  /// A counted press on a button.
  static func press(_ button: String = "happy", verdict: Verdict? = .counted, replaces: Int64? = nil) -> EventDraft {
    EventDraft(
      kind: .rating, at: .sample, button: button, survey: "exit", surveyVersion: 1, question: "overall",
      scale: "faces-5", value: 4, language: "en", verdict: verdict, rulesVersion: 1, replaces: replaces)
  }

  /// An event with every field set.
  static func full(visit: Int64? = nil, replaces: Int64 = 1) -> EventDraft {
    EventDraft(
      kind: .answer, at: .sample, visit: visit, button: "b", survey: "s", surveyVersion: 3, question: "q",
      scale: "nps-11", value: 7, code: "c", language: "de", verdict: .repeated, rulesVersion: 2, replaces: replaces,
      context: "till 4", detail: "free words")
  }
}

/// Repeatable randomness (splitmix64).
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

/// The journal's error that `body` throws; nil when it throws none.
func journalError(_ body: () throws -> Void) -> JournalError? {
  do {
    try body()
    return nil
  } catch {
    return error as? JournalError
  }
}
