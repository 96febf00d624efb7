import Feedback
import GPIO
import KioskConfiguration
import KioskControl
import Synchronization

/// What the main thread asks of capture.
enum CaptureCommand: Sendable {
  /// Say what was recognised while a simulated waveform played.
  case awaitWaveform(AwaitedWaveform)
  case reconfigure(Reconfiguration)
  /// A new configuration was refused: put it on record.
  case refuseConfiguration(String)
  /// Technicians are at work from now on; 0: no more.
  case service(minutes: Int, ControlServer.ConnectionID)
  /// What the owner's system says about the next press.
  case context(PressContext, seconds: Int, ControlServer.ConnectionID)
  /// Every consumer has the events of this epoch up to there.
  case acknowledge(epoch: String, through: Int64, ControlServer.ConnectionID)
  /// What the board tells about itself.
  case board(BoardHealth.Reading)
  /// Tell watchers what the panel asks: there is a new one.
  case showDisplay
  /// Finish the press in hand and end.
  case stop
}

/// A checked configuration that shall take the place of the one in force.
struct Reconfiguration: Sendable {
  var settings: KioskSettings
  /// The chip to use from now on.
  var chip: any Chip
  /// What upstream has sent and is not part of it.
  var unused: UnusedConfiguration?

  enum Outcome: Sendable {
    case applied(Reconfiguration)
    /// The lines could not be had; the old ones are in use again.
    case refused(GPIOError)
  }
}

/// A client that waits to hear what a simulated waveform came to.
struct AwaitedWaveform: Sendable {
  var connection: ControlServer.ConnectionID
  /// Panel places of the buttons that the waveform touches.
  var buttons: Set<Int>
  var start: MonotonicTime
  /// When the last edge has come and its level has settled.
  var settled: MonotonicTime
  var presses: [RecordedPress] = []

  func covers(_ press: Press) -> Bool {
    buttons.contains(press.button.value) && press.at >= start && press.at <= settled
  }
}

/// Commands on their way to capture. Posting wakes the thread that reads the lines, which wakes capture.
final class CommandQueue: Sendable {
  private struct State {
    var commands: [CaptureCommand] = []
    var lines: (any InputLines)?
  }

  private let state = Mutex(State())

  func post(_ command: CaptureCommand) {
    state.withLock { state in
      state.commands.append(command)
      return state.lines
    }?.requestRound()
  }

  /// Sends the reading thread and capture round once, which shows that both are alive.
  func requestRound() {
    state.withLock { $0.lines }?.requestRound()
  }

  func take() -> [CaptureCommand] {
    state.withLock { state in
      defer { state.commands = [] }
      return state.commands
    }
  }

  /// Names the lines to wake from now on.
  func connect(_ lines: any InputLines) {
    state.withLock { $0.lines = lines }
    lines.requestRound()
  }
}
