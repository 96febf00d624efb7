/// Takes a compiled time zone apart (RFC 8536; versions 1 to 4). Nothing in it is believed before it has been held against
/// the bytes that are there.
struct TZifFile {
  /// The database's zones have some 250 at most. This many keep every look ahead short.
  static let mostTransitions: Int64 = 5_000

  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  func rules() throws(TimeZoneRulesError) -> TimeZoneRules {
    let first = try block(at: 0, timeSize: 4)
    guard first.version >= UInt8(ascii: "2") else { return try rules(from: first, rule: nil) }
    // From version 2 on, what old readers understand is followed by the same in 64 bits and by a rule for the future.
    let second = try block(at: first.end, timeSize: 8)
    let footer = bytes[second.end...]
    guard footer.first == Self.newLine else {
      throw TimeZoneRulesError(footer.isEmpty ? .truncated : .malformed, "the zone has no rule after its transitions")
    }
    let text = footer.dropFirst().prefix { $0 != Self.newLine }
    guard text.endIndex < bytes.count else {
      throw TimeZoneRulesError(.truncated, "the zone ends inside the rule after its transitions")
    }
    var rule: YearlyClockRule?
    if !text.isEmpty {
      rule = YearlyClockRule(posix: text)
      guard rule != nil else {
        throw TimeZoneRulesError(.malformedRule, "the zone's rule for the future is not of the form of POSIX")
      }
    }
    return try rules(from: second, rule: rule)
  }

  // MARK: - A block of data

  private static let newLine = UInt8(ascii: "\n")
  private static let headerSize = 44

  /// Where things are. All of it lies within the bytes.
  private struct Block {
    var version: UInt8
    var timeSize: Int
    var leapSecondCount: Int64
    var transitionCount: Int
    var typeCount: Int
    /// Of the transitions' times; their types follow, then the types themselves.
    var start: Int
    var end: Int
  }

  private func block(at start: Int, timeSize: Int) throws(TimeZoneRulesError) -> Block {
    guard bytes.count - start >= Self.headerSize else {
      let isNone = start == 0 && !bytes.starts(with: "TZif".utf8)
      throw TimeZoneRulesError(
        isNone ? .notAZone : .truncated, isNone ? "this is no compiled time zone" : "the zone ends inside its header")
    }
    let version = bytes[start + 4]
    guard bytes[start..<(start + 4)].elementsEqual("TZif".utf8),
      version == 0 || (UInt8(ascii: "2")...UInt8(ascii: "9")).contains(version)
    else { throw TimeZoneRulesError(.notAZone, "this is no compiled time zone") }
    // Six counts of 32 bits: no sum of their products reaches 2^63.
    func count(_ index: Int) -> Int64 { number(at: start + 20 + index * 4, size: 4) & 0xFFFF_FFFF }
    let (universal, standard, leap) = (count(0), count(1), count(2))
    let (times, types, characters) = (count(3), count(4), count(5))
    var size = times * Int64(timeSize + 1) + types * 6 + characters
    size += leap * Int64(timeSize + 4) + standard + universal
    guard size <= Int64(bytes.count - start - Self.headerSize) else {
      throw TimeZoneRulesError(.truncated, "the zone announces more than it holds")
    }
    return Block(
      version: version, timeSize: timeSize, leapSecondCount: leap, transitionCount: Int(times), typeCount: Int(types),
      start: start + Self.headerSize, end: start + Self.headerSize + Int(size))
  }

  private func rules(from block: Block, rule: YearlyClockRule?) throws(TimeZoneRulesError) -> TimeZoneRules {
    guard block.leapSecondCount == 0 else {
      throw TimeZoneRulesError(
        .leapSeconds, "the zone counts leap seconds, which the clock does not",
        hint: "write the zone's name without right/ before it")
    }
    guard block.typeCount > 0, Int64(block.transitionCount) <= Self.mostTransitions else {
      throw TimeZoneRulesError(.malformed, "the zone has no offset, or more transitions than any zone has")
    }
    let indices = block.start + block.transitionCount * block.timeSize
    let types = indices + block.transitionCount
    func offset(_ type: Int) throws(TimeZoneRulesError) -> Int64 {
      guard type < block.typeCount else {
        throw TimeZoneRulesError(.malformed, "a transition of the zone leads to an offset it does not have")
      }
      let offset = number(at: types + type * 6, size: 4)
      guard abs(offset) <= TimeZoneRules.mostOffset else {
        throw TimeZoneRulesError(.malformed, "the zone is more than 26 hours from UTC")
      }
      return offset
    }
    // Before the first transition the first type holds (RFC 8536, section 3.2).
    var offsets = [try offset(0)]
    var transitions: [Int64] = []
    for index in 0..<block.transitionCount {
      let time = number(at: block.start + index * block.timeSize, size: block.timeSize)
      // RFC 8536 asks for no earlier time than -2^59, which is before the universe.
      guard abs(time.dividedDown(by: 2).quotient) <= 1 << 58, time > transitions.last ?? .min else {
        throw TimeZoneRulesError(.malformed, "the zone's transitions are not in order")
      }
      transitions.append(time)
      offsets.append(try offset(Int(bytes[indices + index])))
    }
    return TimeZoneRules(transitions: transitions, offsets: offsets, rule: rule)
  }

  /// A signed number, the high byte first. The place has been checked.
  private func number(at place: Int, size: Int) -> Int64 {
    var value = Int64(Int8(bitPattern: bytes[place]))
    for byte in bytes[(place + 1)..<(place + size)] { value = value << 8 | Int64(byte) }
    return value
  }
}
