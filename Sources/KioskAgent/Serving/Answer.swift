import Hummingbird
import HummingbirdCore
import KioskControl
import NIOCore

/// What a client is answered.
public struct Answer: Sendable, Hashable {
  public var status: Int
  public var mediaType: String
  public var body: [UInt8]
  /// Beside `Content-Type` and `Content-Length`.
  public var headers: [String: String] = ["Cache-Control": "no-store"]

  public init(status: Int, mediaType: String, body: [UInt8]) {
    self.status = status
    self.mediaType = mediaType
    self.body = body
  }

  /// A value in JSON.
  static func json(_ value: some Encodable) -> Answer {
    guard let line = try? ControlCodec.line(value) else { return .problem(.internal) }
    return Answer(status: 200, mediaType: "application/json", body: line)
  }

  /// Why a request was refused (RFC 9457).
  static func problem(_ problem: Problem, _ detail: String = "", hint: String = "", retryAfter: Int? = nil) -> Answer {
    var answer = Answer(
      status: problem.status, mediaType: "application/problem+json", body: problem.body(detail: detail, hint: hint))
    if let retryAfter { answer.headers["Retry-After"] = String(retryAfter) }
    if problem == .unauthorized { answer.headers["WWW-Authenticate"] = "Bearer realm=\"kiosk\"" }
    return answer
  }

  /// As the server hands it out.
  var response: Response {
    var fields = HTTPFields()
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { fields.set(name, value) }
    fields.set("Content-Type", mediaType)
    return Response(
      status: .init(code: status), headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }
}

/// The kinds of refusals. A code never changes meaning.
enum Problem: String, Sendable, CaseIterable {
  case malformed
  case unauthorized
  case wrongScope = "wrong-scope"
  case wrongConsumer = "wrong-consumer"
  case notFound = "not-found"
  case methodNotAllowed = "method-not-allowed"
  case timeout
  case tooLarge = "too-large"
  case uriTooLong = "uri-too-long"
  case unsupportedMediaType = "unsupported-media-type"
  case cursorUnusable = "cursor-unusable"
  case cursorAhead = "cursor-ahead"
  case tooManyRequests = "too-many-requests"
  case headersTooLarge = "headers-too-large"
  case `internal`
  case unavailable
  case journalUnavailable = "journal-unavailable"
  case captureDown = "capture-down"

  var status: Int {
    switch self {
    case .malformed: 400
    case .unauthorized: 401
    case .wrongScope, .wrongConsumer: 403
    case .notFound: 404
    case .methodNotAllowed: 405
    case .timeout: 408
    case .tooLarge: 413
    case .uriTooLong: 414
    case .unsupportedMediaType: 415
    case .cursorUnusable, .cursorAhead: 422
    case .tooManyRequests: 429
    case .headersTooLarge: 431
    case .internal: 500
    case .unavailable, .journalUnavailable, .captureDown: 503
    }
  }

  var title: String {
    switch self {
    case .malformed: "The request is not understood"
    case .unauthorized: "Nobody known"
    case .wrongScope: "Not allowed to see this"
    case .wrongConsumer: "The token belongs to another consumer"
    case .notFound: "There is nothing here"
    case .methodNotAllowed: "Not with this method"
    case .timeout: "The request did not arrive in time"
    case .tooLarge: "The body is too large"
    case .uriTooLong: "The first line is too long"
    case .unsupportedMediaType: "The body is of another type"
    case .cursorUnusable: "Not a cursor of this kiosk"
    case .cursorAhead: "Events that have not been recorded"
    case .tooManyRequests: "Too often"
    case .headersTooLarge: "The headers are too large"
    case .internal: "A defect of the kiosk"
    case .unavailable: "Not now"
    case .journalUnavailable: "The journal cannot be read at the moment"
    case .captureDown: "What takes the presses does not answer"
    }
  }

  private struct Body: Encodable {
    var title: String
    var status: Int
    var code: String
    var detail: String?
    var hint: String?
  }

  func body(detail: String, hint: String) -> [UInt8] {
    let body = Body(
      title: title, status: status, code: rawValue, detail: detail.isEmpty ? nil : String(detail.prefix(1_000)),
      hint: hint.isEmpty ? nil : String(hint.prefix(1_000)))
    // Texts and a number: they always have a JSON form.
    return (try? ControlCodec.line(body)) ?? []
  }
}

extension HTTPFields {
  mutating func set(_ name: String, _ value: String) {
    guard let name = Element.Name(name) else { return }
    self[name] = value
  }

  /// All values of a field.
  func all(_ name: String) -> [String] {
    guard let name = Element.Name(name) else { return [] }
    return self[values: name]
  }
}
