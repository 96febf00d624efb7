/// Decides when the clocks are worth an event of their own: the moments from which the times of other events can be worked
/// out later (`ClockHistory`). A value; it is shown the clocks whenever somebody looks at them anyway, and asks for no
/// wake-up. Hence an anchor comes with the first look after it was due, not at that moment: what is not looked at has no
/// event whose time would depend on it.
public struct ClockWatch: Sendable {
  /// An anchor an hour: at 100 ppm the clock drifts less than half a second in that time.
  public static let interval = Duration.seconds(3600)
  /// A jump of the wall clock against CLOCK_BOOTTIME by more than this is a step. Time services slew smaller differences.
  public static let smallestStep = Duration.seconds(2)
  /// A clock that is being slewed moves by this many parts per million at most (the kernel's limit for adjtime and the
  /// frequency), which is no step however long nobody has looked.
  public static let slewPartsPerMillion: Int64 = 1_000

  private var last: ClockReading?
  private var anchoredAt: Int64?

  public init() {}

  /// Looks at the clocks. The first look sets the standard: the journal's own start event, which is written then, is an
  /// anchor if the clock is trusted.
  ///
  /// - Returns: an event of kind clock to be written with whatever else is: `anchor` when the clock has become trusted and
  ///   hourly after that, `step` when the wall clock has jumped. One event tells both.
  public mutating func look(at reading: ClockReading) -> EventDraft? {
    defer { last = reading }
    let isTrusted = reading.state == .synchronised
    guard let last else {
      if isTrusted { anchoredAt = reading.bootTimeNanoseconds }
      return nil
    }
    let step = Self.step(from: last, to: reading)
    // Not each time it comes and goes: a clock that flickers must not fill the journal.
    let isNewlyTrusted = isTrusted && anchoredAt == nil
    let isDue =
      anchoredAt.map { reading.bootTimeNanoseconds - $0 >= Self.interval.wholeNanoseconds } ?? true
    guard step != nil || (isTrusted && isDue) else { return nil }
    if isTrusted { anchoredAt = reading.bootTimeNanoseconds }
    let code = step != nil && !isNewlyTrusted ? "step" : "anchor"
    return EventDraft(
      kind: .clock, at: reading, code: code, detail: step.map { "the clock jumped by \($0) ms" })
  }

  /// By how many milliseconds the wall clock jumped; nil: it did not.
  private static func step(from last: ClockReading, to now: ClockReading) -> Int64? {
    let passed = max(0, (now.bootTimeNanoseconds - last.bootTimeNanoseconds) / 1_000_000)
    let (moved, overflow) = now.wallMilliseconds.subtractingReportingOverflow(last.wallMilliseconds)
    guard !overflow else { return moved }
    let jump = moved - passed
    let allowed = smallestStep.wholeMilliseconds + passed * slewPartsPerMillion / 1_000_000
    return abs(jump) > allowed ? jump : nil
  }
}
