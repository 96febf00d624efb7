import KioskControl

/// What became of a simulated press or waveform, for a person or as JSON.
enum PlayedText {
  static func print(_ played: PlayedWaveform?, json: Bool) {
    let played = played ?? PlayedWaveform(presses: [])
    if json {
      if let line = try? ControlCodec.line(played) { Output.write(line) }
      return
    }
    if played.presses.isEmpty { Output.line("no press was recognised") }
    for press in played.presses {
      let place = press.sequence.map { "committed as event \($0)" } ?? "waits in memory: the journal cannot be written"
      let replaced = press.replaces.map { ", in place of event \($0)" } ?? ""
      let answer = press.value.map { value in ", value \(value)\(press.question.map { " of \($0)" } ?? "")" } ?? ""
      let verdict = press.verdict.isEmpty ? "" : "\(press.verdict), "
      Output.line("\(press.button): \(verdict)\(place)\(answer)\(replaced)")
    }
  }
}
