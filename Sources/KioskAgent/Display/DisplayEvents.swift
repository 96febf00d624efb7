import HTTPTypes
import HummingbirdCore
import NIOCore

/// The stream of states, as server-sent events, until the client or the agent ends it.
struct DisplayEvents: Sendable {
  let feed: DisplayFeed
  let watcher: DisplayFeed.Watcher

  /// The answer without the stream.
  static var head: Response { Response(status: .ok, headers: [.contentType: "text/event-stream"]) }

  func response(to request: Request) -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/event-stream"],
      body: ResponseBody { [self] writer in
        let out = Out(writer: writer)
        // A client that leaves is noticed at once, not with the next thing it is sent.
        try await request.body.consumeWithCancellationOnInboundClose { _ in try await send(to: out) }
      })
  }

  private func send(to out: Out) async throws {
    // Told first, for it holds when this stream breaks: a browser waits so many milliseconds before it asks again.
    try await out.write(ByteBuffer(string: "retry: 500\n\n"))
    var known = ""
    func tell() async throws {
      let present = await feed.present
      if present.identifier != known {
        known = present.identifier
        try await out.write(Self.state(present))
      } else {
        try await out.write(Self.heartbeat)
      }
    }
    try await tell()
    for await _ in watcher.rings { try await tell() }
  }

  private static func state(_ sent: DisplayFeed.Sent) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.reserveCapacity(sent.json.readableBytes + 64)
    buffer.writeString("id: \(sent.identifier)\nevent: state\ndata: ")
    buffer.writeImmutableBuffer(sent.json)
    buffer.writeString("\n\n")
    return buffer
  }

  /// A comment keeps the connection, but a browser does not show it to the page; the event does.
  private static let heartbeat = ByteBuffer(string: ": heartbeat\nevent: heartbeat\ndata: {}\n\n")
}

/// The writer of one answer, which is used by one task at a time.
private final class Out: @unchecked Sendable {
  private var writer: any ResponseBodyWriter

  init(writer: any ResponseBodyWriter) { self.writer = writer }

  func write(_ buffer: ByteBuffer) async throws { try await writer.write(buffer) }
}
