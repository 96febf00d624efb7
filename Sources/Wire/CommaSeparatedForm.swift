import Feedback

/// Events as comma-separated values (RFC 4180) for spreadsheets and people.
///
/// A text that begins with = + - @, a tab or a carriage return gets an apostrophe before it: a spreadsheet would take it
/// for a formula and run it, and `context` comes from other people's systems. So this form is not for reading back; the
/// JSON forms carry every byte unchanged.
public enum CommaSeparatedForm {
  public static let columns = [
    "device", "epoch", "sequence", "kind", "time", "clock", "visit", "button", "survey", "survey_version", "question",
    "scale", "value", "code", "language", "verdict", "rules_version", "replaces", "context", "detail", "boot",
    "boottime_ns", "wall_ms", "chain",
  ]

  /// The first row, with its line end.
  public static let header = row(columns)

  /// One event as a row, with its line end.
  public static func bytes(_ wire: WireEvent) -> [UInt8] {
    let event = wire.event
    let content = event.content
    func number<Number: BinaryInteger>(_ value: Number?) -> String { value.map { String($0) } ?? "" }
    func text(_ value: String?) -> String { value.map(harmless) ?? "" }
    return row([
      text(wire.device), wire.epoch, number(event.sequence), content.kind.name,
      Timestamp.text(milliseconds: content.wallMilliseconds) ?? "", content.clockState.name,
      number(content.visit ?? event.sequence), text(content.button), text(content.survey),
      number(content.surveyVersion), text(content.question), text(content.scale), number(content.value),
      text(content.code), text(content.language), content.verdict?.name ?? "", number(content.rulesVersion),
      number(content.replaces), text(content.context), text(content.detail), number(event.boot),
      number(content.bootTimeNanoseconds), number(content.wallMilliseconds), Hexadecimal.text(event.chain),
    ])
  }

  private static func harmless(_ text: String) -> String {
    switch text.utf8.first {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D: "'" + text
    default: text
    }
  }

  private static func row(_ fields: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      let needsQuotes = field.utf8.contains { [0x22, 0x2C, 0x0D, 0x0A].contains($0) }
      if needsQuotes { bytes.append(0x22) }
      for byte in field.utf8 {
        if byte == 0x22 { bytes.append(0x22) }
        bytes.append(byte)
      }
      if needsQuotes { bytes.append(0x22) }
    }
    bytes += [0x0D, 0x0A]
    return bytes
  }
}
