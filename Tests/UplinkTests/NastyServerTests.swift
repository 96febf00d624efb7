import Feedback
import Journal
import KioskTestKit
import Testing

@testable import Uplink

/// The journal, as a list, read the way `ArrivalReader` reads.
private struct ListedJournal {
  var epochs: [(epoch: String, sequences: [Int64])] = []

  func batch(after cursor: ArrivalCursor, limit: BatchLimit) -> EventBatch? {
    for (epoch, sequences) in epochs {
      let next = sequences[Self.place(after: cursor.sequences[epoch] ?? 0, in: sequences)...].prefix(limit.events)
      guard let first = next.first, let last = next.last else { continue }
      return EventBatch(
        epoch: epoch, firstSequence: first, lastSequence: last, count: next.count, plainBytes: next.count * 370,
        body: [], isCompressed: true)
    }
    return nil
  }

  func events(_ batch: EventBatch) -> [Name] {
    guard let sequences = epochs.first(where: { $0.epoch == batch.epoch })?.sequences else { return [] }
    let first = Self.place(after: batch.firstSequence - 1, in: sequences)
    return sequences[first..<first + batch.count].map { Name(epoch: batch.epoch, sequence: $0) }
  }

  private static func place(after sequence: Int64, in sequences: [Int64]) -> Int {
    var (low, high) = (0, sequences.count)
    while low < high {
      let middle = (low + high) / 2
      if sequences[middle] <= sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

private struct Name: Hashable, CustomStringConvertible {
  var epoch: String
  var sequence: Int64
  var description: String { "\(epoch.prefix(1))-\(sequence)" }
}

/// A server that takes each event once, does not take some of them at all, and is otherwise as bad as it is told to be.
private struct NastyServer {
  var poison: Set<Name> = []
  var taken: Set<Name> = []
  /// What it has said it has, for good: the kiosk may forget these and no others.
  var promised: Set<Name> = []
  var badness = 0
  var mostEvents = 500
  /// Refuses whatever it is offered for so many requests.
  var refusesAllFor = 0
  var requests = 0
  var lastRefusal = -100

  mutating func take(_ events: [Name], using random: inout SeededGenerator) -> PushReply {
    requests += 1
    if refusesAllFor > 0 {
      refusesAllFor -= 1
      return .refused(.init(status: 400))
    }
    let misfortune = Int.random(in: 0..<100, using: &random)
    guard misfortune >= badness else {
      switch Int.random(in: 0..<10, using: &random) {
      case 0: return .failed(PushFailure(.connection))
      case 1:
        // It has taken them, and the answer is lost.
        if !events.contains(where: poison.contains) { taken.formUnion(events) }
        return .failed(PushFailure(.timeout))
      case 2: return .serverFailed(.init(status: 502))
      case 3: return .busy(.init(status: 429), retryAfter: .seconds(Int64.random(in: 0...7_200, using: &random)))
      case 4: return .redirected(.init(status: 302))
      case 5: return .unauthorised(.init(status: 401))
      case 6: return .failed(PushFailure(.certificate(.expired(0))))
      case 7 where requests > lastRefusal + 100:
        // Not again at once: a server that refuses by chance and often blames an event in the end.
        lastRefusal = requests
        refusesAllFor = Int.random(in: 6...40, using: &random)
        return .refused(.init(status: 400))
      case 8: return .wrongPlace(.init(status: 404))
      default: return .failed(PushFailure(.answer))
      }
    }
    if events.count > mostEvents { return .tooLarge(.init(status: 413)) }
    if events.contains(where: poison.contains) { return .refused(.init(status: 422)) }
    let epoch = events[0].epoch
    switch misfortune < 2 * badness ? Int.random(in: 0..<6, using: &random) : 6 {
    case 0:
      // It takes the first part and says so.
      let part = events.prefix(Int.random(in: 1...events.count, using: &random))
      take(Array(part))
      return .accepted(.through(epoch: epoch, sequence: part.last?.sequence ?? 0))
    case 1:
      take(events)
      return .accepted(.through(epoch: epoch, sequence: .max))
    case 2:
      // It takes none and says so.
      return .accepted(.through(epoch: epoch, sequence: events[0].sequence - 1))
    case 3: return .accepted(.through(epoch: String(repeating: "e", count: 32), sequence: 5))
    case 4:
      take(events)
      return .accepted(.through(epoch: epoch, sequence: events.last?.sequence ?? 0))
    default:
      take(events)
      return .accepted(.all)
    }
  }

  private mutating func take(_ events: [Name]) {
    taken.formUnion(events)
    promised.formUnion(events)
  }
}

struct NastyServerTests {
  private static let epochs = ["a", "b", "c"].map { String(repeating: $0, count: 32) }

  @Test(
    "whatever the server does: nothing is left out that it has not taken, and in the end it has everything",
    arguments: 0..<40)
  func nothingIsLost(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var journal = ListedJournal()
    // The salvaged epoch comes in the middle of the run, before the others in order.
    let salvaged = (Self.epochs[0], Self.sequences(in: 0...200, using: &random))
    journal.epochs = [
      (Self.epochs[1], Self.sequences(in: 0...300, using: &random)),
      (Self.epochs[2], Self.sequences(in: 1...1_500, using: &random)),
    ]
    var all = (journal.epochs + [salvaged]).flatMap { epoch, numbers in
      numbers.map { Name(epoch: epoch, sequence: $0) }
    }
    var server = NastyServer()
    server.badness = [0, 5, 30, 60].randomElement(using: &random) ?? 0
    server.mostEvents = [1, 7, 100, 500].randomElement(using: &random) ?? 500
    let share = [0, 0, 2, 20].randomElement(using: &random) ?? 0
    // The newest event is never one of them: nobody could tell with what comes after it.
    let newest = journal.epochs[1].sequences.last.map { Name(epoch: Self.epochs[2], sequence: $0) }
    server.poison = Set(all.filter { $0 != newest && Int.random(in: 0..<100, using: &random) < share })
    if Bool.random(using: &random),
      let run = journal.epochs[1].sequences.dropLast().indices.randomElement(using: &random)
    {
      // A run of them, as when a server does not know a kind of event yet.
      let numbers = journal.epochs[1].sequences.dropLast()[run...].prefix(150)
      server.poison.formUnion(numbers.map { Name(epoch: Self.epochs[2], sequence: $0) })
    }

    var now = MonotonicTime(nanoseconds: 0)
    var machine = PushMachine(cursor: ArrivalCursor(), start: now)
    var isolated: Set<Name> = []
    var steps = 0
    while let deadline = machine.nextDeadline {
      steps += 1
      // In the end it is as good as a server can be.
      if steps == 2_000 { (server.badness, server.refusesAllFor) = (0, 0) }
      guard steps < 15_000 else {
        Issue.record("seed \(seed): it does not come to an end; \(machine)")
        return
      }
      if steps == 100 { journal.epochs.insert(salvaged, at: 0) }
      now = max(now, deadline)
      guard let request = machine.next(at: now) else {
        Issue.record("seed \(seed): nothing at its own deadline")
        return
      }
      guard let batch = journal.batch(after: request.after, limit: request.limit) else {
        machine.nothingLeft(at: now, using: &random)
        // If it was done before the salvage: that is told like new events.
        if machine.nextDeadline == nil, steps < 100 {
          if steps < 99 { steps = 99 }
          machine.eventsArrived(at: now)
        }
        continue
      }
      let reply = server.take(journal.events(batch), using: &random)
      now = now + .milliseconds(20)
      let before = machine.cursor
      for effect in machine.finished(batch, reply, at: now, using: &random) {
        switch effect {
        case .isolate(let event):
          let name = Name(epoch: event.epoch, sequence: event.sequence)
          isolated.insert(name)
          let isPoison = server.poison.contains(name)
          #expect(isPoison, "seed \(seed): \(name) was isolated and is in order")
        case .advance(let epoch, let sequence):
          // The slow model: everything up to there has been promised or isolated.
          for number in journal.epochs.first(where: { $0.epoch == epoch })?.sequences ?? []
          where number > before.sequences[epoch] ?? 0 && number <= sequence {
            let name = Name(epoch: epoch, sequence: number)
            let isDone = server.promised.contains(name) || isolated.contains(name)
            #expect(isDone, "seed \(seed): \(name) was passed over")
          }
          #expect(machine.cursor.sequences[epoch] == sequence)
        }
      }
    }
    all.removeAll { server.taken.contains($0) || isolated.contains($0) }
    let missing = all.count
    #expect(missing == 0, "seed \(seed): \(all.prefix(5)) are missing")
    let difference = isolated.symmetricDifference(server.poison).count
    #expect(difference == 0, "seed \(seed): as many events are isolated or not by mistake")
    #expect(machine.health == .upToDate)
  }

  /// Numbers with a gap here and there, as retention leaves them.
  private static func sequences(in range: ClosedRange<Int>, using random: inout SeededGenerator) -> [Int64] {
    let count = Int.random(in: range, using: &random)
    return (0...count).map { Int64($0 + 1) }.filter { _ in Int.random(in: 0..<50, using: &random) > 0 } + [
      Int64(count + 2)
    ]
  }

  @Test("a server that refuses everything costs no event, and few requests")
  func refusesEverything() {
    var random = SeededGenerator(seed: 1)
    let journal = ListedJournal(epochs: [(Self.epochs[0], Array(1...2_000))])
    var machine = PushMachine(cursor: ArrivalCursor(), start: MonotonicTime(nanoseconds: 0))
    var now = MonotonicTime(nanoseconds: 0)
    var requests = 0
    // A day.
    while let deadline = machine.nextDeadline, deadline < MonotonicTime(nanoseconds: 86_400_000_000_000) {
      now = max(now, deadline)
      guard let request = machine.next(at: now) else { break }
      guard let batch = journal.batch(after: request.after, limit: request.limit) else {
        machine.nothingLeft(at: now, using: &random)
        continue
      }
      requests += 1
      #expect(machine.finished(batch, .refused(.init(status: 400)), at: now, using: &random).isEmpty)
    }
    print("figures: a server that refuses everything is asked \(requests) times in a day")
    #expect(machine.cursor == ArrivalCursor())
    #expect(machine.health.code == "uplink-refused")
    #expect(requests < 1_500)
  }

  @Test("one bad event among 500 is found with few requests, and the others are delivered")
  func requestsForOne() {
    var random = SeededGenerator(seed: 1)
    let journal = ListedJournal(epochs: [(Self.epochs[0], Array(1...500))])
    var server = NastyServer(poison: [Name(epoch: Self.epochs[0], sequence: 347)])
    var machine = PushMachine(cursor: ArrivalCursor(), start: MonotonicTime(nanoseconds: 0))
    var effects: [PushMachine.Effect] = []
    let now = MonotonicTime(nanoseconds: 0)
    while let request = machine.next(at: now) {
      guard let batch = journal.batch(after: request.after, limit: request.limit) else {
        machine.nothingLeft(at: now, using: &random)
        continue
      }
      let reply = server.take(journal.events(batch), using: &random)
      effects += machine.finished(batch, reply, at: now, using: &random)
    }
    print("figures: one bad event among 500 is found with \(server.requests) requests in all")
    #expect(server.taken.count == 499)
    #expect(
      effects.contains(
        .isolate(.init(epoch: Self.epochs[0], sequence: 347, refusal: .init(status: 422)))))
    #expect(server.requests <= 25)
  }
}
