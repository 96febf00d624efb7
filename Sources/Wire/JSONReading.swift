import Feedback
import FoundationEssentials

extension JSONForm {
  /// Longest form of one event in bytes: eight texts of the journal's longest, each byte escaped, and the rest.
  public static let longest = 8 * 65_536 * 6 + 8_192

  /// Reads an event back, in whichever order and with whatever white space its members come; members it does not know are
  /// passed over. Throws when one is missing or makes no sense, or when two of them contradict each other (id and
  /// sequence, time and wall_ms).
  ///
  /// It does not check the chain value: whoever reads decides what to compare it with.
  public static func event(_ bytes: some Collection<UInt8>) throws(WireError) -> (form: JSONForm, event: WireEvent) {
    guard bytes.count <= longest else {
      throw WireError("an event of \(bytes.count) bytes, at most \(longest) are read")
    }
    let members: Members
    do {
      members = try JSONDecoder().decode(Members.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw WireError(words(error))
    } catch {
      throw WireError("not JSON")
    }
    return members.specversion == nil
      ? (.record, try event(record: members)) : (.cloudEvent, try event(cloudEvent: members))
  }

  /// Reads an event that must be, byte for byte, what `bytes(_:)` writes: in an exported file nothing may have changed.
  public static func exactEvent(_ bytes: [UInt8]) throws(WireError) -> (form: JSONForm, event: WireEvent) {
    let (form, event) = try event(bytes)
    guard form.bytes(event) == bytes else {
      throw WireError("it is not in the bytes that the kiosk writes for this event")
    }
    return (form, event)
  }

  private static func event(record: Members) throws(WireError) -> WireEvent {
    guard let device = record.device else { throw missing("device") }
    guard let epoch = record.epoch else { throw missing("epoch") }
    guard let sequence = record.sequence?.number else { throw missing("sequence") }
    guard let name = record.kind else { throw missing("kind") }
    guard let kind = EventKind.allCases.first(where: { $0.name == name }) else { throw unknown("kind", name) }
    return try record.wireEvent(device: device, epoch: epoch, sequence: sequence, kind: kind, time: record.time)
  }

  private static func event(cloudEvent: Members) throws(WireError) -> WireEvent {
    guard cloudEvent.specversion == "1.0" else { throw unknown("specversion", cloudEvent.specversion ?? "") }
    guard cloudEvent.datacontenttype == "application/json" else {
      throw unknown("datacontenttype", cloudEvent.datacontenttype ?? "")
    }
    guard let id = cloudEvent.id else { throw missing("id") }
    let parts = id.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let sequence = Int64(parts[1]),
      CloudEventNames.id(epoch: String(parts[0]), sequence: sequence) == id
    else { throw unknown("id", id) }
    guard let type = cloudEvent.type else { throw missing("type") }
    guard let kind = EventKind.allCases.first(where: { CloudEventNames.type($0) == type }) else {
      throw unknown("type", type)
    }
    guard let source = cloudEvent.source else { throw missing("source") }
    guard let device = CloudEventNames.device(source: source) else { throw unknown("source", source) }
    guard let written = cloudEvent.sequence?.text else { throw missing("sequence") }
    guard written == CloudEventNames.sequence(sequence) else {
      throw WireError("sequence \"\(written)\" contradicts the id \"\(id)\"")
    }
    guard let data = cloudEvent.data else { throw missing("data") }
    return try data.value.wireEvent(
      device: device, epoch: String(parts[0]), sequence: sequence, kind: kind, time: cloudEvent.time)
  }

  fileprivate static func missing(_ name: String) -> WireError { WireError("the member \"\(name)\" is missing") }

  fileprivate static func unknown(_ name: String, _ value: String) -> WireError {
    WireError("the member \"\(name)\" holds \"\(value.prefix(100))\", which no kiosk writes")
  }

  private static func words(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): return "the member \"\(key.stringValue)\" is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "the member \"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" has the wrong type"
    case .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty
        ? "not JSON, or a number that is none of ours" : "the member \"\(path)\" makes no sense"
    @unknown default: return "not understood"
    }
  }
}

