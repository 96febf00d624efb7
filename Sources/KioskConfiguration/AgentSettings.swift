import Feedback

/// What kiosk-agent goes by, of `kiosk.toml`: `[device]` for the name, `[sync]`, `[serve]` and `[display]`. Secrets are not
/// in it: they come as credentials (docs/CONFIGURATION.md, "Credentials").
public struct AgentSettings: Sendable, Hashable {
  /// Name of the device, as it stands in the `source` of events.
  public var device: String
  public var touchpoint: String
  /// Where events are sent; nil: nowhere.
  public var push: Push?
  /// Who may fetch; nil: nobody.
  public var serve: Serve?
  /// The page beside the buttons; nil: none.
  public var display: Display?

  /// Where and how events are sent.
  public struct Push: Sendable, Hashable {
    /// What comes before `/v1/events`, without a slash at its end.
    public var url: String
    /// PEM file of the authorities to trust in place of the system's; nil: the system's.
    public var authorities: String?
    /// `http://host:port` of a proxy that opens tunnels; nil: none.
    public var proxy: Address?
    public var allowsPlainText = false
    /// How long new events are left to gather once everything before is delivered.
    public var gather = Duration.seconds(2)
    /// The first contact after the start comes within this time.
    public var firstContactWithin = Duration.seconds(60)

    /// After a failure the next attempt comes within this time, after each further one within twice as long.
    public var firstRetryWithin = Duration.seconds(2)
    /// But at the latest within this time.
    public var retryWithin = Duration.seconds(15 * 60)

    public init(url: String) { self.url = url }
  }

  /// A host and a port.
  public struct Address: Sendable, Hashable {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
      self.host = host
      self.port = port
    }
  }

  /// Who may fetch events, and where.
  public struct Serve: Sendable, Hashable {
    public var listen: Address
    /// PEM file of the authorities whose client certificates name a consumer; nil: consumers come with tokens.
    public var clientAuthorities: String?
    public var allowsPlainText = false
    public var consumers: [Consumer]

    public init(listen: Address, consumers: [Consumer]) {
      self.listen = listen
      self.consumers = consumers
    }
  }

  /// Somebody who fetches.
  public struct Consumer: Sendable, Hashable {
    public var name: String
    public var scopes: Set<Scope>

    public init(name: String, scopes: Set<Scope>) {
      self.name = name
      self.scopes = scopes
    }
  }

  /// What a consumer may do.
  public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// Read events and confirm them.
    case events
    case status
    case metrics
  }

  /// The page beside the buttons.
  public struct Display: Sendable, Hashable {
    /// Loopback only.
    public var listen: Address

    public init(listen: Address) { self.listen = listen }
  }

  /// Name of the consumer that stands for pushing; no other may have it.
  public static let pushConsumer = "upstream"
  /// Most consumers that may fetch.
  public static let mostConsumers = 32

  public init(device: String, touchpoint: String) {
    self.device = device
    self.touchpoint = touchpoint
  }
}
