import Feedback
import NIOCore
import Synchronization

/// A client's connection, and whose it is.
final class ClientConnection: Sendable {
  let channel: any Channel
  /// Stands for its address.
  let address: String
  /// Rings when it is closed, or the other side has said that it sends no more.
  let closing = Bell()
  /// Who has asked on it last; nil: nobody yet.
  fileprivate let caller = Mutex<String?>(nil)

  fileprivate init(channel: any Channel, address: String) {
    self.channel = channel
    self.address = address
  }
}

/// All connections there are, so that none takes more than its share.
final class ConnectionRoll: Sendable {
  private struct State {
    var connections: [ObjectIdentifier: ClientConnection] = [:]
  }

  private let limits: ServingLimits
  private let clock: AgentClock
  private let arrivals: RequestRate
  private let state = Mutex(State())
  private let open: OpenConnections

  init(limits: ServingLimits, clock: AgentClock) {
    self.limits = limits
    open = OpenConnections(most: limits.connections)
    self.clock = clock
    arrivals = RequestRate(perSecond: limits.newConnectionsPerSecond, burst: limits.newConnectionsPerSecond * 2)
  }

  /// Takes a connection in; nil when it is one too many.
  func admit(_ channel: any Channel) -> ClientConnection? {
    let address = Self.name(of: channel.remoteAddress)
    guard arrivals.take(address, at: clock.monotonic) else { return nil }
    let connection = ClientConnection(channel: channel, address: address)
    return state.withLock { state in
      guard state.connections.values.count(where: { $0.address == address }) < limits.connectionsPerAddress,
        open.admit(channel)
      else { return nil }
      state.connections[ObjectIdentifier(channel)] = connection
      return connection
    }
  }

  func connection(of channel: any Channel) -> ClientConnection? {
    state.withLock { $0.connections[ObjectIdentifier(channel)] }
  }

  /// Makes a connection a caller's, who may have so many of them.
  func claim(_ connection: ClientConnection, for caller: String) -> Bool {
    state.withLock { state in
      let others = state.connections.values.count { other in
        other !== connection && other.caller.withLock { $0 } == caller
      }
      guard others < limits.connectionsPerCaller else { return false }
      connection.caller.withLock { $0 = caller }
      return true
    }
  }

  /// The connection is not used any more; its place is free.
  func release(_ connection: ClientConnection) {
    connection.caller.withLock { $0 = nil }
  }

  /// The connection is closed.
  func forget(_ connection: ClientConnection) {
    state.withLock { state in _ = state.connections.removeValue(forKey: ObjectIdentifier(connection.channel)) }
    hurry(connection)
  }

  /// Nobody waits on this connection any longer.
  func hurry(_ connection: ClientConnection) { Task { await connection.closing.ring() } }

  /// Keeps what answers on a connection, until it has ended.
  func keep(_ work: Task<Void, Never>, for channel: any Channel) { open.keep(work, for: channel) }

  /// Closes all, takes none in any more, and waits until nothing is answered.
  func close() async { await open.close() }

  /// What counts as one address: of IPv6 the network, for a client chooses the rest as it likes.
  static func name(of address: SocketAddress?) -> String {
    switch address {
    case .v4(let address):
      return withUnsafeBytes(of: address.address.sin_addr) { Array($0) }.map(String.init).joined(separator: ".")
    case .v6(let address):
      let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
      // An IPv4 address in an IPv6 socket.
      let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
      return isMapped
        ? bytes.suffix(4).map(String.init).joined(separator: ".")
        : bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    default: return "somewhere"
    }
  }
}
