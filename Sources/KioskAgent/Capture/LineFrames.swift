import NIOCore

/// Cuts what arrives on a control socket into lines, and gives up on one that is longer than may be.
struct LineFrames: ByteToMessageDecoder {
  typealias InboundOut = ByteBuffer

  struct TooLong: Error {}

  let longest: Int
  /// How much of what has arrived holds no end of a line.
  private var searched = 0

  init(longest: Int) { self.longest = longest }

  mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
    let view = buffer.readableBytesView
    guard let end = view.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) else {
      searched = view.count
      guard searched <= longest else { throw TooLong() }
      return .needMoreData
    }
    let length = end - view.startIndex
    searched = 0
    guard length <= longest, let line = buffer.readSlice(length: length) else { throw TooLong() }
    buffer.moveReaderIndex(forwardBy: 1)
    context.fireChannelRead(wrapInboundOut(line))
    return .continue
  }
}
