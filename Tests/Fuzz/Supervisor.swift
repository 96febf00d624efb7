import CKioskPlatform
import Glibc
import JournalTestKit

/// Divides the inputs among children, one for each processor, and watches them.
struct Supervisor {
  /// Processor time one input may take. Time on the wall says nothing on a machine that is busy.
  static let longestProcessorNanoseconds: UInt64 = 5_000_000_000
  /// An input that waits for something is given up after this.
  static let longestNanoseconds: UInt64 = 60_000_000_000
  /// Resident memory a child may reach. The files it makes are held several times, the rest is the product's.
  static let mostKibibytes = 512 * 1024

  let kind: String
  let count: UInt64
  let seed: UInt64
  let more: [String]

  private struct Child {
    var process: pid_t
    var progress: Progress
    var range: Range<UInt64>
    var isKilled = false
  }

  private struct Totals {
    var done: UInt64 = 0
    var accepted: UInt64 = 0
    var requests: UInt64 = 0
    var replies: UInt64 = 0
    var kinds: UInt64 = 0
    var slowest: (number: UInt64, nanoseconds: UInt64) = (0, 0)
    var mostKibibytes = 0
    var crashes = 0
    var hangs = 0

    mutating func add(_ progress: Progress) {
      done += progress[.done]
      accepted += progress[.accepted]
      requests += progress[.requests]
      replies += progress[.replies]
      kinds |= progress[.kinds]
      if progress[.slowestNanoseconds] > slowest.nanoseconds {
        slowest = (progress[.slowest], progress[.slowestNanoseconds])
      }
    }
  }

