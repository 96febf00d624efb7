import NIOCore

/// Begins to answer on a connection once it is registered with its event loop, or has ended before that: NIO's debugging
/// assertions forbid closing it sooner, and what was set up to answer has to be ended by being run.
final class StartWhenActive: ChannelInboundHandler {
  typealias InboundIn = NIOAny

  private var work: (() -> Void)?

  private init(_ work: @escaping () -> Void) { self.work = work }

  /// To be called on the connection's event loop while it is being set up.
  static func run(on channel: any Channel, _ work: @escaping () -> Void) {
    let handler = StartWhenActive(work)
    do {
      // First, for what is set up behind it may keep the news to itself.
      try channel.pipeline.syncOperations.addHandler(handler, position: .first)
    } catch {
      handler.start()
    }
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { start() }
  }

  func channelActive(context: ChannelHandlerContext) {
    start()
    context.fireChannelActive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { start() }

  private func start() {
    work?()
    work = nil
  }
}
