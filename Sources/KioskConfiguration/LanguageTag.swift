/// The form of common language tags (BCP 47): language, script, region; whether they exist is not looked up.
enum LanguageTag {
  static func isTag(_ tag: String) -> Bool {
    var parts = tag.split(separator: "-", omittingEmptySubsequences: false)[...]
    func take(_ lengths: ClosedRange<Int>, _ isRight: (Int, UInt8) -> Bool) -> Bool {
      guard let part = parts.first, lengths.contains(part.utf8.count),
        part.utf8.enumerated().allSatisfy({ isRight($0.offset, $0.element) })
      else { return false }
      parts = parts.dropFirst()
      return true
    }
    func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    guard take(2...3, { isLower($1) }) else { return false }
    _ = take(4...4, { $0 == 0 ? isUpper($1) : isLower($1) })
    if !take(2...2, { isUpper($1) }) { _ = take(3...3, { isDigit($1) }) }
    return parts.isEmpty
  }

  /// What to write instead of something that is none.
  static func remedy(for tag: String) -> String {
    "write a language tag, such as en, de or pt-BR" + (proposal(for: tag).map { "; did you mean \($0)?" } ?? "")
  }

  private static func proposal(for tag: String) -> String? {
    let names = [
      "english": "en", "german": "de", "deutsch": "de", "french": "fr", "spanish": "es", "italian": "it",
      "polish": "pl", "dutch": "nl", "turkish": "tr", "portuguese": "pt",
    ]
    if let known = names[tag.lowercased()] { return known }
    var parts = tag.lowercased().split(whereSeparator: { $0 == "-" || $0 == "_" }).map(String.init)
    if parts.count == 2 { parts[1] = parts[1].uppercased() }
    let proposal = parts.joined(separator: "-")
    return isTag(proposal) ? proposal : nil
  }
}
