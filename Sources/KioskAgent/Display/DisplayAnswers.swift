import HTTPTypes
import HummingbirdCore
import NIOCore

/// What the page's server answers.
struct DisplayAnswers: Sendable {
  /// What a browser may do with this page: nothing but show it, with what comes from this server.
  static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    + "frame-ancestors 'none'; require-trusted-types-for 'script'"
  private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")
  private static let referrerPolicy = HTTPField.Name("Referrer-Policy")

  let feed: DisplayFeed
  let parts: AgentParts

  func response(to request: Request) async -> Response {
    var response = await answer(to: request)
    response.headers[.cacheControl] = "no-store"
    response.headers[.contentSecurityPolicy] = Self.policy
    response.headers[.crossOriginResourcePolicy] = "same-origin"
    response.headers[.xContentTypeOptions] = "nosniff"
    if let name = Self.referrerPolicy { response.headers[name] = "no-referrer" }
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func answer(to request: Request) async -> Response {
    // A page from elsewhere may give this address a name of its own (DNS rebinding); the name then stands here.
    guard let host = request.head.authority, Self.isLoopback(host) else {
      return Self.refusal(.misdirectedRequest, "This page is shown to this kiosk's own screen only.")
    }
    // Said by the browser itself: another site's page asks.
    if let name = Self.fetchSite, let site = request.headers[name], site != "same-origin", site != "none" {
      return Self.refusal(.forbidden, "Other sites have no business here.")
    }
    guard request.method == .get || request.method == .head else {
      var response = Self.refusal(.methodNotAllowed, "This page is read only.")
      response.headers[.allow] = "GET, HEAD"
      return response
    }
    switch request.uri.path {
    case "/state": return Response(status: .ok, headers: Self.json, body: .init(byteBuffer: await feed.present.json))
    case "/events": return request.method == .head ? DisplayEvents.head : await events(request)
    // For what watches the box from within; over the network [serve] has them, for who may see them.
    case "/healthz": return await HealthAnswer.answer(parts).response
    case "/metrics": return await MetricsText.answer(MetricsText(parts: parts).text()).response
    default: break
    }
    guard let file = PageFile.all[request.uri.path] else { return Self.refusal(.notFound, "There is no such page.") }
    return Response(status: .ok, headers: [.contentType: file.type], body: .init(byteBuffer: file.content))
  }

  private func events(_ request: Request) async -> Response {
    guard let watcher = await feed.watch() else {
      var response = Self.refusal(.serviceUnavailable, "Too many displays watch already.")
      response.headers[.retryAfter] = "5"
      return response
    }
    return DisplayEvents(feed: feed, watcher: watcher).response(to: request)
  }

  private static let json: HTTPFields = [.contentType: "application/json"]

  private static func refusal(_ status: HTTPResponse.Status, _ text: String) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: text + "\n")))
  }

  /// Whether the name in a `Host` header is one that this machine alone has, whatever the port.
  static func isLoopback(_ host: String) -> Bool {
    var name = host[...]
    if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") {
      let port = name[name.index(after: colon)...]
      guard port.utf8.count <= 5, port.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
      name = name[..<colon]
    }
    if name == "[::1]" || name.lowercased() == "localhost" { return true }
    let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127"
      && numbers.allSatisfy { $0.utf8.allSatisfy { (48...57).contains($0) } && UInt8($0) != nil }
  }
}
