import NIOCore

/// Counts the bytes of a request's first line and of its headers before anything is made of them, and lets no more through
/// than may be.
final class HeadGate: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private enum Place {
    case line, headers, body
  }

  private let watch: ConnectionGuard
  private let limits: ServingLimits
  private var place = Place.line
  /// Bytes of the first line, or of the headers.
  private var count = 0
  /// Bytes of the present line, without its end.
  private var length = 0

  init(watch: ConnectionGuard, limits: ServingLimits) {
    self.watch = watch
    self.limits = limits
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    while buffer.readableBytes > 0 {
      guard !watch.isRefusing else { return }
      watch.bytesArrived(on: context.eventLoop)
      let part = place == .body ? buffer.readableBytes : head(of: buffer.readableBytesView)
      guard let part else { return watch.refuse(place == .line ? .uriTooLong : .headersTooLarge) }
      guard let slice = buffer.readSlice(length: part) else { return }
      let whole = watch.wholeRequests
      context.fireChannelRead(wrapInboundOut(slice))
      if watch.wholeRequests != whole { (place, count, length) = (.line, 0, 0) }
    }
  }

  /// How many of the bytes belong to the head, which may end before they do; nil: it is too long.
  private func head(of bytes: ByteBufferView) -> Int? {
    for (index, byte) in bytes.enumerated() {
      count += 1
      guard count <= (place == .line ? limits.requestLine : limits.headers) else { return nil }
      guard byte == UInt8(ascii: "\n") else {
        if byte != UInt8(ascii: "\r") { length += 1 }
        continue
      }
      let isEmpty = length == 0
      length = 0
      switch (place, isEmpty) {
      // Empty lines before a request are passed over (RFC 9112).
      case (.line, true): break
      case (.line, false): (place, count) = (.headers, 0)
      default:
        guard isEmpty else { break }
        (place, count) = (.body, 0)
        return index + 1
      }
    }
    return bytes.count
  }
}

@available(*, unavailable)
extension HeadGate: Sendable {}

/// Refuses what is no request although it could be taken apart as one.
final class FormGate: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = Any

  private let watch: ConnectionGuard

  init(watch: ConnectionGuard) { self.watch = watch }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { watch.refuse(.malformed) }
}

@available(*, unavailable)
extension FormGate: Sendable {}
