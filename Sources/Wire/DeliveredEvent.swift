import Feedback

/// An event as it is handed on to a server, pushed or pulled: a CloudEvent like that of an export, without what a server can
/// do without, so that an event costs some 15 bytes of a compressed batch instead of some 80 (docs/WIRE.md). The chain
/// values alone would be 64 of them, and each stamp that is told a second time 4 to 9.
public struct DeliveredEvent: Sendable, Hashable {
  public var device: String
  /// 32 hexadecimal digits.
  public var epoch: String
  public var event: Event
  /// When it happened, as far as that is known now; nil: as stamped.
  public var time: EventTime?
  /// Whether the chain value goes along: it does with the last event of a batch. Kept by the server, it proves later that
  /// nothing up to that event was changed on the kiosk.
  public var carriesChain: Bool

  public init(device: String, epoch: String, event: Event, time: EventTime? = nil, carriesChain: Bool = false) {
    self.device = device
    self.epoch = epoch
    self.event = event
    self.time = time
    self.carriesChain = carriesChain
  }

  /// The media type of a batch of these (CloudEvents 1.0, JSON batch format).
  public static let batchMediaType = "application/cloudevents-batch+json"

  /// The event in JSON, without a line feed. The same event at the same knowledge of its time is always the same bytes.
  public var bytes: [UInt8] {
    var writer = JSONWriter()
    writer.object { write(to: &$0) }
    return writer.bytes
  }

  private func write(to writer: inout JSONWriter) {
    let content = event.content
    // A stamp from a trusted clock is the time. Any other one is told as it was read, beside what can be made of it.
    let isStamped = content.clockState == .synchronised || time == nil
    let milliseconds = isStamped ? content.wallMilliseconds : time?.milliseconds ?? content.wallMilliseconds
    let text = Timestamp.text(milliseconds: milliseconds)
    // In JSON the order of members says nothing, but to gzip it does: what is the same in most events stands together, so that
    // few and long repetitions remain between what differs. Found by trying orders on batches of a shop's day; it saves a
    // ninth (docs/WIRE.md, "Delivered events").
    writer.member("source", CloudEventNames.source(device: device))
    writer.member("time", text)
    writer.member("specversion", "1.0")
    writer.member("id", CloudEventNames.id(epoch: epoch, sequence: event.sequence))
    writer.member("type", CloudEventNames.type(content.kind))
    writer.object("data") { data in
      data.member("question", content.question)
      data.member("button", content.button)
      data.member("scale", content.scale)
      data.member("survey_version", content.surveyVersion)
      data.member("detail", content.detail)
      data.member("code", content.code)
      data.member("rules_version", content.rulesVersion)
      data.member("value", content.value)
      data.member("replaces", content.replaces)
      data.member("verdict", content.verdict?.name)
      data.member("clock", content.clockState.name)
      data.member("boot", event.boot)
      if let visit = content.visit, visit != event.sequence { data.member("visit", visit) }
      data.member("language", content.language)
      data.member("context", content.context)
      data.member("survey", content.survey)
      let isTrusted = content.clockState == .synchronised
      // What the time of other events of the boot can be worked out from, and what this one's can be.
      if !isTrusted || content.kind == .clock { data.member("boottime_ns", String(content.bootTimeNanoseconds)) }
      if !isTrusted || text == nil { data.member("wall_ms", content.wallMilliseconds) }
      if !isStamped, let time {
        data.member("time_basis", time.basis.rawValue)
        data.member("time_earliest", Timestamp.text(milliseconds: time.earliestMilliseconds))
        data.member("time_latest", time.latestMilliseconds.flatMap { Timestamp.text(milliseconds: $0) })
      }
      if carriesChain { data.member("chain", Hexadecimal.text(event.chain)) }
    }
    writer.member("sequence", CloudEventNames.sequence(event.sequence))
  }
}
