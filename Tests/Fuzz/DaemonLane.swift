import CKioskPlatform
import Feedback
import Glibc
import Journal
import JournalTestKit
import KioskControl

/// The real kioskd on a simulated panel, asked for everything at once by clients who break off, watch and talk nonsense.
/// Afterwards it takes a press, ends as it should, and leaves a sound journal.
struct DaemonLane {
  /// An answer that takes longer is missing.
  private static let patienceMilliseconds: Int64 = 20_000
  /// Resident memory it may reach with the most clients there may be and the longest requests.
  private static let mostKibibytes = 128 * 1024

  let count: UInt64
  let seed: UInt64
  let examples: String

  private struct Figures {
    var requests = 0
    var replies = 0
    var connections = 0
    var played = 0
    var slowestMilliseconds: Int64 = 0
  }

  func run() -> Int32 {
    let started = kiosk_clock_monotonic()
    var findings = Findings()
    var figures = Figures()
    guard let scratch = try? ScratchDirectory(), let daemon = Daemon(directory: scratch.path, examples: examples) else {
      say("finding: cannot start kioskd")
      return 1
    }
    guard daemon.answers(within: 30_000) else {
      findings.add("kioskd does not answer at the start: \(daemon.log)")
      daemon.kill()
      return 1
    }
    let descriptors = daemon.descriptorsAtRest
    var round: UInt64 = 0
    while UInt64(figures.requests) < count, findings.isEmpty {
      var random = generator(seed: seed, number: round)
      torment(daemon, &random, &figures) { findings.add("daemon, round \(round) with seed \(seed): \($0)") }
      round += 1
    }
    end(daemon, descriptors, &findings, figures)
    if !findings.isEmpty { say("the log of kioskd:\n\(daemon.log)") }
    say(
      "figures: kioskd: \(figures.requests) requests over \(figures.connections) connections, \(figures.replies) replies, "
        + "\(figures.played) simulated presses and waveforms, \(findings.count) findings, slowest answer "
        + "\(figures.slowestMilliseconds) ms, \(daemon.mostKibibytes / 1024) MiB at most, "
        + "\(max(1, (kiosk_clock_monotonic() - started) / 1_000_000_000)) s")
    return findings.isEmpty ? 0 : 1
  }

  // MARK: - While it runs

  /// One round: several clients ask many things at once, others come and go, then one asks for the status.
  private func torment(
    _ daemon: Daemon, _ random: inout Randomness, _ figures: inout Figures, complain: (String) -> Void
  ) {
    let talkers = (0..<random.number(1...8)).map { _ in Talker(path: daemon.socket) }
    for talker in talkers {
      talker.piece = random.pick([1 << 20, 1 << 20, 4096, 50]) ?? 4096
      for _ in 0..<random.number(1...60) {
        let line = anyLine(&random)
        if line.count > 20_000 { talker.piece = 1 << 20 }
        talker.ask(line)
      }
    }
    comeAndGo(daemon, &random, &figures)
    // Half of them have nothing more to say, and still want their answers.
    let taken = exchange(talkers) { talker in
      if random.onceIn(2) { talker.client?.endSending() }
    }
    for talker in talkers {
      talker.conclude()
      for complaint in talker.complaints.prefix(1) { complain(complaint) }
      figures.requests += talker.asked
      figures.replies += talker.answered
      figures.played += talker.played
    }
    figures.connections += talkers.count
    let good = Talker(path: daemon.socket)
    good.ask(Array("{\"request\":\"status\"}".utf8))
    let waited = exchange([good]) { _ in }
    if good.reply?.status == nil { complain("a good client got no status") }
    figures.slowestMilliseconds = max(figures.slowestMilliseconds, taken, waited)
  }

  /// Clients that go away in the middle, and more of them than are served.
  private func comeAndGo(_ daemon: Daemon, _ random: inout Randomness, _ figures: inout Figures) {
    var clients: [SocketClient] = []
    for _ in 0..<random.number(0...6) {
      guard let client = SocketClient(path: daemon.socket) else { continue }
      figures.connections += 1
      let line = anyLine(&random)
      _ = client.send(line.prefix(random.number(0...line.count)))
      if random.onceIn(2) {
        figures.requests += client.send([newline])
      }
      if random.onceIn(2) { client.close() }
      clients.append(client)
    }
  }

  /// Clients are served beside each other; each is told once when all it asks has been sent. Milliseconds it took.
  private func exchange(_ talkers: [Talker], whenSent: (Talker) -> Void) -> Int64 {
    let started = kiosk_clock_monotonic()
    var lastMove = started
    var told = Set<Int>()
    while !talkers.allSatisfy(\.isServed) {
      var isMoving = false
      for (index, talker) in talkers.enumerated() where !talker.isServed && !talker.isEnded {
        isMoving = talker.send() || isMoving
        isMoving = talker.receive() || isMoving
        if talker.isAllSent, told.insert(index).inserted { whenSent(talker) }
      }
      let now = kiosk_clock_monotonic()
      if isMoving { lastMove = now }
      let isOver = talkers.allSatisfy { $0.isServed || $0.isEnded }
      if isOver || now - lastMove > Self.patienceMilliseconds * 1_000_000 { break }
      if !isMoving { usleep(500) }
    }
    return (kiosk_clock_monotonic() - started) / 1_000_000
  }

