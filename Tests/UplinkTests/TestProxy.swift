import NIOCore
import NIOPosix
import Synchronization

/// An HTTP proxy on this machine that opens tunnels (CONNECT) to whom it is asked for.
final class TestProxy: Sendable {
  private let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel
  private let log = Log()

  private final class Log: Sendable {
    let requests = Mutex<[String]>([])
  }

  var port: Int { channel.localAddress?.port ?? 0 }
  /// The heads of the requests for a tunnel.
  var requests: [String] { log.requests.withLock { $0 } }

  init() throws {
    channel = try ServerBootstrap(group: threads)
      .childChannelInitializer { [log] channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Tunnel(log)) }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
  }

  deinit {
    channel.close(promise: nil)
    threads.shutdownGracefully { _ in }
  }

  /// Reads the request, then hands on bytes.
  private final class Tunnel: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: Log
    private var head = ""
    private var peer: (any Channel)?

    init(_ log: Log) { self.log = log }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = unwrapInboundIn(data)
      if let peer {
        peer.writeAndFlush(bytes, promise: nil)
        return
      }
      head += String(buffer: bytes)
      guard head.hasSuffix("\r\n\r\n") else { return }
      log.requests.withLock { [head] in $0.append(head) }
      let words = head.split(separator: " ")
      let place = words.count > 1 ? words[1].split(separator: ":") : []
      guard words.first == "CONNECT", place.count == 2, let port = Int(place[1]) else {
        context.close(promise: nil)
        return
      }
      let near = context.channel
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      ClientBootstrap(group: context.eventLoop)
        .channelInitializer { far in
          far.eventLoop.makeCompletedFuture { try far.pipeline.syncOperations.addHandler(Back(near)) }
        }
        .connect(host: String(place[0]), port: port)
        .whenComplete { result in
          let (me, context) = bound.value
          guard case .success(let far) = result else {
            context.close(promise: nil)
            return
          }
          me.peer = far
          context.writeAndFlush(me.wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n")), promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { peer?.close(promise: nil) }
  }

  private final class Back: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let near: any Channel

    init(_ near: any Channel) { self.near = near }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      near.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { near.close(promise: nil) }
  }
}
