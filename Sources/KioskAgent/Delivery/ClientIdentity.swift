import NIOSSL
import Uplink

/// A certificate of the kiosk's own with its key, and when it is valid.
struct ClientIdentity: Sendable {
  var identity: HTTPPushSettings.Identity
  /// Seconds since 1970; nil: the certificate cannot be read.
  var validity: ClosedRange<Int64>?

  init(chainPEM: [UInt8], keyPEM: [UInt8]) {
    identity = HTTPPushSettings.Identity(chainPEM: chainPEM, keyPEM: keyPEM)
    guard let certificate = try? NIOSSLCertificate.fromPEMBytes(chainPEM).first else { return }
    let (begin, end) = (Int64(certificate.notValidBefore), Int64(certificate.notValidAfter))
    validity = begin <= end ? begin...end : nil
  }

  /// Which to show first: the newest of those that are valid. Those that are not come after them all the same, for the
  /// kiosk's clock may be wrong, and the server says whether it takes one.
  /// - Parameter seconds: the wall clock, since 1970.
  static func ordered(_ identities: [ClientIdentity], at seconds: Int64) -> [ClientIdentity] {
    func rank(_ identity: ClientIdentity) -> Int { identity.validity?.contains(seconds) == true ? 0 : 1 }
    return identities.sorted { left, right in
      let (first, second) = (rank(left), rank(right))
      if first != second { return first < second }
      return left.validity?.lowerBound ?? .min > right.validity?.lowerBound ?? .min
    }
  }
}
