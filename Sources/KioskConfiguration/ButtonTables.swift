import Feedback

/// What `role` of a button may say.
private enum RoleWord: String, CaseIterable {
  case answer, back, skip, done, language
  case callStaff = "call-staff"
  case staffHere = "staff-here"
  case start, stop, toggle, service

  var change: ButtonRole.ActivityChange? { ButtonRole.ActivityChange(rawValue: rawValue) }
}

/// Reads `[[button]]`.
extension PanelParts {
  /// A button that answers a call, or tells of a seller: held against the others once all are known.
  private struct Partner {
    var place: String
    var at: SourcePosition
    var word: RoleWord
    var name: Located<String>?
  }

  mutating func addButtons(_ file: TableReader) {
    guard let tables = tables("button", in: file) else { return }
    if tables.isEmpty {
      problems.add(
        .missingKey, at: file.at("button"), "the panel has no button",
        write: "add [[button]] with name = \"very-happy\" and the line it is wired to")
    }
    var partners: [Partner] = []
    for (index, table) in tables.enumerated() {
      let reader = reader(
        table, "button", index,
        keys: ["name", "line", "offset", "bias", "active", "key", "role", "seller", "for"])
      let name = name(in: reader)
      names.append(name)
      let bias: Located<LineBias>? = reader.choice("bias")
      let active: Located<ActiveLevel>? = reader.choice("active")
      let key = key(in: reader)
      let role = role(in: reader, name: name, partners: &partners)
      guard let line = line(in: reader, name: name), let bias = self.bias(in: reader, on: line, bias), let name,
        let role
      else { continue }
      buttons.append(
        ButtonSettings(
          name: name, line: line.selector, bias: bias, isActiveLow: active?.value != .high, key: key, role: role))
    }
    checkCalls(partners)
    checkSellers(partners)
  }

  /// Nil when it was reported what is wrong with it.
  private mutating func role(
    in reader: TableReader, name: String?, partners: inout [Partner]
  ) -> ButtonRole? {
    let found: Located<RoleWord>? = reader.choice("role")
    if reader.has("role"), found == nil {
      // Whatever it is: survey files have nothing to learn about it.
      if let name { otherRoles[name] = "" }
      return nil
    }
    let word = found?.value ?? .answer
    if let name, word != .answer { otherRoles[name] = word.rawValue }
    let seller = seller(in: reader, word)
    let call = call(in: reader, word)
    partners.append(Partner(place: reader.place, at: found?.at ?? reader.table.at, word: word, name: call ?? seller))
    switch word {
    case .answer: return .answer
    case .back: return .back
    case .skip: return .skip
    case .done: return .done
    case .language: return .language
    case .callStaff: return .callStaff
    case .staffHere: return .staffHere(call: call?.value)
    case .service: return .service
    case .start, .stop, .toggle:
      guard let change = word.change, let seller else { return nil }
      return .activity(change, seller: seller.value)
    }
  }

  private func seller(in reader: TableReader, _ word: RoleWord) -> Located<String>? {
    guard word.change != nil else {
      if reader.has("seller") { reportStray("seller", "\"start\", \"stop\" or \"toggle\"", reader, word) }
      return nil
    }
    guard let text = reader.string("seller", example: "\"anna-7\"", isRequired: true) else { return nil }
    guard PressContext.isReference(text.value) else {
      problems.add(
        .invalidValue, at: text.at,
        "seller of \(reader.place) is \(quoted(text.value)), but a pseudonym has 1 to \(PressContext.longestReference) "
          + "letters, digits, hyphens, underscores and points",
        write: "write one that only the shop can tell a person from, such as seller = \"anna-7\"")
      return nil
    }
    return text
  }

  private func call(in reader: TableReader, _ word: RoleWord) -> Located<String>? {
    guard word == .staffHere else {
      if reader.has("for") { reportStray("for", "\"staff-here\"", reader, word) }
      return nil
    }
    return reader.string("for", example: "\"call-staff\"")
  }

  private func reportStray(_ key: String, _ roles: String, _ reader: TableReader, _ word: RoleWord) {
    let has = reader.has("role") ? "has role = \(quoted(word.rawValue))" : "has no role"
    problems.add(
      .contradiction, at: reader.at(key), "\(key) is for buttons with role = \(roles), but \(reader.place) \(has)",
      write: "write that role, or remove \(key)")
  }

  // MARK: - Buttons that belong together

  private func checkCalls(_ partners: [Partner]) {
    for partner in partners where partner.word == .staffHere {
      if let call = partner.name {
        guard names.contains(call.value) else {
          reportUnknownButton(call.value, key: "for", at: call.at, of: partner.place)
          continue
        }
        guard let word = otherRoles[call.value], word.isEmpty || word == RoleWord.callStaff.rawValue else {
          problems.add(
            .contradiction, at: call.at,
            "\(partner.place) is for the calls of the button \(quoted(call.value)), which calls nobody",
            write: "name a button with role = \"call-staff\", or give that one the role")
          continue
        }
      } else if buttonNames != nil,
        !otherRoles.values.contains(where: { $0.isEmpty || $0 == RoleWord.callStaff.rawValue })
      {
        problems.add(
          .contradiction, at: partner.at, "\(partner.place) answers calls, but no button of the panel makes any",
          write: "add a button with role = \"call-staff\", or remove this one")
      }
    }
  }

  /// Who can only start would be at work for ever, and who can only stop never is.
  private func checkSellers(_ partners: [Partner]) {
    var words: [String: Set<RoleWord>] = [:]
    for partner in partners where partner.word.change != nil {
      if let seller = partner.name { words[seller.value, default: []].insert(partner.word) }
    }
    for partner in partners {
      guard let seller = partner.name, let all = words[seller.value], all.count == 1, partner.word == all.first,
        partner.word == .start || partner.word == .stop
      else { continue }
      let other = partner.word == .start ? "stop" : "start"
      problems.add(
        .contradiction, at: partner.at,
        "\(partner.place) is the only one of the seller \(quoted(seller.value)), who has none with role = \"\(other)\"",
        write: "add that button, or write role = \"toggle\" for one that does both in turn")
    }
  }
}
