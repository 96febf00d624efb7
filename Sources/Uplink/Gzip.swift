import CZlib

/// gzip (RFC 1952), in memory. The bytes say nothing but their content: no name, no time.
public enum Gzip {
  /// - Parameter level: 1 (fast) to 9 (small). On a mobile contract bytes cost more than a kiosk's idle processor.
  /// - Returns: nil when there is no memory for it.
  public static func compressed(_ bytes: [UInt8], level: Int32 = 9) -> [UInt8]? {
    var stream = z_stream()
    guard kiosk_gzip_start(&stream, min(max(level, 1), 9)) == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    guard bytes.count <= Int(UInt32.max) else { return nil }
    let room = Int(deflateBound(&stream, UInt(bytes.count)))
    var input = bytes
    let compressed = [UInt8](unsafeUninitializedCapacity: room) { output, count in
      input.withUnsafeMutableBufferPointer { source in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(clamping: room)
        count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? room - Int(stream.avail_out) : 0
      }
    }
    return compressed.isEmpty ? nil : compressed
  }
}
