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
  public static let mostSteps = 64
  public static let mostRepetitions = 1_000_000
  public static let shortestStep = Duration.milliseconds(1)
  public static let longestStep = Duration.seconds(86_400)

  /// In whole nanoseconds.
  public let steps: [Step]
  /// How often the steps are played; nil: until something else is.
  public let repetitions: Int?

  /// Nanoseconds from the start of the steps to the end of each.
  private let ends: [Int64]

  /// Fails without steps, with a step that takes no time or more than a day, with more than 64 steps, or with less than
  /// one repetition.
  public init?(_ steps: [Step], repetitions: Int? = 1) {
    guard !steps.isEmpty, steps.count <= Self.mostSteps, repetitions.map({ 1...Self.mostRepetitions ~= $0 }) ?? true,
      steps.allSatisfy({ $0.duration >= Self.shortestStep && $0.duration <= Self.longestStep })
    else { return nil }
    self.init(checked: steps, repetitions: repetitions)
  }

  package init(checked steps: [Step], repetitions: Int?) {
    self.steps = steps.map { Step(isOn: $0.isOn, for: .nanoseconds($0.duration.wholeNanoseconds)) }
    self.repetitions = repetitions
    var end: Int64 = 0
    ends = steps.map { step in
      end += step.duration.wholeNanoseconds
      return end
    }
  }

  /// On until something else is played.
  public static let steady = OutputPattern(checked: [Step(isOn: true, for: .seconds(1))], repetitions: nil)

  /// Nothing at all.
  public static let off = OutputPattern(checked: [Step(isOn: false, for: .seconds(1))], repetitions: 1)

  /// On for a time, then off.
  package static func on(for duration: Duration) -> OutputPattern {
    OutputPattern(checked: [Step(isOn: true, for: duration)], repetitions: 1)
  }

  /// On and off, a number of times or without end.
  package static func blinks(_ count: Int?, on: Duration, off: Duration) -> OutputPattern {
    OutputPattern(checked: [Step(isOn: true, for: on), Step(isOn: false, for: off)], repetitions: count)
  }

  /// Whether it is on at any time.
  public var isEverOn: Bool { steps.contains { $0.isOn } }

  /// Whether it is on all the time it is played.
  public var isAlwaysOn: Bool { !steps.contains { !$0.isOn } }

  /// Whether it starts to shine more often than a lamp may, so that a lamp leaves some of its flashes out.
  public var isTooFastForLamps: Bool {
    var wasOn = false
    var time: Int64 = 0
    var lit: Int64?
    // Twice round: the end of the steps is followed by their beginning.
    for step in repetitions == 1 ? steps : steps + steps {
      if step.isOn, !wasOn {
        if let lit, time - lit < Self.shortestFlashPeriod.wholeNanoseconds { return true }
        lit = time
      }
      wasOn = step.isOn
      time += step.duration.wholeNanoseconds
    }
    return false
  }

  /// Nanoseconds that the steps take once.
  package var cycle: Int64 { ends.last ?? 1 }

  /// Nanoseconds after which it has ended when the steps are played so often; bounded, so that adding it to a moment
  /// cannot overflow.
  private func end(of cycles: Int) -> Int64 {
    let (end, overflow) = cycle.multipliedReportingOverflow(by: Int64(cycles))
    return overflow ? .max / 4 : min(end, .max / 4)
  }

  /// Whether it is on after so many nanoseconds when the steps are played `cycles` times (nil: without end); nil when
  /// it has ended.
  package func isOn(after elapsed: Int64, cycles: Int?) -> Bool? {
    guard elapsed >= 0 else { return false }
    if let cycles, elapsed >= end(of: cycles) { return nil }
    let place = elapsed % cycle
    guard let index = ends.firstIndex(where: { place < $0 }) else { return nil }
    return steps[index].isOn
  }

  /// The first moment after `elapsed` at which it is switched or ends; nil when it stays as it is for ever.
  package func nextChange(after elapsed: Int64, cycles: Int?) -> Int64? {
    guard elapsed >= 0 else { return 0 }
    guard let current = isOn(after: elapsed, cycles: cycles) else { return nil }
    // Within one whole cycle every step is met; if none differs, only the end can.
    let base = elapsed - elapsed % cycle
    for round in 0...1 {
      for end in ends {
        let moment = base + Int64(round) * cycle + end
        if moment > elapsed, isOn(after: moment, cycles: cycles) != current { return moment }
      }
    }
    return cycles.map(end(of:))
  }
}
