import CMessageDigest

/// SHA-256, for what is compared and for what is checked.
enum MessageDigest {
  static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var context = SHA2_CTX()
    SHA256Init(&context)
    let input = Array(bytes)
    input.withUnsafeBufferPointer { SHA256Update(&context, $0.baseAddress, $0.count) }
    var result = [UInt8](repeating: 0, count: 32)
    result.withUnsafeMutableBufferPointer { SHA256Final($0.baseAddress, &context) }
    return result
  }

  /// Compares in a time that says nothing about where two digests differ.
  static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(left, right) { difference |= one ^ other }
    return difference == 0
  }
}
