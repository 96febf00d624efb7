// Durations as the files write them: a number and a unit in one text, `"20ms"`, `"1.5s"`, `"2min"`.

extension Duration {
  /// The units a file may use, with their lengths in nanoseconds.
  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000), ("h", 3_600_000_000_000),
  ]

  /// Reads a duration; nil for anything but digits, at most one point and a known unit.
  init?(configured text: String) {
    let bytes = Array(text.utf8)
    let wholeDigits = bytes.prefix(while: Self.isDigit)
    var rest = bytes.dropFirst(wholeDigits.count)
    var fractionDigits = rest.prefix(0)
    if rest.first == UInt8(ascii: ".") {
      fractionDigits = rest.dropFirst().prefix(while: Self.isDigit)
      guard !fractionDigits.isEmpty else { return nil }
      rest = rest.dropFirst(1 + fractionDigits.count)
    }
    // Beyond nine digits on either side nothing sensible is meant, and the sums below cannot overflow.
    guard (1...9).contains(wholeDigits.count), fractionDigits.count <= 9 else { return nil }
    let unitName = trimmed(String(decoding: rest, as: UTF8.self))
    guard let unit = Self.units.first(where: { $0.name == unitName })?.nanoseconds else { return nil }
    let whole = Self.number(wholeDigits)
    let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    var nanoseconds = product
    var step = unit
    for digit in fractionDigits {
      step /= 10
      let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")) * step)
      guard !sumOverflow else { return nil }
      nanoseconds = sum
    }
    self = .nanoseconds(nanoseconds)
  }

  /// As a file would write it, in the largest unit that needs no fraction.
  var configured: String {
    let (seconds, attoseconds) = components
    let nanoseconds = Int64(clamping: Int128(seconds) * 1_000_000_000 + Int128(attoseconds / 1_000_000_000))
    guard nanoseconds != 0 else { return "0s" }
    // Whole minutes only from two on: "90s" and "60s" read better than what they could be called.
    let unit =
      Self.units.last { unit in
        nanoseconds % unit.nanoseconds == 0
          && (unit.nanoseconds <= 1_000_000_000 || nanoseconds / unit.nanoseconds >= 2)
      } ?? Self.units[0]
    return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64 {
    digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }
}
