import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("An output player")
struct OutputPlayerTests {
  private static let lamp = OutputDescription(kind: .lamp, shows: [.counted, .pleaseWait])
  private static let buzzer = OutputDescription(kind: .buzzer, shows: Set(Acknowledgement.allCases))

  /// Switches of the first output: milliseconds and on or off, following the player's deadlines up to `end`.
  private func switches(_ player: inout OutputPlayer, until end: MonotonicTime) -> [String] {
    var log: [String] = []
    func note(_ changes: [OutputChange], at time: MonotonicTime) {
      for change in changes where change.output == 0 {
        log.append("\((time - ms(0)).wholeMilliseconds) \(change.isOn ? "on" : "off")")
      }
    }
    while let deadline = player.nextDeadline, deadline <= end {
      note(player.advance(to: deadline), at: deadline)
    }
    note(player.advance(to: end), at: end)
    return log
  }

  @Test("lights the lamp for 1.5 s and beeps for 80 ms when a press counts")
  func counted() {
    var player = OutputPlayer(outputs: [Self.lamp, Self.buzzer])
    #expect(player.nextDeadline == nil)
    player.play(.counted, button: ButtonIndex(0), at: ms(0))
    #expect(player.advance(to: ms(0)) == [OutputChange(output: 0, isOn: true), OutputChange(output: 1, isOn: true)])
    #expect(player.nextDeadline == ms(80))
    #expect(player.advance(to: ms(80)) == [OutputChange(output: 1, isOn: false)])
    #expect(player.nextDeadline == ms(1500))
    #expect(player.advance(to: ms(1500)) == [OutputChange(output: 0, isOn: false)])
    #expect(player.nextDeadline == nil)
  }

  @Test("blinks twice and stays silent when the visitor is to wait")
  func pleaseWait() {
    var player = OutputPlayer(outputs: [Self.lamp, Self.buzzer])
    player.play(.pleaseWait, button: ButtonIndex(0), at: ms(0))
    #expect(switches(&player, until: ms(5000)) == ["0 on", "400 off", "800 on", "1200 off"])
    #expect(player.states == [false, false])
    #expect(player.nextDeadline == nil)
  }

  @Test("goes on blinking in step when the button is pounded")
  func pounding() {
    var player = OutputPlayer(outputs: [Self.lamp])
    var log: [String] = []
    for time in stride(from: 0, through: 1000, by: 100) {
      log += switches(&player, until: ms(time))
      player.play(.pleaseWait, button: ButtonIndex(0), at: ms(time))
    }
    log += switches(&player, until: ms(9000))
    #expect(log == ["0 on", "400 off", "800 on", "1200 off", "1600 on", "2000 off"])
  }

  @Test("goes dark for a moment between two presses that count")
  func twoCounted() {
    var player = OutputPlayer(outputs: [Self.lamp])
    player.play(.counted, button: ButtonIndex(0), at: ms(0))
    var log = switches(&player, until: ms(1000))
    player.play(.counted, button: ButtonIndex(0), at: ms(1000))
    log += switches(&player, until: ms(9000))
    #expect(log == ["0 on", "1000 off", "1100 on", "2600 off"])
  }

  @Test("lights a lamp beside a button for that button only, others for all")
  func lampsBesideButtons() {
    let lamps = [ButtonIndex(0), ButtonIndex(1), nil].map {
      OutputDescription(kind: .lamp, shows: [.counted, .outOfService], button: $0)
    }
    var player = OutputPlayer(outputs: lamps)
    player.play(.counted, button: ButtonIndex(1), at: ms(0))
    _ = player.advance(to: ms(0))
    #expect(player.states == [false, true, true])
    // What concerns no button in particular shows on all.
    player.play(.outOfService, at: ms(3000))
    _ = player.advance(to: ms(3000))
    #expect(player.states == [true, true, true])
  }

  @Test("keeps a lamp of its own on while out of service, without waking up, until cleared")
  func outOfService() {
    var player = OutputPlayer(outputs: [OutputDescription(kind: .lamp, shows: [.outOfService])])
    player.play(.outOfService, at: ms(0))
    #expect(switches(&player, until: ms(1000)) == ["0 on"])
    #expect(player.nextDeadline == nil)
    player.play(.outOfService, button: ButtonIndex(3), at: ms(2000))
    #expect(player.nextDeadline == nil)
    player.clear(.outOfService, at: ms(60_000))
    #expect(switches(&player, until: ms(60_000)) == ["60000 off"])
  }

