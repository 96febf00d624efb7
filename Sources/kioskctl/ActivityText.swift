import KioskControl

/// Activity as a line for a person.
enum ActivityText {
  static func line(_ activity: Activity) -> String {
    "\(Output.coloured(stamp(activity.monotonicNanoseconds), Output.dim))  \(Output.padded(kind(activity), 10)) \(detail(activity))"
  }

  /// Seconds since boot with six decimals: what the kernel stamps edges with.
  private static func stamp(_ nanoseconds: Int64) -> String {
    let micros = String(nanoseconds / 1000 % 1_000_000)
    let text = "\(nanoseconds / 1_000_000_000).\(String(repeating: "0", count: 6 - micros.count))\(micros)"
    return String(repeating: " ", count: max(0, 14 - text.count)) + text
  }

  private static func kind(_ activity: Activity) -> String {
    switch activity.event {
    case .output: "lamp"
    case .configuration: "config"
    default: activity.event.rawValue
    }
  }

  private static func detail(_ activity: Activity) -> String {
    let button = Output.padded(activity.button ?? "", 16)
    switch activity.event {
    case .press: return button
    case .released:
      return button + (activity.downMilliseconds.map { "after \(Output.duration(milliseconds: $0))" } ?? "")
    case .committed:
      let verdict = activity.verdict ?? ""
      return button
        + Output.coloured(
          Output.padded(verdict, 12), verdict == "counted" ? Output.green : Output.yellow)
        + (activity.sequence.map { "event \($0)" } ?? "")
        + (activity.commitMicroseconds.map { " in \($0 / 1000).\($0 % 1000 / 100) ms" } ?? "")
        + (activity.replaces.map { ", in place of event \($0)" } ?? "")
    case .waiting: return button + Output.coloured("\(activity.verdict ?? ""), waits in memory", Output.red)
    case .output: return Output.padded(activity.output ?? "", 16) + (activity.isOn == true ? "on" : "off")
    case .health:
      return Output.coloured(
        [activity.health?.rawValue, activity.button, activity.message].compactMap { $0 }.joined(separator: ": "),
        Output.yellow)
    case .configuration: return activity.message ?? ""
    case .recorded:
      return button + [activity.kind, activity.code, activity.question].compactMap { $0 }.joined(separator: " ")
    case .display: return activity.display.map { "\($0.phase.rawValue): \($0.text)" } ?? ""
    case .missed: return "\(activity.count ?? 0) lines left out: this terminal is too slow"
    }
  }
}
