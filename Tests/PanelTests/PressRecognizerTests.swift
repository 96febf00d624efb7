import Feedback
import Panel
import Testing

@Suite("A press recogniser")
struct PressRecognizerTests {
  private func press(_ number: UInt64, _ button: Int, _ at: Int) -> Press {
    Press(number: PressNumber(number), button: ButtonIndex(button), at: ms(at))
  }

  /// Waveforms of one contact as they are met in life, and the presses (stamps in ms) they are.
  static let waveforms: [(name: String, edges: [ScriptedEdge], presses: [Int])] = [
    ("clean press", edges(at: [100, 200]), [100]),
    ("bounce when pressed and when released", edges(at: [100, 101, 103, 104, 108, 300, 302, 305, 307, 309]), [108]),
    ("chatter on release only", edges(at: [100, 400, 404, 409, 415, 421, 430, 435]), [100]),
    ("two presses 100 ms apart", edges(at: [100, 150, 200, 250]), [100, 200]),
    ("tap shorter than the debounce period", edges(at: [100, 115]), []),
    ("tap exactly as long as the debounce period", edges(at: [100, 120]), [100]),
    ("slowly rising level that flickers", edges(at: Array(stride(from: 100, through: 116, by: 2)) + [400]), [116]),
    ("bounce of two seconds", edges(at: Array(stride(from: 100, through: 2100, by: 10)) + [2300]), [2100]),
    ("dip of 10 ms while held", edges(at: [100, 300, 310, 500]), [100]),
    ("contact that never calms within the scenario", edges(at: Array(stride(from: 100, to: 9000, by: 15))), []),
    ("spike of noise, then a press", edges(at: [50, 51, 100, 200]), [100]),
  ]

  @Test("finds the presses in a waveform", arguments: waveforms)
  func waveform(_ scenario: (name: String, edges: [ScriptedEdge], presses: [Int])) {
    var panel = PressRecognizer()
    let events = panel.play(scenario.edges, until: ms(9000))
    #expect(events.presses.map(\.at) == scenario.presses.map(ms), "\(scenario.name)")
  }

