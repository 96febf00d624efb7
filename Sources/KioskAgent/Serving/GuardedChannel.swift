import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// How a connection is set up: counted, encrypted, guarded, and then HTTP as Hummingbird does it.
struct GuardedChannel: HTTPChannelHandler {
  typealias Value = HTTP1Channel.Value

  let responder: HTTPChannelHandler.Responder
  let roll: ConnectionRoll
  let limits: ServingLimits
  /// What encrypts; asked for each connection, so that a renewed certificate takes effect. Nil: plain text.
  let encryption: @Sendable () -> NIOSSLContext?
  let count: @Sendable (Int) -> Void

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let loop = channel.eventLoop
    let connection = roll.admit(channel)
    // The gates count by themselves; these limits are for what gets past them within one packet.
    let base = HTTP1Channel(
      responder: responder,
      configuration: HTTP1Channel.Configuration(
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: limits.headers, maxHeaderListSize: limits.headers + limits.requestLine,
          maxHeaderFieldCount: 200)))
    guard let connection else { return loop.makeFailedFuture(ChannelError.operationUnsupported) }
    let context = encryption()
    return loop.makeCompletedFuture {
      let watch = ConnectionGuard(connection: connection, roll: roll, limits: limits, count: count)
      let pipeline = channel.pipeline.syncOperations
      if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
      try pipeline.addHandler(HeadGate(watch: watch, limits: limits))
      return NIOLoopBound(watch, eventLoop: loop)
    }.flatMap { (watch: NIOLoopBound<ConnectionGuard>) in
      base.setup(channel: channel, logger: logger).flatMapThrowing { value in
        let pipeline = channel.pipeline.syncOperations
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandler(watch.value, position: .after(decoder))
        let codec = try pipeline.handler(type: HTTPConnectionStateHandler.self)
        try pipeline.addHandler(FormGate(watch: watch.value), position: .before(codec))
        return value
      }
    }
  }

  func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
}
