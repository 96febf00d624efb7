import NIOCore
import NIOEmbedded
import Testing

@testable import KioskAgent

/// What arrives on a control socket, cut into lines.
@Suite struct LineFramesTests {
  private func channel(longest: Int) throws -> EmbeddedChannel {
    EmbeddedChannel(handler: ByteToMessageHandler(LineFrames(longest: longest)))
  }

  @Test("lines come whole, however they are cut on the way", arguments: 1...7)
  func cut(size: Int) throws {
    let channel = try channel(longest: 16)
    var rest = Array("first\n\nthe third\nno end".utf8)[...]
    while !rest.isEmpty {
      try channel.writeInbound(ByteBuffer(bytes: rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    var lines: [String] = []
    while let line = try channel.readInbound(as: ByteBuffer.self) { lines.append(String(buffer: line)) }
    #expect(lines == ["first", "", "the third"])
    _ = try? channel.finish()
  }

  @Test("a line that is too long is an error, with its end or without", arguments: ["", "\n"])
  func tooLong(end: String) throws {
    let channel = try channel(longest: 8)
    #expect(throws: LineFrames.TooLong.self) {
      try channel.writeInbound(ByteBuffer(string: "12345678\n123456789" + end))
    }
    #expect(try channel.readInbound(as: ByteBuffer.self).map { String(buffer: $0) } == "12345678")
    _ = try? channel.finish()
  }
}
