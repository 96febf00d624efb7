import Feedback
import Foundation
import Journal
import KioskControl

/// The real kioskd with a simulated panel, in directories of its own.
public final class DaemonUnderTest {
  public let directory: TemporaryDirectory
  public private(set) var program: ProgramUnderTest
  private let arguments: [String]
  private let environment: [String: String]

  public var configuration: String { "\(directory.path)/config" }
  public var state: String { "\(directory.path)/state" }
  public var socket: String { "\(directory.path)/run/control.sock" }
  public var database: String { "\(state)/ratings.db" }

  /// Starts it; `waitUntilReady` waits until it answers.
  public init(
    files: [String: String] = SimulatedPanelFiles.standard, state prepared: [String: String] = [:],
    environment: [String: String] = [:], hasStateDirectory: Bool = true, arguments more: [String] = [],
    in directory: TemporaryDirectory? = nil
  ) throws {
    let directory = try directory ?? TemporaryDirectory()
    self.directory = directory
    self.environment = environment
    try FileManager.default.createDirectory(
      atPath: "\(directory.path)/run", withIntermediateDirectories: true)
    if hasStateDirectory {
      try FileManager.default.createDirectory(
        atPath: "\(directory.path)/state", withIntermediateDirectories: true)
    }
    try directory.write(Dictionary(uniqueKeysWithValues: files.map { ("config/\($0.key)", $0.value) }))
    try directory.write(Dictionary(uniqueKeysWithValues: prepared.map { ("state/\($0.key)", $0.value) }))
    arguments =
      [
        "--config", "\(directory.path)/config", "--state", "\(directory.path)/state", "--runtime",
        "\(directory.path)/run",
      ] + more
    program = try ProgramUnderTest("kioskd", arguments, environment: environment, in: directory)
  }

  /// Starts it again after it has ended.
  public func restart() throws {
    program = try ProgramUnderTest("kioskd", arguments, environment: environment, in: directory)
  }

  /// False when it has ended or does not answer within the limit.
  public func waitUntilReady() -> Bool {
    eventually { (try? status()) != nil || !program.isRunning } && program.isRunning
      && eventually { (try? status().journal.epoch) ?? nil != nil || (try? status().health.isEmpty) == false }
  }

  public func ask(_ request: ControlRequest) throws -> ControlReply {
    try ControlClient(path: socket).ask(request, within: 30_000)
  }

  public func status() throws -> DaemonStatus {
    guard let status = try ask(.status).status else { throw CocoaError(.coderValueNotFound) }
    return status
  }

  /// Presses a button and returns what was recognised meanwhile.
  @discardableResult
  public func press(_ button: String, holdMilliseconds: Int = 60, bounceEdges: Int = 0) throws -> [RecordedPress] {
    let press = SimulatedPress(button: button, holdMilliseconds: holdMilliseconds, bounceEdges: bounceEdges)
    return try ask(.simulate(.press(press))).played?.presses ?? []
  }

  /// Plays a waveform and returns what was recognised meanwhile.
  @discardableResult
  public func play(_ csv: String) throws -> [RecordedPress] {
    try ask(.simulate(.play(csv: csv))).played?.presses ?? []
  }

  /// All events on disk, as another process sees them.
  public func events() throws -> [Event] {
    try JournalReader.open(database).events(after: 0, limit: 10_000)
  }

  public func ratings() throws -> [Event] { try events().filter { $0.content.kind == .rating } }

  public func replace(_ files: [String: String]) throws {
    try directory.write(Dictionary(uniqueKeysWithValues: files.map { ("config/\($0.key)", $0.value) }))
  }

  /// Asks it to end, and waits.
  public func stop() -> Int32? {
    program.signal(SIGTERM)
    return program.exitCode()
  }
}

/// Configuration of a simulated five-face panel whose filter lets every press count, so that tests choose their rules.
public enum SimulatedPanelFiles {
  public static let standard = ["kiosk.toml": device(), "panel.toml": panel(), "surveys/loyalty.toml": survey()]

  public static func device(
    filter: String = "response_interval = \"0s\"\nburst_limit = 0\nchord_window = \"0s\"\ncorrection_window = \"0s\""
  ) -> String {
    """
    [device]
    name = "kiosk-test"
    touchpoint = "checkout-1"
    time_zone = "Europe/Berlin"
    [filter]
    \(filter)
    """
  }

  public static let faces = ["very-unhappy", "unhappy", "neutral", "happy", "very-happy"]

  public static func panel(buttons: [String] = faces, timing: String = "", lamps: [String] = ["thanks"]) -> String {
    var text = "board = \"simulated\"\nsurvey = \"loyalty\"\n[timing]\n\(timing)\n"
    for (index, name) in buttons.enumerated() { text += "[[button]]\nname = \"\(name)\"\nkey = \"\(index + 1)\"\n" }
    for name in lamps { text += "[[lamp]]\nname = \"\(name)\"\nshows = [\"counted\"]\n" }
    text += "[[lamp]]\nname = \"out-of-service\"\nshows = [\"out-of-service\"]\n"
    return text
  }

  public static func survey(version: Int = 1, buttons: [String] = faces) -> String {
    var text =
      "name = \"loyalty\"\nversion = \(version)\ninstrument = \"loyalty\"\n[[question]]\nname = \"overall\"\n"
      + "scale = \"faces-\(buttons.count)\"\n[question.text]\nen = \"How was it?\"\n"
    for (index, name) in buttons.enumerated() {
      text += "[[question.answer]]\nbutton = \"\(name)\"\nvalue = \(index + 1)\n"
    }
    return text
  }
}
