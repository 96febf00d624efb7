import Feedback
import Glibc

/// One epoch's file, as readers find it.
public struct JournalEpoch: Sendable, Hashable {
  public var epoch: String
  public var device: String
  public var path: String
  /// Whether the kiosk writes it now; a salvaged one changes no more.
  public var isCurrent: Bool
}

/// All that can be read of a kiosk's past.
public enum JournalEpochs {
  /// The epochs in `directory`, oldest first: what was salvaged of damaged files, in the order in which these were set
  /// aside, then the one being written. An epoch that is still being salvaged is not there yet and comes to stand before
  /// the newer ones when it is done; what cannot be opened at the moment is left out.
  public static func all(in directory: String) -> [JournalEpoch] {
    let salvaged = SetAsideNames.numbers(of: "salvaged", in: directory).map {
      SetAsideNames.path("salvaged", $0, in: directory)
    }
    var epochs: [JournalEpoch] = []
    let current = "\(directory)/\(JournalFiles.name).db"
    for path in salvaged + [current] {
      guard let summary = try? JournalReader.open(path).summary(),
        !epochs.contains(where: { $0.epoch == summary.epoch })
      else { continue }
      epochs.append(
        JournalEpoch(epoch: summary.epoch, device: summary.device, path: path, isCurrent: path == current))
    }
    return epochs
  }
}

/// The files that were set aside or salvaged are numbered: `ratings.<what>-<number>.db`.
enum SetAsideNames {
  static func path(_ what: String, _ number: Int, in directory: String) -> String {
    "\(directory)/\(JournalFiles.name).\(what)-\(number).db"
  }

  /// In order; empty when the directory cannot be read.
  static func numbers(of what: String, in directory: String) -> [Int] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    let prefix = "\(JournalFiles.name).\(what)-"
    var numbers: [Int] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(prefix), name.hasSuffix(".db"), let number = Int(name.dropFirst(prefix.count).dropLast(3)),
        (1...9_999).contains(number)
      else { continue }
      numbers.append(number)
    }
    return numbers.sorted()
  }
}

/// How far a reader has got, in each epoch.
public struct ArrivalCursor: Sendable, Hashable {
  /// The last event read, by epoch; an epoch that is not in it has not been begun.
  public var sequences: [String: Int64]

  public init(sequences: [String: Int64] = [:]) {
    self.sequences = sequences
  }
}

/// Reads all epochs of a kiosk, the oldest first, and each from the oldest event on. Memory grows with `limit` only.
/// Not Sendable: each thread opens its own.
public final class ArrivalReader {
  /// Events of one epoch.
  public struct Batch {
    public var epoch: JournalEpoch
    public var events: [Event]
    /// Where to read on after this batch.
    public var next: ArrivalCursor
  }

  private let directory: String
  private var opened: (path: String, reader: JournalReader)?

  public init(directory: String) {
    self.directory = directory
  }

  /// The next events after a cursor, all of one epoch, at most `limit` of them; nil when everything has been read. What
  /// is salvaged later is read then, although newer epochs were read before.
  public func batch(after cursor: ArrivalCursor, limit: Int) throws(JournalError) -> Batch? {
    for epoch in JournalEpochs.all(in: directory) {
      let reader = try reader(of: epoch.path)
      let events = try reader.events(after: cursor.sequences[epoch.epoch] ?? 0, limit: limit)
      guard let last = events.last else { continue }
      var next = cursor
      next.sequences[epoch.epoch] = last.sequence
      return Batch(epoch: epoch, events: events, next: next)
    }
    return nil
  }

  /// What all epochs know of the clocks.
  public func clockHistory() throws(JournalError) -> ClockHistory {
    var history = ClockHistory()
    for epoch in JournalEpochs.all(in: directory) { try JournalReader.open(epoch.path).add(to: &history) }
    return history
  }

  private func reader(of path: String) throws(JournalError) -> JournalReader {
    if let opened, opened.path == path, !opened.reader.hasMoved { return opened.reader }
    let reader = try JournalReader.open(path)
    opened = (path, reader)
    return reader
  }
}
