import Feedback
import KioskTestKit
import Testing

@testable import GPIO

@Suite struct WaveformTests {
  let names = ["happy": 3, "sad": 4, "GPIO17": 17, "2": 2]

  func parse(_ csv: String) throws -> [WaveformStep] {
    try Waveform.parse(csv: csv) { names[$0] }
  }

  @Test func readsRowsWithHeaderCommentsBlanksAndWindowsLineEnds() throws {
    let steps = try parse(
      "\u{FEFF}# recorded in the shop\r\nMicroseconds, Line ,Level\r\n\r\n 0 ,happy, 0\r\n1500,\"GPIO17\",1 # bounce\r\n1500,2,0"
    )
    #expect(
      steps == [
        WaveformStep(at: .zero, line: 3, isHigh: false),
        WaveformStep(at: .microseconds(1500), line: 17, isHigh: true),
        WaveformStep(at: .microseconds(1500), line: 2, isHigh: false),
      ])
  }

  @Test(arguments: [
    ("", nil, "not a single step"),
    ("# nothing\n\n", nil, "not a single step"),
    ("microseconds,line,level\n", nil, "not a single step"),
    ("0,happy,0\nmicroseconds,line,level", 2, "the time is “microseconds”"),
    ("time,line,level\n0,happy,0", 1, "the time is “time”"),
    ("0,happy", 1, "2 fields"),
    ("0", 1, "1 field where"),
    ("0,happy,0,", 1, "4 fields"),
    ("0;happy;0", 1, "1 field where"),
    ("\n0,happy,2", 2, "the level is “2”"),
    ("0,happy,", 1, "the level is missing"),
    ("0,happy,high", 1, "the level is “high”"),
    ("0,happy,-1", 1, "the level is “-1”"),
    (",happy,1", 1, "the time is missing"),
    ("1.5,happy,1", 1, "the time is “1.5”"),
    ("1e3,happy,1", 1, "the time is “1e3”"),
    ("99999999999999999999,happy,1", 1, "the time is “99999999999999999999”"),
    ("-5,happy,1", 1, "the time -5 is negative"),
    ("3600000001,happy,1", 1, "later than an hour"),
    ("10,happy,1\n\n9,happy,0", 3, "the time goes back from 10 to 9"),
    ("0,angry,1", 1, "there is no line or button “angry”"),
    ("0,,1", 1, "there is no line or button missing"),
    ("0,a\u{1}b,1", 1, "“a?b”"),
  ])
  func refusesARowNamingItAndWhatIsWrong(csv: String, row: Int?, message: String) {
    let error = #expect(throws: WaveformError.self) { try parse(csv) }
    #expect(error?.row == row)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.hint.isEmpty == false)
  }

  @Test func refusesMoreStepsThanTheLimit() {
    let rows = String(repeating: "7,happy,1\n", count: Waveform.stepLimit)
    #expect(throws: Never.self) { try parse(rows) }
    let error = #expect(throws: WaveformError.self) { try parse(rows + "8,happy,0\n") }
    #expect(error?.row == Waveform.stepLimit + 1)
  }

  @Test(arguments: [0, 1, 5, 12, 20, 1000], [true, false])
  func pressEndsWithEachContactWhereItShould(bounceEdges: Int, activeLow: Bool) throws {
    for seed in 0..<20 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let hold = Duration.milliseconds(80)
      let steps = try Waveform.press(
        line: 4, offset: .milliseconds(5), activeLow: activeLow, hold: hold, bounceEdges: bounceEdges, using: &generator
      )
      let edges = 1 + bounceEdges + bounceEdges % 2
      #expect(steps.count == 2 * edges)
      #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.at < $1.at && $0.isHigh != $1.isHigh })
      #expect(steps[0] == WaveformStep(at: .milliseconds(5), line: 4, isHigh: !activeLow))
      #expect(steps[edges - 1].isHigh == !activeLow)
      #expect(steps[edges - 1].at <= .milliseconds(45))
      #expect(steps[edges].at == .milliseconds(85))
      #expect(steps.last?.isHigh == activeLow)
    }
  }

  @Test func theSameSeedGivesTheSameBounce() throws {
    func bounce(_ seed: UInt64) throws -> [WaveformStep] {
      var builder = WaveformBuilder(seed: seed)
      try builder.press(0, bounceEdges: 5...20)
      builder.wait(.milliseconds(100))
      try builder.press(1, bounceEdges: 5...20)
      return builder.steps
    }
    #expect(try bounce(7) == bounce(7))
    #expect(try bounce(7) != bounce(8))
  }

  @Test(arguments: [
    (Duration.zero, 0, Duration.zero), (.milliseconds(-1), 0, .zero), (.milliseconds(80), -1, .zero),
    (.milliseconds(80), .max, .zero), (.seconds(3601), 0, .zero), (.milliseconds(80), 0, .seconds(-1)),
    (.seconds(1), 0, .seconds(3600)),
  ])
  func refusesAnImpossiblePress(hold: Duration, bounceEdges: Int, offset: Duration) {
    var generator = SeededGenerator(seed: 1)
    #expect(throws: WaveformError.self) {
      try Waveform.press(
        line: 0, offset: offset, activeLow: true, hold: hold, bounceEdges: bounceEdges, using: &generator)
    }
  }
}
