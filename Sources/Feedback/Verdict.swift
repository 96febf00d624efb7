/// What the filter rules made of a press or a contact. Every one is kept, whatever its verdict (raw values are stored: never change
/// one).
public enum Verdict: Int, Sendable, Hashable, Codable, CaseIterable {
  /// Enters the metrics.
  case counted = 1
  /// Inside the response interval of the press before it.
  case repeated = 2
  /// One of too many presses in a short time.
  case burst = 3
  /// Together with another button: nobody can say which was meant.
  case chord = 4
  /// The button stayed down too long to be a vote.
  case held = 5
  /// Outside opening hours.
  case closed = 6
  /// The visitor corrected it with another button.
  case superseded = 7
  /// Made by a technician or staff at work on the kiosk.
  case service = 8
  /// Somebody passed a sensor without stopping.
  case passedBy = 9

  /// The name used in the wire form, in `kioskctl` and in the operator's guide.
  public var name: String {
    switch self {
    case .counted: "counted"
    case .repeated: "repeat"
    case .burst: "burst"
    case .chord: "chord"
    case .held: "held"
    case .closed: "closed"
    case .superseded: "superseded"
    case .service: "service"
    case .passedBy: "passed-by"
    }
  }

  /// The verdict with that name.
  public init?(name: String) {
    guard let verdict = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = verdict
  }
}

extension Verdict {
  /// The verdict an earlier press has once an event with this verdict names it in `replaces`: corrected by a counted press
  /// it is superseded; otherwise it shares the fate of what withdrew it (a chord, a button that turned out to be held).
  public var ofReplaced: Verdict { self == .counted ? .superseded : self }
}

/// The numbers the filter works with. Which verdict a press gets depends on these, on the presses before it and on
/// nothing else, so that other rules can be run over the same history. Defaults are the field's (docs/ARCHITECTURE.md,
/// "Filter defaults").
public struct VerdictRules: Sendable, Hashable, Codable {
  /// Version of the rules' meaning (not of the numbers); stored with every press.
  public static let version = 2

  /// A press closer than this to the last counted one is a repeat, whichever button it is on, unless it corrects that
  /// one (`correctionWindow`). Zero: no repeats.
  public var responseInterval: Duration
  /// More than this many presses within `burstWindow`: the rest are a burst. Zero: no bursts.
  public var burstLimit: Int
  /// The window in which presses are counted for a burst.
  public var burstWindow: Duration
  /// A burst ends after this long without a press.
  public var burstQuiet: Duration
  /// Two buttons within this time are a chord. Zero: no chords.
  public var chordWindow: Duration
  /// Another button inside this time corrects the press before it. Zero: no corrections.
  public var correctionWindow: Duration
  /// The button that answered the question before, pressed again within this time of its last press, was pressed twice (or
  /// is being pounded) and does not answer the next one. Zero: it does. A quick double press lasts some 200 to 300 ms; nobody reads a new question faster than
  /// the default.
  public var answerInterval: Duration

  public init(
    responseInterval: Duration = .seconds(5),
    burstLimit: Int = 5,
    burstWindow: Duration = .seconds(30),
    burstQuiet: Duration = .seconds(10),
    chordWindow: Duration = .milliseconds(150),
    correctionWindow: Duration = .seconds(3),
    answerInterval: Duration = .milliseconds(500)
  ) {
    self.responseInterval = responseInterval
    self.burstLimit = burstLimit
    self.burstWindow = burstWindow
    self.burstQuiet = burstQuiet
    self.chordWindow = chordWindow
    self.correctionWindow = correctionWindow
    self.answerInterval = answerInterval
  }
}

/// The numbers that turn the edges of a line into presses.
public struct PanelTiming: Sendable, Hashable, Codable {
  /// A level must stay unchanged this long to be believed. Zero: each edge is believed at once.
  public var debounce: Duration
  /// A button down for longer than this is stuck, and its press was no vote. Zero: never, as for the line of a sensor.
  public var heldLimit: Duration
  /// More edges than this on one line within a second is an edge storm. Zero: never.
  public var stormLimit: Int

  public init(
    debounce: Duration = .milliseconds(20), heldLimit: Duration = .seconds(10), stormLimit: Int = 200
  ) {
    self.debounce = debounce
    self.heldLimit = heldLimit
    self.stormLimit = stormLimit
  }
}
