import Feedback
import KioskConfiguration
import KioskControl

/// Holds what the owner's system hands in against what the configuration allows: off unless switched on, references
/// only, for a short time.
struct ContextCheck {
  let settings: ContextSettings

  func check(_ context: PressContext, seconds: Int) throws(ControlError) {
    guard settings.isAccepted else {
      throw ControlError(
        .refused, "this kiosk takes no context", hint: "[context] accept = true in kiosk.toml allows it")
    }
    let longest = min(Int(settings.longest.wholeMilliseconds / 1000), ControlRequest.longestContextSeconds)
    guard (1...max(1, longest)).contains(seconds) else {
      throw ControlError(
        .badRequest, "a context for \(seconds) seconds",
        hint: "1 to \(longest) seconds; [context] longest in kiosk.toml sets the limit")
    }
    for (name, value) in [
      ("employee", context.employee), ("transaction", context.transaction), ("service_point", context.servicePoint),
    ] {
      guard let value else { continue }
      guard settings.references.contains(name) else {
        throw ControlError(
          .refused, "this kiosk takes no \(name)", hint: "[context] only in kiosk.toml lists what it takes")
      }
      guard PressContext.isReference(value) else {
        throw ControlError(
          .badRequest, "\(name) is no reference",
          hint:
            "1 to \(PressContext.longestReference) letters, digits, hyphens, underscores and points; no names or addresses"
        )
      }
    }
  }
}
