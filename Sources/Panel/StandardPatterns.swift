import Feedback

extension OutputPattern {
  /// What a lamp or a buzzer does for each acknowledgement unless it is configured otherwise.
  ///
  /// | | Lamp | Buzzer |
  /// |---|---|---|
  /// | counted | on for 1.5 s | one beep of 80 ms |
  /// | completed | two blinks, then on for 1.5 s | two beeps, the second longer |
  /// | please-wait | two slow blinks | silent: a beep would reward the pounding |
  /// | closed | three short flashes, one a second | silent |
  /// | staff-called | ten blinks of a second each | two beeps |
  /// | out-of-service | on; where the lamp shows other things too, a short flash every 2 s | one long tone when it begins |
  /// | service | on; where the lamp shows other things too, a double flash every 2 s | silent |
  /// | staff-wanted | on; where the lamp shows other things too, slow blinks | three tones when it begins |
  /// | offered | on | silent |
  /// | idle | a flash of 150 ms every 4 s | silent |
  ///
  /// On and off is all an output can do, so there is no slow fade for `idle`.
  ///
  /// - Parameter isShared: the output shows other acknowledgements too.
  /// - Returns: nil when it does nothing.
  public static func standard(
    for acknowledgement: Acknowledgement, on kind: OutputDescription.Kind, isShared: Bool
  ) -> OutputPattern? {
    switch kind {
    case .lamp: standardLight(for: acknowledgement, isShared: isShared)
    case .buzzer: standardSound(for: acknowledgement)
    }
  }

  private static func standardLight(for acknowledgement: Acknowledgement, isShared: Bool) -> OutputPattern {
    switch acknowledgement {
    case .counted: .on(for: .milliseconds(1500))
    case .completed: alternating([300, 300, 300, 300, 1500])
    case .pleaseWait: .blinks(2, on: .milliseconds(400), off: .milliseconds(400))
    case .closed: .blinks(3, on: .milliseconds(100), off: .milliseconds(900))
    case .staffCalled: .blinks(10, on: .milliseconds(500), off: .milliseconds(500))
    // Steady light on a lamp that otherwise says thank you would be a lie; a lamp of its own is best seen when steady.
    case .outOfService:
      isShared ? .blinks(nil, on: .milliseconds(200), off: .milliseconds(1800)) : .steady
    case .service: isShared ? alternating([200, 300, 200, 1300], repetitions: nil) : .steady
    case .staffWanted: isShared ? .blinks(nil, on: .milliseconds(800), off: .milliseconds(400)) : .steady
    case .offered: .steady
    case .idle: .blinks(nil, on: .milliseconds(150), off: .milliseconds(3850))
    }
  }

  private static func standardSound(for acknowledgement: Acknowledgement) -> OutputPattern? {
    switch acknowledgement {
    case .counted: .on(for: .milliseconds(80))
    case .completed: alternating([80, 80, 240])
    case .staffCalled: .blinks(2, on: .milliseconds(150), off: .milliseconds(150))
    // States sound once, when they begin: a tone without end would be switched off with pliers.
    case .outOfService: .on(for: .milliseconds(700))
    case .staffWanted: .blinks(3, on: .milliseconds(300), off: .milliseconds(200))
    case .pleaseWait, .closed, .service, .offered, .idle: nil
    }
  }

  /// On and off in turn, beginning with on, for so many milliseconds each.
  private static func alternating(_ milliseconds: [Int], repetitions: Int? = 1) -> OutputPattern {
    let steps = milliseconds.enumerated().map { Step(isOn: $0.offset % 2 == 0, for: .milliseconds($0.element)) }
    return OutputPattern(checked: steps, repetitions: repetitions)
  }
}
