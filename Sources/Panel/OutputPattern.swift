import Feedback

/// How a lamp or a buzzer behaves over time: steps of on and off, a number of times or without end. Afterwards it is
/// off.
public struct OutputPattern: Sendable, Hashable {
  /// One step.
  public struct Step: Sendable, Hashable {
    public var isOn: Bool
    public var duration: Duration

    public init(isOn: Bool, for duration: Duration) {
      self.isOn = isOn
      self.duration = duration
    }
  }

  /// The least time between two moments at which a lamp starts to shine. Three flashes in any one second are the most
  /// that are safe for people with photosensitive epilepsy (WCAG 2.2, success criterion 2.3.1). `OutputPlayer` keeps to
  /// it whatever the patterns say.
  public static let shortestFlashPeriod = Duration.milliseconds(334)

  public let steps: [Step]
  /// How often the steps are played; nil: until something else is.
  public let repetitions: Int?

  /// Nanoseconds from the start of the steps to the end of each.
  private let ends: [Int64]

  /// Fails without steps, with a step that takes no time or more than a day, with more than 64 steps, or with less than
  /// one repetition.
  public init?(_ steps: [Step], repetitions: Int? = 1) {
    guard !steps.isEmpty, steps.count <= 64, repetitions.map({ 1...1_000_000 ~= $0 }) ?? true,
      steps.allSatisfy({ $0.duration >= .milliseconds(1) && $0.duration <= .seconds(86_400) })
    else { return nil }
    self.init(checked: steps, repetitions: repetitions)
  }

  private init(checked steps: [Step], repetitions: Int?) {
    self.steps = steps
    self.repetitions = repetitions
    var end: Int64 = 0
    ends = steps.map { step in
      end += step.duration.wholeNanoseconds
      return end
    }
  }

  /// On for a time, then off.
  static func on(for duration: Duration) -> OutputPattern {
    OutputPattern(checked: [Step(isOn: true, for: duration)], repetitions: 1)
  }

  /// On until something else is played.
  static let steady = OutputPattern(checked: [Step(isOn: true, for: .seconds(1))], repetitions: nil)

  /// On and off, a number of times or without end.
  static func blinks(_ count: Int?, on: Duration, off: Duration) -> OutputPattern {
    OutputPattern(checked: [Step(isOn: true, for: on), Step(isOn: false, for: off)], repetitions: count)
  }

  /// Nanoseconds that the steps take once.
  var cycle: Int64 { ends.last ?? 0 }

  /// Whether it is on after so many nanoseconds when the steps are played `cycles` times (nil: without end); nil when
  /// it has ended.
  func isOn(after elapsed: Int64, cycles: Int?) -> Bool? {
    guard elapsed >= 0 else { return false }
    if let cycles, elapsed >= cycle * Int64(cycles) { return nil }
    let place = elapsed % cycle
    guard let index = ends.firstIndex(where: { place < $0 }) else { return nil }
    return steps[index].isOn
  }

  /// The first moment after `elapsed` at which it is switched or ends; nil when it stays as it is for ever.
  func nextChange(after elapsed: Int64, cycles: Int?) -> Int64? {
    guard elapsed >= 0 else { return 0 }
    guard let current = isOn(after: elapsed, cycles: cycles) else { return nil }
    // Within one whole cycle every step is met; if none differs, only the end can.
    let base = elapsed - elapsed % cycle
    for round in [base, base + cycle] {
      for end in ends where round + end > elapsed {
        if isOn(after: round + end, cycles: cycles) != current { return round + end }
      }
    }
    return cycles.map { cycle * Int64($0) }
  }

  /// What a lamp or a buzzer does for each acknowledgement.
  ///
  /// | | Lamp | Buzzer |
  /// |---|---|---|
  /// | counted | on for 1.5 s | one beep of 80 ms |
  /// | please-wait | two slow blinks | silent: a beep would reward the pounding |
  /// | out-of-service | on until cleared; where the lamp shows other things too, a short flash every 2 s | silent |
  /// | staff-called | ten blinks of a second each | two beeps |
  ///
  /// - Parameter isShared: the output shows other acknowledgements too.
  /// - Returns: nil when it does nothing.
  public static func standard(
    for acknowledgement: Acknowledgement, on kind: OutputDescription.Kind, isShared: Bool
  ) -> OutputPattern? {
    switch (acknowledgement, kind) {
    case (.counted, .lamp): .on(for: .milliseconds(1500))
    case (.counted, .buzzer): .on(for: .milliseconds(80))
    case (.pleaseWait, .lamp): .blinks(2, on: .milliseconds(400), off: .milliseconds(400))
    case (.pleaseWait, .buzzer): nil
    // Steady light on a lamp that otherwise says thank you would be a lie; a lamp of its own is best seen when steady.
    case (.outOfService, .lamp):
      isShared ? .blinks(nil, on: .milliseconds(200), off: .milliseconds(1800)) : .steady
    case (.outOfService, .buzzer): nil
    case (.staffCalled, .lamp): .blinks(10, on: .milliseconds(500), off: .milliseconds(500))
    case (.staffCalled, .buzzer): .blinks(2, on: .milliseconds(150), off: .milliseconds(150))
    }
  }
}
