import Feedback

/// Puts what is known of the panel onto a screen of any size: the question, what each key means now, lamps, and what
/// happened last. Pure: the same model and size give the same rows.
struct PanelScreen {
  let model: PanelModel
  let rows: Int
  let columns: Int

  /// How much room is spent, the most first. The first with which everything fits is taken.
  private struct Layout {
    /// Around the question; between all parts.
    var blankLines: (aroundQuestion: Bool, betweenParts: Bool)
    /// Answers beside one another.
    var answerColumns: Int
    /// Lines of what happened that must have room.
    var leastHappenings: Int
  }

  private static let layouts = [
    Layout(blankLines: (true, true), answerColumns: 1, leastHappenings: 8),
    Layout(blankLines: (true, false), answerColumns: 1, leastHappenings: 5),
    Layout(blankLines: (false, false), answerColumns: 1, leastHappenings: 4),
    Layout(blankLines: (false, false), answerColumns: 2, leastHappenings: 3),
    Layout(blankLines: (false, false), answerColumns: 3, leastHappenings: 1),
  ]
  /// More lines of what happened say nothing new.
  private static let mostHappenings = 8

  func lines() -> [ScreenLine] {
    let foot = foot()
    for layout in Self.layouts {
      // Nothing may stand to the right of text that a terminal may turn around.
      if layout.answerColumns > 1, isRightToLeft { continue }
      let upper = upper(layout)
      let room = rows - upper.count - foot.count
      if room >= layout.leastHappenings + 1 { return filled(upper, happenings(room - 1), foot) }
    }
    // A very small terminal: from the top what fits, and how to end.
    let upper = upper(Self.layouts.last { $0.answerColumns == 1 || !isRightToLeft } ?? Self.layouts[0])
    return Array(upper.prefix(max(0, rows - foot.count))) + foot
  }

  /// The last lines stay at the bottom.
  private func filled(_ upper: [ScreenLine], _ middle: [ScreenLine], _ foot: [ScreenLine]) -> [ScreenLine] {
    let missing = max(0, rows - upper.count - middle.count - foot.count)
    return upper + middle + Array(repeating: ScreenLine(), count: missing) + foot
  }

  private func upper(_ layout: Layout) -> [ScreenLine] {
    let inner = layout.blankLines.aroundQuestion ? [ScreenLine()] : []
    let blank = layout.blankLines.betweenParts ? [ScreenLine()] : []
    var lines = head()
    lines += [rule()] + inner + question() + inner + [rule()]
    lines += answers(layout.answerColumns) + blank
    lines += flowed(roles()) + flowed(sensors()) + flowed(idleKeys(), .dim) + flowed(lamps())
    lines += blank + notices()
    return lines
  }

  // MARK: - From top to bottom

  private func head() -> [ScreenLine] {
    let status = model.status
    let survey = model.display.map { "\($0.survey) \($0.surveyVersion)" } ?? "\(status.survey) \(status.surveyVersion)"
    let place = "\(status.device) at \(status.touchpoint) · \(survey)"
    let progress = model.display.flatMap { display in
      let words = [DisplayText.progress(display), DisplayText.choices(display), DisplayText.languages(display)]
      return words.compactMap { $0 }.joined(separator: " · ")
    }
    let left = ScreenLine(TerminalText.harmless(place), .dim)
    guard let progress, !progress.isEmpty else { return [left] }
    let right = ScreenLine(progress, .strong)
    let gap = width - left.columns - right.columns
    if gap >= 2 { return [left + ScreenLine(String(repeating: " ", count: gap)) + right] }
    return [right]
  }

  private func rule() -> ScreenLine { ScreenLine(String(repeating: "─", count: width), .dim) }

  private func question() -> [ScreenLine] {
    guard let display = model.display else {
      return [ScreenLine("   waiting for kioskd to say what the panel asks", .dim)]
    }
    return TerminalText.wrapped(TerminalText.harmless(display.text), to: width - 6).map {
      ScreenLine([("   ", .plain), ($0, .strong)])
    }
  }

  private func answers(_ count: Int) -> [ScreenLine] {
    let answers = (model.display?.buttons ?? []).filter { $0.role == nil }
    let names = answers.map { TerminalText.columns($0.name) }.max() ?? 0
    let values = answers.map { DisplayText.value($0).count }.max() ?? 0
    let cells = answers.map { button in
      let isChosen = button.isChosen == true
      let value = DisplayText.value(button)
      let text = button.text.map { "  \(TerminalText.harmless($0))" } ?? ""
      return ScreenLine([
        (isChosen ? " ✓ " : "   ", .good), (keyMark(button.name), .strong),
        ("  \(TerminalText.padded(button.name, to: names))  ", .plain),
        (String(repeating: " ", count: values - value.count) + value, .plain),
        (text, isChosen ? .inverse : .strong),
      ])
    }
    guard count > 1 else { return cells }
    let height = (cells.count + count - 1) / count
    return (0..<height).map { row in
      (0..<count).reduce(ScreenLine()) { line, column in
        let index = column * height + row
        return index < cells.count ? line + cells[index].padded(to: width / count) : line
      }
    }
  }