  @Test("tells a press and its release, with the time it was down")
  func pressAndRelease() {
    var panel = PressRecognizer()
    #expect(
      panel.play(edges(at: [100, 180]), until: ms(1000)) == [
        .pressed(press(1, 0, 100)),
        .released(button: ButtonIndex(0), press: PressNumber(1), at: ms(180), down: .milliseconds(80)),
      ])
    #expect(panel.nextDeadline == nil)
  }

  @Test("tells a press when its level has settled, not later and not earlier")
  func promptness() {
    var panel = PressRecognizer()
    panel.take(line: 0, isActive: true, at: ms(100))
    #expect(panel.advance(to: ms(119)).isEmpty)
    #expect(panel.nextDeadline == ms(120))
    #expect(panel.advance(to: ms(120)) == [.pressed(press(1, 0, 100))])
  }

  @Test("tells a press at once where the kernel debounces")
  func kernelDebounce() {
    var panel = PressRecognizer(kernel: true)
    panel.take(line: 0, isActive: true, at: ms(100))
    panel.take(line: 0, isActive: true, at: ms(130))
    #expect(panel.advance(to: ms(130)) == [.pressed(press(1, 0, 100))])
  }

  @Test("keeps the order of presses on several buttons")
  func severalButtons() {
    var panel = PressRecognizer(buttons: 2)
    // Button 0 begins first but bounces on for 40 ms; what held began at 40.
    let events = panel.play(
      edges(line: 0, at: [0, 10, 20, 30, 40, 200]) + edges(line: 1, at: [10, 300]), until: ms(1000))
    #expect(events.presses == [press(1, 1, 10), press(2, 0, 40)])
  }

  @Test("puts the lower button first where two are pressed in the same nanosecond")
  func sameMoment() {
    var panel = PressRecognizer(buttons: 3)
    let events = panel.play([2, 0, 1].map { ScriptedEdge($0, true, at: ms(50)) }, until: ms(100))
    #expect(events.pressedButtons == [0, 1, 2])
  }

  @Test("two buttons alternately give every press in order")
  func alternating() {
    var panel = PressRecognizer(buttons: 2)
    var all: [ScriptedEdge] = []
    for round in 0..<20 {
      let start = 100 + round * 70
      all += edges(line: round % 2, at: [start, start + 2, start + 4, start + 50, start + 53, start + 55])
    }
    let events = panel.play(all, until: ms(5000))
    #expect(events.pressedButtons == (0..<20).map { $0 % 2 })
    #expect(events.releases.count == 20)
    #expect(panel.nextDeadline == nil)
  }

  @Test("reports a button held too long once, and its coming up")
  func stuck() {
    var panel = PressRecognizer()
    panel.take(line: 0, isActive: true, at: ms(0))
    var events = panel.settleAll()
    #expect(
      events == [
        .pressed(press(1, 0, 0)),
        .stuck(button: ButtonIndex(0), press: PressNumber(1), since: ms(0), at: ms(10_000)),
      ])
    #expect(panel.nextDeadline == nil)
    events = panel.play(edges(first: false, at: [60_000, 61_000, 61_500]), until: ms(70_000))
    #expect(
      events == [
        .released(button: ButtonIndex(0), press: PressNumber(1), at: ms(60_000), down: .seconds(60)),
        .unstuck(button: ButtonIndex(0), at: ms(60_000), down: .seconds(60)),
        .pressed(press(2, 0, 61_000)),
        .released(button: ButtonIndex(0), press: PressNumber(2), at: ms(61_500), down: .milliseconds(500)),
      ])
  }

  @Test("does not call a button stuck that was let go just in time")
  func letGoJustInTime() {
    var panel = PressRecognizer()
    let events = panel.play(edges(at: [0, 9_999]), until: ms(30_000))
    #expect(events.count == 2)
    #expect(events.releases == [PressNumber(1)])
  }

  @Test("calls a button stuck whose release did not hold, from the edge that took it back")
  func releaseTakenBack() {
    var panel = PressRecognizer()
    let events = panel.play(edges(at: [0, 9_995, 10_005]), until: ms(30_000))
    #expect(events.last == .stuck(button: ButtonIndex(0), press: PressNumber(1), since: ms(0), at: ms(10_005)))
  }

  @Test("a button down at the start is no press; it is reported within a second and its next press counts")
  func downAtStart() {
    var panel = PressRecognizer(buttons: 2, levels: [false, true])
    #expect(
      panel.settleAll() == [.stuck(button: ButtonIndex(1), press: nil, since: ms(0), at: ms(1000))])
    // The other button works meanwhile.
    #expect(panel.play(edges(line: 0, at: [2000, 2100]), until: ms(3000)).pressedButtons == [0])
    let events = panel.play(edges(line: 1, first: false, at: [5000, 6000, 6100]), until: ms(7000))
    #expect(
      events == [
        .released(button: ButtonIndex(1), press: nil, at: ms(5000), down: .seconds(5)),
        .unstuck(button: ButtonIndex(1), at: ms(5000), down: .seconds(5)),
        .pressed(press(2, 1, 6000)),
        .released(button: ButtonIndex(1), press: PressNumber(2), at: ms(6100), down: .milliseconds(100)),
      ])
    #expect(panel.nextDeadline == nil)
  }

  @Test("a button let go just after the start is not reported stuck")
  func upAfterStart() {
    var panel = PressRecognizer(levels: [true])
    #expect(
      panel.play(edges(first: false, at: [300]), until: ms(5000)) == [
        .released(button: ButtonIndex(0), press: nil, at: ms(300), down: .milliseconds(300))
      ])
  }

  @Test("reports a storm of edges once, with its end after a second of calm, and no press from it")
  func storm() {
    var panel = PressRecognizer(buttons: 2)
    let wild = (0..<1000).map { ScriptedEdge(0, $0 % 2 == 0, at: ms($0)) }
    let events = panel.play(wild, until: ms(5000))
    #expect(
      events == [
        .storm(button: ButtonIndex(0), edges: 201, at: ms(200)),
        .stormOver(button: ButtonIndex(0), edges: 1000, at: ms(1999)),
      ])
    #expect(panel.nextDeadline == nil)
    // The same line, and the other, work afterwards.
    #expect(panel.play(edges(at: [6000, 6100]), until: ms(7000)).pressedButtons == [0])
  }

  @Test("a storm that ends with the button down is one press")
  func stormEndingInPress() {
    var panel = PressRecognizer()
    let wild = (0..<1001).map { ScriptedEdge(0, $0 % 2 == 0, at: ms($0)) }
    let events = panel.play(wild, until: ms(3000))
    #expect(events.presses == [press(1, 0, 1000)])
    #expect(events.storms.count == 2)
  }

  @Test("the limit of a storm is more than so many edges in less than a second")
  func stormLimit() {
    let timing = PanelTiming(stormLimit: 10)
    // Ten edges at once, and ten more a second later: never more than ten within a second.
    var calm = PressRecognizer(timing: timing)
    #expect(calm.play(edges(at: Array(0..<10) + Array(1000..<1010)), until: ms(9000)).storms.isEmpty)
    var wild = PressRecognizer(timing: timing)
    #expect(
      wild.play(edges(at: Array(0..<10) + [999]), until: ms(9000)).storms.first
        == .storm(button: ButtonIndex(0), edges: 11, at: ms(999)))
  }

  @Test("a second storm is reported again")
  func twoStorms() {
    var panel = PressRecognizer(timing: PanelTiming(stormLimit: 10))
    let events = panel.play(edges(at: Array(0..<30) + Array(2000..<2030)), until: ms(9000))
    #expect(events.storms.count == 4)
  }

  @Test("limits of zero switch stuck reports and storm reports off")
  func limitsOff() {
    var panel = PressRecognizer(timing: PanelTiming(heldLimit: .zero, stormLimit: 0))
    let events = panel.play(edges(at: Array(0..<1001)), until: ms(90_000))
    #expect(events == [.pressed(press(1, 0, 1000))])
    #expect(panel.nextDeadline == nil)
  }

  @Test("a debounce period of zero believes every edge")
  func noDebounce() {
    var panel = PressRecognizer(timing: PanelTiming(debounce: .zero))
    #expect(panel.play(edges(at: [10, 11, 12, 13]), until: ms(13)).presses.count == 2)
  }

  @Test("ignores edges of lines that no button has, and missing levels")
  func linesWithoutButtons() {
    var panel = PressRecognizer(buttonCount: 2, isDebouncedByKernel: false, levels: [], at: ms(0))
    panel.take(line: 7, isActive: true, at: ms(10))
    panel.take(line: -1, isActive: true, at: ms(10))
    panel.resynchronise(levels: [false, false, true, true], lost: [9, -3], at: ms(20))
    #expect(panel.advance(to: ms(5000)).isEmpty)
    var none = PressRecognizer(buttonCount: -1, isDebouncedByKernel: false, levels: [true], at: ms(0))
    #expect(none.advance(to: ms(5000)).isEmpty)
  }

  @Test("carries press numbers on after a reload")
  func pressNumbers() {
    var first = PressRecognizer()
    _ = first.play(edges(at: [100, 200, 300, 400]), until: ms(1000))
    var second = PressRecognizer(
      buttonCount: 1, isDebouncedByKernel: false, levels: [false], at: ms(1000),
      firstPressNumber: first.nextPressNumber)
    #expect(second.play(edges(at: [1100, 1200]), until: ms(2000)).presses.map(\.number.value) == [3])
  }

  @Test("keeps an edge stamped after the moment advanced to for later")
  func edgesAhead() {
    var panel = PressRecognizer(kernel: true)
    panel.take(line: 0, isActive: true, at: ms(100))
    #expect(panel.advance(to: ms(99)).isEmpty)
    #expect(panel.nextDeadline == ms(100))
    #expect(panel.advance(to: ms(100)).pressedButtons == [0])
  }

  @Test("is not made deaf by a stamp of another clock")
  func stampFarAhead() {
    var panel = PressRecognizer()
    panel.take(line: 0, isActive: true, at: MonotonicTime(nanoseconds: 1_700_000_000_000_000_000))
    #expect(panel.advance(to: ms(100)).isEmpty)
    #expect(panel.advance(to: ms(120)) == [.pressed(press(1, 0, 100))])
    let events = panel.play(edges(first: false, at: [200, 1000, 1100]), until: ms(2000))
    #expect(events.presses == [press(2, 0, 1000)])
    #expect(panel.nextDeadline == nil)
  }
}
