import Glibc
import Logging

/// Writes log records where they are read: to journald with fields (journald's native protocol) when the standard error
/// is connected to it, to standard error as plain lines otherwise.
public struct ServiceLogHandler: LogHandler {
  public var logLevel: Logger.Level = .info
  public var metadata: Logger.Metadata = [:]
  private let program: String
  private let isJournald: Bool

  /// Where journald takes datagrams.
  static let journaldSocket = "/run/systemd/journal/socket"

  /// - Parameter program: the name records carry.
  public init(program: String, isJournald: Bool) {
    self.program = program
    self.isJournald = isJournald
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
    if isJournald {
      let record = journaldRecord(level: event.level, message: "\(event.message)", fields: fields)
      if ServicePlatform.sendDatagram(record, to: Self.journaldSocket) { return }
    }
    ServicePlatform.write(line(level: event.level, message: "\(event.message)", fields: fields), to: STDERR_FILENO)
  }

  /// A record in journald's native protocol: `NAME=value` lines; values with line feeds as name, length, bytes.
  func journaldRecord(level: Logger.Level, message: String, fields: Logger.Metadata) -> [UInt8] {
    var record: [UInt8] = []
    func add(_ name: String, _ value: String) {
      record += name.utf8
      if value.utf8.contains(UInt8(ascii: "\n")) {
        record.append(UInt8(ascii: "\n"))
        let length = UInt64(value.utf8.count)
        for shift in stride(from: 0, to: 64, by: 8) { record.append(UInt8(truncatingIfNeeded: length >> shift)) }
      } else {
        record.append(UInt8(ascii: "="))
      }
      record += value.utf8
      record.append(UInt8(ascii: "\n"))
    }
    add("MESSAGE", message)
    add("PRIORITY", String(Self.priority(level)))
    add("SYSLOG_IDENTIFIER", program)
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
      let isMessageID = key == "message_id"
      add(isMessageID ? "MESSAGE_ID" : "KIOSK_" + Self.fieldName(key), "\(value)")
    }
    return record
  }

  /// A plain line, with the `<priority>` prefix left out because a person reads it.
  func line(level: Logger.Level, message: String, fields: Logger.Metadata) -> String {
    let suffix = fields.filter { $0.key != "message_id" }.sorted { $0.key < $1.key }
      .map { " \($0.key)=\($0.value)" }.joined()
    return "\(program): \(level.rawValue): \(message)\(suffix)\n"
  }

  /// journald allows upper-case letters, digits and underscores.
  private static func fieldName(_ key: String) -> String {
    String(
      decoding: key.utf8.map { byte -> UInt8 in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
        default: UInt8(ascii: "_")
        }
      }, as: UTF8.self)
  }

  /// syslog's priorities (syslog(3)).
  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// True when standard error goes to journald: `$JOURNAL_STREAM` holds its device and inode (systemd.exec(5)).
  public static func standardErrorIsJournald() -> Bool {
    guard let stream = ServicePlatform.environment("JOURNAL_STREAM") else { return false }
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    return stream == "\(status.st_dev):\(status.st_ino)"
  }
}