  /// Buttons that answer nothing, with what they do instead.
  private func roles() -> [String] {
    (model.display?.buttons ?? []).compactMap { button in
      guard let role = button.role else { return nil }
      let meaning = DisplayText.role(role)
      let name = button.name == role ? "" : "\(button.name): "
      let text = button.text.map { " (\(TerminalText.harmless($0)))" } ?? ""
      return "\(keyMark(button.name)) \(name)\(meaning)\(text)"
    }
  }

  private func sensors() -> [String] {
    (model.status.sensors ?? []).map { "\(keyMark($0.name)) \($0.name): the sensor sees somebody" }
  }

  /// Keys of buttons that a visitor does not use now: staff's, sellers', and those of other questions.
  private func idleKeys() -> [String] {
    guard let display = model.display else {
      return model.status.buttons.map { "\(keyMark($0.name)) \($0.name)" }
    }
    let meant = Set(display.buttons.map(\.name))
    let idle = model.status.buttons.filter { $0.key != nil && !meant.contains($0.name) }
    return idle.isEmpty ? [] : ["other buttons:"] + idle.map { "\(keyMark($0.name)) \($0.name)" }
  }

  /// All of them, or those that are on where all would take more than a row.
  private func lamps() -> [String] {
    guard !model.lamps.isEmpty else { return [] }
    let all = ["lamps:"] + model.lamps.map { "\($0.isOn ? "●" : "○") \($0.name)" }
    guard flowed(all).count > 1 else { return all }
    let on = model.lamps.filter(\.isOn).map { "● \($0.name)" }
    return ["lamps on:"] + (on.isEmpty ? ["none"] : on)
  }

  private func notices() -> [ScreenLine] {
    var lines: [ScreenLine] = []
    func add(_ text: String, _ style: ScreenLine.Style) {
      for line in TerminalText.wrapped(text, to: width - 4) {
        lines.append(ScreenLine([(" ", .plain), (" \(line) ", style)]))
      }
    }
    if let display = model.display {
      let banner = DisplayText.banner(display.phase)
      if let banner { add(banner, .alarm) }
      // A panel that is closed says so already.
      if let notice = display.notice, banner == nil { add(DisplayText.notice(notice), .alarm) }
      if display.phase == .thanks { add("Thank you. The next visitor may press.", .good) }
      if display.isStaffCalled { add("STAFF CALLED: a visitor waits for somebody to come.", .caution) }
    }
    let sellers = model.status.activeSellers ?? []
    if !sellers.isEmpty { add("Sellers active: \(sellers.joined(separator: ", "))", .plain) }
    if let hint = model.hint { add(TerminalText.harmless(hint), .caution) }
    // One line is always there, so that the screen does not jump with each notice.
    return lines.isEmpty ? [ScreenLine()] : lines
  }

  private func happenings(_ room: Int) -> [ScreenLine] {
    let title = "── what happened "
    let heading = ScreenLine(title + String(repeating: "─", count: max(0, width - TerminalText.columns(title))), .dim)
    let latest = model.happenings.suffix(min(room, Self.mostHappenings))
    let subjects = latest.map { TerminalText.columns($0.subject) }.max() ?? 0
    return [heading]
      + latest.map { happening in
        let verdict = happening.verdict.map { TerminalText.padded($0, to: 12) } ?? ""
        return ScreenLine([
          (" \(happening.time)  ", .dim), (TerminalText.padded(happening.subject, to: subjects + 2), .plain),
          (verdict, happening.verdict == "counted" ? .good : .caution),
          (TerminalText.harmless(happening.detail), happening.isTrouble ? .bad : .plain),
        ])
      }
  }

  private func foot() -> [ScreenLine] {
    let letter = model.keys.quitLetter.map { "\($0), " } ?? ""
    return [ScreenLine(" A key in [ ] presses its button.  End: \(letter)Esc or Ctrl-C", .dim)]
  }

  // MARK: - Parts

  /// Cells of a row that are used.
  private var width: Int { max(1, columns - 1) }

  private var isRightToLeft: Bool {
    (model.display?.buttons ?? []).contains { TerminalText.isRightToLeft($0.text ?? "") }
  }

  private func keyMark(_ name: String) -> String { model.keys.key(of: name).map { "[\($0)]" } ?? " · " }

  /// Short texts one after the other, in as many rows as they need.
  private func flowed(_ items: [String], _ style: ScreenLine.Style = .plain) -> [ScreenLine] {
    var lines: [String] = []
    for item in items {
      if let last = lines.last, TerminalText.columns(last) + 3 + TerminalText.columns(item) <= width {
        lines[lines.count - 1] = "\(last)   \(item)"
      } else {
        lines.append("   \(item)")
      }
    }
    return lines.map { ScreenLine($0, style) }
  }
}
