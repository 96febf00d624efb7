import Feedback

/// A scenario as it stands in a file below Tests/Scenarios (docs/TESTING.md has the language).
struct Story {
  /// The file's name.
  var name: String
  var title: String
  /// Why it is told: the lines of remarks after the title.
  var reasons: [String] = []
  var panel: PanelName
  /// When it begins, in truth.
  var start: StoryDate
  var timeZone: String
  var clock: ClockSetting
  var kernel = Kernel()
  var items: [Item]

  /// What the kernel below the kiosk does.
  struct Kernel {
    /// The story is about edges as the daemon sees them; else it must come out the same where the kernel debounces.
    var mustLeaveBounce = false
    var isDebouncing = false
    /// Edges it keeps between two readings; nil: all.
    var edgesKept: Int?
    /// systemd's watchdog sends the kiosk round so often; nil: never.
    var watchdog: Duration?
  }

  /// One line of the story and what it says.
  struct Item {
    var line: Int
    /// As it is written.
    var text: String
    var content: Content

    enum Content {
      case step(Step, at: StoryMoment)
      case expectation(Expectation)
    }
  }
}

/// Directories below Tests/Scenarios/panels, each laid over the one before.
struct PanelName: Hashable {
  var directories: [String]
}

/// A date and time of day in the story's time zone.
struct StoryDate: Hashable {
  var year: Int
  var month: Int
  var day: Int
  var time: StoryTimeOfDay
}

struct StoryTimeOfDay: Hashable {
  var hour: Int
  var minute: Int
  var second: Int
}

/// When a step is made.
enum StoryMoment {
  /// So long after the start of the story.
  case after(Duration)
  /// When the clock on the wall shows this next.
  case timeOfDay(StoryTimeOfDay)
  case date(StoryDate)
  /// At the same moment as the step before.
  case same
  /// So long after whatever came before.
  case later(Duration)
}

/// What the kiosk's own clock shows and whether anybody vouches for it.
enum ClockSetting {
  /// The truth, kept by a time service.
  case trusted
  /// What it shows already, no longer vouched for.
  case untrusted
  /// This, whatever the truth is; nobody vouches for it.
  case shows(StoryDate)
  /// So much more (or less) than it shows already; whether it is trusted stays as it is.
  case jumps(Duration)
}

/// What somebody does.
enum Step {
  case press(String, hold: Duration, bounceEdges: Int)
  /// Two buttons; the second so long after the first.
  case pressTogether(String, String, apart: Duration)
  case pound(String, times: Int, every: Duration)
  /// A contact that closes and stays closed, and one that opens again.
  case stick(String)
  case free(String)
  case chatter(String, length: Duration, every: Duration)
  /// Somebody stands in front of a sensor.
  case presence(String, length: Duration)
  /// Nobody reads the lines for so long.
  case busy(Duration)
  case pullThePlug
  case plugIn
  case restart
  /// Somebody takes the card out and deletes every press of a button with another program.
  case deleteFromCard(String)
  case setClock(ClockSetting)
  case breakDisk(DiskTrouble)
  case mendDisk
  case reload(PanelName)
  case service(Duration?)
  /// The owner's system says something about the next press (nil: takes it back), and is told that it may not.
  case context(PressContext?, length: Duration, isRefused: Bool)
  /// Only time passes; what follows is looked at exactly here.
  case look

  enum DiskTrouble: String, CaseIterable {
    case full
    case failing
    case readOnly = "read-only"
  }
}

/// What must be true.
enum Expectation {
  /// The next events of the journal.
  case events(EventPattern, times: Int)
  /// No event of a visitor, of staff or of the kiosk's health has come that no line has named.
  case nothing
  /// So many such events in the whole journal, wherever they stand.
  case journalHas(EventPattern, times: Int)
  /// Of all presses so many have each verdict in the end; those not named have none.
  case tally([Verdict: Int])
  case output(String, isBuzzer: Bool, OutputState)
  /// The health states that stand, and no other.
  case health([HealthState])
  case display(DisplayExpectation)
  /// Presses wait in memory.
  case waiting(Int)
  /// Of so many contacts so many pressed nothing.
  case silent(Int, of: Int)
  /// An event is missing in the chain: that is found, and only then the story may end with a broken chain.
  case chainMisses(button: String)
  /// So long a time without power stands in the journal before the last boot.
  case away(Duration)

  enum OutputState {
    case on
    case off
    /// Switched on so often since the story began.
    case switchedOn(Int)
  }

  struct HealthState: Hashable {
    var code: HealthCode
    var subject: String?
  }

  enum DisplayExpectation {
    case phase(DisplayState.Phase)
    case asks(String)
    case reads(String)
    case speaks(String)
    case says(Acknowledgement?)
    case offers(String, text: String?, value: Int?)
    case hides(String)
    case number(Int, of: Int)
    case staffCalled(Bool)
  }
}
