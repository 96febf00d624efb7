import Feedback
import KioskConfiguration
import Logging
import NIOCore

/// What the parts of the agent have in common: settings, and those other parts that they work with. A part is anything with
/// `run()`, which works until its task is cancelled and never fails: what goes wrong in one of them is told to `health`,
/// tried again, and harms no other.
public struct AgentParts: Sendable {
  public var settings: AgentSettings
  public var options: AgentOptions
  public var credentials: Credentials
  public var link: CaptureLink
  public var arrivals: Bell
  public var cursors: CursorKeeper
  public var health: HealthBoard
  public var figures: AgentFigures
  /// Nil: nothing is sent anywhere.
  public var delivery: PushDelivery?
  /// Nil: nobody offers a configuration.
  public var courier: ConfigurationCourier?
  public var threads: any EventLoopGroup
  public var clock: AgentClock
  public var logger: Logger
}
