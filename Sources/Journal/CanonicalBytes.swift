import Feedback

/// The bytes of an event that its chain value is computed over. Two different events never have the same bytes, and the
/// bytes of an event never change: a journal written today must still prove itself in ten years. Another layout would get
/// another version number, and old events keep theirs. The layout is written down in docs/GUARANTEES.md; the test
/// vectors in JournalTests pin it.
///
///     offset  bytes
///     0       1    version, 1
///     1       8    sequence
///     9       8    boot
///     17      8    kind (raw value)
///     25      8    boottime, ns
///     33      8    wall clock, ms
///     41      8    clock state (raw value)
///     49      8    visit
///     57      2    which optional fields follow: bit 0 button, 1 survey, 2 survey version, 3 question, 4 scale, 5 value,
///                  6 code, 7 language, 8 verdict, 9 rules version, 10 replaces, 11 context, 12 detail
///     59      …    those fields in that order: a number in 8 bytes, a text as its length in 4 bytes and its UTF-8
///
/// All numbers are big-endian two's complement. Every field has a fixed place or a length before it, so the bytes can be
/// read back in one way only.
enum CanonicalBytes {
  static let version: UInt8 = 1

  static func of(_ event: Event) -> [UInt8] {
    let content = event.content
    var bytes: [UInt8] = [version]
    bytes.reserveCapacity(192)
    for number in [
      event.sequence, event.boot, Int64(content.kind.rawValue), content.bootTimeNanoseconds, content.wallMilliseconds,
      Int64(content.clockState.rawValue), content.visit ?? event.sequence,
    ] {
      append(number, to: &bytes)
    }

    let flags = bytes.count
    bytes += [0, 0]
    var present: UInt16 = 0
    var bit = 0
    func mark(_ isPresent: Bool) {
      if isPresent { present |= 1 << bit }
      bit += 1
    }
    func field(_ text: String?) {
      mark(text != nil)
      if let text { append(text, to: &bytes) }
    }
    func field(_ number: Int64?) {
      mark(number != nil)
      if let number { append(number, to: &bytes) }
    }
    field(content.button)
    field(content.survey)
    field(content.surveyVersion.map(Int64.init))
    field(content.question)
    field(content.scale)
    field(content.value.map(Int64.init))
    field(content.code)
    field(content.language)
    field(content.verdict.map { Int64($0.rawValue) })
    field(content.rulesVersion.map(Int64.init))
    field(content.replaces)
    field(content.context)
    field(content.detail)
    bytes[flags] = UInt8(present >> 8)
    bytes[flags + 1] = UInt8(present & 0xff)
    return bytes
  }

  static func append(_ number: Int64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  static func append(_ text: String, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: UInt32(text.utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text.utf8)
  }
}
