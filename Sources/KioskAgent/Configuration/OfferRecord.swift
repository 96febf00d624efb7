import FoundationEssentials
import Glibc
import KioskControl

/// What became of the configuration that the upstream offered last, as the agent remembers it over restarts: so that one is
/// fetched once, and its outcome reported until the server has heard it.
struct OfferRecord: Sendable, Hashable, Codable {
  static let name = "configuration.json"

  var outcome: ConfigurationOutcome
  /// Whether the server has heard it.
  var isReported: Bool

  enum CodingKeys: String, CodingKey {
    case outcome
    case isReported = "reported"
  }

  /// The record in a directory; nil when there is none, or none that can be read: then the offer is fetched again.
  static func read(from directory: String) -> OfferRecord? {
    guard let bytes = try? Credentials.read("\(directory)/\(name)") else { return nil }
    return try? JSONDecoder().decode(OfferRecord.self, from: Data(bytes))
  }

  /// Writes it so that the old one or the new one is there whole, whatever happens.
  /// - Throws: `AgentError` `state`.
  func write(to directory: String) throws(AgentError) {
    let path = "\(directory)/\(Self.name)"
    guard let data = try? JSONEncoder().encode(self) else {
      throw AgentError(.state, "the outcome of a configuration has no JSON form", hint: "report this as a defect")
    }
    let bytes = [UInt8](data)
    func failure() -> AgentError {
      AgentError(
        .state, "\(path) cannot be written: \(String(cString: strerror(errno)))",
        hint: "free some space, or see the disk")
    }
    let file = open("\(path).new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    guard file >= 0 else { throw failure() }
    let isWritten = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count
    let isSynced = isWritten && fsync(file) == 0
    close(file)
    guard isSynced, rename("\(path).new", path) == 0 else { throw failure() }
    let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }
}
