import Feedback

/// The hash chain: each event's value is SHA-256 over the value before it and the event's canonical bytes.
package enum Chain {
  /// Bytes of a chain value.
  static let length = MessageDigest.length

  /// The value before the first event, bound to device and epoch, so that no event can be moved to another journal.
  package static func genesis(device: String, epoch: String) -> [UInt8] {
    // The leading text keeps these hashes apart from those of events and of any other use of SHA-256.
    var bytes = Array("feedback-kiosk journal genesis v1\0".utf8)
    CanonicalBytes.append(device, to: &bytes)
    CanonicalBytes.append(epoch, to: &bytes)
    return MessageDigest.sha256(bytes)
  }

  /// The value of an event that follows the one with the value `previous`.
  package static func link(after previous: [UInt8], _ event: Event) -> [UInt8] {
    MessageDigest.sha256(previous, CanonicalBytes.of(event))
  }
}
