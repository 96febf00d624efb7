import CKioskPlatform
import Feedback
import Glibc
import JournalTestKit
import KioskControl

/// A control server on a real socket and its clients in one thread, taking turns, so that a session is the same each time
/// it is run. What a live client asks in one line is answered in one line, whatever the others do.
final class ControlWork {
  /// Rounds of the server without anything happening after which an answer is missing.
  private static let patience = 50

  private let seed: UInt64
  private let progress: Progress
  private let directory: ScratchDirectory?
  private var server: ControlServer?
  private var path: String { "\(directory?.path ?? "")/control.sock" }
  /// Requests that are answered later.
  private var deferred: [ControlServer.ConnectionID] = []
  private var random = Randomness(seed: 0)
  private var complaints: [String] = []
  /// Descriptors this process has while nobody is connected.
  private var descriptorsAtRest = 0

  init(seed: UInt64, progress: Progress) {
    self.seed = seed
    self.progress = progress
    directory = try? ScratchDirectory()
  }

  func run(_ numbers: Range<UInt64>, _ findings: inout Findings) {
    do {
      server = try ControlServer(path: path)
    } catch {
      return findings.add("no control server: \(error)")
    }
    descriptorsAtRest = Self.descriptorCount
    for number in numbers {
      random = generator(seed: seed, number: number)
      complaints = []
      progress.during(number) { session() }
      for complaint in complaints.prefix(1) {
        progress.add(1, to: .findings)
        findings.add(
          "control \(number) with seed \(seed): \(complaint): fuzz replay control \(number) \(seed) (or all from "
            + "\(numbers.lowerBound) on: fuzz work control \(numbers.lowerBound) \(number + 1) \(seed) /tmp/progress)")
      }
      if findings.areTooMany { break }
    }
    server = nil
  }

  // MARK: - The server's turn

  /// One round of the daemon's loop.
  private func serve() {
    guard let server else { return }
    var descriptors = server.descriptors
    guard poll(&descriptors, nfds_t(descriptors.count), 0) > 0 else { return }
    server.process(descriptors) { request, connection in
      switch request {
      case .status: return ControlReply(played: PlayedWaveform(presses: Self.status))
      case .simulate where random.onceIn(2):
        deferred.append(connection)
        return nil
      case .simulate(.press(let press)):
        // A whole line back would be more than is held for a client that has yet to read it.
        let button = String(press.button.prefix(100))
        let recorded = RecordedPress(button: button, verdict: "counted", sequence: 1, replaces: nil)
        return ControlReply(played: PlayedWaveform(presses: [recorded]))
      default: return ControlReply(error: ControlError(.badWaveform, "cannot be played", hint: "play another"))
      }
    }
  }

  private func answerDeferred() {
    while !deferred.isEmpty {
      let connection = deferred.remove(at: random.below(deferred.count))
      server?.reply(ControlReply(played: PlayedWaveform(presses: [])), to: connection)
    }
  }

  /// Stands for a status, whose content is no business of the socket's.
  private static let status = [RecordedPress(button: "status", verdict: "counted", sequence: 1, replaces: nil)]

  // MARK: - Sessions

  private func session() {
    switch random.below(2000) {
    case 0..<1300: talk()
    case 1300..<1500: talkTogether()
    case 1500..<1650: breakOff()
    case 1650..<1800: watch()
    case 1800..<1950: halfClose()
    case 1950..<1980: flood()
    case 1980..<1992: trickle()
    case 1992..<1997: pipeline()
    case 1997..<1999: endless()
    default: neverRead()
    }
    deferred.removeAll(where: { _ in random.onceIn(2) })
    answerDeferred()
    beAtRest()
    // And whoever comes next is served.
    let good = connect()
    good.ask(Array("{\"request\":\"status\"}".utf8))
    exchange([good])
    if good.reply?.played?.presses != Self.status { complain("a good client was not answered") }
    good.client?.close()
    beAtRest()
  }

  private func connect() -> Talker {
    let talker = Talker(path: path)
    if talker.client == nil { complain("cannot connect") }
    return talker
  }

  /// Lets clients and server take turns until every line is answered.
  private func exchange(_ talkers: [Talker]) {
    var idle = 0
    while idle < Self.patience, !talkers.allSatisfy(\.isServed) {
      var isMoving = false
      for talker in talkers {
        isMoving = talker.send() || isMoving
        serve()
        isMoving = talker.receive() || isMoving
      }
      if !deferred.isEmpty, random.onceIn(3) || !isMoving {
        answerDeferred()
        isMoving = true
      }
      idle = isMoving ? 0 : idle + 1
    }
    for talker in talkers {
      talker.conclude()
      complaints += talker.complaints
    }
  }

  /// Counts what clients have asked and been answered.
  private func note(_ talkers: [Talker]) {
    for talker in talkers {
      progress.add(UInt64(talker.asked), to: .requests)
      progress.add(UInt64(talker.answered), to: .replies)
    }
  }

  private func anyLine() -> [UInt8] {
    var lines = RequestLines(random: random)
    defer { random = lines.random }
    return lines.any()
  }

  /// One client asks a few things, in pieces of any size.
  private func talk() {
    let talker = connect()
    talker.piece = random.pick([1 << 20, 1 << 20, 100, 7]) ?? 1 << 20
    for _ in 0..<random.number(1...12) {
      let line = anyLine()
      if line.count > 20_000 { talker.piece = 1 << 20 }
      talker.ask(line)
      if random.onceIn(2) { exchange([talker]) }
      if talker.isEnded { break }
    }
    exchange([talker])
    note([talker])
  }

