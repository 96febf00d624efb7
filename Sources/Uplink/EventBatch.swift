import Feedback
import Journal
import Wire

/// How much may go into one batch.
public struct BatchLimit: Sendable, Hashable {
  /// What a receiver must be able to take (docs/WIRE.md).
  public static let most = BatchLimit(events: 500, bytes: 256 * 1024)

  public var events: Int
  /// Bytes of JSON before compression. One event alone may have more.
  public var bytes: Int

  /// Values below one are brought to one.
  public init(events: Int, bytes: Int) {
    self.events = max(1, events)
    self.bytes = max(1, bytes)
  }
}

/// Events of one epoch in order, ready to be sent.
public struct EventBatch: Sendable, Hashable {
  public var epoch: String
  public var firstSequence: Int64
  public var lastSequence: Int64
  public var count: Int
  /// Bytes of JSON before compression.
  public var plainBytes: Int
  /// A JSON batch of CloudEvents (`DeliveredEvent.batchMediaType`), compressed with gzip if `isCompressed`.
  public var body: [UInt8]
  public var isCompressed: Bool
}

extension EventBatch {
  /// No events: asks a server whether the kiosk is known to it, and whether something is on offer.
  public static let empty = EventBatch(
    epoch: "", firstSequence: 0, lastSequence: 0, count: 0, plainBytes: 2, body: Array("[]".utf8), isCompressed: false)

  /// Makes a batch of the first of these events, as many as the limit allows and at least one.
  ///
  /// - Parameters:
  ///   - events: of this epoch, in order.
  ///   - time: when an event happened, asked for those whose stamp is not to be trusted.
  ///   - compresses: whether the body is compressed, which is left out for who does not take it so.
  /// - Returns: nil when there are no events.
  public static func of(
    _ events: [Event], epoch: JournalEpoch, limit: BatchLimit = .most, compresses: Bool = true,
    time: (Event) -> EventTime? = { _ in nil }
  ) -> EventBatch? {
    guard let first = events.first else { return nil }
    var last = first
    var count = 0
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    // Where the last event begins: it is written anew, with its chain value, once it is known to be the last.
    var lastStart = bytes.count
    for event in events.prefix(limit.events) {
      let next = delivered(event, epoch, time, carriesChain: false).bytes
      guard count == 0 || bytes.count + next.count + chainRoom <= limit.bytes else { break }
      if count > 0 { bytes.append(UInt8(ascii: ",")) }
      lastStart = bytes.count
      bytes += next
      (last, count) = (event, count + 1)
    }
    bytes.removeSubrange(lastStart...)
    bytes += delivered(last, epoch, time, carriesChain: true).bytes
    bytes.append(UInt8(ascii: "]"))
    let compressed = compresses ? Gzip.compressed(bytes) : nil
    return EventBatch(
      epoch: epoch.epoch, firstSequence: first.sequence, lastSequence: last.sequence, count: count,
      plainBytes: bytes.count, body: compressed ?? bytes, isCompressed: compressed != nil)
  }

  /// A comma before the event, `,"chain":"…64 digits…"` in it, a bracket at the end.
  private static let chainRoom = 1 + 75 + 1

  private static func delivered(
    _ event: Event, _ epoch: JournalEpoch, _ time: (Event) -> EventTime?, carriesChain: Bool
  ) -> DeliveredEvent {
    DeliveredEvent(
      device: epoch.device, epoch: epoch.epoch, event: event,
      time: event.content.clockState == .synchronised ? nil : time(event), carriesChain: carriesChain)
  }
}
