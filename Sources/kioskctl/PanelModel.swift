import Feedback
import Glibc
import KioskControl

/// What `sim panel` knows of the kiosk: made of what the daemon tells, and nothing else.
struct PanelModel {
  /// One line of what happened.
  struct Happening {
    var time: String
    var subject: String
    var verdict: String?
    var detail: String
    var isTrouble = false
  }

  /// Lines of what happened that are kept; no screen shows more.
  static let mostHappenings = 64

  private(set) var status: DaemonStatus
  private(set) var keys: PanelKeys
  private(set) var display: DisplayState?
  /// In the order in which they were heard of first.
  private(set) var lamps: [(name: String, isOn: Bool)] = []
  private(set) var happenings: [Happening] = []
  /// An answer to a key that did nothing; gone with the next one.
  var hint: String?
  /// Whether a newer status is wanted, for something has changed that activity does not tell in whole.
  var wantsStatus = false

  init(_ status: DaemonStatus) {
    self.status = status
    keys = PanelKeys(buttons: status.buttons, sensors: status.sensors ?? [])
  }

  mutating func take(_ status: DaemonStatus) {
    self.status = status
    keys = PanelKeys(buttons: status.buttons, sensors: status.sensors ?? [])
  }

  mutating func take(_ activity: Activity) {
    switch activity.event {
    case .display: display = activity.display
    case .output: switchLamp(activity.output ?? "", isOn: activity.isOn == true)
    case .released: break
    case .press: happened(Happening(time: Self.now, subject: activity.button ?? "", detail: "…"))
    case .committed, .waiting:
      judged(activity)
      // Who is at work, and whether somebody was called, stands in the status.
      if activity.kind == EventKind.activity.name || activity.kind == EventKind.request.name { wantsStatus = true }
    case .configuration:
      wantsStatus = true
      // Another panel may have other lamps.
      lamps = []
      happened(Happening(time: Self.now, subject: "configuration", detail: activity.message ?? ""))
    case .recorded:
      wantsStatus = true
      happened(
        Happening(time: Self.now, subject: activity.button ?? "", detail: ActivityText.recorded(activity)))
    case .health:
      wantsStatus = true
      happened(
        Happening(
          time: Self.now, subject: activity.button ?? "", detail: ActivityText.health(activity), isTrouble: true))
    case .missed:
      happened(Happening(time: Self.now, subject: "", detail: ActivityText.missed(activity), isTrouble: true))
    }
  }

  /// The line that the press began is completed.
  private mutating func judged(_ activity: Activity) {
    let done = Happening(
      time: Self.now, subject: activity.button ?? "", verdict: activity.verdict ?? "",
      detail: activity.event == .waiting ? "waits in memory" : ActivityText.committed(activity),
      isTrouble: activity.event == .waiting)
    if let index = happenings.lastIndex(where: { $0.verdict == nil && $0.detail == "…" && $0.subject == done.subject })
    {
      happenings[index] = done
    } else {
      happened(done)
    }
  }

  private mutating func happened(_ happening: Happening) {
    if happenings.count == Self.mostHappenings { happenings.removeFirst() }
    happenings.append(happening)
  }

  private mutating func switchLamp(_ name: String, isOn: Bool) {
    if let index = lamps.firstIndex(where: { $0.name == name }) {
      lamps[index].isOn = isOn
    } else {
      lamps.append((name, isOn))
    }
  }

  /// The time of day at this terminal.
  private static var now: String {
    var seconds = time(nil)
    var local = tm()
    localtime_r(&seconds, &local)
    return [local.tm_hour, local.tm_min, local.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
