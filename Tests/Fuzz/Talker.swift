import KioskControl

/// A client that asks and holds what comes back against what is promised: each line is answered by one line, which can
/// be read and says something.
final class Talker {
  /// Bytes an error's message may have. It is read by a person at a terminal.
  static let longestMessage = 2_000

  /// Nil where it could not connect.
  let client: SocketClient?
  /// Most bytes given to the socket in one piece.
  var piece = 1 << 20
  private(set) var asked = 0
  private(set) var answered = 0
  /// Answers that told of something played on the simulated panel.
  private(set) var played = 0
  private(set) var complaints: [String] = []
  /// The last reply.
  private(set) var reply: ControlReply?
  private var unsent: [UInt8] = []
  private var isWatching = false

  init(path: String) {
    client = SocketClient(path: path)
    if client == nil { complaints.append("cannot connect") }
  }

  var isEnded: Bool { client?.isEnded ?? true }
  var isAllSent: Bool { unsent.isEmpty }
  /// Everything asked has been answered.
  var isServed: Bool { unsent.isEmpty && answered >= asked }

  func ask(_ line: [UInt8]) {
    unsent += line
    unsent.append(newline)
    asked += 1
  }

  /// Will send bytes that are no whole line.
  func begin(_ bytes: some Sequence<UInt8>) { unsent += bytes }

  /// Sends what is taken now; false when that is nothing.
  func send() -> Bool {
    guard let client, !unsent.isEmpty else { return false }
    let sent = client.send(unsent.prefix(piece))
    unsent.removeFirst(sent)
    return sent > 0
  }

  /// Takes what has come; false when that is nothing.
  func receive() -> Bool {
    guard let client else { return false }
    let lines = client.lines()
    for line in lines { take(line) }
    return !lines.isEmpty
  }

  /// To be called when nothing moves any more.
  func conclude() {
    if isEnded, !isServed {
      complaints.append("closed after \(answered) answers to \(asked) requests")
    } else if answered != asked {
      complaints.append("\(answered) answers to \(asked) requests")
    }
  }

  private func take(_ line: ArraySlice<UInt8>) {
    if line.count > ControlCodec.longestReply { complaints.append("a reply of \(line.count) bytes") }
    if isWatching, (try? ControlCodec.value(Activity.self, from: line)) != nil { return }
    answered += 1
    do {
      let reply = try ControlCodec.value(ControlReply.self, from: line)
      let members = [
        reply.status != nil, reply.played != nil, reply.watching != nil, reply.done != nil,
        reply.configuration != nil, reply.error != nil,
      ]
      if members.count(where: { $0 }) != 1 { complaints.append("a reply with \(members) set") }
      if reply.watching == true { isWatching = true }
      if reply.played != nil { played += 1 }
      if let error = reply.error { look(at: error) }
      self.reply = reply
    } catch {
      complaints.append("a reply that is none: \(error)")
    }
  }

  private func look(at error: ControlError) {
    if error.message.isEmpty || error.hint.isEmpty { complaints.append("an error without words: \(error)") }
    let length = error.message.utf8.count
    if length > Self.longestMessage { complaints.append("\(length) bytes in an error's message") }
    let signs = error.message.unicodeScalars
    if let sign = signs.first(where: { $0.properties.generalCategory == .control }) {
      complaints.append("U+\(String(sign.value, radix: 16)) in an error's message")
    }
  }
}
