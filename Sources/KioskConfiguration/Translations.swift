/// One text in several languages, as the file has it.
struct Translations {
  /// The table it stands in.
  var at: SourcePosition
  /// In the order of the file, and only those whose tag is one.
  var languages: [String] = []
  /// False when a key is no language tag, so that nothing can be said about the languages that are not there.
  var areTagsKnown = true
  /// By language tag.
  var texts: [String: String] = [:]

  static let mostLanguages = 24
  /// Characters of a wording: what a small display can show.
  static let longestText = 200
  /// Told where a text needs an example.
  static let example = "en = \"How was your visit?\""
}

extension TableReader {
  /// The texts of a table such as `[question.text]`; nil when there is none or it is none, which has been reported unless
  /// it may be absent.
  ///
  /// - Parameters:
  ///   - key: where the texts stand.
  ///   - what: how messages name them; nil: by the key and the place, `text of question "overall"`.
  ///   - header: how the table's head is written.
  func translations(_ key: String, what: String? = nil, isRequired: Bool, header: String) -> Translations? {
    guard let table = table(key, isRequired: isRequired, write: "\(header) with en = \"…\" below it") else {
      return nil
    }
    let owner = what ?? place
    let what = what ?? "\(key) of \(place)"
    if isRequired, table.entries.isEmpty {
      problems.add(.missingKey, at: table.at, "\(what) has no wording", write: "add \(Translations.example)")
    }
    guard table.entries.count <= Translations.mostLanguages else {
      problems.add(
        .outOfRange, at: table.at, "\(what) has \(table.entries.count) languages",
        write: "keep at most \(Translations.mostLanguages)")
      return nil
    }
    var found = Translations(at: table.at)
    for entry in table.entries {
      if LanguageTag.isTag(entry.key) {
        found.languages.append(entry.key)
      } else {
        found.areTagsKnown = false
        problems.add(
          .invalidValue, at: entry.keyAt, "\(what) has the language \(quoted(entry.key))",
          write: LanguageTag.remedy(for: entry.key))
      }
      if let text = wording(entry, of: owner) { found.texts[entry.key] = text }
    }
    return found
  }

  /// One text of them. Text that is wrong is reported and returned all the same: it is there.
  private func wording(_ entry: TOMLTable.Entry, of owner: String) -> String? {
    let what = "the wording \(quoted(entry.key)) of \(owner)"
    let at = entry.value.at
    guard case .string(let text) = entry.value.content else {
      problems.add(
        .wrongType, at: at, "\(what) is \(entry.value.described)",
        write: "write text in double quotes: \(entry.key) = \"…\"")
      return nil
    }
    let length = text.unicodeScalars.count
    if trimmed(text).isEmpty {
      problems.add(
        .invalidValue, at: at, "\(what) is empty", write: "write what visitors are to read, or remove the line")
    } else if length > Translations.longestText {
      problems.add(
        .outOfRange, at: at, "\(what) has \(length) characters",
        write: "say it in at most \(Translations.longestText)")
    } else if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      problems.add(
        .invalidValue, at: at, "\(what) has control characters or line breaks in it",
        write: "write it in one line of plain text")
    }
    return text
  }
}