  @Test("flashes instead where the lamp also says thank you, and ends the thank-you at once")
  func outOfServiceOnSharedLamp() {
    var player = OutputPlayer(outputs: [OutputDescription(kind: .lamp, shows: [.counted, .outOfService])])
    player.play(.counted, at: ms(0))
    var log = switches(&player, until: ms(500))
    player.play(.outOfService, at: ms(500))
    log += switches(&player, until: ms(5000))
    #expect(log == ["0 on", "700 off", "2500 on", "2700 off", "4500 on", "4700 off"])
  }

  @Test("shows out of service again after what was played over it")
  func playedOver() {
    var player = OutputPlayer(outputs: [OutputDescription(kind: .lamp, shows: [.counted, .outOfService])])
    player.play(.outOfService, at: ms(0))
    _ = switches(&player, until: ms(1000))
    player.play(.counted, at: ms(1000))
    #expect(
      switches(&player, until: ms(6500)) == ["1000 on", "2500 off", "4000 on", "4200 off", "6000 on", "6200 off"])
    player.clear(.outOfService, at: ms(6500))
    #expect(player.nextDeadline == nil)
  }

  @Test("leaves out what would have come and gone when it is advanced late")
  func late() {
    var player = OutputPlayer(outputs: [Self.lamp])
    player.play(.counted, at: ms(0))
    #expect(player.advance(to: ms(5000)).isEmpty)
    #expect(player.nextDeadline == nil)
  }

  @Test("a lamp never flashes more than three times in a second, and comes to rest", arguments: UInt64(1)...40)
  func flashLimit(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var player = OutputPlayer(outputs: [OutputDescription(kind: .lamp, shows: Set(Acknowledgement.allCases))])
    var log: [String] = []
    var time = 0
    for _ in 0..<200 {
      time += Int.random(in: 0...300, using: &random)
      log += switches(&player, until: ms(time))
      let acknowledgement = Acknowledgement.allCases.randomElement(using: &random) ?? .counted
      if Int.random(in: 0..<4, using: &random) == 0 {
        player.clear(acknowledgement, at: ms(time))
      } else {
        player.play(acknowledgement, at: ms(time))
      }
    }
    for state in Acknowledgement.states { player.clear(state, at: ms(time)) }
    log += switches(&player, until: ms(time + 60_000))
    #expect(player.nextDeadline == nil)
    #expect(player.states == [false])
    let flashes = log.filter { $0.hasSuffix("on") }.compactMap { Int($0.split(separator: " ")[0]) }
    #expect(flashes.count > 10)
    for (first, fourth) in zip(flashes, flashes.dropFirst(3)) { #expect(fourth - first >= 1000) }
  }

  @Test("the standard patterns differ for each acknowledgement a lamp shows")
  func patternsDiffer() {
    let patterns = Acknowledgement.allCases.compactMap { OutputPattern.standard(for: $0, on: .lamp, isShared: true) }
    #expect(Set(patterns).count == Acknowledgement.allCases.count)
    // A lamp that shows one thing only is steady for those that are best seen so.
    let own = Acknowledgement.allCases.filter {
      OutputPattern.standard(for: $0, on: .lamp, isShared: false)
        != OutputPattern.standard(for: $0, on: .lamp, isShared: true)
    }
    #expect(own == [.outOfService, .service, .staffWanted])
    #expect(OutputPattern.standard(for: .pleaseWait, on: .buzzer, isShared: true) == nil)
  }

  @Test("a pattern without steps, without time or without an end to its steps is refused")
  func impossiblePatterns() {
    let step = OutputPattern.Step(isOn: true, for: .seconds(1))
    #expect(OutputPattern([step]) != nil)
    #expect(OutputPattern([]) == nil)
    #expect(OutputPattern([step], repetitions: 0) == nil)
    #expect(OutputPattern([.init(isOn: true, for: .zero)]) == nil)
    #expect(OutputPattern(Array(repeating: step, count: 65)) == nil)
  }
}
