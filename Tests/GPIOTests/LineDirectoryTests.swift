import Feedback
import Testing

@testable import GPIO

@Suite struct LineDirectoryTests {
  let lines = LineDirectory(
    chip: "/dev/gpiochip0 (demo)", names: ["ID_SDA", "", "GPIO2", "GPIO17", "GPIO27", "GPIO17"])

  func offset(_ selector: LineSelector) throws -> Int { try lines.offset(of: selector, for: "happy") }

  @Test func takesTheFirstNameThatExists() throws {
    #expect(try offset(.named(["SDA1", "GPIO2"], offset: 5)) == 2)
    #expect(try offset(.named(["GPIO17"], offset: nil)) == 3)
  }

  @Test func fallsBackToTheOffsetOnlyWhereItExists() throws {
    #expect(try offset(.named(["SDA1"], offset: 1)) == 1)
    #expect(throws: GPIOError.self) { try offset(.named(["SDA1"], offset: 6)) }
    #expect(throws: GPIOError.self) { try offset(.named(["SDA1"], offset: -1)) }
  }

  @Test func anEmptyNameIsNoName() {
    #expect(throws: GPIOError.self) { try offset(.named([""], offset: nil)) }
    #expect(throws: GPIOError.self) { try offset(.named([], offset: nil)) }
  }

  @Test func namesTheNearestLinesForAMistypedOne() {
    let error = #expect(throws: GPIOError.self) { try offset(.named(["gpio7"], offset: nil)) }
    #expect(error?.code == .noLine)
    #expect(error?.message == "/dev/gpiochip0 (demo) has no line called “gpio7” (for “happy”)")
    #expect(error?.hint == "the nearest names are GPIO2, GPIO17, GPIO27")
  }

  @Test func saysWhichOffsetsThereAre() {
    let error = #expect(throws: GPIOError.self) { try offset(.offset(6)) }
    #expect(error?.hint == "its lines are 0 to 5")
    let nameless = LineDirectory(chip: "x", names: ["", ""])
    let other = #expect(throws: GPIOError.self) { try nameless.offset(of: .named(["A"], offset: nil), for: "happy") }
    #expect(other?.hint == "its lines have no names: write an offset; its lines are 0 to 1")
  }

  @Test func refusesTwoPurposesOnOneLine() {
    let error = #expect(throws: GPIOError.self) {
      try lines.offsets(of: [("happy", .offset(2)), ("sad", .named(["GPIO2"], offset: nil))])
    }
    #expect(error?.code == .lineInUse)
    #expect(error?.message.contains("“happy” and “sad” are both on line GPIO2 (offset 2)") == true)
  }

  @Test func refusesNoneAndTooManyLines() {
    let many = LineDirectory(chip: "x", names: Array(repeating: "", count: 100))
    #expect(throws: GPIOError.self) { try many.offsets(of: []) }
    #expect(throws: GPIOError.self) { try many.offsets(of: (0..<65).map { ("\($0)", .offset($0)) }) }
    #expect(throws: Never.self) { try many.offsets(of: (0..<64).map { ("\($0)", .offset($0)) }) }
  }
}
