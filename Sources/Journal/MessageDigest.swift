import CMessageDigest

/// SHA-256: of the chain, and of what kiosk-agent compares and checks.
package enum MessageDigest {
  /// Bytes of a digest.
  package static let length = 32

  /// Of the one followed by the other.
  package static func sha256(_ first: [UInt8], _ second: [UInt8] = []) -> [UInt8] {
    var context = SHA2_CTX()
    SHA256Init(&context)
    first.withUnsafeBufferPointer { SHA256Update(&context, $0.baseAddress, $0.count) }
    second.withUnsafeBufferPointer { SHA256Update(&context, $0.baseAddress, $0.count) }
    var result = [UInt8](repeating: 0, count: length)
    result.withUnsafeMutableBufferPointer { SHA256Final($0.baseAddress, &context) }
    return result
  }
}
