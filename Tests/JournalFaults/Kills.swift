import CKioskPlatform
import Feedback
import Glibc
import Journal
import JournalTestKit

/// A process that appends is killed at a random moment, again and again on the same journal. What it had acknowledged is
/// there and the same, no number is given twice, the chain goes on from where it was, and the counters agree.
struct Kills {
  struct Figures {
    var kills = 0
    var acknowledged = 0
    var lost = 0
    var whileOpening = 0
  }

  let count: Int
  let seed: UInt64

  /// What is known of the journal from the lives before.
  private struct Known {
    var epoch = ""
    var last: Event?
    var chain: [UInt8] = []
    var model = CounterModel()
  }

  /// What one life of the writer told.
  private struct Told {
    var opening = ""
    var epoch = ""
    /// Each acknowledged event's number and chain value, the start first.
    var acknowledged: [(sequence: Int64, chain: String)] = []
    var otherWords = ""
  }

  func run(_ findings: inout Findings) throws {
    let started = kiosk_clock_monotonic()
    var random = SeededGenerator(seed: seed)
    var figures = Figures()
    var known = Known()
    let directory = try ScratchDirectory()
    for number in 1...count {
      let name = "seed \(seed), kill \(number)"
      let told = try life(number, directory.path, &random)
      figures.kills += 1
      figures.acknowledged += told.acknowledged.count
      if told.acknowledged.isEmpty { figures.whileOpening += 1 }
      findings.expect(told.otherWords.isEmpty, "\(name): the writer said: \(told.otherWords)")
      guard access(directory.database, F_OK) == 0 else { continue }
      do throws(JournalError) {
        try judge(told, name, directory, &known, &figures, &findings)
      } catch {
        // Killed before there was a first event: an empty file is no journal yet.
        findings.expect(known.last == nil && told.acknowledged.isEmpty, "\(name): \(error)")
      }
      guard findings.isEmpty else { break }
    }
    let reader = try JournalReader.open(directory.database)
    let chain = try reader.verifyChain()
    findings.expect(
      chain.isWhole && chain.lastSequence == known.last?.sequence && chain.lastChain == known.chain,
      "seed \(seed): the whole chain, read again at the end, is not what was seen on the way")
    let setAside = directory.names.filter { name in
      SetAside.Reason.allCases.contains { name.hasPrefix("ratings.\($0.rawValue)") }
    }
    findings.expect(setAside.isEmpty, "seed \(seed): \(setAside) were set aside")
    let seconds = max((kiosk_clock_monotonic() - started) / 1_000_000_000, 1)
    JournalFaults.say(
      "figures: SIGKILL: \(figures.kills) kills (\(figures.whileOpening) while it was opened), "
        + "\(figures.acknowledged) appends acknowledged, \(figures.lost) lost, \(chain.lastSequence) events, "
        + "\(figures.kills / Int(seconds)) kills a second")
  }

  /// Looks at what came since the last kill, and whether it follows on what was there.
  private func judge(
    _ told: Told, _ name: String, _ directory: ScratchDirectory, _ known: inout Known, _ figures: inout Figures,
    _ findings: inout Findings
  ) throws(JournalError) {
    let reader = try JournalReader.open(directory.database)
    let summary = try reader.summary()
    if known.epoch.isEmpty {
      known.epoch = summary.epoch
      known.chain = Chain.genesis(device: summary.device, epoch: summary.epoch)
    }
    findings.expect(summary.epoch == known.epoch, "\(name): the epoch is another")
    findings.expect(told.epoch.isEmpty || told.epoch == known.epoch, "\(name): the writer tells another epoch")
    findings.expect(told.opening != "replaced", "\(name): the journal was set aside")
    let before = known.last?.sequence ?? 0
    if let last = known.last {
      let again = try reader.events(after: last.sequence - 1, limit: 1)
      findings.expect(again == [last], "\(name): event \(last.sequence) is gone or another")
    }
    if let first = told.acknowledged.first {
      findings.expect(first.sequence == before + 1, "\(name): went on with \(first.sequence) after \(before)")
    }
    var chains: [Int64: String] = [:]
    while true {
      let place = known.last?.sequence ?? 0
      let events = try reader.events(after: place, limit: 1_000)
      guard !events.isEmpty else { break }
      for (offset, event) in events.enumerated() {
        findings.expect(event.sequence == place + Int64(offset) + 1, "\(name): event \(event.sequence) leaves a gap")
        known.chain = Chain.link(after: known.chain, event)
        findings.expect(event.chain == known.chain, "\(name): event \(event.sequence) is not what was written")
        chains[event.sequence] = hexadecimal(event.chain)
        known.model.add(event)
        known.last = event
      }
    }
    for (sequence, chain) in told.acknowledged where chains[sequence] != chain {
      figures.lost += 1
      findings.add("\(name): event \(sequence) was acknowledged and is \(chains[sequence] == nil ? "lost" : "another")")
    }
    findings.expect(try reader.counters() == known.model.counters, "\(name): the counters do not agree")
  }

  // MARK: - One life

  private func life(_ number: Int, _ directory: String, _ random: inout SeededGenerator) throws -> Told {
    let appends = Int.random(in: 0...12, using: &random)
    let extraMicroseconds = UInt32.random(in: 0...3_000, using: &random)
    let writer = try Writer(directory: directory, seed: seed &* 100_003 &+ UInt64(number))
    var text: [UInt8] = []
    // Zero: killed in the middle of starting.
    while text.count(where: { $0 == UInt8(ascii: "\n") }) < appends {
      let more = writer.read()
      if more.isEmpty { break }
      text += more
    }
    usleep(extraMicroseconds)
    text += writer.kill()
    var told = Told()
    // A line that was cut off was told to nobody.
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
      if words.count == 5, words[0] == "open", let sequence = Int64(words[3]) {
        (told.opening, told.epoch) = (words[1], words[2])
        told.acknowledged.append((sequence, words[4]))
      } else if words.count == 2, let sequence = Int64(words[0]) {
        told.acknowledged.append((sequence, words[1]))
      } else {
        told.otherWords += String(decoding: line, as: UTF8.self)
      }
    }
    return told
  }
}

/// journal-writer as a process of its own.
private struct Writer {
  let process: pid_t
  let output: Int32

  init(directory: String, seed: UInt64) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Difference(description: "no pipe: errno \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    let folder = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let program = (folder + ["journal-writer"]).joined(separator: "/")
    let arguments = [program, "torture", directory, String(seed)]
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    var identifier = pid_t()
    let result = posix_spawn(&identifier, program, &actions, nil, &pointers, &environment)
    close(ends[1])
    guard result == 0 else {
      close(ends[0])
      throw Difference(description: "cannot start \(program): errno \(result)")
    }
    process = identifier
    output = ends[0]
  }

  /// What it has said meanwhile; empty when it has ended.
  func read() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(output, &buffer, buffer.count)
    return Array(buffer.prefix(max(count, 0)))
  }

  /// Kills it and returns the rest of what it had said.
  func kill() -> [UInt8] {
    Glibc.kill(process, SIGKILL)
    var rest: [UInt8] = []
    while true {
      let more = read()
      if more.isEmpty { break }
      rest += more
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    close(output)
    return rest
  }
}
