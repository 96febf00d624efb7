import Feedback
import FoundationEssentials

/// One JSON object a line: what both ends of the control socket write and read.
public enum ControlCodec {
  /// Longest request line in bytes: room for the largest configuration, in whose texts JSON writes each line feed and
  /// quotation mark as two, or a waveform of some tens of thousands of edges.
  public static let longestRequest = 2 * SurveySet.mostTotalBytes + 65_536
  /// Longest reply line in bytes.
  public static let longestReply = 4 << 20

  /// The line for a value, line feed included.
  /// - Throws: `ControlError` when the value has no JSON form (a number that is no number).
  public static func line(_ value: some Encodable) throws(ControlError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      var bytes = [UInt8](try encoder.encode(value))
      bytes.append(UInt8(ascii: "\n"))
      return bytes
    } catch {
      throw ControlError(.system, "a value cannot be written as JSON: \(error)", hint: "report this as a defect")
    }
  }

  /// Reads one line.
  /// - Throws: `ControlError` of code `badRequest` saying what does not fit.
  public static func value<Value: Decodable>(
    _ type: Value.Type, from line: some Collection<UInt8>
  ) throws(ControlError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(line))
    } catch let error as DecodingError {
      throw ControlError(.badRequest, describe(error), hint: "one JSON object a line; see kioskctl --help")
    } catch {
      throw ControlError(.badRequest, "not JSON: \(error)", hint: "one JSON object a line; see kioskctl --help")
    }
  }

  private static func describe(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.isEmpty ? "" : " at \"\(context.codingPath.map(\.stringValue).joined(separator: "."))\""
    }
    switch error {
    case .keyNotFound(let key, let context): return "the key \"\(key.stringValue)\" is missing\(place(context))"
    case .typeMismatch(_, let context): return "a value of the wrong type\(place(context))"
    case .valueNotFound(_, let context): return "a value is missing\(place(context))"
    case .dataCorrupted(let context): return "not understood\(place(context)): \(context.debugDescription)"
    @unknown default: return "not understood"
    }
  }
}
