import JournalTestKit

/// Random numbers with the few forms in which mutations want them.
struct Randomness {
  private var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  /// From zero up to but without `end`, zero where there is nothing else.
  mutating func below(_ end: Int) -> Int { end > 0 ? Int.random(in: 0..<end, using: &generator) : 0 }

  /// True once in so many times.
  mutating func onceIn(_ times: Int) -> Bool { below(times) == 0 }

  mutating func byte() -> UInt8 { UInt8.random(in: 0...255, using: &generator) }

  mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &generator) }

  /// A part of something with so many elements, mostly a short one.
  mutating func part(of count: Int, atMost longest: Int = 60) -> Range<Int> {
    let start = number(0...max(0, count))
    return start..<min(count, start + below(longest))
  }
}
