import ArgumentParser

/// A time on the command line: a number with `ms`, `s`, `min` or `h`.
struct TimeArgument: ExpressibleByArgument, CustomStringConvertible {
  /// Longer than anything that takes one.
  static let longestMilliseconds = 7 * 24 * 3_600_000

  var milliseconds: Int

  init(milliseconds: Int) { self.milliseconds = milliseconds }

  init?(argument: String) {
    // The longer unit first: "ms" ends with "s", too.
    let units: [(name: String, milliseconds: Double)] = [
      ("min", 60_000), ("ms", 1), ("h", 3_600_000), ("s", 1_000),
    ]
    guard let unit = units.first(where: { argument.hasSuffix($0.name) }),
      let value = Double(argument.dropLast(unit.name.count)), value.isFinite, value >= 0,
      value * unit.milliseconds <= Double(Self.longestMilliseconds)
    else { return nil }
    milliseconds = Int((value * unit.milliseconds).rounded())
  }

  var description: String {
    let units = [("h", 3_600_000), ("min", 60_000), ("s", 1_000)]
    guard milliseconds > 0, let unit = units.first(where: { milliseconds % $0.1 == 0 }) else {
      return "\(milliseconds)ms"
    }
    return "\(milliseconds / unit.1)\(unit.0)"
  }

  var defaultValueDescription: String { description }
}
