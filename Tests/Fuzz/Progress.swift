import CKioskPlatform
import Glibc
import Synchronization

/// What a child tells its supervisor while it works, in memory that both have: it is there when the child has crashed.
final class Progress {
  /// The numbers kept, each in a word of its own.
  enum Word: Int, CaseIterable {
    /// Number of the input in hand; `idle` between two.
    case inHand
    /// The child's processor time when it took that one in hand, and the wall's.
    case processorAtStart, clockAtStart
    case done
    /// Inputs that were good after all.
    case accepted
    case findings
    case slowestNanoseconds, slowest
    /// Individual requests in the inputs done, and replies to them.
    case requests, replies
    /// A bit for each kind of thing that came up.
    case kinds
  }

  static let idle = UInt64.max
  private static let bytes = 4096

  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  private let parent = getppid()

  /// Maps a file that is made where there is none.
  init?(path: String) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard ftruncate(descriptor, Self.bytes) == 0,
      let memory = mmap(nil, Self.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
    else { return nil }
    words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: Word.allCases.count)
  }

  /// For nobody: a replay.
  init?() {
    guard let memory = mmap(nil, Self.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED
    else { return nil }
    words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: Word.allCases.count)
  }

  deinit {
    munmap(words, Self.bytes)
  }

  subscript(word: Word) -> UInt64 {
    get { words[word.rawValue].load(ordering: .sequentiallyConsistent) }
    set { words[word.rawValue].store(newValue, ordering: .sequentiallyConsistent) }
  }

  func add(_ number: UInt64, to word: Word) { self[word] = self[word] &+ number }

  /// Does the work of one input under the eyes of the supervisor; ends this process when nobody looks any more.
  func during<Result>(_ number: UInt64, _ work: () -> Result) -> Result {
    if getppid() != parent { exit(75) }
    let start = Self.processorNanoseconds
    self[.processorAtStart] = start
    self[.clockAtStart] = UInt64(kiosk_clock_monotonic())
    self[.inHand] = number
    let result = work()
    self[.inHand] = Self.idle
    let taken = Self.processorNanoseconds - start
    if taken > self[.slowestNanoseconds] {
      self[.slowestNanoseconds] = taken
      self[.slowest] = number
    }
    add(1, to: .done)
    return result
  }

  /// Processor time of this process.
  private static var processorNanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
