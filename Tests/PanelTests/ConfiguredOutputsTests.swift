import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("What buzzers sound, and what outputs do as configured")
struct ConfiguredOutputsTests {
  // MARK: - Buzzers

  @Test("a buzzer sounds different for each answer, and states sound once")
  func sounds() {
    let audible: [Acknowledgement] = [.counted, .completed, .staffCalled, .outOfService, .staffWanted]
    let patterns = Acknowledgement.allCases.map { OutputPattern.standard(for: $0, on: .buzzer, isShared: true) }
    #expect(Set(patterns.compactMap { $0 }).count == audible.count)
    #expect(patterns.compactMap { $0 }.allSatisfy { $0.repetitions != nil })
    for acknowledgement in Acknowledgement.allCases {
      var player = OutputPlayer(outputs: [buzzer(acknowledgement)])
      player.play(acknowledgement, at: ms(0))
      #expect(player.switches(until: 60_000).isEmpty == !audible.contains(acknowledgement))
      // Played out; a state that still holds makes no sound again.
      #expect(player.nextDeadline == nil)
      guard acknowledgement.isState else { continue }
      player.play(acknowledgement, at: ms(60_000))
      #expect(player.switches(until: 90_000).isEmpty)
    }
  }

  @Test("in quiet hours buzzers are silent at once, lamps are not, and nothing is caught up on afterwards")
  func muted() {
    var player = OutputPlayer(outputs: [lamp(.counted), buzzer(.counted, .staffCalled)])
    player.play(.staffCalled, at: ms(0))
    var log = player.switches(until: 100)
    player.isMuted = true
    log += player.switches(until: 120)
    player.play(.counted, at: ms(200))
    log += player.switches(until: 250)
    player.isMuted = false
    log += player.switches(until: 5000)
    player.play(.counted, at: ms(6000))
    log += player.switches(until: 9000)
    #expect(
      log == ["0 1 on", "100 1 off", "200 0 on", "1700 0 off", "6000 0 on", "6000 1 on", "6080 1 off", "7500 0 off"])
  }

  @Test("a state that has begun in quiet hours sounds when they are over, as far as it is not played out")
  func mutedState() {
    var player = OutputPlayer(outputs: [
      OutputDescription(kind: .buzzer, shows: [.staffWanted], patterns: [.staffWanted: blink(1000, 1000)]),
      buzzer(.staffWanted),
    ])
    player.isMuted = true
    player.play(.staffWanted, at: ms(0))
    #expect(player.nextDeadline == nil)
    #expect(player.switches(until: 4500).isEmpty)
    player.isMuted = false
    #expect(player.switches(until: 6500) == ["4500 0 on", "5000 0 off", "6000 0 on"])
    player.isMuted = true
    #expect(player.switches(until: 6600) == ["6500 0 off"])
    #expect(player.nextDeadline == nil)
  }

  @Test("an answer that only a buzzer gives falls back on a lamp in quiet hours")
  func mutedFallback() {
    var player = OutputPlayer(outputs: [lamp(.counted), buzzer(.staffCalled)])
    player.isMuted = true
    player.play(.staffCalled, at: ms(0))
    #expect(player.switches(until: 9000) == ["0 0 on", "1500 0 off"])
  }

  // MARK: - Configured patterns

  @Test("a configured pattern takes the place of the standard one, for that acknowledgement alone")
  func configured() throws {
    var player = OutputPlayer(outputs: [
      OutputDescription(
        kind: .lamp, shows: [.counted, .pleaseWait],
        patterns: [.counted: try .parse("on 1s off 1s x2"), .closed: try .parse("on")])
    ])
    player.play(.counted, at: ms(0))
    #expect(player.switches(until: 4500) == ["0 0 on", "1000 0 off", "2000 0 on", "3000 0 off"])
    player.play(.pleaseWait, at: ms(5000))
    #expect(player.switches(until: 9000) == ["5000 0 on", "5400 0 off", "5800 0 on", "6200 0 off"])
  }

  @Test("a state with a pattern that ends is played once, then the next state shows")
  func stateThatEnds() throws {
    var player = OutputPlayer(outputs: [
      OutputDescription(
        kind: .lamp, shows: [.staffWanted, .offered], patterns: [.staffWanted: try .parse("off 1s on 2s off 1s")])
    ])
    player.play(.offered, at: ms(0))
    var log = player.switches(until: 500)
    player.play(.staffWanted, at: ms(1000))
    log += player.switches(until: 9000)
    #expect(log == ["0 0 on", "1000 0 off", "2000 0 on", "4000 0 off", "5000 0 on"])
    player.clear(.offered, at: ms(9000))
    #expect(player.switches(until: 9500) == ["9000 0 off"])
  }

  @Test("an answer with a pattern without end ends all the same")
  func endlessAnswer() throws {
    for (text, log) in [
      ("on", ["0 0 on", "10000 0 off"]), ("on 20s off 1s forever", ["0 0 on", "20000 0 off"]),
      ("on 86400s forever", ["0 0 on", "86400000 0 off"]),
    ] {
      var player = OutputPlayer(outputs: [
        OutputDescription(kind: .lamp, shows: [.counted], patterns: [.counted: try .parse(text)])
      ])
      player.play(.counted, at: ms(0))
      #expect(player.switches(until: 90_000_000) == log)
      #expect(player.nextDeadline == nil)
    }
  }

  @Test("the longest pattern that can be written overflows nothing")
  func longest() throws {
    let text = String(repeating: "on 86400s off 86400s ", count: 32) + "x1000000"
    let pattern = try OutputPattern.parse(text)
    for time in [Int64(0), .max / 2, .max] {
      var player = OutputPlayer(outputs: [
        OutputDescription(kind: .lamp, shows: [.counted, .idle], patterns: [.counted: pattern, .idle: pattern])
      ])
      let moment = MonotonicTime(nanoseconds: time)
      player.play(.idle, at: moment)
      player.play(.counted, at: moment)
      player.play(.counted, at: moment)
      #expect(player.advance(to: moment).count == 1)
      #expect(player.nextDeadline.map { $0.nanoseconds > 0 } == true)
    }
  }

  @Test("no lamp flashes more than three times in a second, whatever is configured", arguments: UInt64(1)...100)
  func flashLimit(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var patterns: [Acknowledgement: OutputPattern] = [:]
    for acknowledgement in Acknowledgement.allCases where Bool.random(using: &random) {
      let steps: [OutputPattern.Step] = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        .init(isOn: Bool.random(using: &random), for: .milliseconds(Int.random(in: 1...400, using: &random)))
      }
      patterns[acknowledgement] = OutputPattern(steps, repetitions: [nil, 1, 3].randomElement(using: &random) ?? nil)
    }
    let all = Set(Acknowledgement.allCases)
    var player = OutputPlayer(outputs: [
      OutputDescription(kind: .lamp, shows: all, patterns: patterns),
      OutputDescription(kind: .lamp, shows: [.idle, .offered], button: ButtonIndex(1), patterns: patterns),
    ])
    var log: [String] = []
    var time = 0
    for _ in 0..<200 {
      time += Int.random(in: 0...300, using: &random)
      log += player.switches(until: time)
      let acknowledgement = Acknowledgement.allCases.randomElement(using: &random) ?? .idle
      switch Int.random(in: 0..<5, using: &random) {
      case 0: player.clear(acknowledgement, at: ms(time))
      case 1: player.setOffered(ButtonMask(bits: UInt64.random(in: 0...3, using: &random)), at: ms(time))
      case 2: player.isMuted.toggle()
      default: player.play(acknowledgement, at: ms(time))
      }
    }
    for state in Acknowledgement.states { player.clear(state, at: ms(time)) }
    log += player.switches(until: time + 60_000)
    #expect(player.nextDeadline == nil)
    #expect(player.states == [false, false])
    for output in 0...1 {
      let flashes = log.filter { $0.hasSuffix(" \(output) on") }.compactMap { Int($0.split(separator: " ")[0]) }
      for (first, second) in zip(flashes, flashes.dropFirst()) { #expect(second - first >= 334) }
    }
    #expect(log.count > 20)
  }
}
