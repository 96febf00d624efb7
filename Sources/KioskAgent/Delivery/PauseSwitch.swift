/// Whether a technician has paused delivery. It outlives new settings, but not the program: whoever forgets it is helped by the
/// next start.
public actor PauseSwitch {
  public private(set) var isOn = false

  public init() {}

  public func set(_ isOn: Bool) { self.isOn = isOn }
}
