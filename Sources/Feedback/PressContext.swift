/// What an owner's till, queue or shift system says about the next press: who served, which transaction, which service
/// point. References of that system's own making; nothing a stranger could read a person from.
public struct PressContext: Sendable, Hashable, Codable {
  /// A pseudonym.
  public var employee: String?
  public var transaction: String?
  public var servicePoint: String?

  /// Bytes of one reference.
  public static let longestReference = 32

  enum CodingKeys: String, CodingKey {
    case employee, transaction
    case servicePoint = "service_point"
  }

  public init(employee: String? = nil, transaction: String? = nil, servicePoint: String? = nil) {
    self.employee = employee
    self.transaction = transaction
    self.servicePoint = servicePoint
  }

  /// Whether a reference has the form that is taken: 1 to 32 letters, digits, hyphens, underscores and points of ASCII.
  /// No spaces, no @: a name or an address does not fit.
  public static func isReference(_ text: String) -> Bool {
    (1...longestReference).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  /// As stored with an event: `employee=e7;transaction=0815;service_point=till-3`, without what is not set. The
  /// characters allowed keep it unambiguous.
  public var stored: String {
    [("employee", employee), ("transaction", transaction), ("service_point", servicePoint)]
      .compactMap { name, value in value.map { "\(name)=\($0)" } }.joined(separator: ";")
  }
}
