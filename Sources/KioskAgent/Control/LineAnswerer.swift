import NIOConcurrencyHelpers
import NIOCore

/// The clients of a socket that asks and answers in lines: how many there are, and a way to be rid of them.
final class LineClients: Sendable {
  private let most: Int
  private let channels = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])

  init(most: Int) { self.most = most }

  /// False when there are as many as may be.
  func add(_ channel: any Channel) -> Bool {
    channels.withLockedValue { channels in
      guard channels.count < most else { return false }
      channels[ObjectIdentifier(channel)] = channel
      return true
    }
  }

  func remove(_ channel: any Channel) {
    channels.withLockedValue { $0[ObjectIdentifier(channel)] = nil }
  }

  /// Cuts all of them off.
  func close() async {
    for channel in channels.withLockedValue({ Array($0.values) }) { try? await channel.close() }
  }
}

/// Answers one line and closes; who does not ask in time, or asks for more than may be, is cut off.
final class LineAnswerer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let clients: LineClients
  private let patience: Duration
  private let answer: @Sendable (ByteBuffer) async -> [UInt8]
  private var hasAsked = false

  init(clients: LineClients, patience: Duration, answer: @escaping @Sendable (ByteBuffer) async -> [UInt8]) {
    self.clients = clients
    self.patience = patience
    self.answer = answer
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    guard clients.add(channel) else {
      context.close(promise: nil)
      return
    }
    let limit = context.eventLoop.scheduleTask(in: .nanoseconds(patience.wholeNanoseconds)) {
      channel.close(promise: nil)
    }
    channel.closeFuture.whenComplete { [clients] _ in
      limit.cancel()
      clients.remove(channel)
    }
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