  /// Several at once.
  private func talkTogether() {
    let talkers = (0..<random.number(2...ControlServer.mostConnections)).map { _ in connect() }
    for _ in 0..<random.number(1...20) { random.pick(talkers)?.ask(anyLine()) }
    exchange(talkers)
    note(talkers)
  }

  /// Goes away in the middle of something: of a line, before the answer, with answers unread.
  private func breakOff() {
    let talker = connect()
    for _ in 0..<random.number(0...6) { talker.ask(anyLine()) }
    talker.begin(anyLine().prefix(random.number(0...200)))
    for _ in 0..<random.number(0...4) {
      talker.piece = random.number(1...5000)
      _ = talker.send()
      if random.onceIn(2) { serve() }
    }
    note([talker])
  }

  /// Watches, and asks on.
  private func watch() {
    let talkers = (0..<random.number(1...4)).map { _ in connect() }
    for talker in talkers {
      talker.ask(Array("{\"request\":\"watch\"}".utf8))
      exchange([talker])
    }
    for _ in 0..<random.number(1...8) {
      let words = String(repeating: "w", count: random.number(0...500))
      let activities = (0..<random.number(0...60)).map {
        Activity(.health, at: MonotonicTime(nanoseconds: Int64($0)), message: words)
      }
      server?.broadcast(activities)
      guard random.onceIn(2) else { continue }
      random.pick(talkers)?.ask(anyLine())
      exchange(talkers)
    }
    note(talkers)
    // They do not read any more.
    for _ in 0..<random.number(0...40) { server?.broadcast([Activity(.press, at: MonotonicTime(nanoseconds: 0))]) }
    serve()
  }

  /// More connections than are served, some of which ask.
  private func flood() {
    var clients: [SocketClient] = []
    for _ in 0..<random.number(1...60) {
      guard let client = SocketClient(path: path) else {
        serve()
        continue
      }
      if random.onceIn(3) {
        let line = anyLine() + [newline]
        progress.add(1, to: .requests)
        _ = client.send(line[...])
      }
      if random.onceIn(4) { serve() }
      if random.onceIn(10) { client.close() }
      clients.append(client)
    }
    serve()
    for client in clients {
      for line in client.lines() where (try? ControlCodec.value(ControlReply.self, from: line)) == nil {
        // Somebody among them may watch; nothing is broadcast, so only replies can come.
        complain("a reply in a flood that is none")
      }
    }
  }

  /// Very many requests in one piece, with somebody who reads.
  private func pipeline() {
    let talker = connect()
    let line = random.onceIn(2) ? [] : random.pick(RequestLines.goodLines) ?? []
    for _ in 0..<random.number(500...3000) { talker.ask(line) }
    exchange([talker])
    // The same again and again is one request more, whatever it is.
    progress.add(1, to: .requests)
    progress.add(1, to: .replies)
  }

  /// A long line, a few bytes at a time.
  private func trickle() {
    let talker = connect()
    talker.piece = random.number(1...64)
    let text = String(repeating: "x", count: random.number(1...40_000))
    talker.ask(Array("{\"request\":\"status\",\"a\":\"\(text)\"}".utf8))
    exchange([talker])
    note([talker])
  }

  /// Asks on and on and reads nothing: cut off at last, and nobody else is harmed.
  private func neverRead() {
    let talker = connect()
    let lines = Array(repeating: Array("{\"request\":\"status\"}\n".utf8), count: 2000).joined()
    let request = Array(lines)
    for _ in 0..<40 {
      _ = talker.client?.send(request[...])
      serve()
    }
    progress.add(1, to: .requests)
  }

  /// A line that never ends: refused at the limit.
  private func endless() {
    let talker = connect()
    let block = [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)
    var sent = 0
    var isRefused = false
    for _ in 0..<400 where sent <= ControlCodec.longestRequest + 8 * block.count {
      sent += talker.client?.send(block[...]) ?? 0
      serve()
      guard let line = talker.client?.lines().first else { continue }
      isRefused = (try? ControlCodec.value(ControlReply.self, from: line))?.error?.code == .tooLarge
      break
    }
    progress.add(1, to: .requests)
    if !isRefused { complain("a line of \(sent) bytes was not refused") }
  }

  /// Says all it has to say, closes its side, and waits for the answers.
  private func halfClose() {
    let talker = connect()
    for _ in 0..<random.number(1...5) {
      talker.ask(anyLine())
      while !talker.isAllSent, !talker.isEnded {
        if !talker.send() || random.onceIn(3) { serve() }
      }
    }
    talker.client?.endSending()
    exchange([talker])
    note([talker])
  }

  // MARK: - Afterwards

  /// Everybody has gone: the server notices, and has no descriptor left over.
  private func beAtRest() {
    var rounds = 0
    while let server, server.hasClients, rounds < 200 {
      serve()
      rounds += 1
    }
    if server?.hasClients ?? true { complain("clients that have gone are kept") }
    let count = Self.descriptorCount
    if count != descriptorsAtRest { complain("\(count) descriptors at rest, \(descriptorsAtRest) at the start") }
  }

  private static var descriptorCount: Int {
    guard let stream = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(stream) }
    var count = 0
    while readdir(stream) != nil { count += 1 }
    return count
  }

  private func complain(_ text: String) { complaints.append(text) }
}