  func run() -> Int32 {
    let started = kiosk_clock_monotonic()
    var findings = Findings()
    var totals = Totals()
    guard let directory = try? ScratchDirectory() else {
      say("finding: no directory for the children's progress")
      return 1
    }
    // Pieces, so that no processor is idle at the end; not too small, for each child starts anew.
    let workers = UInt64(max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    let piece = max(1, min(50_000, (count + workers - 1) / workers))
    var waiting = stride(from: 0, to: count, by: Int(piece)).map { $0..<min(count, $0 + piece) }
    waiting.reverse()
    var children: [Child] = []
    var number = 0
    while !waiting.isEmpty || !children.isEmpty {
      while children.count < Int(workers), !findings.areTooMany, let range = waiting.popLast() {
        number += 1
        guard let child = start(range, "\(directory.path)/\(number)") else {
          findings.add("cannot start \(kind) for \(range): errno \(errno)")
          waiting = []
          break
        }
        children.append(child)
      }
      if children.isEmpty { break }
      usleep(20_000)
      for index in children.indices.reversed() {
        watch(&children[index], &findings, &totals)
        guard let end = ended(children[index]) else { continue }
        totals.mostKibibytes = max(totals.mostKibibytes, end.kibibytes)
        let child = children.remove(at: index)
        totals.add(child.progress)
        judge(child, end, &findings, &totals, &waiting)
      }
    }
    tell(totals, findings, seconds: max(1, (kiosk_clock_monotonic() - started) / 1_000_000_000))
    return findings.isEmpty ? 0 : 1
  }

  // MARK: - Children

  private func start(_ range: Range<UInt64>, _ path: String) -> Child? {
    guard let progress = Progress(path: path) else { return nil }
    progress[.inHand] = Progress.idle
    let program = CommandLine.arguments[0]
    let arguments =
      [program, "work", kind, "\(range.lowerBound)", "\(range.upperBound)", "\(seed)", path] + more
    guard let process = spawn(program, arguments) else { return nil }
    return Child(process: process, progress: progress, range: range)
  }

  private func ended(_ child: Child) -> (status: Int32, kibibytes: Int)? {
    var status: Int32 = 0
    var usage = rusage()
    guard wait4(child.process, &status, WNOHANG, &usage) == child.process else { return nil }
    return (status, usage.ru_maxrss)
  }

  /// Kills a child whose input takes too long.
  private func watch(_ child: inout Child, _ findings: inout Findings, _ totals: inout Totals) {
    let number = child.progress[.inHand]
    guard !child.isKilled, number != Progress.idle else { return }
    let began = child.progress[.clockAtStart]
    let used = processorNanoseconds(of: child.process) &- child.progress[.processorAtStart]
    let waited = UInt64(kiosk_clock_monotonic()) &- began
    guard child.progress[.inHand] == number, child.progress[.clockAtStart] == began,
      used < .max / 2, used > Self.longestProcessorNanoseconds || waited > Self.longestNanoseconds
    else { return }
    child.isKilled = true
    totals.hangs += 1
    kill(child.process, SIGKILL)
    findings.add("\(kind) \(number) with seed \(seed) takes longer than 5 s of processor time: \(save(number))")
  }

  private func judge(
    _ child: Child, _ end: (status: Int32, kibibytes: Int), _ findings: inout Findings, _ totals: inout Totals,
    _ waiting: inout [Range<UInt64>]
  ) {
    for _ in 0..<child.progress[.findings] { findings.noteTold() }
    if end.kibibytes > Self.mostKibibytes {
      findings.add("a child took \(end.kibibytes / 1024) MiB: \(kind) \(child.range) with seed \(seed)")
    }
    let signal = end.status & 0x7F
    let exitCode = (end.status >> 8) & 0xFF
    if signal == 0, exitCode == 0 || exitCode == 1 { return }
    let number = child.progress[.inHand]
    if !child.isKilled {
      totals.crashes += 1
      let how = signal != 0 ? "ended by signal \(signal)" : "ended with code \(exitCode)"
      findings.add(
        number == Progress.idle
          ? "a child \(how) between two inputs: \(kind) \(child.range) with seed \(seed)"
          : "\(kind) \(number) with seed \(seed) \(how): \(save(number))")
    }
    // Another one goes on behind the input that did harm.
    let next = (number == Progress.idle ? child.range.lowerBound + child.progress[.done] : number) + 1
    if next < child.range.upperBound { waiting.append(next..<child.range.upperBound) }
  }

  private func save(_ number: UInt64) -> String {
    switch kind {
    case "configuration":
      guard let corpus = Corpus(examples: more[0]) else { return "not saved" }
      return ConfigurationInput.make(corpus, seed: seed, number: number).save(seed: seed, number: number)
    default: return "fuzz replay \(kind) \(number) \(seed)"
    }
  }

  private func tell(_ totals: Totals, _ findings: Findings, seconds: Int64) {
    let slowest = "the slowest \(totals.slowest.nanoseconds / 1_000_000) ms (number \(totals.slowest.number))"
    let common =
      "\(totals.crashes) crashes, \(totals.hangs) hangs, \(findings.count) findings, \(slowest), "
      + "\(totals.mostKibibytes / 1024) MiB at most, \(seconds) s"
    switch kind {
    case "configuration":
      say(
        "figures: configurations: \(totals.done) (\(totals.accepted) accepted, \(totals.kinds.nonzeroBitCount) of "
          + "\(ConfigurationWork.kinds) kinds of problem seen), \(common)")
    default:
      say(
        "figures: control server: \(totals.requests) requests in \(totals.done) sessions, \(totals.replies) replies, \(common)"
      )
    }
  }
}

/// Processor time of another process; zero when it has gone. In ticks of a hundredth of a second.
private func processorNanoseconds(of process: pid_t) -> UInt64 {
  guard let bytes = contents(of: "/proc/\(process)/stat") else { return 0 }
  // The program's name, in brackets, may hold anything; what follows the last bracket is plain.
  let text = String(decoding: bytes, as: UTF8.self)
  guard let bracket = text.lastIndex(of: ")") else { return 0 }
  let fields = text[text.index(after: bracket)...].split(separator: " ")
  guard fields.count > 12, let user = UInt64(fields[11]), let system = UInt64(fields[12]) else { return 0 }
  return (user + system) * 10_000_000
}

/// A small file in one piece; nil when it cannot be read.
func contents(of path: String) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else { return count == 0 ? bytes : nil }
    bytes += chunk.prefix(count)
  }
}

/// Starts a program; nil and errno when that fails. Its output is ours unless a descriptor is given for it.
func spawn(_ program: String, _ arguments: [String], output: Int32? = nil) -> pid_t? {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  if let output {
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
  }
  var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  var environment: [UnsafeMutablePointer<CChar>?] = [nil]
  var process = pid_t()
  let result = posix_spawn(&process, program, &actions, nil, &pointers, &environment)
  if result != 0 { errno = result }
  return result == 0 ? process : nil
}
