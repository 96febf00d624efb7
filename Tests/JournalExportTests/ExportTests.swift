import Feedback
import Foundation
import Journal
import JournalExport
import KioskTestKit
import Testing
import Wire

/// A journal of its own for one test, with events of every shape.
final class JournalUnderTest {
  let directory: TemporaryDirectory
  var path: String { "\(directory.path)/ratings.db" }

  static let reading = ClockReading(
    monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: 5_000_000_000, wallMilliseconds: 1_700_000_000_123,
    state: .synchronised)

  init(_ drafts: [EventDraft] = JournalUnderTest.shapes) throws {
    directory = try TemporaryDirectory()
    let journal = try Journal.open(
      directory: directory.path, device: "kiosk-1", boot: BootIdentity(bootID: "boot-1"), reading: Self.reading)
    _ = try journal.append(drafts)
    journal.close()
  }

  static let shapes = [
    EventDraft(
      kind: .answer, at: reading, visit: 2, button: "very-happy", survey: "exit", surveyVersion: 3, question: "overall",
      scale: "faces-5", value: 5, code: "c", language: "de", verdict: .counted, rulesVersion: 1, replaces: 1,
      context: "till, \"4\"\n\u{1}é", detail: "words"),
    EventDraft(kind: .contact, at: reading),
    press("happy"), press("unhappy", replaces: 4),
  ]

  static func press(_ button: String, replaces: Int64? = nil) -> EventDraft {
    EventDraft(
      kind: .rating, at: reading, button: button, survey: "exit", surveyVersion: 1, question: "overall",
      scale: "faces-5", value: 4, verdict: .counted, rulesVersion: 1, replaces: replaces)
  }

  func export(_ format: ExportFormat, after sequence: Int64 = 0, limit: Int64 = .max) throws -> [UInt8] {
    var bytes: [UInt8] = []
    _ = try JournalReader.open(path).export(format, after: sequence, limit: limit) { bytes += $0 }
    return bytes
  }
}

func verify(_ bytes: [UInt8]) -> ExportVerifier.Outcome {
  var verifier = ExportVerifier()
  var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
  let hasLineFeed = lines.last?.isEmpty == true
  if hasLineFeed { lines.removeLast() }
  for (index, line) in lines.enumerated() {
    if !verifier.add(Array(line), hasLineFeed: hasLineFeed || index < lines.count - 1) { break }
  }
  return verifier.end()
}

/// The first broken event; 0 when the chain holds, -1 when it is no export.
func broken(_ bytes: [UInt8]) -> Int64 {
  switch verify(bytes) {
  case .checked(let state, _, _): state.firstBroken?.sequence ?? 0
  case .notAnExport: -1
  }
}

@Suite("exports")
struct ExportTests {
  @Test("an untouched export proves itself, in whole and in part", arguments: [ExportFormat.jsonl, .cloudevents])
  func whole(format: ExportFormat) throws {
    let journal = try JournalUnderTest()
    let chain = try JournalReader.open(journal.path).verifyChain().lastChain
    for (after, limit) in [(0, Int64.max), (0, 1), (2, .max), (4, 1)] as [(Int64, Int64)] {
      guard case .checked(let state, "kiosk-1", _) = verify(try journal.export(format, after: after, limit: limit))
      else {
        Issue.record("after \(after) is no export")
        continue
      }
      #expect(state.isWhole && state.verified == min(limit, 5 - after) && state.expiredThrough == after)
      if limit == .max || after + limit == 5 { #expect(state.lastChain == chain) }
    }
  }

  @Test("a CloudEvents batch is one JSON array, an empty one too")
  func batch() throws {
    let journal = try JournalUnderTest()
    for (after, count) in [(Int64(0), 5), (4, 1), (5, 0)] {
      let bytes = try journal.export(.cloudevents, after: after)
      #expect(try (JSONSerialization.jsonObject(with: Data(bytes)) as? [Any])?.count == count)
    }
    #expect(broken(try journal.export(.cloudevents, after: 5)) == -1)
  }

  /// Every position once.
  @Test("any changed byte of an exported event shows, and the event is named", arguments: [0, 2, 4] as [Int64])
  func everyByte(after: Int64) throws {
    var random = SeededGenerator(seed: 5)
    let journal = try JournalUnderTest()
    for format in [ExportFormat.jsonl, .cloudevents] {
      let original = try journal.export(format, after: after)
      var sequence = after + 1
      for index in original.indices {
        let byte = original[index]
        // The first line of a batch, commas, brackets and line feeds belong to the file, not to an event.
        if byte == 0x0A {
          if index > 1 { sequence += 1 }
          continue
        }
        let isFrame =
          index == 0 && byte == UInt8(ascii: "[")
          || index + 1 < original.count && original[index + 1] == 0x0A
        // Alternately one bit and anything.
        let change =
          index % 2 == 0
          ? UInt8(1) << UInt8.random(in: 0...7, using: &random) : UInt8.random(in: 1...255, using: &random)
        var bytes = original
        bytes[index] = byte ^ change
        let result = broken(bytes)
        #expect(result != 0, "\(format) byte \(index) \(byte) -> \(bytes[index])")
        // A line that cannot be read at all is named by the one after it, so the only one has no name.
        guard !isFrame, bytes[index] != 0x0A, after < 4 else { continue }
        #expect(result == sequence, "\(format) byte \(index) \(byte) -> \(bytes[index])")
      }
    }
  }

  @Test("a removed, doubled, exchanged or foreign event shows", arguments: [ExportFormat.jsonl, .cloudevents])
  func lines(format: ExportFormat) throws {
    let journal = try JournalUnderTest()
    let lines = String(decoding: try journal.export(format), as: UTF8.self).split(separator: "\n").map(String.init)
    let offset = format == .cloudevents ? 1 : 0
    func changed(_ change: (inout [String]) -> Void) -> Int64 {
      var lines = lines
      change(&lines)
      return broken(Array((lines.joined(separator: "\n") + "\n").utf8))
    }
    #expect(changed { _ in } == 0)
    #expect(changed { $0.remove(at: offset + 2) } == 3)
    #expect(changed { $0.insert($0[offset + 1], at: offset + 2) } == 3)
    #expect(changed { $0.swapAt(offset + 1, offset + 2) } == 2)
    let other = try JournalUnderTest().export(format)
    let foreign = String(decoding: other, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(changed { $0[offset + 3] = foreign[offset + 3] } == 4)
  }

  @Test("what is no export is called so")
  func rubbish() throws {
    for bytes in [[], Array("hello\n".utf8), [0, 1, 2, 10], Array("[\n]\n".utf8), Array("[\n".utf8), [10, 10]] {
      #expect(broken(bytes) == -1)
    }
    #expect(broken(try JournalUnderTest().export(.csv)) == -1)
  }
}
