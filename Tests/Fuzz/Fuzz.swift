import Glibc

/// Feeds what strangers could feed: configuration files and requests over the control socket, spoilt in every way there
/// is. Nothing may crash, hang, grow without end or be answered with silence.
///
///     fuzz configuration <count> <seed> <examples>   so many configurations, made from the examples in that directory
///     fuzz control <count> <seed>                    so many sessions with a control server, some five requests each
///     fuzz daemon <count> <seed> <examples>          so many requests to the real kioskd (from the same folder as this)
///     fuzz replay configuration <number> <seed> <examples>
///     fuzz replay control <number> <seed>            one input, or one session with the server, in this process
///
/// The work is done by child processes, one for each processor. One that crashes, takes too long or grows too large is a
/// finding: the input is written to `.build-fuzz/`, its number and seed are told, and another child goes on behind it.
///
/// Prints one line `figures: …` at the end. Exit code 1: there were findings.
@main
struct Fuzz {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    signal(SIGPIPE, SIG_IGN)
    // A child: fuzz work <kind> <from> <to> <seed> <progress file> [<examples>]
    if arguments.first == "work", arguments.count >= 6, let from = UInt64(arguments[2]), let to = UInt64(arguments[3]),
      let seed = UInt64(arguments[4])
    {
      exit(
        work(
          arguments[1], from..<max(from, to), seed: seed, progress: Progress(path: arguments[5]),
          examples: arguments.dropFirst(6).first))
    }
    if arguments.first == "replay", arguments.count >= 4, let number = UInt64(arguments[2]), number < .max,
      let seed = UInt64(arguments[3])
    {
      exit(
        work(
          arguments[1], number..<number + 1, seed: seed, progress: Progress(), examples: arguments.dropFirst(4).first))
    }
    guard arguments.count >= 3, let count = UInt64(arguments[1]), count > 0, let seed = UInt64(arguments[2]) else {
      exit(64)
    }
    let examples = arguments.dropFirst(3).first
    switch (arguments[0], examples) {
    case ("configuration", let examples?):
      exit(Supervisor(kind: "configuration", count: count, seed: seed, more: [examples]).run())
    case ("control", _): exit(Supervisor(kind: "control", count: count, seed: seed, more: []).run())
    case ("daemon", let examples?): exit(DaemonLane(count: count, seed: seed, examples: examples).run())
    default: exit(64)
    }
  }

  /// What a child may map: an input that asks for all memory there is ends the child, not the machine.
  private static let mostAddressSpace: UInt = 4 << 30

  private static func work(
    _ kind: String, _ numbers: Range<UInt64>, seed: UInt64, progress: Progress?, examples: String?
  ) -> Int32 {
    guard let progress else { return 70 }
    var limit = rlimit(rlim_cur: mostAddressSpace, rlim_max: mostAddressSpace)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    var findings = Findings()
    switch kind {
    case "configuration":
      guard let corpus = Corpus(examples: examples ?? "docs/examples") else { return 66 }
      ConfigurationWork(corpus: corpus, seed: seed, progress: progress).run(numbers, &findings)
    case "control": ControlWork(seed: seed, progress: progress).run(numbers, &findings)
    default: return 64
    }
    return findings.isEmpty ? 0 : 1
  }
}

/// A generator for one input, so that each can be made again without those before it.
func generator(seed: UInt64, number: UInt64) -> Randomness {
  Randomness(seed: seed &* 0x2545_F491_4F6C_DD1D ^ number &* 0x9E37_79B9_7F4A_7C15)
}
