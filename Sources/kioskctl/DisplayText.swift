import Feedback

/// What the panel asks and what its buttons mean, in words for a person.
enum DisplayText {
  /// What a phase means for who presses now; nil where there is nothing to say.
  static func banner(_ phase: DisplayState.Phase) -> String? {
    switch phase {
    case .idle, .asking, .thanks: nil
    case .closed: "CLOSED: outside opening hours. Presses are kept, but do not count."
    case .service: "SERVICE: technicians are at work. Presses are kept, but do not count."
    case .outOfService: "OUT OF SERVICE: the journal cannot be written. Presses wait in memory and are not thanked for."
    }
  }

  /// What the last press was told.
  static func notice(_ notice: Acknowledgement) -> String {
    switch notice {
    case .pleaseWait: "PLEASE WAIT: that was one press too many. It is kept, but does not count."
    case .closed: "CLOSED: the press is kept, but does not count."
    case .outOfService: "OUT OF SERVICE: the press is not on disk yet."
    case .staffCalled: "STAFF CALLED: somebody is on the way."
    case .counted, .completed, .service, .staffWanted, .offered, .idle: notice.rawValue
    }
  }

  /// What a button with a role does.
  static func role(_ role: String) -> String {
    switch role {
    case "skip": "skip this question"
    case "call-staff": "call staff"
    case "staff-here": "staff are here"
    case "start": "seller starts"
    case "stop": "seller stops"
    case "toggle": "seller starts or stops"
    default: role
    }
  }

  /// What a button stands for on the scale: a value, or the values of a first step.
  static func value(_ button: DisplayState.Button) -> String {
    if let value = button.value { return "\(value)" }
    guard let from = button.from, let through = button.through else { return "" }
    return "\(from) to \(through)"
  }

  /// How far the visitor has got; nil where there is one question, or none is asked.
  static func progress(_ display: DisplayState) -> String? {
    display.question != nil && display.of > 1 ? "question \(display.number) of \(display.of)" : nil
  }

  /// How many answers may be given, where it is more than one.
  static func choices(_ display: DisplayState) -> String? {
    guard display.question != nil, display.mostChoices > 1 else { return nil }
    let chosen = display.buttons.count { $0.isChosen == true }
    return "choose up to \(display.mostChoices)" + (chosen > 0 ? ", \(chosen) chosen" : "")
  }

  /// The languages, where there is a choice.
  static func languages(_ display: DisplayState) -> String? {
    guard let language = display.language, display.languages.count > 1 else { return nil }
    return "language \(language) (of \(display.languages.joined(separator: ", ")))"
  }

  /// The whole state as lines of text.
  static func lines(_ display: DisplayState) -> [String] {
    var lines: [String] = []
    let place = [
      display.phase.rawValue, progress(display), languages(display), choices(display),
    ].compactMap { $0 }.joined(separator: ", ")
    lines.append("\(TerminalText.harmless(display.survey)) version \(display.surveyVersion): \(place)")
    lines += [banner(display.phase), display.notice.map(notice)].compactMap { $0 }
    if display.isStaffCalled { lines.append("Staff have been called.") }
    lines += ["", "  \(TerminalText.harmless(display.text))", ""]
    let width = (display.buttons.map { TerminalText.columns($0.name) }.max() ?? 0) + 2
    for button in display.buttons {
      let name = TerminalText.padded(TerminalText.harmless(button.name), to: width)
      let meaning = button.role.map(role) ?? value(button)
      let text = button.text.map { TerminalText.harmless($0) } ?? ""
      let isChosen = button.isChosen == true
      lines.append("  \(isChosen ? "✓" : " ") \(name)\(TerminalText.padded(meaning, to: 8))  \(text)")
    }
    return lines.map { line in
      var line = line
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}
