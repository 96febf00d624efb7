import Testing

@testable import Feedback

/// A compiled zone written by hand, right or wrong.
struct TZifBytes {
  var version = UInt8(ascii: "2")
  var transitions: [(time: Int64, type: UInt8)] = []
  var offsets: [Int32] = [0]
  var rule: String? = ""
  /// What the header says in place of the truth: universal, standard, leap, transition, type and character counts.
  var counts: [UInt32?] = Array(repeating: nil, count: 6)
  var leapSeconds = 0

  init(
    version: UInt8 = UInt8(ascii: "2"), transitions: [(Int64, UInt8)] = [], offsets: [Int32] = [0], rule: String? = ""
  ) {
    self.version = version
    self.transitions = transitions.map { (time: $0.0, type: $0.1) }
    self.offsets = offsets
    self.rule = rule
  }

  var bytes: [UInt8] {
    guard version >= UInt8(ascii: "2") else { return block(timeSize: 4) }
    var first = TZifBytes(version: version)
    first.offsets = [0]
    return first.block(timeSize: 4) + block(timeSize: 8) + (rule.map { "\n\($0)\n" } ?? "").utf8
  }

  private func block(timeSize: Int) -> [UInt8] {
    var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
    let truth: [UInt32] = [0, 0, UInt32(leapSeconds), UInt32(transitions.count), UInt32(offsets.count), 4]
    for (count, other) in zip(truth, counts) { bytes += Self.number(Int64(other ?? count), 4) }
    for transition in transitions { bytes += Self.number(transition.time, timeSize) }
    bytes += transitions.map(\.type)
    for offset in offsets { bytes += Self.number(Int64(offset), 4) + [0, 0] }
    bytes += "ABC\0".utf8
    for _ in 0..<leapSeconds { bytes += [UInt8](repeating: 0, count: timeSize + 4) }
    return bytes
  }

  private static func number(_ value: Int64, _ size: Int) -> [UInt8] {
    (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}

@Suite("A compiled time zone")
struct TZifFileTests {
  private static func code(_ bytes: [UInt8]) -> TimeZoneRulesError.Code? {
    do throws(TimeZoneRulesError) {
      _ = try TimeZoneRules(tzif: bytes)
      return nil
    } catch {
      #expect(!error.message.isEmpty && !error.hint.isEmpty && error.description.contains(error.message))
      return error.code
    }
  }

  @Test(
    "is read in each of its versions", arguments: [UInt8(0), UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "4")])
  func versions(version: UInt8) throws {
    let file = TZifBytes(
      version: version, transitions: [(-100, 1), (1_000, 0)], offsets: [3_600, 7_200], rule: "<+01>-1")
    let rules = try TimeZoneRules(tzif: file.bytes)
    #expect(
      [-101, -100, 999, 1_000, 1 << 40].map { rules.period(at: $0).offset } == [3_600, 7_200, 7_200, 3_600, 3_600])
  }

  @Test("without a rule keeps its last offset, with one follows it after the last transition only")
  func rule() throws {
    let transitions: [(Int64, UInt8)] = [(0, 1)]
    let bare = try TimeZoneRules(tzif: TZifBytes(transitions: transitions, offsets: [0, -3_600]).bytes)
    #expect(bare.local(at: utc(2090, 7, 1)).utcOffsetSeconds == -3_600)
    let ruled = try TimeZoneRules(
      tzif: TZifBytes(transitions: transitions, offsets: [600, -3_600], rule: "CET-1CEST,M3.5.0,M10.5.0/3").bytes)
    #expect(ruled.local(at: utc(2090, 7, 1)).utcOffsetSeconds == 7_200)
    #expect(ruled.local(at: utc(2090, 12, 1)).utcOffsetSeconds == 3_600)
    #expect(ruled.local(at: -1).utcOffsetSeconds == 600)
  }

  @Test("whose summer never ends has no gap at New Year", arguments: ["EST5EDT,0/0,J365/25", "XXX3EDT4,0/0,J365/23"])
  func summerAllYear(rule: String) throws {
    let rules = try TimeZoneRules(tzif: TZifBytes(rule: rule).bytes)
    for year in 2019...2029 {
      for moment in [utc(year, 1, 1, 3), utc(year, 1, 1, 4), utc(year, 1, 1, 5), utc(year, 1, 1, 6), utc(year, 7, 1)] {
        #expect([moment - 1_000, moment].map { rules.local(at: $0).utcOffsetSeconds } == [-14_400, -14_400])
      }
    }
  }

  @Test("cut short anywhere is refused", arguments: ["Europe/Berlin", "Asia/Kolkata", "Africa/Casablanca", "UTC"])
  func truncated(zone: String) throws {
    let bytes = try SystemClocks.bytes(of: zone)
    #expect(Self.code(bytes) == nil)
    for length in bytes.indices {
      let code = Self.code(Array(bytes[..<length]))
      #expect(code == .truncated || (length < 4 && code == .notAZone), "\(length) bytes: \(String(describing: code))")
    }
  }

