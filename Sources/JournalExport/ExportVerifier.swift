import Feedback
import Journal
import Wire

/// Checks an exported file, line by line, in either JSON form: every event must be in the very bytes the kiosk writes for
/// it, and the chain must hold from the first to the last. Any changed byte of an event shows, and the event is named.
///
/// What no file can show by itself: that events at either end are missing. The first and last sequence number and the last
/// chain value are reported to be compared with what was noted elsewhere.
public struct ExportVerifier {
  /// Longest line that is looked at.
  public static let longestLine = JSONForm.longest + 2

  public enum Outcome: Sendable, Hashable {
    /// As far as it was seen the file is an export, and this is what its chain says.
    case checked(ChainVerification, device: String, epoch: String)
    /// Nothing in the file is an event of a kiosk.
    case notAnExport(String)
  }

  private var walk: ChainWalk?
  private var device = ""
  private var epoch = ""
  private var form: JSONForm?
  private var lines = 0
  private var isBatch = false
  private var isClosed = false
  private var lastEndedWithComma = true
  /// The first event could not be used: which one it was is known by the one after it.
  private var firstFailure: (finding: String, sequence: Int64?)?
  private var isDecided = false

  public init() {}

  /// Takes the next line, without its line feed. False: the outcome is certain, no further line is needed.
  public mutating func add(_ line: [UInt8], hasLineFeed: Bool) -> Bool {
    guard !isDecided else { return false }
    lines += 1
    if lines == 1, line == [UInt8(ascii: "[")] {
      isBatch = true
      return true
    }
    isDecided = !check(line, hasLineFeed: hasLineFeed)
    return !isDecided
  }

  public mutating func end() -> Outcome {
    if let firstFailure, walk == nil {
      // Nothing after it that would say which event it was.
      guard let sequence = firstFailure.sequence else { return .notAnExport(firstFailure.finding) }
      begin(device, epoch)
      walk?.fail(sequence, .unreadable, firstFailure.finding)
    }
    if isBatch, !isClosed, !isDecided {
      if walk == nil { return .notAnExport("the file ends after its first line") }
      broken("the file ends before the end of the batch")
    }
    guard let walk else {
      return .notAnExport(lines == 0 ? "the file is empty" : "there is no event in the file")
    }
    return .checked(walk.state, device: device, epoch: epoch)
  }

  private mutating func check(_ line: [UInt8], hasLineFeed: Bool) -> Bool {
    if isClosed { return broken("line \(lines): something follows the end of the batch") }
    var bytes = line
    if isBatch {
      if line == [UInt8(ascii: "]")] {
        isClosed = true
        if firstFailure != nil { return false }
        let isProper = hasLineFeed && (walk == nil ? lines == 2 : !lastEndedWithComma)
        return isProper || broken("line \(lines): the batch does not end as the kiosk ends it")
      }
      let followsComma = lastEndedWithComma
      lastEndedWithComma = bytes.last == UInt8(ascii: ",")
      if lastEndedWithComma { bytes.removeLast() }
      if firstFailure == nil, !followsComma { return broken("line \(lines): no comma after the event before") }
    }
    if let firstFailure { return name(firstFailure, by: bytes) }
    do throws(WireError) {
      let (form, event) = try JSONForm.exactEvent(bytes)
      return hasLineFeed ? check(event, form) : broken("line \(lines): the file ends in the middle of a line")
    } catch {
      return broken("line \(lines): \(error.message)", in: bytes)
    }
  }

  private mutating func check(_ wire: WireEvent, _ form: JSONForm) -> Bool {
    let sequence = wire.event.sequence
    if walk == nil {
      let started = ChainWalk(device: wire.device, epoch: wire.epoch)
      (device, epoch, self.form) = (wire.device, wire.epoch, form)
      guard started.genesis == wire.genesis else {
        firstFailure = ("line \(lines): device and epoch are not those that the chain began with", sequence)
        return true
      }
      var first = started
      guard first.add(wire.event, previous: wire.previousChain) else {
        firstFailure = ("line \(lines): \(first.state.firstBroken?.finding ?? "")", sequence)
        return true
      }
      walk = first
      return true
    }
    guard wire.genesis == walk?.genesis, Array(wire.device.utf8) == Array(device.utf8), wire.epoch == epoch else {
      return broken("line \(lines): it is of the device \(wire.device), epoch \(wire.epoch), or names another genesis")
    }
    guard form == self.form, wire.previousChain != nil || walk?.expectedSequence != sequence else {
      return broken("line \(lines): it is not in the form of the events before it")
    }
    return walk?.add(wire.event, previous: wire.previousChain) ?? false
  }

  private mutating func begin(_ device: String, _ epoch: String) {
    (self.device, self.epoch) = (device, epoch)
    walk = ChainWalk(device: device, epoch: epoch)
  }

  /// Ends at the event that would come next; at the first one, that is known only with the line after it.
  @discardableResult
  private mutating func broken(_ finding: String, in bytes: [UInt8]? = nil) -> Bool {
    if let next = walk.map({ $0.expectedSequence ?? 1 }) {
      walk?.fail(next, .altered, finding)
      return false
    }
    let claimed = bytes.flatMap { try? JSONForm.event($0).event }
    if let claimed { (device, epoch) = (claimed.device, claimed.epoch) }
    firstFailure = (finding, claimed?.event.sequence)
    return true
  }

  /// The line after a first one that could not be used says which event that was.
  private mutating func name(_ failure: (finding: String, sequence: Int64?), by bytes: [UInt8]) -> Bool {
    let next = try? JSONForm.event(bytes).event
    if let next { (device, epoch) = (next.device, next.epoch) }
    guard let sequence = next.map({ $0.event.sequence - 1 }) ?? failure.sequence else { return false }
    begin(device, epoch)
    walk?.fail(max(1, sequence), .altered, failure.finding)
    return false
  }
}
