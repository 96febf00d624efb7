import Feedback
import KioskControl

/// Lines as they may come over the control socket: good requests, spoilt ones, and nonsense.
struct RequestLines {
  /// One of each kind of request; a new kind is added here.
  static let good: [ControlRequest] = [
    .status, .watch,
    .simulate(.press(SimulatedPress(button: "happy", holdMilliseconds: 1, bounceEdges: 0))),
    .simulate(.press(SimulatedPress(button: "very-unhappy", holdMilliseconds: 40, bounceEdges: 12))),
    .simulate(.press(SimulatedPress(button: "ünhappy \"☹\"\n", holdMilliseconds: 5, bounceEdges: 1))),
    .simulate(.presence(sensor: "visitors", holdMilliseconds: 20)), .service(minutes: 1), .service(minutes: 0),
    .context(PressContext(), seconds: 0),
    .acknowledge(epoch: "0123456789abcdef0123456789abcdef", through: 4711), .resetConfiguration,
    .configuration(SurveySet(version: "1", survey: "faces", surveys: [SurveySet.File(name: "faces", toml: faces)])),
    .configuration(
      SurveySet(
        version: "2", survey: "faces", scheduled: ["faces", "advent"],
        surveys: [SurveySet.File(name: "faces", toml: "name = "), SurveySet.File(name: "advent", toml: "\u{0}")])),
    .simulate(.play(csv: "microseconds,line,level\n0,happy,0\n30000,happy,1\n")),
    .simulate(.play(csv: "0,happy,0\n1000,unhappy,0\n25000,happy,1\n26000,unhappy,1\n")),
  ]
  /// A survey that suits the panel of docs/examples/simulated-five-faces.
  private static let faces = """
    name = "faces"
    version = 7
    instrument = "loyalty"
    [[question]]
    name = "overall"
    scale = "faces-2"
    [question.text]
    en = "Well?"
    [[question.answer]]
    button = "unhappy"
    value = 1
    [[question.answer]]
    button = "happy"
    value = 2
    """
  static let goodLines: [[UInt8]] = good.compactMap { request in
    (try? ControlCodec.line(request)).map { Array($0.dropLast()) }
  }

  /// Values to put in the place of others.
  private static let values: [[UInt8]] = [
    "0", "-1", "1", "80", "600000", "600001", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "1e3", "1e400", "-1e400", "1e-400", "0.5", "1.0", "01", "+1", "0x10", "1e", "NaN", "Infinity", "-", "true", "false",
    "null", "nul", "\"\"", "\"status\"", "\"watch\"", "\"sim-press\"", "\"sim-play\"", "\"reboot\"", "\"happy\"",
    "\"80\"",
    "\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\u001b[31m\"", "\"\\x\"", "\"unclosed", "'single'",
    "\"0,happy,0\\n\"", "\"0,happy,0\\n9999999999999999999,happy,1\\n\"", "\"-1,happy,0\\n\"", "\"0,99999,0\\n\"", "[]",
    "[1]", "{}", "{\"a\":1}", "[\"status\"]", "{\"request\":\"status\"}", "", "\"\u{202E}\"", "\"\u{1F600}\"",
  ].map { Array($0.utf8) }

  private static let keys = [
    "request", "button", "hold_ms", "bounce", "waveform", "sensor", "minutes", "context", "seconds", "epoch",
    "through", "version", "survey", "scheduled", "surveys", "name", "toml", "Request", "", "a",
    "re\\u0071uest",
  ]

