import Feedback
import Foundation
import Journal
import JournalTestKit
import KioskTestKit
import Uplink
import Wire

/// A journal in a directory of its own, written by the real code.
final class WrittenJournal {
  let directory: TemporaryDirectory
  private(set) var journal: Journal
  private var bootTime: Int64 = 5_000_000_000
  private var wall: Int64
  private var state: ClockState

  var path: String { directory.path }

  init(state: ClockState = .synchronised, wall: Int64 = 1_795_154_400_000) throws {
    directory = try TemporaryDirectory()
    (self.state, self.wall) = (state, wall)
    journal = try Self.open(directory.path, bootTime, wall, state)
  }

  private static func open(
    _ path: String, _ bootTime: Int64, _ wall: Int64, _ state: ClockState
  ) throws -> Journal {
    try Journal.open(
      directory: path, device: "kiosk-17", boot: BootIdentity(bootID: "1c2a7d5e-93a1-4c53-a2ad-6a8f4a2be001"),
      reading: ClockReading(
        monotonic: MonotonicTime(nanoseconds: bootTime), bootTimeNanoseconds: bootTime, wallMilliseconds: wall,
        state: state))
  }

  private var reading: ClockReading {
    ClockReading(
      monotonic: MonotonicTime(nanoseconds: bootTime), bootTimeNanoseconds: bootTime, wallMilliseconds: wall,
      state: state)
  }

  func rating(
    _ value: Int, verdict: Verdict = .counted, replaces: Int64? = nil, visit: Int64? = nil
  ) -> EventDraft {
    let faces = ["very-unhappy", "unhappy", "neutral", "happy", "very-happy"]
    return EventDraft(
      kind: .rating, at: reading, visit: visit, button: faces[value - 1], survey: "loyalty", surveyVersion: 3,
      question: "overall", scale: "faces-5", value: value, verdict: verdict, rulesVersion: 2, replaces: replaces)
  }

  /// Counted presses, one after the other.
  @discardableResult
  func press(_ count: Int) throws -> [Event] {
    try journal.append((0..<count).map { rating(1 + $0 % 5) })
  }

  /// The clock is trusted after a while.
  func anchor(after pause: Duration, wall: Int64) throws {
    bootTime += pause.wholeNanoseconds
    (self.wall, state) = (wall, .synchronised)
    _ = try journal.append([EventDraft(kind: .clock, at: reading, code: "anchor")])
  }

  /// The file is found damaged at the next start: it is set aside, and a new epoch begins.
  func damage() throws {
    journal.close()
    try directory.write(["ratings.damaged": ""])
    journal = try Self.open(directory.path, bootTime, wall, state)
  }

  func salvage() throws {
    guard let salvage = Salvage.next(in: path).salvage else { throw CocoaError(.fileNoSuchFile) }
    while try salvage.step() == nil {}
  }

  /// A shop from 8 to 20 o'clock, busiest at noon and at half past five: visitors who press once, press again while they
  /// should wait, or correct themselves; an anchor of the clock every hour.
  func realisticDay(presses: Int, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let hour = 3_600.0
    var moments: [Double] = []
    while moments.count < presses {
      let moment = Double.random(in: 0..<12 * hour, using: &random)
      let noon = max(0, 1 - abs(moment - 4 * hour) / (2 * hour))
      let evening = max(0, 1 - abs(moment - 9.5 * hour) / (1.5 * hour))
      if Double.random(in: 0..<1.6, using: &random) < 0.4 + 0.6 * noon + 0.6 * evening { moments.append(moment) }
    }
    let (startBoot, startWall) = (bootTime, wall)
    var anchors = 0
    for moment in moments.sorted() {
      func move(to seconds: Double) {
        // The crystal runs 3 ppm fast against the wall clock.
        bootTime = startBoot + Int64(seconds * 1e9 * 1.000_003)
        wall = startWall + Int64(seconds * 1e3)
      }
      while Double(anchors) * hour < moment {
        move(to: Double(anchors) * hour + Double.random(in: 0..<1, using: &random))
        _ = try journal.append([EventDraft(kind: .clock, at: reading, code: "anchor")])
        anchors += 1
      }
      move(to: moment)
      let draw = Int.random(in: 0..<100, using: &random)
      let value = draw < 6 ? 1 : draw < 11 ? 2 : draw < 23 ? 3 : draw < 53 ? 4 : 5
      let first = try journal.append([rating(value)])
      switch Int.random(in: 0..<100, using: &random) {
      case ..<6:
        move(to: moment + Double.random(in: 0.3..<4, using: &random))
        _ = try journal.append([rating(value, verdict: .repeated)])
      case ..<9:
        move(to: moment + Double.random(in: 0.5..<3, using: &random))
        let other = Int.random(in: 1...5, using: &random)
        _ = try journal.append([rating(other, replaces: first.first?.sequence)])
      default: break
      }
    }
  }

  /// Bytes of the same events, compressed in the same batches, in the form in which they are exported.
  func fullFormBytes() throws -> Int {
    var bytes = 0
    var batch: [UInt8] = []
    var count = 0
    let reader = try JournalReader.open("\(path)/ratings.db")
    let genesis = [UInt8](repeating: 0x5A, count: 32)
    var previous: [UInt8]? = genesis
    var cursor: Int64 = 0
    while true {
      let events = try reader.events(after: cursor, limit: 500)
      for event in events {
        let wire = WireEvent(
          device: "kiosk-17", epoch: journal.epoch, event: event, genesis: genesis, previousChain: previous)
        batch += JSONForm.cloudEvent.bytes(wire) + [0x2C]
        (previous, count) = (event.chain, count + 1)
      }
      guard let last = events.last else { return bytes }
      cursor = last.sequence
      bytes += Gzip.compressed(batch)?.count ?? 0
      (batch, count) = ([], 0)
    }
  }
}
