import CMessageDigest
import Feedback

/// The hash chain: each event's value is SHA-256 over the value before it and the event's canonical bytes.
package enum Chain {
  /// Bytes of a chain value.
  static let length = 32

  /// The value before the first event, bound to device and epoch, so that no event can be moved to another journal.
  package static func genesis(device: String, epoch: String) -> [UInt8] {
    // The leading text keeps these hashes apart from those of events and of any other use of SHA-256.
    var bytes = Array("feedback-kiosk journal genesis v1\0".utf8)
    CanonicalBytes.append(device, to: &bytes)
    CanonicalBytes.append(epoch, to: &bytes)
    return digest(bytes, [])
  }

  /// The value of an event that follows the one with the value `previous`.
  package static func link(after previous: [UInt8], _ event: Event) -> [UInt8] {
    digest(previous, CanonicalBytes.of(event))
  }

  private static func digest(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    var context = SHA2_CTX()
    SHA256Init(&context)
    first.withUnsafeBufferPointer { SHA256Update(&context, $0.baseAddress, $0.count) }
    second.withUnsafeBufferPointer { SHA256Update(&context, $0.baseAddress, $0.count) }
    var result = [UInt8](repeating: 0, count: length)
    result.withUnsafeMutableBufferPointer { SHA256Final($0.baseAddress, &context) }
    return result
  }
}
