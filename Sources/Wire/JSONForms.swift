import Feedback

/// The two JSON forms of an event.
public enum JSONForm: String, Sendable, Hashable, CaseIterable {
  /// CloudEvents 1.0, structured mode.
  case cloudEvent
  /// One flat object.
  case record

  /// The event in this form, without a line feed. Never contains a line feed.
  public func bytes(_ event: WireEvent) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      switch self {
      case .cloudEvent: Self.cloudEvent(event, &$0)
      case .record: Self.record(event, &$0)
      }
    }
    return writer.bytes
  }

  private static func cloudEvent(_ wire: WireEvent, _ writer: inout JSONWriter) {
    let event = wire.event
    writer.member("specversion", "1.0")
    writer.member("id", CloudEventNames.id(epoch: wire.epoch, sequence: event.sequence))
    writer.member("source", CloudEventNames.source(device: wire.device))
    writer.member("type", CloudEventNames.type(event.content.kind))
    writer.member("time", Timestamp.text(milliseconds: event.content.wallMilliseconds))
    writer.member("sequence", CloudEventNames.sequence(event.sequence))
    writer.member("datacontenttype", "application/json")
    writer.object("data") { content(wire, &$0) }
  }

  private static func record(_ wire: WireEvent, _ writer: inout JSONWriter) {
    let event = wire.event
    writer.member("device", wire.device)
    writer.member("epoch", wire.epoch)
    writer.member("sequence", event.sequence)
    writer.member("kind", event.content.kind.name)
    writer.member("time", Timestamp.text(milliseconds: event.content.wallMilliseconds))
    content(wire, &writer)
  }

  /// What both forms have: everything the chain value is computed over that is not in the names, and the chain.
  private static func content(_ wire: WireEvent, _ writer: inout JSONWriter) {
    let content = wire.event.content
    writer.member("visit", content.visit ?? wire.event.sequence)
    meaning(content, &writer)
    writer.member("boot", wire.event.boot)
    // In a text: after 104 days up it is more than a double holds, which is what many readers make of a JSON number.
    writer.member("boottime_ns", String(content.bootTimeNanoseconds))
    writer.member("wall_ms", content.wallMilliseconds)
    writer.member("clock", content.clockState.name)
    writer.member("genesis", Hexadecimal.text(wire.genesis))
    writer.member("previous_chain", wire.previousChain.map(Hexadecimal.text))
    writer.member("chain", Hexadecimal.text(wire.event.chain))
  }

  /// What was pressed and what it means: the same in every form.
  static func meaning(_ content: EventDraft, _ writer: inout JSONWriter) {
    writer.member("button", content.button)
    writer.member("survey", content.survey)
    writer.member("survey_version", content.surveyVersion)
    writer.member("question", content.question)
    writer.member("scale", content.scale)
    writer.member("value", content.value)
    writer.member("code", content.code)
    writer.member("language", content.language)
    writer.member("verdict", content.verdict?.name)
    writer.member("rules_version", content.rulesVersion)
    writer.member("replaces", content.replaces)
    writer.member("context", content.context)
    writer.member("detail", content.detail)
  }
}

/// The context attributes of CloudEvents 1.0.
enum CloudEventNames {
  static func id(epoch: String, sequence: Int64) -> String { "\(epoch)-\(sequence)" }

  static func type(_ kind: EventKind) -> String { "kiosk.\(kind.name).v1" }

  /// The `sequence` extension has to sort as text, so it always has as many digits as the largest number.
  static func sequence(_ number: Int64) -> String { Timestamp.padded(number, 19) }

  /// A URI reference; what RFC 3986 does not allow unescaped in a path segment is percent-encoded.
  static func source(device: String) -> String {
    var path = Array("/kiosks/".utf8)
    for byte in device.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        path.append(byte)
      default:
        path.append(UInt8(ascii: "%"))
        path.append(contentsOf: Hexadecimal.text([byte]).uppercased().utf8)
      }
    }
    return String(decoding: path, as: UTF8.self)
  }

  /// The device named by a source; nil when it is none of ours.
  static func device(source: String) -> String? {
    let prefix = "/kiosks/"
    guard source.hasPrefix(prefix) else { return nil }
    var rest = Array(source.utf8.dropFirst(prefix.utf8.count))[...]
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self).lowercased()
      guard let escaped = Hexadecimal.bytes(digits), escaped.count == 1 else { return nil }
      bytes += escaped
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
