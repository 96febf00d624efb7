import Feedback
import Journal
import KioskConfiguration
import Synchronization

/// Whose token is whose. A consumer's token is the credential `consumer-<name>`. They are read anew every half minute, and
/// when somebody comes with one that is not known, but then once a second at most: strangers cannot make the kiosk read files.
final class ConsumerTokens: Sendable {
  /// Characters that a token has at least; one that is shorter is not taken.
  static let shortest = 16
  /// Characters of a token that is looked at.
  static let longest = 4_096

  private struct State {
    /// SHA-256 of each token, by consumer: comparing these takes equally long whatever is shown.
    var digests: [(consumer: String, digest: [UInt8])] = []
    var read: MonotonicTime?
    var problems: [String: AgentError] = [:]
  }

  private let consumers: [String]
  private let needsTokens: Bool
  private let credentials: Credentials
  private let state = Mutex(State())

  init(settings: AgentSettings.Serve, credentials: Credentials) {
    consumers = settings.consumers.map(\.name)
    needsTokens = settings.clientAuthorities == nil
    self.credentials = credentials
  }

  /// Whose token it is; nil: nobody's.
  func consumer(of token: String, at now: MonotonicTime) -> String? {
    guard (1...Self.longest).contains(token.utf8.count) else { return nil }
    let digest = MessageDigest.sha256(Array(token.utf8))
    if let known = find(digest) { return known }
    guard state.withLock({ $0.read.map { now - $0 >= .seconds(1) } ?? true }) else { return nil }
    refresh(at: now)
    return find(digest)
  }

  /// What is wrong with the tokens, by consumer.
  var problems: [String: AgentError] { state.withLock { $0.problems } }

  func refresh(at now: MonotonicTime) {
    var digests: [(consumer: String, digest: [UInt8])] = []
    var problems: [String: AgentError] = [:]
    for consumer in consumers {
      let name = "consumer-\(consumer)"
      do throws(AgentError) {
        guard let token = try credentials.line(name) else {
          guard needsTokens else { continue }
          throw AgentError(
            .credential, "the credential \(name) is not there, so this consumer cannot fetch",
            hint: "hand in a token of at least \(Self.shortest) characters")
        }
        guard (Self.shortest...Self.longest).contains(token.utf8.count) else {
          throw AgentError(
            .credential, "the credential \(name) has fewer than \(Self.shortest) characters, or far too many",
            hint: "make one with: openssl rand -hex 32")
        }
        let digest = MessageDigest.sha256(Array(token.utf8))
        if let other = digests.first(where: { MessageDigest.isEqual($0.digest, digest) }) {
          throw AgentError(
            .credential, "the credentials \(name) and consumer-\(other.consumer) are the same token",
            hint: "give each consumer one of its own; until then it is \(other.consumer)'s")
        }
        digests.append((consumer, digest))
      } catch {
        problems[consumer] = error
      }
    }
    state.withLock { $0 = State(digests: digests, read: now, problems: problems) }
  }

  /// Looks at all of them, whichever it is.
  private func find(_ digest: [UInt8]) -> String? {
    state.withLock { state in
      var found: String?
      for known in state.digests where MessageDigest.isEqual(known.digest, digest) { found = known.consumer }
      return found
    }
  }
}
