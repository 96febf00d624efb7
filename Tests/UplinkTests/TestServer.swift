import KioskTestKit
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A real server on this machine, on a port of its own: takes requests over TCP or TLS and does with each connection what
/// the test says.
final class TestServer: Sendable {
  /// What was received.
  struct Received: Sendable {
    var head: HTTPRequestHead
    var body: [UInt8]
  }

  enum Behaviour: Sendable {
    /// Answers each whole request with these bytes.
    case answer(String)
    /// Answers with these bytes again and again, as fast as they are taken.
    case endless(start: String, again: String)
    /// Sends one byte of this every so often.
    case slow(String, every: TimeAmount)
    /// Takes the request and says nothing.
    case silent
    /// Closes the connection when the request is there.
    case close
  }

  private let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel
  private let log: Log

  /// What the connections tell.
  final class Log: Sendable {
    let received = Mutex<[Received]>([])
    let connections = Mutex(0)
    let sentBytes = Mutex(0)
    let first = AsyncStream<Void>.makeStream()
  }

  var port: Int { channel.localAddress?.port ?? 0 }
  var received: [Received] { log.received.withLock { $0 } }
  var connections: Int { log.connections.withLock { $0 } }
  var sentBytes: Int { log.sentBytes.withLock { $0 } }

  /// Waits until a whole request has come.
  func firstRequest() async {
    for await _ in log.first.stream { return }
  }

  init(
    _ behaviour: Behaviour, certificate: (chain: String, key: String)? = nil, clientAuthority: [UInt8]? = nil,
    maximumTLS: TLSVersion? = nil
  ) throws {
    var context: NIOSSLContext?
    if let certificate {
      var tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.chain).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem)))
      if let clientAuthority {
        tls.certificateVerification = .noHostnameVerification
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(clientAuthority))
      }
      if let maximumTLS {
        tls.minimumTLSVersion = .tlsv1
        tls.maximumTLSVersion = maximumTLS
      }
      context = try NIOSSLContext(configuration: tls)
    }
    let log = Log()
    self.log = log
    channel = try ServerBootstrap(group: threads)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [context] channel in
        channel.eventLoop.makeCompletedFuture {
          if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
          try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
          try channel.pipeline.syncOperations.addHandler(Connection(behaviour, log))
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
  }

  deinit {
    channel.close(promise: nil)
    threads.shutdownGracefully { _ in }
  }

  private final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let behaviour: Behaviour
    private let log: Log
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ behaviour: Behaviour, _ log: Log) {
      self.behaviour = behaviour
      self.log = log
    }

    func channelActive(context: ChannelHandlerContext) {
      log.connections.withLock { $0 += 1 }
      context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): (self.head, body) = (head, [])
      case .body(let part): body += part.readableBytesView
      case .end:
        guard let head else { return }
        log.received.withLock { [body] in $0.append(Received(head: head, body: body)) }
        log.first.continuation.yield()
        answer(context)
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ context: ChannelHandlerContext) {
      switch behaviour {
      case .answer(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
      case .endless(let start, let again):
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: start)), promise: nil)
        write(ByteBuffer(string: again), again: nil, NIOLoopBound(context, eventLoop: context.eventLoop))
      case .slow(let text, let pause):
        write(ByteBuffer(string: text), again: pause, NIOLoopBound(context, eventLoop: context.eventLoop))
      case .silent: break
      case .close: context.close(promise: nil)
      }
    }

    /// Writes a part when the part before it has been taken: the whole again and again, or byte for byte.
    private func write(
      _ bytes: ByteBuffer, again pause: TimeAmount?, _ bound: NIOLoopBound<ChannelHandlerContext>
    ) {
      let context = bound.value
      var bytes = bytes
      guard let part = pause == nil ? bytes : bytes.readSlice(length: 1) else { return }
      let rest = bytes
      log.sentBytes.withLock { $0 += part.readableBytes }
      let me = NIOLoopBound(self, eventLoop: context.eventLoop)
      context.writeAndFlush(wrapOutboundOut(part)).whenSuccess {
        let loop = bound.value.eventLoop
        loop.scheduleTask(in: pause ?? .nanoseconds(0)) { me.value.write(rest, again: pause, bound) }
      }
    }
  }
}
