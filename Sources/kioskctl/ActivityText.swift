import Feedback
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
        + committed(activity)
        + (activity.commitMicroseconds.map { " in \($0 / 1000).\($0 % 1000 / 100) ms" } ?? "")
    case .waiting: return button + Output.coloured("\(activity.verdict ?? ""), waits in memory", Output.red)
    case .output: return Output.padded(activity.output ?? "", 16) + (activity.isOn == true ? " on" : " off")
    case .health:
      return Output.coloured(
        [activity.health?.rawValue, activity.button, activity.message].compactMap { $0 }.joined(separator: ": "),
        Output.yellow)
    case .configuration: return activity.message ?? ""
    case .recorded: return button + recorded(activity)
    case .display: return activity.display.map { "\($0.phase.rawValue): \(TerminalText.harmless($0.text))" } ?? ""
    case .missed: return missed(activity)
    }
  }

  /// The event a press became, and what it answers.
  static func committed(_ activity: Activity) -> String {
    var words = [activity.sequence.map { "event \($0)" }]
    if activity.kind == EventKind.request.name || activity.kind == EventKind.activity.name {
      // Their value is how long the request was open, or the seller at work.
      let after = activity.value.map { " after \(Output.duration(milliseconds: Int64($0)))" } ?? ""
      words.append("\(activity.kind ?? "") \(activity.code ?? "")\(after)")
    } else if let value = activity.value {
      words.append("value \(value)" + (activity.question.map { " of \($0)" } ?? ""))
    } else {
      words.append(activity.code ?? activity.question)
    }
    words.append(activity.replaces.map { "in place of event \($0)" })
    return words.compactMap { $0 }.joined(separator: ", ")
  }

  /// An event that is no press.
  static func recorded(_ activity: Activity) -> String {
    let what = [activity.kind, activity.code].compactMap { $0 }.joined(separator: " ")
    return [
      what, activity.question, activity.sequence.map { "event \($0)" },
      activity.replaces.map { "in place of event \($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
  }

  static func health(_ activity: Activity) -> String {
    [activity.health?.rawValue, activity.message].compactMap { $0 }.joined(separator: ": ")
  }

  static func missed(_ activity: Activity) -> String {
    "\(activity.count ?? 0) lines left out: this terminal is too slow"
  }
}
