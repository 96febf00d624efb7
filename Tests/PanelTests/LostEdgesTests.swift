import Feedback
import Panel
import Testing

@Suite("After lost edges, a press recogniser")
struct LostEdgesTests {
  @Test("ends the press whose release was lost, says so, and counts the next press", arguments: [false, true])
  func lostRelease(kernel: Bool) {
    var panel = PressRecognizer(buttons: 2, kernel: kernel)
    var events = panel.play(edges(at: [100]), until: ms(1000))
    panel.resynchronise(levels: [false, false], lost: [0], at: ms(1000))
    events += panel.play(edges(at: [2000, 2100]), until: ms(3000))
    #expect(events.presses.map(\.at) == [ms(100), ms(2000)])
    #expect(events.releases == [PressNumber(1), PressNumber(2)])
    #expect(events.contains(.edgesLost(buttons: [ButtonIndex(0)], at: ms(1000))))
    #expect(panel.nextDeadline == nil)
  }

  @Test("takes a button found down as a press stamped with the time of reading", arguments: [false, true])
  func lostPress(kernel: Bool) {
    var panel = PressRecognizer(kernel: kernel)
    panel.resynchronise(levels: [true], lost: [0], at: ms(500))
    let events = panel.play(edges(first: false, at: [700]), until: ms(2000))
    #expect(events.presses.map(\.at) == [ms(500)])
    #expect(events.releases == [PressNumber(1)])
  }

  @Test(
    "does not invent a press where a read-back level and the real edge tell the same one", arguments: [false, true])
  func readBackThenRealEdge(kernel: Bool) {
    var panel = PressRecognizer(kernel: kernel)
    panel.resynchronise(levels: [true], lost: [0], at: ms(500))
    panel.take(line: 0, isActive: true, at: ms(499))
    var events = panel.advance(to: ms(600))
    events += panel.play(edges(first: false, at: [700]), until: ms(2000))
    #expect(events.presses.count == 1)
    #expect(events.releases.count == 1)
  }

  @Test("where the kernel debounces, counts both presses between which the release was lost")
  func releaseLostBetweenTwoPresses() {
    for noteFirst in [true, false] {
      var panel = PressRecognizer(kernel: true)
      var events = panel.play([ScriptedEdge(0, true, at: ms(100))], until: ms(200))
      if noteFirst { panel.noteLostEdges(lines: [0], at: ms(3000)) }
      panel.take(line: 0, isActive: true, at: ms(2000))
      panel.take(line: 0, isActive: false, at: ms(2100))
      if !noteFirst { panel.noteLostEdges(lines: [0], at: ms(3000)) }
      events += panel.advance(to: ms(3000))
      #expect(events.presses.map(\.at) == [ms(100), ms(2000)])
      #expect(events.releases == [PressNumber(1), PressNumber(2)])
      // The knowledge of the gap ends with the batch it came with.
      events = panel.play(
        [true, true, false].enumerated().map { ScriptedEdge(0, $0.element, at: ms(4000 + $0.offset * 50)) },
        until: ms(5000))
      #expect(events.presses.count == 1)
    }
  }

  @Test("where the kernel debounces, takes a level read back for no second press, whatever is lost after it")
  func readBackBetweenTwoLosses() {
    var panel = PressRecognizer(kernel: true)
    panel.take(line: 0, isActive: true, at: ms(100))
    panel.resynchronise(levels: [true], lost: [0], at: ms(200))
    panel.noteLostEdges(lines: [0], at: ms(210))
    let events = panel.advance(to: ms(300))
    #expect(events.presses.map(\.at) == [ms(100)])
    #expect(events.releases.isEmpty)
  }

  @Test("starts the wait for stability anew, for nobody knows what the line did")
  func stabilityStartsAnew() {
    var panel = PressRecognizer()
    panel.take(line: 0, isActive: true, at: ms(100))
    panel.resynchronise(levels: [true], lost: [0], at: ms(115))
    #expect(panel.advance(to: ms(134)).presses.isEmpty)
    #expect(panel.advance(to: ms(135)).presses.map(\.at) == [ms(115)])
  }

  @Test("frees a stuck button whose release was lost")
  func stuckAndLost() {
    var panel = PressRecognizer(levels: [true])
    _ = panel.advance(to: ms(5000))
    panel.resynchronise(levels: [false], lost: [0], at: ms(6000))
    let events = panel.advance(to: ms(7000))
    #expect(events.last == .unstuck(button: ButtonIndex(0), at: ms(6000), down: .seconds(6)))
    #expect(panel.play(edges(at: [8000, 8100]), until: ms(9000)).presses.count == 1)
  }

  @Test("names every button concerned, once for one moment")
  func buttonsConcerned() {
    var panel = PressRecognizer(buttons: 4)
    panel.noteLostEdges(lines: [3, 1], at: ms(50))
    panel.noteLostEdges(lines: [1, 0], at: ms(50))
    #expect(panel.advance(to: ms(60)) == [.edgesLost(buttons: [0, 1, 3].map(ButtonIndex.init), at: ms(50))])
    #expect(panel.nextDeadline == nil)
  }
}
