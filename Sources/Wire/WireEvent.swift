import Feedback

/// An event with all that names it for ever, and with what its place in the chain can be checked with.
public struct WireEvent: Sendable, Hashable {
  public var device: String
  /// 32 hexadecimal digits.
  public var epoch: String
  public var event: Event
  /// What the chain began with: SHA-256 that is bound to device and epoch. It travels with every event, so that a changed
  /// name shows even in an event that comes alone.
  public var genesis: [UInt8]
  /// Chain value of the event before it (of the genesis, for the first). It travels with every event, so that each one
  /// can be checked for itself and a delivery that begins in the middle proves its first event too. nil: it is not known,
  /// because the event before is missing.
  public var previousChain: [UInt8]?

  public init(device: String, epoch: String, event: Event, genesis: [UInt8], previousChain: [UInt8]?) {
    self.device = device
    self.epoch = epoch
    self.event = event
    self.genesis = genesis
    self.previousChain = previousChain
  }
}

/// Why bytes are not an event in one of the forms written here.
public struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What does not fit.
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}

extension ClockState {
  /// The name in all forms.
  public var name: String {
    switch self {
    case .implausible: "implausible"
    case .unsynchronised: "unsynchronised"
    case .synchronised: "synchronised"
    }
  }
}

/// Bytes as lower-case hexadecimal digits and back.
public enum Hexadecimal {
  public static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// nil for anything but pairs of lower-case digits.
  public static func bytes(_ text: String) -> [UInt8]? {
    func value(_ digit: UInt8) -> UInt8? {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
      default: nil
      }
    }
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
