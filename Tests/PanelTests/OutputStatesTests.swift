import Feedback
import KioskTestKit
import Panel
import Testing

@Suite("What lamps and buzzers show")
struct OutputStatesTests {
  // MARK: - States

  @Test("a state that an output shows nothing for gives way to the next")
  func statesThatShowNothing() {
    var player = OutputPlayer(outputs: [
      OutputDescription(
        kind: .lamp, shows: Set(Acknowledgement.states),
        patterns: [.idle: .steady, .offered: .off, .staffWanted: .steady, .service: .off, .outOfService: .steady])
    ])
    var seen: [Bool] = []
    func look(_ time: Int) {
      _ = player.advance(to: ms(time))
      seen.append(player.states[0])
    }
    player.play(.idle, at: ms(0))
    look(0)
    player.play(.offered, at: ms(1000))
    look(1000)
    player.clear(.idle, at: ms(2000))
    look(2000)
    player.play(.outOfService, at: ms(3000))
    look(3000)
    player.play(.staffWanted, at: ms(4000))
    player.clear(.outOfService, at: ms(4000))
    look(4000)
    player.clear(.staffWanted, at: ms(5000))
    look(5000)
    #expect(seen == [true, true, false, true, true, false])
  }

  @Test("the most important of the states that hold shows, each in its own rhythm, and the next when it is over")
  func statesOverStates() {
    var player = OutputPlayer(outputs: [
      OutputDescription(
        kind: .lamp, shows: Set(Acknowledgement.states),
        patterns: [
          .idle: blink(1000, 9000), .offered: blink(2000, 8000), .staffWanted: blink(3000, 7000),
          .service: blink(4000, 6000), .outOfService: blink(5000, 5000),
        ])
    ])
    for state in Acknowledgement.states.reversed() { player.play(state, at: ms(0)) }
    var log: [String] = []
    for (index, state) in Acknowledgement.states.enumerated() {
      log += player.switches(until: 10_000 * (index + 1) - 1)
      player.clear(state, at: ms(10_000 * (index + 1) - 1))
    }
    #expect(
      log == [
        "0 0 on", "5000 0 off", "10000 0 on", "14000 0 off", "20000 0 on", "23000 0 off", "30000 0 on", "32000 0 off",
        "40000 0 on", "41000 0 off",
      ])
    #expect(player.nextDeadline == nil)
  }

  @Test("a thank-you is played over every state but ended by out of service")
  func answersOverStates() {
    for state in Acknowledgement.states {
      var player = OutputPlayer(outputs: [
        OutputDescription(
          kind: .lamp, shows: [.counted, state], patterns: [state: blink(1, 86_399_000)])
      ])
      _ = player.advance(to: ms(0))
      player.play(.counted, at: ms(1000))
      var log = player.switches(until: 1500)
      player.play(state, at: ms(1500))
      log += player.switches(until: 9000)
      #expect(log == (state == .outOfService ? ["1000 0 on", "1501 0 off"] : ["1000 0 on", "2500 0 off"]))
    }
  }

  @Test("a thank-you on a lamp that a state keeps on can be told from it")
  func answerOnSteadyLight() {
    var player = OutputPlayer(outputs: [lamp(.counted, .offered, button: 0)])
    player.setOffered([ButtonIndex(0)], at: ms(0))
    var log = player.switches(until: 1000)
    player.play(.counted, button: ButtonIndex(0), at: ms(1000))
    player.setOffered([], at: ms(1000))
    log += player.switches(until: 9000)
    #expect(log == ["0 0 on", "1000 0 off", "1300 0 on", "2800 0 off"])
  }

  @Test("a state that begins again while it holds changes nothing, and wakes nobody up")
  func stateBeginsAgain() {
    var player = OutputPlayer(outputs: [lamp(.offered)])
    player.play(.offered, at: ms(0))
    #expect(player.switches(until: 1000) == ["0 0 on"])
    #expect(player.nextDeadline == nil)
    for time in stride(from: 1000, through: 2000, by: 50) {
      player.play(.offered, at: ms(time))
      #expect(player.switches(until: time).isEmpty)
    }
  }

  @Test("the attraction at rest flashes for 150 ms every 4 s, on outputs that are told to show it only")
  func idle() {
    var player = OutputPlayer(outputs: [lamp(.idle, .counted), lamp(.counted)])
    player.play(.idle, at: ms(0))
    #expect(
      player.switches(until: 9000) == [
        "0 0 on", "150 0 off", "4000 0 on", "4150 0 off", "8000 0 on", "8150 0 off",
      ])
    player.clear(.idle, at: ms(9000))
    #expect(player.nextDeadline == nil)
  }

  // MARK: - Offered buttons

  @Test("lamps beside the offered buttons are lit; one beside none while anything is offered")
  func offered() {
    var player = OutputPlayer(outputs: [
      lamp(.offered, button: 0), lamp(.offered, button: 1), lamp(.offered),
      lamp(.counted, button: 0),
    ])
    func lit(_ buttons: ButtonMask, at time: Int) -> [Bool] {
      player.setOffered(buttons, at: ms(time))
      _ = player.advance(to: ms(time))
      #expect(player.offered == buttons)
      return player.states
    }
    #expect(lit([ButtonIndex(1)], at: 0) == [false, true, true, false])
    #expect(lit([ButtonIndex(0), ButtonIndex(1)], at: 1000) == [true, true, true, false])
    #expect(lit([ButtonIndex(5)], at: 2000) == [false, false, true, false])
    #expect(lit([], at: 3000) == [false, false, false, false])
    #expect(lit(.all, at: 4000) == [true, true, true, false])
    player.clear(.offered, at: ms(5000))
    player.play(.offered, button: ButtonIndex(1), at: ms(5000))
    _ = player.advance(to: ms(5000))
    #expect(player.states == [false, true, true, false])
    #expect(player.offered == [ButtonIndex(1)])
    #expect(player.nextDeadline == nil)
  }

  @Test("a set of buttons holds those of a panel and leaves others out")
  func buttonMask() {
    var mask = ButtonMask([0, 5, 63, 64, -1, .max, .min].map { ButtonIndex($0) })
    #expect(mask.bits == 0x8000_0000_0000_0021)
    #expect(mask.contains(ButtonIndex(63)))
    #expect(!mask.contains(ButtonIndex(64)) && !mask.contains(ButtonIndex(-1)) && !mask.contains(ButtonIndex(1)))
    mask.remove(ButtonIndex(63))
    mask.remove(ButtonIndex(99))
    #expect(mask == [ButtonIndex(0), ButtonIndex(5)])
    #expect(ButtonMask().isEmpty && !mask.isEmpty)
    #expect((0..<64).allSatisfy { ButtonMask.all.contains(ButtonIndex($0)) })
  }

  // MARK: - Answers that fall back

  @Test("an answer that no output shows is given as the one that says the same less exactly")
  func fallback() {
    for (answer, shown) in [
      (Acknowledgement.completed, Acknowledgement.counted), (.staffCalled, .counted), (.closed, .pleaseWait),
    ] {
      var player = OutputPlayer(outputs: [lamp(.counted, .pleaseWait)])
      player.play(answer, button: ButtonIndex(0), at: ms(0))
      var plain = OutputPlayer(outputs: [lamp(.counted, .pleaseWait)])
      plain.play(shown, button: ButtonIndex(0), at: ms(0))
      let log = player.switches(until: 9000)
      #expect(log == plain.switches(until: 9000))
      #expect(log.count >= 2)
    }
  }

  @Test("an answer that some output of that button shows does not fall back on the others")
  func noFallback() {
    let outputs = [lamp(.closed, button: 0), lamp(.pleaseWait), buzzer(.closed, .counted)]
    var player = OutputPlayer(outputs: outputs)
    player.play(.closed, button: ButtonIndex(0), at: ms(0))
    #expect(player.switches(until: 900) == ["0 0 on", "100 0 off"])
    // The lamp of the other button does not show it, and the buzzer is silent for it: that is nothing.
    player = OutputPlayer(outputs: outputs)
    player.play(.closed, button: ButtonIndex(1), at: ms(0))
    #expect(player.switches(until: 900) == ["0 1 on", "400 1 off", "800 1 on"])
  }

  @Test("what nothing shows changes nothing")
  func nothingShows() {
    for acknowledgement in Acknowledgement.allCases {
      var player = OutputPlayer(outputs: [
        OutputDescription(kind: .lamp, shows: [acknowledgement], patterns: [acknowledgement: .off])
      ])
      player.play(acknowledgement, at: ms(0))
      #expect(player.nextDeadline == nil)
      #expect(player.advance(to: ms(0)).isEmpty)
    }
  }
}
