import Feedback
import Foundation
import Testing

@testable import Journal

@Suite struct KillTests {
  /// A process that appends is killed at some moment, again and again on the same journal. What it had acknowledged (it
  /// prints each number once it is) is there, and no number is given twice.
  @Test func nothingAcknowledgedIsLostWhenTheProcessIsKilled() throws {
    let directory = try JournalDirectory()
    var random = SeededRandom(42)
    var known: [Int64: Event] = [:]
    for _ in 0..<10 {
      let acknowledged = try killedWriter(directory, after: Int.random(in: 1...40, using: &random))
      let events = try directory.events()
      #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
      #expect(acknowledged.allSatisfy { $0 <= events.count })
      for event in events {
        if let before = known[event.sequence] { #expect(before == event) }
        known[event.sequence] = event
      }
      #expect(try directory.reader().verifyChain().isWhole)
      #expect(try directory.reader().counters() == CountersTests.model(events))
    }
    #expect(known.count > 10)
    #expect(try directory.open(device: "test").openedAs == .continued)
  }

  /// Runs the writer until it has acknowledged so many events, kills it, and returns what it had acknowledged by then.
  private func killedWriter(_ directory: JournalDirectory, after count: Int) throws -> [Int64] {
    let writer = Process()
    writer.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("journal-writer")
    writer.arguments = ["append", directory.path]
    let output = Pipe()
    writer.standardOutput = output
    try writer.run()
    var text = Data()
    while text.count(where: { $0 == UInt8(ascii: "\n") }) < count {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { break }
      text += more
    }
    kill(writer.processIdentifier, SIGKILL)
    text += try output.fileHandleForReading.readToEnd() ?? Data()
    writer.waitUntilExit()
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    let numbers = lines.compactMap { Int64($0) }
    #expect(numbers.count == lines.count, "\(lines.first ?? "")")
    #expect(numbers.count >= count)
    return numbers
  }
}