/// All members of both forms. What must be there is checked when it is used.
private struct Members: Decodable {
  var specversion, id, source, type, datacontenttype: String?
  var data: Box?
  var device, epoch, kind, time: String?
  var sequence: NumberOrText?
  var visit: Int64?
  var button, survey, question, scale, code, language, verdict, context, detail, clock, genesis, chain: String?
  var surveyVersion, value, rulesVersion: Int?
  var replaces, boot, wallMilliseconds: Int64?
  var bootTimeNanoseconds, previousChain: String?

  enum CodingKeys: String, CodingKey {
    case specversion, id, source, type, datacontenttype, data, device, epoch, kind, time, sequence, visit
    case button, survey, question, scale, code, language, verdict, context, detail, clock, genesis, chain
    case surveyVersion = "survey_version"
    case value
    case rulesVersion = "rules_version"
    case replaces, boot
    case wallMilliseconds = "wall_ms"
    case bootTimeNanoseconds = "boottime_ns"
    case previousChain = "previous_chain"
  }

  func wireEvent(
    device: String, epoch: String, sequence: Int64, kind: EventKind, time: String?
  ) throws(WireError) -> WireEvent {
    guard epoch.utf8.count == 32, Hexadecimal.bytes(epoch) != nil else { throw JSONForm.unknown("epoch", epoch) }
    guard sequence > 0 else { throw JSONForm.unknown("sequence", String(sequence)) }
    guard let wallMilliseconds else { throw JSONForm.missing("wall_ms") }
    guard time == Timestamp.text(milliseconds: wallMilliseconds) else {
      throw WireError("the time \"\(time ?? "")\" contradicts wall_ms \(wallMilliseconds)")
    }
    guard let bootTimeNanoseconds else { throw JSONForm.missing("boottime_ns") }
    guard let bootTime = Int64(bootTimeNanoseconds) else { throw JSONForm.unknown("boottime_ns", bootTimeNanoseconds) }
    guard let clock else { throw JSONForm.missing("clock") }
    guard let state = ClockState.allCases.first(where: { $0.name == clock }) else {
      throw JSONForm.unknown("clock", clock)
    }
    guard let boot else { throw JSONForm.missing("boot") }
    guard let visit else { throw JSONForm.missing("visit") }
    var judged: Verdict?
    if let verdict {
      guard let known = Verdict(name: verdict) else { throw JSONForm.unknown("verdict", verdict) }
      judged = known
    }
    guard let genesis else { throw JSONForm.missing("genesis") }
    guard let chain else { throw JSONForm.missing("chain") }
    let content = EventDraft(
      kind: kind,
      at: ClockReading(
        monotonic: MonotonicTime(nanoseconds: 0), bootTimeNanoseconds: bootTime, wallMilliseconds: wallMilliseconds,
        state: state
      ),
      visit: visit, button: button, survey: survey, surveyVersion: surveyVersion, question: question, scale: scale,
      value: value, code: code, language: language, verdict: judged, rulesVersion: rulesVersion, replaces: replaces,
      context: context, detail: detail)
    return WireEvent(
      device: device, epoch: epoch,
      event: Event(sequence: sequence, boot: boot, content: content, chain: try Self.chainValue("chain", chain)),
      genesis: try Self.chainValue("genesis", genesis),
      previousChain: try previousChain.map { (text) throws(WireError) in try Self.chainValue("previous_chain", text) })
  }

  private static func chainValue(_ name: String, _ text: String) throws(WireError) -> [UInt8] {
    guard let bytes = Hexadecimal.bytes(text), bytes.count == 32 else { throw JSONForm.unknown(name, text) }
    return bytes
  }
}

/// A value type cannot hold itself.
private final class Box: Decodable {
  let value: Members

  init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(Members.self)
  }
}

/// `sequence` is a number in a record and a text in a CloudEvent.
private struct NumberOrText: Decodable {
  var number: Int64?
  var text: String?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    number = try? container.decode(Int64.self)
    if number == nil { text = try container.decode(String.self) }
  }
}
