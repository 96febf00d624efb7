/// What the people at the kiosk are told by lamps and buzzers: answers to a press, and states that last. Each is shown
/// differently, for a silent lock-out looks like a fault.
public enum Acknowledgement: String, Sendable, Hashable, Codable, CaseIterable {
  /// The press is on disk and counts. Never given before the commit.
  case counted
  /// The press is on disk, but it is one too many.
  case pleaseWait = "please-wait"
  /// A state: presses are taken, but they are not on disk.
  case outOfService = "out-of-service"
  /// Staff are on their way.
  case staffCalled = "staff-called"
  /// The press is on disk, and it answered the last question.
  case completed
  /// The press is on disk, but it came outside opening hours.
  case closed
  /// A state: technicians or staff are at work on the kiosk.
  case service
  /// A state: a visitor's call is open. For the lamp that the staff see.
  case staffWanted = "staff-wanted"
  /// A state of each button: it means something now. For lamps beside buttons.
  case offered
  /// A state: the kiosk is at rest and attracts attention. Off unless an output is told to show it.
  case idle

  /// The states, the most important first: an output that shows several shows the first of those that hold.
  public static let states: [Acknowledgement] = [.outOfService, .service, .staffWanted, .offered, .idle]

  /// Whether it lasts until it is cleared; false for the answer to a press, which ends by itself.
  public var isState: Bool {
    switch self {
    case .outOfService, .service, .staffWanted, .offered, .idle: true
    case .counted, .pleaseWait, .staffCalled, .completed, .closed: false
    }
  }

  /// What is shown in its place where no lamp or buzzer shows it: it says the same, only less exactly. nil: nothing.
  public var fallback: Acknowledgement? {
    switch self {
    case .completed, .staffCalled: .counted
    case .closed: .pleaseWait
    case .counted, .pleaseWait, .outOfService, .service, .staffWanted, .offered, .idle: nil
    }
  }
}

extension Verdict {
  /// What the visitor is told once a press with this verdict is on disk; nil: nothing, for nothing was pressed.
  public var acknowledgement: Acknowledgement? {
    switch self {
    case .counted, .service: .counted
    case .closed: .closed
    case .repeated, .burst, .chord, .held, .superseded: .pleaseWait
    case .passedBy: nil
    }
  }
}