  @Test(
    "with flipped bits is read or refused, and never hangs or crashes",
    arguments: ["Europe/Berlin", "Africa/Casablanca", "Pacific/Apia", "Asia/Gaza"])
  func flipped(zone: String) throws {
    let bytes = try SystemClocks.bytes(of: zone)
    var dice = Dice(3)
    let hours = OpeningHours(weekly: WeeklyHours([DailyHours("02:00-03:00")], on: [.sunday]))
    var refused = 0
    var read = 0
    for _ in 0..<2_500 {
      var spoilt = bytes
      for _ in 0..<dice.roll(1...6) {
        // The headers and the footer are a small part of the file and the most of its meaning.
        let place = dice.chance(3) ? dice.roll(0...43) : dice.chance(3) ? bytes.count - dice.roll(1...40) : nil
        spoilt[place ?? dice.roll(0...bytes.count - 1)] ^= 1 << UInt8(dice.roll(0...7))
      }
      guard let rules = try? TimeZoneRules(tzif: spoilt) else {
        refused += 1
        continue
      }
      read += 1
      for _ in 0..<4 {
        let wall = dice.chance(4) ? dice.roll(Int64.min...Int64.max) : dice.roll(0...4_102_444_800_000)
        let local = rules.local(at: wall)
        let found = rules.instant(of: local.dateTime)
        #expect(rules.local(at: found).dateTime == local.dateTime || found == .min)
        if let change = hours.nextChange(after: wall, in: rules) { #expect(change > wall) }
      }
    }
    #expect(refused > 200 && read > 200)
  }

  @Test("with counts that cannot be is refused", arguments: 0..<6)
  func hugeCounts(index: Int) {
    for count in [UInt32.max, 1 << 31, 1 << 30, 100_000_000] {
      var file = TZifBytes(transitions: [(0, 0)], offsets: [0])
      file.counts[index] = count
      #expect(Self.code(file.bytes) == .truncated)
      file.version = 0
      #expect(Self.code(file.bytes) == .truncated)
    }
  }

  @Test("that contradicts itself is refused")
  func contradictions() {
    let late: Int64 = 1 << 59
    for type: UInt8 in [2, 3, 255] {
      let error = #expect(throws: TimeZoneRulesError.self) {
        try TimeZoneRules(tzif: TZifBytes(transitions: [(0, 1), (1, type)], offsets: [0, 60]).bytes)
      }
      #expect(error?.code == .malformed)
      #expect(error?.message == "a transition of the zone leads to an offset it does not have")
    }
    #expect(Self.code(TZifBytes(offsets: []).bytes) == .malformed)
    #expect(Self.code(TZifBytes(transitions: [(5, 0), (5, 0)]).bytes) == .malformed)
    #expect(Self.code(TZifBytes(transitions: [(5, 0), (4, 0)]).bytes) == .malformed)
    #expect(Self.code(TZifBytes(transitions: [(.min, 0)]).bytes) == .malformed)
    #expect(Self.code(TZifBytes(transitions: [(-late, 0), (late, 0)]).bytes) == nil)
    #expect(Self.code(TZifBytes(transitions: [(.max, 0)]).bytes) == .malformed)
    #expect(Self.code(TZifBytes(offsets: [93_600]).bytes) == nil)
    #expect(Self.code(TZifBytes(offsets: [93_601]).bytes) == .malformed)
    #expect(Self.code(TZifBytes(offsets: [.min]).bytes) == .malformed)
    let many = (0..<5_001).map { (Int64($0), UInt8(0)) }
    #expect(Self.code(TZifBytes(transitions: many).bytes) == .malformed)
    var leaps = TZifBytes()
    leaps.leapSeconds = 1
    #expect(Self.code(leaps.bytes) == .leapSeconds)
    leaps.version = 0
    #expect(Self.code(leaps.bytes) == .leapSeconds)
    #expect(Self.code(TZifBytes(version: UInt8(ascii: "1")).bytes) == .notAZone)
    #expect(Self.code(Array("#!/bin/sh\n".utf8)) == .notAZone)
    #expect(Self.code([UInt8](repeating: 0, count: 4_000)) == .notAZone)
    #expect(Self.code([]) == .notAZone)
  }

  @Test(
    "whose rule is no rule is refused",
    arguments: [
      "C", "CE-1", "CET", "CET-", "CET-25", "CET-1:60", "<+01-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,",
      "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M0.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
      "CET-1CEST,J0,J100", "CET-1CEST,J366,J100", "CET-1CEST,366,100", "CET-1CEST,M3.5.0/168,M10.5.0",
      "CET-1CEST,M3.5.0,M10.5.0/3 ", "CET-1CEST,M3.5.0,M10.5.0,", " CET-1", "CET-99999999999999999999", "CET-1\0",
      "CET-1CEST,M3.5.0/--2,M10.5.0", "CET-1CEST-26,M3.5.0,M10.5.0", "Ä-1",
    ])
  func malformedRule(rule: String) { #expect(Self.code(TZifBytes(rule: rule).bytes) == .malformedRule) }

  @Test("whose rule is missing is refused")
  func missingRule() {
    #expect(Self.code(TZifBytes(rule: nil).bytes) == .truncated)
    #expect(Self.code(TZifBytes(rule: nil).bytes + Array("UTC0\n".utf8)) == .malformed)
    #expect(Self.code(TZifBytes(rule: nil).bytes + Array("\nUTC0".utf8)) == .truncated)
  }
}