  /// Any line but one that would keep the panel busy for longer than a moment.
  private func anyLine(_ random: inout Randomness) -> [UInt8] {
    var lines = RequestLines(random: random)
    defer { random = lines.random }
    while true {
      let line = lines.any()
      switch try? ControlCodec.value(ControlRequest.self, from: line) {
      case .simulate(.press(let press))? where press.holdMilliseconds > 60: continue
      case .simulate(.presence(_, let hold))? where hold > 60: continue
      case .simulate(.play(let csv))? where csv.utf8.count > 10_000 || Self.hasLongNumber(csv): continue
      default: return line
      }
    }
  }

  /// Whether a number of more than five digits, which may be a time, stands in it.
  private static func hasLongNumber(_ text: String) -> Bool {
    var digits = 0
    for byte in text.utf8 {
      digits = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? digits + 1 : 0
      if digits > 5 { return true }
    }
    return false
  }

  // MARK: - Afterwards

  private func end(_ daemon: Daemon, _ descriptors: Int, _ findings: inout Findings, _ figures: Figures) {
    // Those who have gone are noticed, the waveforms they left play to their end.
    var limit = kiosk_clock_monotonic() + Self.patienceMilliseconds * 1_000_000
    while daemon.descriptorCount > descriptors, kiosk_clock_monotonic() < limit { usleep(20_000) }
    if daemon.descriptorCount > descriptors {
      findings.add("kioskd has \(daemon.descriptorCount) descriptors at rest, \(descriptors) at the start")
    }
    limit = kiosk_clock_monotonic() + Self.patienceMilliseconds * 1_000_000
    var recorded: RecordedPress?
    while recorded == nil, kiosk_clock_monotonic() < limit {
      let talker = Talker(path: daemon.socket)
      talker.ask(Array("{\"request\":\"sim-press\",\"button\":\"happy\",\"hold_ms\":60}".utf8))
      _ = exchange([talker]) { _ in }
      recorded = talker.reply?.played?.presses.last { $0.button == "happy" }
      if recorded == nil { usleep(100_000) }
    }
    if recorded?.sequence == nil { findings.add("kioskd takes no press any more: \(String(describing: recorded))") }
    if daemon.mostKibibytes > Self.mostKibibytes { findings.add("kioskd took \(daemon.mostKibibytes / 1024) MiB") }
    let status = daemon.stop()
    if status != 0 { findings.add("kioskd ended with status \(status)") }
    do {
      let reader = try JournalReader.open(daemon.database)
      let chain = try reader.verifyChain()
      if !chain.isWhole { findings.add("the journal's chain is broken: \(chain)") }
      let sequence = recorded?.sequence ?? 0
      let event = try reader.events(after: sequence - 1, limit: 1).first
      if event?.sequence != sequence || event?.content.button != "happy" {
        findings.add("the press is not in the journal as event \(sequence)")
      }
    } catch {
      findings.add("the journal cannot be read: \(error)")
    }
  }
}

/// kioskd as a process of its own.
private final class Daemon {
  private let process: pid_t
  private let directory: String
  private(set) var mostKibibytes = 0

  var socket: String { "\(directory)/control.sock" }
  var database: String { "\(directory)/ratings.db" }

  /// Nil when it cannot be started.
  init?(directory: String, examples: String) {
    self.directory = directory
    let folder = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let program = (folder + ["kioskd"]).joined(separator: "/")
    let output = open("\(directory)/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard output >= 0 else { return nil }
    defer { close(output) }
    let arguments = [
      program, "--config", "\(examples)/simulated-five-faces", "--state", directory, "--runtime", directory,
    ]
    guard let process = spawn(program, arguments, output: output) else { return nil }
    self.process = process
  }

  /// The end of what it said.
  var log: String { String(decoding: (contents(of: "\(directory)/log") ?? []).suffix(4_000), as: UTF8.self) }

  /// Whether it comes to answer, with its journal open.
  func answers(within milliseconds: Int64) -> Bool {
    let limit = kiosk_clock_monotonic() + milliseconds * 1_000_000
    while kiosk_clock_monotonic() < limit {
      let reply = try? ControlClient(path: socket).ask(.status)
      if reply?.status?.journal.epoch != nil { return true }
      usleep(10_000)
    }
    return false
  }

  /// The fewest within half a second: who has just left may still be there.
  var descriptorsAtRest: Int {
    var fewest = descriptorCount
    for _ in 0..<25 {
      usleep(20_000)
      fewest = min(fewest, descriptorCount)
    }
    return fewest
  }

  var descriptorCount: Int {
    noteMemory()
    guard let stream = opendir("/proc/\(process)/fd") else { return -1 }
    defer { closedir(stream) }
    var count = 0
    while readdir(stream) != nil { count += 1 }
    return count
  }

  private func noteMemory() {
    let text = String(decoding: contents(of: "/proc/\(process)/status") ?? [], as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      let digits = line.filter { ("0"..."9").contains($0) }
      mostKibibytes = max(mostKibibytes, Int(digits) ?? 0)
    }
  }

  /// Asks it to end, kills it when it does not; how it ended, as wait(2) tells it.
  func stop() -> Int32 {
    noteMemory()
    Glibc.kill(process, SIGTERM)
    var status: Int32 = 0
    for _ in 0..<1_500 {
      if waitpid(process, &status, WNOHANG) == process { return status }
      usleep(20_000)
    }
    kill()
    return -1
  }

  func kill() {
    Glibc.kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }
}
