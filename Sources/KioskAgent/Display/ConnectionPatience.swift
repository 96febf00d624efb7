import NIOCore

/// Ends a connection whose client takes too long: to send a request, or to take what it is sent. A client that asks for the
/// stream of states and takes it may stay.
final class ConnectionPatience: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny
  typealias OutboundIn = NIOAny

  /// Told by whoever answers the requests.
  enum Turn: Sendable {
    /// A request's head has come.
    case asked
    /// It has been answered.
    case answered
  }

  private let limit: TimeAmount
  private var asking: Scheduled<Void>?
  private var taking: Scheduled<Void>?

  init(limit: Duration) { self.limit = TimeAmount(limit) }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { asking = ending(context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { forget() }

  func channelActive(context: ChannelHandlerContext) {
    asking?.cancel()
    asking = ending(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    forget()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let turn = event as? Turn else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    asking?.cancel()
    switch turn {
    case .asked: asking = nil
    // From here on it may send another request, and must have taken this answer.
    case .answered: asking = context.channel.isActive ? ending(context) : nil
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    taking?.cancel()
    taking = context.channel.isWritable ? nil : ending(context)
    context.fireChannelWritabilityChanged()
  }

  private func ending(_ context: ChannelHandlerContext) -> Scheduled<Void> {
    let channel = context.channel
    return context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
  }

  private func forget() {
    asking?.cancel()
    taking?.cancel()
    (asking, taking) = (nil, nil)
  }
}
