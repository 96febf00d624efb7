/// When what a sensor sees is a contact: somebody who was there long enough to be served. One sensor, one set of rules.
///
/// The defaults follow from how such sensors work; docs/CONFIGURATION.md has them in one table.
public struct ContactRules: Sendable, Hashable, Codable {
  /// How the sensor sees, which the defaults depend on.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Passive infrared: sees movement only, and holds its output for some seconds after each.
    case pir
    /// A beam that is broken while somebody passes through.
    case lightBarrier = "light-barrier"
    /// Time of flight, radar, a mat: says "present" for as long as somebody is there.
    case presence
  }

  public var kind: Kind
  /// Somebody must be there this long to be a contact; who is gone sooner passed by. Counted from the beginning of the
  /// presence, breaks shorter than `holdOff` included. Zero: at once.
  public var dwell: Duration
  /// A presence that returns less than this after its end is the same person: a sensor that dropped out, somebody who
  /// shuffled. Zero: each presence is another person.
  public var holdOff: Duration
  /// A contact that begins less than this after the end of a counted one is the same person going out again: recorded,
  /// not counted. The one after that counts again, so steady traffic is counted once for each two passes. Zero: off.
  public var doublePass: Duration
  /// Somebody seen for longer than this without a break is no person: the sensor is covered or stuck. Zero: never.
  public var blockedAfter: Duration

  /// - Parameters: what is nil takes the kind's default.
  public init(
    kind: Kind, dwell: Duration? = nil, holdOff: Duration? = nil, doublePass: Duration? = nil,
    blockedAfter: Duration? = nil
  ) {
    self.kind = kind
    self.dwell = dwell ?? kind.standardDwell
    self.holdOff = holdOff ?? kind.standardHoldOff
    self.doublePass = doublePass ?? kind.standardDoublePass
    self.blockedAfter = blockedAfter ?? kind.standardBlockedAfter
  }
}

extension ContactRules.Kind {
  /// - PIR 8 s: the common module (HC-SR501) holds its output for 3 to 5 s after each movement at its shortest setting,
  ///   and who walks by is seen for some 2 s. Set the module to its shortest time, or make this longer.
  /// - Light barrier 50 ms: a body (0.3 m) breaks the beam for some 200 ms when walking (1.4 m/s), for 100 ms when
  ///   running (3 m/s); what is shorter was a hand, a bag strap, a bird.
  /// - Presence 3 s: a walker crosses two metres of view in 1.5 s; who is seen for twice that has stopped.
  var standardDwell: Duration {
    switch self {
    case .pir: .seconds(8)
    case .lightBarrier: .milliseconds(50)
    case .presence: .seconds(3)
    }
  }

  /// - PIR 10 s: after each hold the HC-SR501 is blind for 2.5 to 3 s, and who stands still is not seen until they move.
  /// - Light barrier 250 ms: an arm and a body, or two legs, of one person; two people in file are some 300 ms apart.
  /// - Presence 2 s: leaning aside, a bag taken up. The next in the queue takes longer to come forward.
  var standardHoldOff: Duration {
    switch self {
    case .pir: .seconds(10)
    case .lightBarrier: .milliseconds(250)
    case .presence: .seconds(2)
    }
  }

  /// A light barrier across the way to a counter is passed twice by everybody; a minute covers a short service. Owners
  /// of a way that is passed once set zero, of a longer service more. The other kinds face the place itself: off.
  var standardDoublePass: Duration {
    switch self {
    case .lightBarrier: .seconds(60)
    case .pir, .presence: .zero
    }
  }

  /// Nobody stands in a doorway for ten minutes; a queue before a counter may keep the other kinds on for an hour.
  var standardBlockedAfter: Duration {
    switch self {
    case .lightBarrier: .seconds(600)
    case .pir, .presence: .seconds(3600)
    }
  }
}
