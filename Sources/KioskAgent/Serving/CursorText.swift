import Journal
import Wire

/// The text of a cursor, as consumers keep it: base64url (RFC 4648) of a version, a check value bound to the device's name, and
/// for each epoch how far it is read. The check value is no secret: it refuses what was cut off, mistyped or comes from another
/// kiosk, and who may confirm a cursor is decided by the token.
///
/// An epoch is named by its first bytes where all of them would not fit. So that a consumer can go on whatever has happened to
/// a kiosk, epochs that the kiosk does not have any more stay in a cursor as long as there is room.
public enum CursorText {
  /// Longest text (docs/openapi/device.yaml, `Cursor`).
  public static let longest = 2_000
  /// Bytes of a whole epoch.
  static let wholeEpoch = 16
  /// Bytes of a shortened one: among 200 epochs, the odds that two begin alike are 1 in 50 million.
  static let shortEpoch = 5
  private static let version: UInt8 = 1
  private static let checkLength = 8

  /// The text of a cursor.
  /// - Parameter known: the epochs that the kiosk has. Others are left out when there is no room for all.
  /// - Returns: nil when even that has no room: some 200 epochs, which is as many times that a journal was damaged.
  public static func text(_ cursor: ArrivalCursor, device: String, known: Set<String>) -> String? {
    let places = cursor.sequences.filter { $0.value > 0 }
    return text(places, epochBytes: wholeEpoch, device) ?? text(places, epochBytes: shortEpoch, device)
      ?? text(places.filter { known.contains($0.key) }, epochBytes: shortEpoch, device)
  }

  /// The cursor that a text stands for; nil when it is not one of this device's.
  /// - Parameter known: the epochs that the kiosk has, for names that were shortened.
  public static func cursor(_ text: String, device: String, known: Set<String>) -> ArrivalCursor? {
    guard text.utf8.count <= longest, let bytes = Base64URL.bytes(text), bytes.count > checkLength + 2,
      bytes[0] == version
    else { return nil }
    let payload = Array(bytes[(checkLength + 1)...])
    guard MessageDigest.isEqual(Array(bytes[1...checkLength]), check(payload, device)) else { return nil }
    let epochBytes = Int(payload[0])
    guard epochBytes == wholeEpoch || epochBytes == shortEpoch else { return nil }
    var cursor = ArrivalCursor()
    var rest = payload.dropFirst()
    while !rest.isEmpty {
      guard rest.count > epochBytes else { return nil }
      let name = Hexadecimal.text(Array(rest.prefix(epochBytes)))
      rest = rest.dropFirst(epochBytes)
      guard let sequence = number(&rest) else { return nil }
      // One that is not there any more and was shortened has nothing left to be read.
      guard let epoch = epochBytes == wholeEpoch ? name : known.first(where: { $0.hasPrefix(name) }) else { continue }
      cursor.sequences[epoch] = sequence
    }
    return cursor
  }

  // MARK: - Within

  private static func text(_ places: [String: Int64], epochBytes: Int, _ device: String) -> String? {
    var payload: [UInt8] = [UInt8(epochBytes)]
    for (epoch, sequence) in places.sorted(by: { $0.key < $1.key }) {
      guard let name = Hexadecimal.bytes(epoch), name.count == wholeEpoch else { continue }
      payload += name.prefix(epochBytes)
      append(sequence, to: &payload)
      guard payload.count < longest else { return nil }
    }
    let text = Base64URL.text([version] + check(payload, device) + payload)
    return text.utf8.count <= longest ? text : nil
  }

  private static func check(_ payload: [UInt8], _ device: String) -> [UInt8] {
    // The leading text keeps these hashes apart from any other use of SHA-256.
    let bytes: [UInt8] = Array("feedback-kiosk cursor v1\0".utf8) + Array(device.utf8) + [0] + payload
    return Array(MessageDigest.sha256(bytes).prefix(checkLength))
  }

  /// Seven bits a byte, the lowest first.
  private static func append(_ number: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(max(0, number))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Nil for what is no number of a 63-bit integer.
  private static func number(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
    var value: UInt64 = 0
    for place in 0..<9 {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << UInt64(place * 7)
      if byte < 0x80 { return Int64(exactly: value) }
    }
    return nil
  }
}
