import NIOCore

/// Answers one line and closes; who does not ask in time, or asks for more than may be, is cut off.
final class LineAnswerer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let clients: OpenConnections
  private let patience: Duration
  private let answer: @Sendable (ByteBuffer) async -> [UInt8]
  private var hasAsked = false

  init(clients: OpenConnections, patience: Duration, answer: @escaping @Sendable (ByteBuffer) async -> [UInt8]) {
    self.clients = clients
    self.patience = patience
    self.answer = answer
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    guard clients.admit(channel) else {
      context.close(promise: nil)
      return
    }
    let limit = context.eventLoop.scheduleTask(in: .nanoseconds(patience.wholeNanoseconds)) {
      channel.close(promise: nil)
    }
    channel.closeFuture.whenComplete { _ in limit.cancel() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasAsked else { return }
    hasAsked = true
    let (line, channel) = (unwrapInboundIn(data), context.channel)
    Task { [answer] in
      let bytes = await answer(line)
      try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
      try? await channel.close()
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
