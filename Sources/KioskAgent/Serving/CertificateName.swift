/// Finds the common name of a certificate's subject (RFC 5280). The certificate has been verified; all the same, nothing in it
/// is believed to be of a certain length.
enum CertificateName {
  private struct Element {
    var tag: UInt8
    var content: ArraySlice<UInt8>
  }

  private static let sequence: UInt8 = 0x30
  private static let set: UInt8 = 0x31
  private static let explicitVersion: UInt8 = 0xA0
  private static let objectIdentifier: UInt8 = 0x06
  /// UTF8String, PrintableString, IA5String.
  private static let texts: [UInt8] = [0x0C, 0x13, 0x16]
  /// 2.5.4.3
  private static let commonNameIdentifier: [UInt8] = [0x55, 0x04, 0x03]

  /// Nil when there is none, or more than one: whose certificate it is must not depend on who reads it.
  /// - Parameter certificate: in DER.
  static func commonName(_ certificate: [UInt8]) -> String? {
    var outer = certificate[...]
    guard var content = element(&outer, sequence)?.content, var fields = element(&content, sequence)?.content else {
      return nil
    }
    if fields.first == explicitVersion { _ = element(&fields) }
    // Serial number, algorithm, issuer, validity; then the subject.
    for _ in 0..<4 { guard element(&fields) != nil else { return nil } }
    guard var subject = element(&fields, sequence)?.content else { return nil }
    var names: [String] = []
    while !subject.isEmpty {
      guard var attributes = element(&subject, set)?.content else { return nil }
      while !attributes.isEmpty {
        guard var attribute = element(&attributes, sequence)?.content,
          let identifier = element(&attribute, objectIdentifier), let value = element(&attribute)
        else { return nil }
        guard Array(identifier.content) == commonNameIdentifier else { continue }
        guard texts.contains(value.tag), let name = String(validating: value.content, as: UTF8.self) else { return nil }
        names.append(name)
      }
    }
    return names.count == 1 ? names.first : nil
  }

  /// The next element, of any kind or of one.
  private static func element(_ bytes: inout ArraySlice<UInt8>, _ wanted: UInt8? = nil) -> Element? {
    guard let tag = bytes.popFirst(), wanted == nil || tag == wanted, let first = bytes.popFirst() else { return nil }
    var length = Int(first)
    if first >= 0x80 {
      let count = Int(first & 0x7F)
      guard (1...3).contains(count) else { return nil }
      length = 0
      for _ in 0..<count {
        guard let byte = bytes.popFirst() else { return nil }
        length = length << 8 | Int(byte)
      }
    }
    guard length <= bytes.count else { return nil }
    let content = bytes.prefix(length)
    bytes = bytes.dropFirst(length)
    return Element(tag: tag, content: content)
  }
}
