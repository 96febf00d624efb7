import CZlib
import Foundation
import KioskTestKit
import Testing

@testable import Uplink

/// What a receiver makes of it; nil when it is no gzip.
func gunzipped(_ bytes: [UInt8], limit: Int = 64 << 20) -> [UInt8]? {
  var stream = z_stream()
  guard kiosk_gunzip_start(&stream) == Z_OK else { return nil }
  defer { inflateEnd(&stream) }
  var input = bytes
  var output: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 65_536)
  return input.withUnsafeMutableBufferPointer { source -> [UInt8]? in
    stream.next_in = source.baseAddress
    stream.avail_in = UInt32(source.count)
    while true {
      let result = piece.withUnsafeMutableBufferPointer { room -> Int32 in
        stream.next_out = room.baseAddress
        stream.avail_out = UInt32(room.count)
        return inflate(&stream, Z_NO_FLUSH)
      }
      output += piece.prefix(piece.count - Int(stream.avail_out))
      if result == Z_STREAM_END { return stream.avail_in == 0 ? output : nil }
      guard result == Z_OK, output.count <= limit else { return nil }
    }
  }
}

struct GzipTests {
  @Test("what was compressed comes back, whatever it was")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 3)
    for size in [0, 1, 2, 100, 65_535, 65_536, 300_000] {
      let noise = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let text = (0..<size).map { _ in UInt8.random(in: 97...100, using: &random) }
      for bytes in [noise, text] {
        for level in [Int32(-4), 1, 9, 30] {
          let compressed = try #require(Gzip.compressed(bytes, level: level))
          #expect(gunzipped(compressed) == bytes)
        }
      }
    }
  }

  @Test("the same bytes are always compressed to the same: no time, no name")
  func deterministic() throws {
    let bytes = Array("the same again".utf8)
    let compressed = try #require(Gzip.compressed(bytes))
    #expect(compressed == Gzip.compressed(bytes))
    #expect(Array(compressed.prefix(8)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
  }
}
