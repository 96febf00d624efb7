import Feedback
import Foundation
import GPIO
import Journal
import JournalTestKit
import KioskTestKit

@testable import KioskDaemon

/// Lets a story happen and looks whether it comes out as told. Stops at the first thing that does not.
final class StoryRunner {
  /// After the last edge of what somebody did: its level settles, it is committed, the lamp is on.
  private static let settling = Duration.milliseconds(100)

  private let story: Story
  private let kiosk: StoryKiosk
  private var checks: StoryChecks
  /// When everything that was begun is over.
  private var playedOut: Duration = .zero
  /// What is expected now is expected at this very moment.
  private var isExact = false
  private var generator = SeededGenerator(seed: 5)

  init(_ story: Story) throws {
    self.story = story
    kiosk = try StoryKiosk(story)
    checks = StoryChecks(story: story)
  }

  static func run(_ story: Story) async throws {
    let runner = try StoryRunner(story)
    try await runner.run()
  }

  private func run() async throws {
    for item in story.items {
      do {
        switch item.content {
        case .step(let step, let moment):
          try await wait(for: moment)
          try await take(step)
          isExact = if case .look = step { true } else { false }
        case .expectation(let expectation):
          if !isExact { try await kiosk.advance(to: playedOut) }
          await kiosk.settle()
          try await checks.check(expectation, of: kiosk)
        }
      } catch let error as StoryError where error.line > 0 {
        throw error
      } catch let error as StoryError {
        throw failure(error.message, at: item)
      } catch {
        throw failure("\(error)", at: item)
      }
    }
    try await finish()
  }

  /// What is expected of every story at its end.
  private func finish() async throws {
    do {
      if !isExact { try await kiosk.advance(to: playedOut) }
      await kiosk.settle()
      try checks.checkThatAllIsNamed(in: kiosk)
      try kiosk.stop()
      try checks.checkJournal(of: kiosk)
    } catch let error as StoryError {
      throw failure("at the end: \(error.message)", at: story.items[story.items.count - 1])
    }
  }

  private func failure(_ message: String, at item: Story.Item) -> StoryError {
    let journal = (try? checks.journalInWords(kiosk)) ?? "cannot be read"
    return StoryError(
      story: story.name, line: item.line,
      message: "“\(item.text)”: \(message)\n  at \(kiosk.now.inStoryWords), the journal:\n\(journal)")
  }

  private func wait(for moment: StoryMoment) async throws {
    guard let time = kiosk.time(of: moment) else {
      throw StoryError(story: story.name, line: 0, message: "there is no such time")
    }
    guard time >= kiosk.now else {
      throw StoryError(
        story: story.name, line: 0,
        message: "it is \(kiosk.now.inStoryWords) already (what was begun before “then” is played to its end)")
    }
    try await kiosk.advance(to: time)
  }

  // MARK: - Steps

  private func take(_ step: Step) async throws {
    switch step {
    case .press(let button, let hold, let bounceEdges):
      try press(button, hold: hold, bounceEdges: bounceEdges)
    case .pressTogether(let button, let other, let apart):
      try press(button, hold: StepParser.usualHold + apart)
      try press(other, after: apart)
    case .pound(let button, let times, let period):
      for index in 0..<times { try press(button, after: period * index, hold: min(StepParser.usualHold, period / 2)) }
    case .stick(let button): try keep(button, isActive: true)
    case .free(let button): try keep(button, isActive: false)
    case .chatter(let line, let length, let period): try chatter(line, length: length, every: period)
    case .presence(let sensor, let length):
      try drive(sensor, [(at: .zero, isActive: true), (at: length, isActive: false)])
    case .busy(let length):
      let capture = try power()
      capture.chip.advance(by: length, isReaderLate: true)
    case .pullThePlug: try kiosk.pullThePlug()
    case .plugIn: try kiosk.plugIn()
    case .restart: try kiosk.restart()
    case .deleteFromCard(let button): try kiosk.deleteFromCard(button)
    case .setClock(let setting): try kiosk.setClock(setting)
    case .breakDisk(let trouble): kiosk.breakDisk(trouble)
    case .mendDisk: kiosk.mendDisk()
    case .reload(let panel): try kiosk.reload(panel)
    case .service(let length): try kiosk.service(for: length)
    case .context(let context, let length, let isRefused):
      try kiosk.tillSays(context, for: length, isRefused: isRefused)
    case .look: break
    }
    await kiosk.settle()
  }

  private func power() throws -> CaptureUnderTest {
    guard let capture = kiosk.capture else {
      throw StoryError(story: story.name, line: 0, message: "the plug is out")
    }
    return capture
  }

  /// Several presses of one step are played as one: a chip plays so many at a time.
  private func press(
    _ button: String, after delay: Duration = .zero, hold: Duration = StepParser.usualHold, bounceEdges: Int = 4
  ) throws {
    let line = try kiosk.line(button)
    try play(
      Waveform.press(
        line: line.offset, offset: delay, activeLow: line.isActiveLow, hold: hold, bounceEdges: bounceEdges,
        using: &generator))
  }

  private func keep(_ button: String, isActive: Bool) throws {
    try kiosk.keep(button, isActive: isActive)
    playedOut = max(playedOut, kiosk.now + Self.settling)
  }

  private func chatter(_ name: String, length: Duration, every period: Duration) throws {
    let edges = Int(length.wholeNanoseconds / max(1, period.wholeNanoseconds))
    guard (2...Waveform.stepLimit - 1).contains(edges) else {
      throw StoryError(story: story.name, line: 0, message: "that would be \(edges) edges")
    }
    try drive(name, (0..<edges + edges % 2).map { (at: period * $0, isActive: $0.isMultiple(of: 2)) })
  }

  private func drive(_ name: String, _ levels: [(at: Duration, isActive: Bool)]) throws {
    let line = try kiosk.line(name)
    try play(
      levels.map { WaveformStep(at: $0.at, line: line.offset, isHigh: $0.isActive != line.isActiveLow) })
  }

  private func play(_ steps: [WaveformStep]) throws {
    let capture = try power()
    let begin = capture.chip.now
    let end = try capture.chip.play(steps)
    playedOut = max(playedOut, kiosk.now + (end - begin) + Self.settling)
  }
}
