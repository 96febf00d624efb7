import Feedback

/// What the edges of all buttons add up to.
///
/// Events come in the order in which they were decided: a press or release when its level had settled (its line's
/// debounce period after its stamp), everything else at its own stamp. At the same moment the button with the lower index
/// comes first. So the presses of lines with the same debounce period come in the order of their stamps too; between
/// lines whose periods differ, stamps may go back by as much as the periods differ. Press numbers follow the order of
/// events.
public enum PanelEvent: Sendable, Hashable {
  /// A button went down and stayed down for the debounce period.
  case pressed(Press)
  /// A button came up. `press` is nil when it had been down since the start, which was no press.
  case released(button: ButtonIndex, press: PressNumber?, at: MonotonicTime, down: Duration)
  /// A button has been down for `PanelTiming.heldLimit`, or since the start (then `press` is nil, and it is said within
  /// a second of the start). Once for each time it is down.
  case stuck(button: ButtonIndex, press: PressNumber?, since: MonotonicTime, at: MonotonicTime)
  /// A stuck button came up and is live again. Follows its `released`.
  case unstuck(button: ButtonIndex, at: MonotonicTime, down: Duration)
  /// More than `PanelTiming.stormLimit` edges within one second on one line. Once for each storm; `edges` so far.
  case storm(button: ButtonIndex, edges: Int, at: MonotonicTime)
  /// One second without an edge. `edges` is what the whole storm had.
  case stormOver(button: ButtonIndex, edges: Int, at: MonotonicTime)
  /// Edges of these buttons were lost; their levels were read back. Presses that began and ended meanwhile are unknown.
  case edgesLost(buttons: [ButtonIndex], at: MonotonicTime)
}

extension PanelEvent {
  /// The line it is about; nil: several.
  public var button: ButtonIndex? {
    switch self {
    case .pressed(let press): press.button
    case .released(let button, _, _, _), .stuck(let button, _, _, _), .unstuck(let button, _, _),
      .storm(let button, _, _), .stormOver(let button, _, _):
      button
    case .edgesLost: nil
    }
  }
}
