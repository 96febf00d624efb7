import Feedback
import GPIO
import KioskConfiguration
import KioskTestKit
import Synchronization
import Testing

@testable import KioskDaemon

/// What happens while capture is busy with a batch it has read is all there when it looks up: the hand that moves the line
/// acts from within the acknowledgement of the press before.
@Suite("Presses that the kernel has and capture does not know of yet, when it is told to stop or to reload")
struct LastMomentsTests {
  @Test("told to stop while an edge waits to be read: the press is finished", arguments: [false, true])
  func edgeWaits(debouncesInKernel: Bool) throws {
    let kiosk = try CaptureUnderTest(debouncesInKernel: debouncesInKernel)
    let line = kiosk.line("unhappy")
    kiosk.whileBusy { [chip = kiosk.chip, capture = kiosk.capture] in
      _ = try? chip.play([WaveformStep(at: .milliseconds(1), line: line, isHigh: false)])
      chip.advance(by: .milliseconds(2))
      capture.commands.post(.stop)
    }
    #expect(kiosk.stop() == .success)
    #expect(try kiosk.ratings().map(\.content.button) == ["happy", "unhappy"])
  }

  @Test("told to stop while a whole press waits to be read: it is kept", arguments: [false, true])
  func pressWaits(debouncesInKernel: Bool) throws {
    let kiosk = try CaptureUnderTest(debouncesInKernel: debouncesInKernel)
    let line = kiosk.line("unhappy")
    kiosk.whileBusy { [chip = kiosk.chip, capture = kiosk.capture] in
      var waveform = WaveformBuilder()
      try? waveform.press(line)
      _ = try? chip.play(waveform.steps)
      chip.advance(by: .milliseconds(200))
      capture.commands.post(.stop)
    }
    #expect(kiosk.stop() == .success)
    #expect(try kiosk.ratings().map(\.content.button) == ["happy", "unhappy"])
  }

  @Test("told to stop at the moment a line changes, before its edge has come: the level says that it will")
  func edgeOnItsWay() throws {
    let kiosk = try CaptureUnderTest()
    let line = kiosk.line("unhappy")
    kiosk.whileBusy { [chip = kiosk.chip, capture = kiosk.capture] in
      capture.commands.post(.stop)
      // No round is made after this one: the edge waits in the chip.
      _ = try? chip.play([WaveformStep(at: .zero, line: line, isHigh: false)])
    }
    #expect(kiosk.stop() == .success)
    #expect(try kiosk.ratings().map(\.content.button) == ["happy", "unhappy"])
  }

  @Test("other lines are asked for while a press waits to be read: it is kept")
  func reloaded() throws {
    let kiosk = try CaptureUnderTest()
    let line = kiosk.line("unhappy")
    var files = SimulatedPanelFiles.standard
    files["panel.toml"] = SimulatedPanelFiles.panel(timing: "debounce = \"40ms\"")
    let other = try KioskSettings.load(
      sources: files.sorted { $0.key < $1.key }.map { ConfigurationSource(path: $0.key, text: $0.value) })
    // No button is down any more when the lamp goes out.
    kiosk.whileBusy(switchingLamp: false) { [chip = kiosk.chip, capture = kiosk.capture] in
      var waveform = WaveformBuilder()
      try? waveform.press(line)
      _ = try? chip.play(waveform.steps)
      chip.advance(by: .milliseconds(200))
      capture.commands.post(.reconfigure(Reconfiguration(settings: other, chip: chip)))
    }
    kiosk.advance(.seconds(3), step: .milliseconds(50))
    let configurations = try kiosk.events().filter { $0.content.kind == .config }
    #expect(configurations.count == 2)
    try kiosk.press("neutral")
    #expect(kiosk.stop() == .success)
    #expect(try kiosk.ratings().map(\.content.button) == ["happy", "unhappy", "neutral"])
  }

  @Test("after a press there are wake-ups for what is under way, and then none ever again")
  func comesToRest() async throws {
    let kiosk = try CaptureUnderTest()
    kiosk.start()
    kiosk.settle()
    #expect(await kiosk.capture.nextDeadline == nil)
    let pressedAt = kiosk.chip.now
    try kiosk.press("happy")
    var moments: [Duration] = []
    while let deadline = await kiosk.capture.nextDeadline, moments.count < 20 {
      moments.append(deadline - pressedAt)
      kiosk.chip.advance(to: deadline)
      kiosk.settle()
    }
    // The lamp goes out; the thank-you is over, and the visit with it.
    #expect(moments.count == 2)
    #expect(moments.last.map { $0 <= Survey.standardThanksDuration + .milliseconds(50) } == true)
    #expect(kiosk.stop() == .success)
  }
}

extension CaptureUnderTest {
  /// Starts, presses “happy”, and does something while capture switches its lamp.
  func whileBusy(switchingLamp isHigh: Bool = true, _ action: @escaping @Sendable () -> Void) {
    let lamp = line("thanks")
    let marker = Once()
    chip.observeOutputs { change in
      guard change.offset == lamp, change.isHigh == isHigh, marker.isFirst() else { return }
      action()
    }
    start()
    try? press("happy")
    if !isHigh { advance(.seconds(2), step: .milliseconds(50)) }
  }
}

/// Says once that it is the first time.
private final class Once: Sendable {
  private let isDone = Mutex(false)

  func isFirst() -> Bool {
    isDone.withLock { isDone in
      defer { isDone = true }
      return !isDone
    }
  }
}