  private static let signs: [[UInt8]] =
    ["{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", " ", "\t", "\r", "//", "/* */", "\u{FEFF}", "\u{2028}", "{}{}"]
    .map {
      Array($0.utf8)
    } + [[0], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x80], [0x1B], [0x7F]]

  var random: Randomness

  /// A line without its end. It holds no line feed, so it is one request whatever it is.
  mutating func any() -> [UInt8] {
    var line: [UInt8]
    switch random.below(100) {
    case 0..<15: line = random.pick(Self.goodLines) ?? []
    case 15..<45: line = object()
    case 45..<85:
      line = random.pick(Self.goodLines) ?? []
      for _ in 0..<random.number(1...3) { spoil(&line) }
    case 85..<92: line = (0..<random.number(0...60)).map { _ in random.byte() }
    case 92..<96: line = deep()
    default: line = long()
    }
    for index in line.indices where line[index] == newline { line[index] = UInt8(ascii: " ") }
    return line
  }

  /// An object of known keys with any values, in any order, some of them twice.
  private mutating func object() -> [UInt8] {
    var members: [[UInt8]] = []
    if !random.onceIn(8) {
      let name =
        random.pick([
          "status", "watch", "sim-press", "sim-press", "sim-play", "sim-presence", "service", "context", "acknowledge",
          "configuration", "configuration-reset",
        ]) ?? "status"
      members.append(Array("\"request\":\"\(name)\"".utf8))
    }
    for _ in 0..<random.number(0...4) {
      let key = random.pick(Self.keys) ?? ""
      members.insert(
        Array("\"\(key)\":".utf8) + (random.pick(Self.values) ?? []), at: random.number(0...members.count))
    }
    return [UInt8(ascii: "{")] + members.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
  }

  private mutating func spoil(_ line: inout [UInt8]) {
    let at = random.number(0...line.count)
    switch random.below(8) {
    case 0 where at < line.count: line[at] = random.byte()
    case 1 where at < line.count: line[at] ^= 1 << UInt8(random.below(8))
    case 2: line.removeSubrange(random.part(of: line.count, atMost: 20))
    case 3: line.insert(contentsOf: Array(line[random.part(of: line.count)]), at: at)
    case 4: line.removeSubrange(at...)
    case 5: line += random.pick(Self.goodLines) ?? []
    case 6:
      // Another value behind a colon.
      let colons = line.indices.filter { line[$0] == UInt8(ascii: ":") }
      guard let colon = random.pick(colons) else { return }
      let end = line[colon...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") } ?? line.count
      line.replaceSubrange((colon + 1)..<end, with: random.pick(Self.values) ?? [])
    default: line.insert(contentsOf: random.pick(Self.signs) ?? [], at: at)
    }
  }

  private mutating func deep() -> [UInt8] {
    let depth = random.onceIn(10) ? random.number(1...100_000) : random.number(1...600)
    let pair = random.pick([("[", "]"), ("{\"a\":", "}"), ("[{\"request\":", "}]"), ("[[", "")]) ?? ("[", "]")
    let inner = String(repeating: pair.0, count: depth) + "1" + String(repeating: pair.1, count: depth)
    return Array((random.onceIn(2) ? inner : "{\"request\":\"status\",\"a\":\(inner)}").utf8)
  }

  private mutating func long() -> [UInt8] {
    let count = random.onceIn(40) ? random.number(1...2_090_000) : random.number(1...3000)
    let piece = random.pick(["x", "9", "\\u0041", "\\\\", "ü", " ", "\\ud800", "0"]) ?? "x"
    let text = String(repeating: piece, count: max(1, count / piece.utf8.count))
    let shapes = [
      "{\"request\":\"sim-press\",\"button\":\"\(text)\"}", "{\"request\":\"\(text)\"}", "{\"\(text)\":1}",
      "{\"request\":\"sim-press\",\"button\":\"happy\",\"hold_ms\":\(text)}",
      "{\"request\":\"sim-press\",\"button\":\"happy\",\"hold_ms\":1.\(text)}",
      "{\"request\":\"sim-press\",\"button\":\"happy\",\"hold_ms\":1e\(text)}",
      "{\"request\":\"sim-play\",\"waveform\":\"\(text)\"}", "{\"request\":\"status\"\(text)}", text,
    ]
    return Array((random.pick(shapes) ?? "").utf8)
  }
}
