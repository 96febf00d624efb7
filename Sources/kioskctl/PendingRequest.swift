import Glibc
import KioskControl

/// A request whose answer is awaited beside everything else, on a connection of its own.
final class PendingRequest {
  private let client: ControlClient
  private var received: [UInt8] = []

  init(_ request: ControlRequest, to path: String) throws(ControlError) {
    client = try ControlClient(path: path)
    try client.send(request)
  }

  /// To be polled; readable: see `answer`.
  var descriptor: Int32 { client.pollDescriptor }

  /// What has come: an answer, why there will be none, or nil: not all of it yet.
  func answer() -> Result<ControlReply, ControlError>? {
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return nil }
      guard count > 0, received.count <= ControlCodec.longestReply else {
        return .failure(ControlError(.disconnected, "kioskd broke off", hint: "see journalctl -u kioskd"))
      }
      received += chunk.prefix(count)
      guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else { continue }
      return Result { () throws(ControlError) in
        let reply = try ControlCodec.value(ControlReply.self, from: received[..<end])
        if let error = reply.error { throw error }
        return reply
      }
    }
  }
}
