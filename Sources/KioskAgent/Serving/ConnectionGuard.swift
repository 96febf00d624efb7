import NIOCore
import NIOHTTP1

/// Stands between a connection and what answers on it: cuts off whoever is slow, sends too much or nonsense, and says why. A
/// request that is refused here never gets further; one that is answered further in while it is still coming ends the
/// connection.
///
/// At any moment one deadline runs at most: for the request that is coming, the answer that is going out, or the next request.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Deadline {
    case opening, request, answer, idle, farewell
  }

  private let connection: ClientConnection
  private let roll: ConnectionRoll
  private let limits: ServingLimits
  private let count: @Sendable (Int) -> Void
  private var context: ChannelHandlerContext?
  private var timer: Scheduled<Void>?
  private let since = NIODeadline.now()

  /// Requests whose head has been read and whose answer has not been sent, whether the connection goes on after each.
  private var pending: [(goesOn: Bool, isHead: Bool)] = []
  /// A request has begun and its end has not been read.
  private var isReading = false
  private var bodyBytes = 0
  private var isAnswering = false
  /// What is to be said once the requests before it are answered.
  private var refusal: Problem?
  /// Nothing is taken in any more.
  private(set) var isRefusing = false
  /// Nothing of what is answered further in goes out any more.
  private var isOver = false
  /// No more requests are read: the other side has said that it sends no more.
  private var isLast = false
  /// Requests read to their end.
  private(set) var wholeRequests: UInt64 = 0

  /// - Parameter count: told the status of each answer.
  init(
    connection: ClientConnection, roll: ConnectionRoll, limits: ServingLimits,
    count: @escaping @Sendable (Int) -> Void
  ) {
    self.connection = connection
    self.roll = roll
    self.limits = limits
    self.count = count
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    arm(.opening, limits.request)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    isRefusing = true
    isOver = true
    roll.forget(connection)
    context.fireChannelInactive()
  }

  // MARK: - In

  /// Bytes have come: a request has begun, if none had.
  func bytesArrived(on loop: any EventLoop) {
    guard !isRefusing, pending.isEmpty, !isBegun else { return }
    isBegun = true
    arm(.request, limits.request)
  }

  /// Whether bytes have come since the last whole request.
  private var isBegun = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefusing else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard pending.count < limits.pipelined else { return refuse(.tooManyRequests) }
      let age = NIODeadline.now() - since
      // Who asks for another protocol than HTTP/1.1 gets an answer in this one, and no other.
      let goesOn =
        head.version == .http1_1 && head.isKeepAlive && head.method != .CONNECT
        && !head.headers.contains(name: "Upgrade")
        && age < .nanoseconds(limits.connectionAge.wholeNanoseconds)
      pending.append((goesOn, head.method == .HEAD))
      (isReading, isBegun, bodyBytes) = (true, true, 0)
      let length = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
      guard length <= limits.body else { return refuse(.tooLarge) }
    case .body(let bytes):
      bodyBytes += bytes.readableBytes
      guard bodyBytes <= limits.body else { return refuse(.tooLarge) }
    case .end:
      (isReading, isBegun) = (false, false)
      wholeRequests &+= 1
      if !isAnswering { disarm() }
    }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error as? HTTPParserError {
    case .headerOverflow: refuse(.headersTooLarge)
    case .some: refuse(.malformed)
    // The connection is broken, or was never an encrypted one.
    case nil: context.close(promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent {
      isLast = true
      // Half a request will never be a whole one.
      if isOver || pending.isEmpty || isReading { return context.close(promise: nil) }
      // Whether it still reads is not to be seen; so it is answered now, and not when something happens.
      roll.hurry(connection)
    }
    context.fireUserInboundEventTriggered(event)
  }

  // MARK: - Out

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isOver, let request = pending.first else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      isAnswering = true
      count(Int(head.status.code))
      if head.headers["Connection"].contains("close") { pending[0].goesOn = false }
      if isFinal(pending[0].goesOn) { head.headers.replaceOrAdd(name: "Connection", value: "close") }
      arm(.answer, limits.answer)
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      guard !request.isHead else { return promise?.succeed() ?? () }
      context.write(data, promise: promise)
    case .end:
      let sent = promise ?? context.eventLoop.makePromise()
      // Sent: handed to the system, which has room for it only as far as the other side reads.
      sent.futureResult.assumeIsolated().whenSuccess { self.answered() }
      context.write(data, promise: sent)
    }
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    // What answers further in is done. The end of the answer decides when the connection goes.
    if case .output = mode, !isOver, isAnswering { return promise?.succeed() ?? () }
    context.close(mode: mode, promise: promise)
  }

  // MARK: - Within

  /// Whether the answer to the first request that waits is the last on this connection.
  private func isFinal(_ goesOn: Bool) -> Bool { !goesOn || (isReading && pending.count == 1) || isLast }

  private func answered() {
    guard !isOver, let request = pending.first else { return }
    let isFinal = isFinal(request.goesOn)
    pending.removeFirst()
    isAnswering = false
    disarm()
    if isFinal { return farewell() }
    if let refusal, pending.count <= (isReading ? 1 : 0) { return say(refusal) }
    if isReading || isBegun {
      arm(.request, limits.request)
    } else if pending.isEmpty {
      arm(.idle, limits.idle)
    }
  }

  /// Takes no more in, and says why once what came before is answered.
  func refuse(_ problem: Problem) {
    guard !isRefusing else { return }
    isRefusing = true
    // It is being answered already; the connection ends with that.
    if isReading, isAnswering, pending.count == 1 { return }
    if pending.count <= (isReading ? 1 : 0) { say(problem) } else { refusal = problem }
  }

  private func say(_ problem: Problem) {
    guard let context, !isOver else { return }
    (isOver, isRefusing) = (true, true)
    let answer = Answer.problem(problem, retryAfter: problem == .tooManyRequests ? 1 : nil)
    count(answer.status)
    var headers = HTTPHeaders(answer.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    headers.add(name: "Content-Type", value: answer.mediaType)
    headers.add(name: "Content-Length", value: String(answer.body.count))
    headers.add(name: "Connection", value: "close")
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
    let isHead = pending.first?.isHead ?? false
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !isHead {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    farewell()
  }

  /// Ends the connection, but not before the other side has had time to read the last answer: a connection that is closed
  /// while bytes come is reset, and the answer with it.
  private func farewell() {
    guard let context else { return }
    (isOver, isRefusing) = (true, true)
    roll.release(connection)
    guard !isLast else { return context.close(promise: nil) }
    context.close(mode: .output, promise: nil)
    arm(.farewell, limits.farewell)
  }

  private func disarm() {
    timer?.cancel()
    timer = nil
  }

  private func arm(_ deadline: Deadline, _ time: Duration) {
    guard let context else { return }
    timer?.cancel()
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(time.wholeNanoseconds)) {
      self.passed(deadline)
    }
  }

  private func passed(_ deadline: Deadline) {
    switch deadline {
    case .request: refuse(.timeout)
    case .opening, .answer, .idle, .farewell: context?.close(promise: nil)
    }
  }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
